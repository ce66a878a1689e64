"""Many messages at once: each is answered whole and in its order, or refused, and nothing anybody said is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from alma.core.model.conversation import ChatEventType, TurnState
from alma.core.model.errors import Conflict
from alma.core.model.ipr import IPRState
from tests.postgres import create_database, database_url, postgres_server
from tests.talking import SHOP, Talk, talking, words_of

__all__ = ["postgres_server"]

TALKS = 12
NAMES = ["red", "green", "blue", "black", "white", "brown"]


async def said_until_answered(talk: Talk, message: str) -> None:
    while True:
        try:
            await talk.say(message)
        except Conflict:
            continue
        return


async def nothing_is_lost(talk: Talk) -> None:
    messages = [f"add a redis cache named {name}" for name in NAMES]

    await asyncio.gather(*(said_until_answered(talk, message) for message in messages))

    assert sorted(turn.message for turn in talk.turns) == sorted(messages)
    blueprint = talk.turns[-1].blueprint
    assert blueprint is not None
    assert {resource.name for resource in blueprint.resources} >= set(NAMES)
    assert talk.revisions == [len(NAMES)]


async def test_messages_at_once_are_all_in_the_draft(tmp_path: Path) -> None:
    async with talking(tmp_path, started=False) as talk:
        await nothing_is_lost(talk)


async def test_messages_at_once_are_all_in_the_draft_on_a_server(
    tmp_path: Path, postgres_server: Path
) -> None:
    url = database_url(postgres_server, create_database(postgres_server))
    async with talking(tmp_path, started=False, database_url=url) as talk:
        await nothing_is_lost(talk)


async def test_an_approval_said_twice_at_once_is_one_run(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.say(SHOP, "deploy it")
        other = replace(talk, id="other")
        await other.say("approve request 1")

        await asyncio.gather(
            talk.say("approve and deploy"), other.say("approve request 1 and deploy it")
        )
        await talk.runs_end()

        assert [ipr.state for ipr in talk.requests] == [IPRState.DEPLOYED]
        assert talk.alma.deployments.list(talk.who)[1] == 1


async def test_many_conversations_at_once_each_hear_their_own(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:

        async def whole(number: int) -> None:
            mine = replace(talk, id=f"c{number}")
            for message in (SHOP, "deploy it", "approve and deploy"):
                events = await mine.events(message)
                ends = {ChatEventType.COMPLETE, ChatEventType.ERROR}
                assert [event.type for event in events if event.type in ends] == ["complete"]
                assert words_of(events) == mine.turns[-1].response
            assert {turn.state for turn in mine.turns} == {TurnState.ANSWERED}

        await asyncio.gather(*(whole(number) for number in range(TALKS)))
        await talk.runs_end()

        assert [ipr.state for ipr in talk.requests] == [IPRState.DEPLOYED] * TALKS
