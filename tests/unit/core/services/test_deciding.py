"""An approval counts for what is at hand: a yes to something else, or to a plan that is no longer what was drafted,
approves nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.core.model.ipr import IPRState
from tests.talking import SHOP, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


def states(talk: Talk) -> list[IPRState]:
    return [ipr.state for ipr in talk.requests]


@pytest.mark.parametrize("agreed", ["go ahead", "do it", "make it so", "go for it", "proceed"])
async def test_a_yes_to_something_else_approves_nothing(talk: Talk, agreed: str) -> None:
    await talk.say(SHOP, "deploy it", "what would it cost to double the database?")

    answer = await talk.say(agreed)

    assert states(talk) == [IPRState.PENDING]
    assert answer.ipr_id == 1
    assert "Say it again" in answer.response


async def test_a_yes_to_the_plan_that_was_just_shown_approves_it(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "go ahead")

    assert states(talk) == [IPRState.APPROVED]


async def test_approve_is_of_what_was_shown_last_whatever_was_asked_meanwhile(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "what does it cost?", "approve")

    assert states(talk) == [IPRState.APPROVED]


@pytest.mark.parametrize("changed", ["add a redis cache", "same but for staging", "undo that"])
async def test_a_draft_that_changed_since_is_not_what_is_approved(talk: Talk, changed: str) -> None:
    await talk.say(SHOP, "add a mysql database", "deploy it", changed)

    answer = await talk.say("approve")

    assert states(talk) == [IPRState.PENDING]
    assert "changed since" in answer.response


async def test_what_is_approved_all_the_same_has_to_be_said_again(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "add a redis cache", "approve", "approve")

    assert states(talk) == [IPRState.APPROVED]


async def test_a_request_that_is_named_is_the_one_that_is_meant(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "add a redis cache", "approve request 1")

    assert states(talk) == [IPRState.APPROVED]


async def test_approving_and_deploying_starts_nothing_that_has_to_be_said_again(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "add a redis cache", "approve and deploy")

    assert states(talk) == [IPRState.PENDING]
    assert talk.requests[0].deployment_id is None
