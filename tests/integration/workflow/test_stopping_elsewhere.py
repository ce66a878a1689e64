"""A turn that one process answers while listeners of another one follow: the model's work ends with their interest."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from alma.core.model.conversation import TurnState
from alma.core.model.dialogue import Ask
from alma.llm.scripted import Scripted, ScriptedModel
from tests.postgres import create_database, database_url, postgres_server
from tests.talking import Talk, talking
from tests.waiting import wait_until

__all__ = ["postgres_server"]

QUESTION = "good evening to you, dear machine"


async def test_a_model_is_asked_no_longer_once_nobody_follows_in_the_other_process(
    tmp_path: Path, postgres_server: Path
) -> None:
    url = database_url(postgres_server, create_database(postgres_server))
    asked = asyncio.Event()

    def never(_: Ask) -> Scripted:
        asked.set()
        return Scripted(until=asyncio.Event())

    model = ScriptedModel([never])
    unused = ScriptedModel()
    for name in ("worker", "server"):
        (tmp_path / name).mkdir()
    async with (
        talking(tmp_path / "worker", model=model, database_url=url, secret_key=KEY) as worker,
        talking(
            tmp_path / "server",
            model=unused,
            grace=0.0,
            # The workflow engine is one for each process of the system: this one only puts into its queue.
            started=False,
            worker=False,
            database_url=url,
            secret_key=KEY,
        ) as server,
        asyncio.timeout(60),
    ):
        turn_id = await asked_and_left(server, asked)
        await stopped(model)
        place = worker.alma.conversations.turn(turn_id)
    assert place.turn.state is TurnState.STOPPED
    assert place.turn.response == ""
    assert unused.asks == []


KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


async def asked_and_left(server: Talk, asked: asyncio.Event) -> str:
    """Says something on the server, hears that it is being answered, and goes away."""
    begun = await server.alma.dialogue.begin(server.who, QUESTION, server.id)
    async with aclosing(server.alma.dialogue.follow(server.who, begun.turn_id)) as events:
        await anext(events)
        await asked.wait()
    return begun.turn_id


async def stopped(model: ScriptedModel) -> None:
    """Until the worker's run of the turn has closed the model's answer."""
    await asyncio.to_thread(wait_until, lambda: model.stopped == 1, what="the model is stopped")
