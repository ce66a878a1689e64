"""Conversations in a terminal: typed, streamed, stopped, taken up again."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pytest

from alma.llm.scripted import ScriptedModel
from tests.api.server import serve
from tests.api.streaming import Gate
from tests.e2e.server import environment
from tests.e2e.test_cli_simulation import OWN_TERMINAL, alma, done

SILENCE_SECONDS = 120
GREETING = "good evening to you, dear machine"
HELLO: dict[str, Any] = {"say": "Good evening. What shall it be?"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def typed(
    home: Path, *words: str, steps: list[tuple[str, str]], impatient: str = ""
) -> tuple[str, int]:
    """A command in a terminal: each step waits for what is said after the one before, then presses its keys.
    `impatient` is pressed whenever nothing is said for a while, until it ends."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (50, 120))
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL, *words],
        env=environment(home, TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen, heard, left = "", 0, list(steps)
    with os.fdopen(ours, "rb", buffering=0) as screen, suppress(OSError):
        while piece := _read(screen, process, impatient if not left else ""):  # EIO at the end
            seen += piece.decode(errors="replace")
            if left and left[0][0] in _text(seen[heard:]):
                heard = len(seen)
                os.write(screen.fileno(), left.pop(0)[1].encode())
    code = process.wait()
    assert not left, f"never said: {left[0][0]}\n{_text(seen)}"
    return _text(seen), code


def _text(seen: str) -> str:
    """What is on the screen, without colours and the like."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen).replace("\r\n", "\n")


def _read(screen: IO[bytes], process: subprocess.Popen[bytes], impatient: str) -> bytes:
    """What comes next; nothing once it has kept silent for too long, and then it is ended."""
    for _ in range(SILENCE_SECONDS):
        if select.select([screen], [], [], 1)[0]:
            return screen.read(4096)
        os.write(screen.fileno(), impatient.encode())
    process.kill()
    return b""


def test_a_conversation_is_held_looked_at_and_taken_up_again(home: Path) -> None:
    text, code = typed(
        home,
        "chat",
        steps=[
            ("you> ", "a redis cache\n"),
            ("You could", "give it 8GB of memory\n"),
            ("You could", "/undo\n"),
            ("You could", "/graph\n"),
            ("no request is open for it", "/rename The cache\n"),
            ("'The cache' now", "/history\n"),
            ("you> undo that", "/list\n"),
            ("TITLE", "/new\n"),
            ("begun another conversation", "/show\n"),
            ("there is no blueprint yet", "/open conv-\n"),
            ("going on with 'The cache', 3 messages", "/show\n"),
            ("redis", "/quit\n"),
        ],
    )

    assert code == 0, text
    assert "understood: " in text
    assert "interpret → draft → plan" in text
    assert "go on with: alma chat --conversation conv-" in text


def test_ctrl_c_stops_the_answer_and_not_the_conversation(tmp_path: Path) -> None:
    model = ScriptedModel([Gate(HELLO, partials=({"say": "Let me think about it"},)), HELLO])
    with serve(tmp_path / "server", model=model, grace=600.0) as server:
        text, code = typed(
            tmp_path,
            "chat",
            "--server",
            server.url,
            "--conversation",
            "stopped",
            steps=[
                ("you> ", f"{GREETING}\n"),
                ("Let me think", "\x03"),
                ("stopped", f"{GREETING}\n"),
                ("What shall it be?", "/quit\n"),
            ],
        )
        states = [turn["state"] for turn in server.get("/conversation/stopped")["turns"]]

    assert code == 0, text
    assert states == ["stopped", "answered"]
    assert model.stopped == 1


def test_ctrl_c_is_answered_with_how_to_leave_and_once_more_leaves(home: Path) -> None:
    # Pressed as a person would, again and again: one that comes just before a line is read may be lost.
    text, code = typed(home, "chat", steps=[("you> ", "/help\n")], impatient="\x03")

    assert code == 0, text
    assert text.count("Ctrl-C once more leaves") == 1
    assert "Traceback" not in text


def test_ctrl_d_leaves(home: Path) -> None:
    text, code = typed(home, "chat", steps=[("you> ", "/help\n")], impatient="\x04")

    assert code == 0, text
    assert "Traceback" not in text


def test_one_message_is_one_document_or_a_line_for_each_event(home: Path) -> None:
    document = json.loads(done(alma(home, "chat", "a redis cache", "-c", "scripted", "--json")))
    lines = done(alma(home, "chat", "and a web server", "-c", "scripted", "--events"))

    assert document["conversation_id"] == "scripted"
    assert document["blueprint"]["resources"]
    assert not {"type", "content"} & set(document)
    events = [json.loads(line) for line in lines.splitlines()]
    assert [event["type"] for event in events][:2] == ["thinking", "progress"]
    assert events[-1]["type"] == "complete"
    assert events[-1]["blueprint_id"] == document["blueprint_id"]


def test_a_request_is_opened_approved_and_deployed_by_saying_so(home: Path) -> None:
    said = [
        done(alma(home, "chat", message, "--conversation", "by-saying"))
        for message in ("a redis cache", "deploy it", "approve it")
    ]
    assert "alma iprs show" in said[-1]
    assert not any("/api/v1/" in text for text in said)
    stands = done(alma(home, "conversations", "graph", "by-saying"))
    assert "deploy: request" in stands
    deploying = done(alma(home, "chat", "deploy it", "--conversation", "by-saying"))
    assert "✓ Deployed redis on simulation" in deploying


def test_conversations_are_listed_shown_renamed_and_forgotten(home: Path) -> None:
    done(alma(home, "chat", "a postgres database", "--conversation", "listed"))

    done(alma(home, "conversations", "rename", "liste", "Where orders are"))
    listed = json.loads(done(alma(home, "conversations", "list", "--json")))["items"]
    shown = done(alma(home, "conversations", "show"))
    drawing = done(alma(home, "conversations", "graph", "listed", "--mermaid"))
    done(alma(home, "conversations", "delete", "listed"))
    gone = alma(home, "conversations", "show", "listed")

    assert (listed[0]["id"], listed[0]["title"]) == ("listed", "Where orders are")
    assert "you> a postgres database" in shown
    assert drawing.startswith("flowchart LR")
    assert "class draft here" in drawing
    assert gone.returncode == 2
    assert "no conversation begins with 'listed'" in gone.stderr
