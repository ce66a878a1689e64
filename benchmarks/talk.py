"""What a message costs beside its reading: a whole turn over HTTP, against the interpreter alone on the same words.

    python -m benchmarks.talk [--quick] [--json | --markdown]

The turn reads, edits, validates, prices, saves and answers; the interpreter only reads. The first event of a stream is
measured as well: it comes before any of that is done.
"""

from __future__ import annotations

import http.client
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from alma.config import load_catalogue, load_templates
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.services.templates import Templates
from benchmarks.measuring import Options, Report, Samples, progress, run
from benchmarks.servers import alma_serving

MESSAGES = (
    "2 web servers with 4GB of memory and a postgres database",
    "give the database 16GB of memory",
    "add a redis cache and call it sessions",
    "how much does it cost?",
)
_CHAT = "/api/v1/conversation/chat"
_MILLI = 1000.0


def measure(options: Options) -> Report:
    """The conversation, again and again, on a running server and in this process."""
    samples = Samples()
    talks = 5 if options.quick else 20
    templates = Templates(load_templates())
    interpreter = Interpreter(load_catalogue(), templates.entries)
    with TemporaryDirectory() as folder, alma_serving(Path(folder)) as url:
        for turn in range(options.rounds + 1):
            progress(f"talk: turn {turn} of {options.rounds}")
            found = Samples() if turn == 0 else samples  # the first one warms up
            for talk in range(talks):
                _read(interpreter, templates, found)
                _talk(url, f"talk-{turn}-{talk}", found)
    progress("")
    return Report(
        "talk",
        "",
        rows=(
            samples.row(
                "a turn of a conversation", "ms", ("turn", "reading"), against="reading alone"
            ),
            samples.row(
                "first event of a stream", "ms", ("first event", "reading"), against="reading alone"
            ),
        ),
        notes=(f"{len(MESSAGES)} messages: {'; '.join(MESSAGES)}.",),
    )


def _read(interpreter: Interpreter, templates: Templates, samples: Samples) -> None:
    draft: Blueprint | None = None
    said: list[str] = []
    for message in MESSAGES:
        began = time.perf_counter()
        read = interpreter.interpret(message, blueprint=draft, history=said)
        samples.add("reading", (time.perf_counter() - began) * _MILLI)
        if read.edits:
            draft, _ = apply_edits(draft, read.edits, templates=templates.customize)
        said.append(message)


def _talk(url: str, conversation: str, samples: Samples) -> None:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        for message in MESSAGES:
            for path, name, first in (
                (_CHAT, "turn", False),
                (f"{_CHAT}-stream", "first event", True),
            ):
                context = {"conversation_id": f"{conversation}-{name.replace(' ', '-')}"}
                body = json.dumps({"message": message, "context": context})
                began = time.perf_counter()
                connection.request("POST", path, body)
                answer = connection.getresponse()
                if answer.status != http.client.OK:
                    raise SystemExit(f"{path} answered {answer.status}")
                while first and not answer.readline().startswith(b"data:"):
                    pass
                if first:
                    samples.add(name, (time.perf_counter() - began) * _MILLI)
                answer.read()
                if not first:
                    samples.add(name, (time.perf_counter() - began) * _MILLI)
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(run("talk", "A conversation, offline", measure, rounds=5))
