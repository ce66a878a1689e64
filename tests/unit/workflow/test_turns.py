"""A message's run: every effect is a step, and what it met is remembered as data like everything else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from alma.core.agent.turns import TurnWork
from alma.core.model.conversation import ChatEventType, TurnState
from alma.core.model.errors import AlmaError, Conflict
from alma.core.services.failure import failure_of, remembered
from alma.workflow.durable import TURNS_AT_ONCE
from tests.talking import SHOP, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def steps(turn_id: str) -> list[str]:
    found = await DBOS.list_workflow_steps_async(turn_id)
    return [step["function_name"] for step in found]


async def test_the_walk_of_a_message_that_opens_a_request(talk: Talk) -> None:
    answer = await talk.say(SHOP, "deploy it")
    await ended(answer.turn_id)

    walked = ["interpret", "draft", "plan", "examine", "open", "answer"]
    assert await steps(answer.turn_id) == walked


async def test_the_walk_of_a_message_that_approves_and_deploys(talk: Talk) -> None:
    answer = await talk.say(SHOP, "deploy it", "approve and deploy")
    await ended(answer.turn_id)

    walked = ["interpret", "draft", "decide", "plan", "deploy", "answer"]
    assert await steps(answer.turn_id) == walked


async def ended(turn_id: str) -> None:
    """The answer is told before the run has ended."""
    handle: Any = await DBOS.retrieve_workflow_async(turn_id)
    await handle.get_result()


async def test_what_a_step_met_ends_the_turn_with_its_own_words(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's change between reading and saving, which no test can time."""

    def met(*_: object) -> None:
        raise Conflict("somebody else was faster", hint="say it again")

    await talk.say(SHOP)
    monkeypatch.setattr(TurnWork, "_saved", met)
    with pytest.raises(Conflict, match="somebody else was faster"):
        await talk.say("deploy it")

    turn = talk.turns[-1]
    assert turn.state is TurnState.FAILED
    assert turn.response == "This could not be answered: somebody else was faster."
    (step,) = (
        item
        for item in await DBOS.list_workflow_steps_async(turn.id)
        if item["function_name"] == "draft"
    )
    assert step["error"] is None
    events = await talk.heard(turn.id)
    assert events[-1].type is ChatEventType.ERROR


def test_a_failure_that_was_remembered_is_the_error_that_it_was() -> None:
    error = Conflict("busy", hint="wait", details={"turn_id": "t"})

    again = remembered(failure_of(error))

    assert isinstance(again, AlmaError)
    assert failure_of(again) == failure_of(error)


async def test_messages_wait_for_each_other_in_a_conversation_only(talk: Talk) -> None:
    await talk.say(SHOP)
    others = [Talk(talk.alma, id=f"c{number}") for number in range(TURNS_AT_ONCE)]
    await asyncio.gather(*(other.say(SHOP) for other in others))

    answers = await asyncio.gather(*(other.say("deploy it") for other in others))

    assert len({answer.ipr_id for answer in answers}) == len(others)
