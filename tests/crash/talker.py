"""A process that is talked to and kills itself, really, at one exact point: run by the crash tests.

    python -m tests.crash.talker HOME [--say WORDS ...] [--die POINT[:N]] [--url URL --executor ID] [--model]

Says all words one after the other; death waits for the last. Then, and without words at once, it waits until every
message has its answer and every deployment its end. `--model` has a language model asked, which is a script.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alma.bootstrap import Alma
from alma.core.agent.turns import TurnWork
from alma.core.model.principal import LOCAL
from alma.core.services.deploying import Deploying
from alma.core.services.proposals import Proposals
from alma.engines.simulation.pace import Pace
from alma.llm.scripted import Document, ScriptedModel
from tests.talking import talking

WORDS = "A cache keeps what is asked for often."
# Name of the point → what to wrap, and whether death comes before or after it.
POINTS: dict[str, tuple[type, str, bool]] = {
    "asked": (ScriptedModel, "_next", True),
    "before-draft": (TurnWork, "_saved", True),
    "drafted": (TurnWork, "_saved", False),
    "planning": (Pace, "spend", True),
    "opened": (Proposals, "_open", False),
    "decided": (Proposals, "decide", False),
    "queued": (Deploying, "_enqueue", False),
    "before-answer": (TurnWork, "_answered", True),
    "answered": (TurnWork, "_answered", False),
}


def arm(point: str) -> None:
    """Death at the first time that the point is passed from now on."""
    owner, name, before = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not before:
            real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, wrapped)


async def everything_ended(alma: Alma) -> None:
    for turn_id in alma.dialogue.unanswered():
        async for _ in alma.dialogue.follow(LOCAL, turn_id):
            pass
    for deployment in alma.deployments.list(LOCAL)[0]:
        async for _ in alma.deployments.follow(LOCAL, deployment.id):
            pass


async def main(arguments: argparse.Namespace) -> None:
    settings = {"executor_id": arguments.executor}
    if arguments.url:
        settings["database_url"] = arguments.url
    said: Document = {"say": WORDS, "edits": []}
    model = ScriptedModel([said], forever=True) if arguments.model else None
    async with talking(arguments.home, model=model, **settings) as talk:
        for number, words in enumerate(arguments.say, start=1):
            if arguments.die and number == len(arguments.say):
                arm(arguments.die)
            await talk.say(words)
        await everything_ended(talk.alma)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--say", nargs="*", default=[])
    parser.add_argument("--die", choices=sorted(POINTS))
    parser.add_argument("--url")
    parser.add_argument("--executor")
    parser.add_argument("--model", action="store_true")
    asyncio.run(main(parser.parse_args()))
