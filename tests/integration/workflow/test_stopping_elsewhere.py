"""A turn that one process answers while listeners of others follow: all of them hear its words while they are said, and
the model's work ends with the interest of the last one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from alma.core.model.conversation import ChatEventType, TurnState
from alma.core.model.dialogue import Ask
from alma.llm.scripted import Scripted, ScriptedModel
from tests.postgres import create_database, database_url, postgres_server
from tests.talking import Talk, talking, words_of
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


@asynccontextmanager
async def houses(
    tmp_path: Path, server: Path, model: ScriptedModel, *, grace: float = 0.0
) -> AsyncIterator[tuple[Talk, Talk, Talk]]:
    """One that answers, and two that only serve, as processes of their own would."""
    url = database_url(server, create_database(server))
    for name in ("worker", "one", "two"):
        (tmp_path / name).mkdir()
    shared: dict[str, Any] = {"database_url": url, "secret_key": KEY, "grace": grace}
    # The workflow engine is one for each process of the system: these only put into its queue.
    serving: dict[str, Any] = {"started": False, "worker": False, "model": ScriptedModel()}
    async with (
        talking(tmp_path / "worker", model=model, **shared) as worker,
        talking(tmp_path / "one", **serving, **shared) as one,
        talking(tmp_path / "two", **serving, **shared) as two,
        asyncio.timeout(100),
    ):
        for serves in (one, two):
            serves.alma.listen()
        yield worker, one, two


def following(talk: Talk, turn_id: str) -> int:
    """How many processes have somebody who follows."""
    with talk.alma.database.read() as transaction:
        return len(transaction.followers.of(turn_id))


async def test_a_turn_goes_on_for_as_long_as_somebody_follows_in_any_process(
    tmp_path: Path, postgres_server: Path
) -> None:
    asked = asyncio.Event()

    def never(_: Ask) -> Scripted:
        asked.set()
        return Scripted({"say": "Good evening."}, until=asyncio.Event())

    model = ScriptedModel([never])
    async with houses(tmp_path, postgres_server, model) as (worker, one, two):
        begun = await one.alma.dialogue.begin(one.who, QUESTION, one.id)
        leaving = one.alma.dialogue.follow(one.who, begun.turn_id)
        staying = two.alma.dialogue.follow(two.who, begun.turn_id)
        await anext(leaving)
        await asked.wait()
        waiting = asyncio.create_task(anext(staying))
        await eventually(lambda: following(two, begun.turn_id) == 2, "both are known to follow")

        await leaving.aclose()
        await eventually(lambda: following(two, begun.turn_id) == 1, "one has left")
        live = one.alma.dialogue._parts.live.of(begun.turn_id)
        assert live.deserted.is_set()
        # It has looked who else follows, and looks again and again.
        for _ in range(3):
            assert one.alma.dialogue._desert(begun.turn_id) is False
        assert model.stopped == 0
        assert worker.alma.conversations.turn(begun.turn_id).turn.state is TurnState.ANSWERING

        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await staying.aclose()
        await stopped(model)
        assert worker.alma.conversations.turn(begun.turn_id).turn.state is TurnState.STOPPED


async def test_words_are_heard_in_other_processes_while_they_are_said(
    tmp_path: Path, postgres_server: Path
) -> None:
    go, said = asyncio.Event(), {"say": "Good evening. What shall it be?"}
    partials = ({"say": "Good"}, {"say": "Good evening."})
    model = ScriptedModel([Scripted(said, partials=partials, then=go)])
    async with houses(tmp_path, postgres_server, model, grace=60.0) as (worker, one, two):
        begun = await one.alma.dialogue.begin(one.who, QUESTION, one.id)
        first = one.alma.dialogue.follow(one.who, begun.turn_id)
        heard = [await anext(first)]
        while words_of([event for _, event in heard]) != "Good evening.":
            heard.append(await anext(first))

        # Somebody else, who comes later, and somebody who had listened at the first server.
        later = two.alma.dialogue.follow(two.who, begun.turn_id)
        told = [await anext(later)]
        while words_of([event for _, event in told]) != "Good evening.":
            told.append(await anext(later))
        moving = two.alma.dialogue.follow(two.who, begun.turn_id, after=heard[-1][0])
        before = list(heard)
        go.set()
        moved = before + [numbered async for numbered in moving]
        heard += [numbered async for numbered in first]
        told += [numbered async for numbered in later]
        answer = await worker.alma.dialogue.answer(worker.who, begun.turn_id)

    for everything in (heard, told, moved):
        numbers = [number for number, _ in everything]
        assert len(set(numbers)) == len(numbers)
        assert everything[-1][1].type is ChatEventType.COMPLETE
        assert words_of([event for _, event in everything]) == answer.response
        assert not any(event.data.get("restart") for _, event in everything)


async def eventually(holds: Callable[[], bool], what: str) -> None:
    await asyncio.to_thread(wait_until, holds, what=what)


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
