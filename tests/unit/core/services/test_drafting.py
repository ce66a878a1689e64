"""What a message makes of a draft: kept under its limits, with guesses giving way first and nobody's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import ChatAnswer, TurnContext
from alma.core.model.errors import InvalidInput
from tests.talking import Talk, talking

# Its sizes are the person's words, and so no guess of ALMA's.
SAID = "a postgres database with 8 cores, 64GB memory and 500GB disk"
GUESSED = "a postgres database and 2 web servers"


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path, started=False) as made:
        yield made


def monthly(answer: ChatAnswer) -> float:
    assert answer.cost is not None
    return float(str(answer.cost["monthly"]))


def limited(talk: Talk, limit: float) -> str:
    return f"keep the monthly cost under ${limit:.0f}"


async def test_a_limit_below_what_was_asked_for_is_kept_with_an_offer(talk: Talk) -> None:
    first = await talk.say(SAID)
    limit = monthly(first) * 0.7

    answer = await talk.say(limited(talk, limit))

    assert answer.blueprint is not None
    assert answer.blueprint.constraints is not None
    assert answer.blueprint.constraints.max_monthly_cost == round(limit)
    assert first.blueprint is not None
    assert answer.blueprint.resources == first.blueprint.resources
    assert answer.offers
    assert answer.cost is not None
    assert answer.cost["within_limit"] is False


@pytest.mark.parametrize("yes", ["yes", "use the cheaper one", "ok, do that"])
async def test_a_yes_takes_what_was_offered(talk: Talk, yes: str) -> None:
    first = await talk.say(SAID)
    limit = monthly(first) * 0.7
    await talk.say(limited(talk, limit))

    answer = await talk.say(yes)

    assert monthly(answer) <= round(limit)
    assert answer.changed
    assert not answer.offers


async def test_a_yes_after_something_else_takes_nothing(talk: Talk) -> None:
    first = await talk.say(SAID)
    offered = await talk.say(limited(talk, monthly(first) * 0.7), "what is a database?")

    answer = await talk.say("yes")

    assert not answer.changed
    assert answer.blueprint == offered.blueprint


async def test_a_change_over_the_limit_changes_nothing_and_is_offered_with_its_savings(
    talk: Talk,
) -> None:
    first = await talk.say(SAID)
    before = await talk.say(limited(talk, monthly(first) * 1.2))

    answer = await talk.say("add a mysql database with 8 cores, 64GB memory and 500GB disk")

    assert answer.blueprint == before.blueprint
    assert not answer.changed
    assert answer.cost is not None
    assert monthly(answer) > float(str(answer.cost["limit"]))
    assert answer.offers
    taken = await talk.say("yes")
    assert taken.blueprint is not None
    assert before.blueprint is not None
    assert len(taken.blueprint.resources) > len(before.blueprint.resources)
    assert monthly(taken) <= float(str(answer.cost["limit"]))


async def test_almas_own_guesses_give_way_at_once_and_that_is_said(talk: Talk) -> None:
    first = await talk.say(GUESSED)
    limit = monthly(first) - 5

    answer = await talk.say(limited(talk, limit))

    assert monthly(answer) <= limit
    assert not answer.offers
    assert answer.cost is not None
    variant = answer.cost["variant"]
    assert isinstance(variant, dict)
    assert variant["changes"]
    assert f"${monthly(answer):,.0f}" in answer.response


async def test_a_limit_that_nothing_can_keep_is_kept_and_said_without_an_offer(talk: Talk) -> None:
    answer = await talk.say(SAID, "keep the monthly cost under $1")

    assert answer.blueprint is not None
    assert answer.blueprint.constraints is not None
    assert answer.blueprint.constraints.max_monthly_cost == 1
    assert not answer.offers
    assert answer.cost is not None
    assert answer.cost["within_limit"] is False


async def test_limits_that_came_along_in_figures_count_like_words(talk: Talk) -> None:
    first = await talk.say(SAID)
    context = TurnContext(constraints=Constraints(max_monthly_cost=monthly(first) * 0.7))

    answer = await talk.say("add a tag team=shop", context=context)

    assert answer.cost is not None
    assert answer.cost["within_limit"] is False
    assert answer.offers


async def test_a_region_that_an_engine_cant_keep_is_warned_of(talk: Talk) -> None:
    context = TurnContext(constraints=Constraints(region="eu-central-1"))

    answer = await talk.say(GUESSED, context=context)

    assert [item.code for item in answer.warnings if item.path == "constraints"] == [
        "limit_not_kept"
    ]
    assert "eu-central-1" in answer.response


async def test_a_description_that_cant_be_had_within_its_limit_is_refused_with_the_nearest(
    talk: Talk,
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await talk.alma.generating.generate(
            talk.who, SAID, constraints=Constraints(max_monthly_cost=1)
        )

    assert "over the limit of $1" in caught.value.message
    assert "cheapest form" in caught.value.message


async def test_undo_goes_back_once_for_each_time_it_is_said(talk: Talk) -> None:
    first = await talk.say(GUESSED)
    second = await talk.say("add a redis cache")
    await talk.say("remove web-2")

    assert (await talk.say("undo that")).blueprint == second.blueprint
    assert (await talk.say("undo that")).blueprint == first.blueprint
    last = await talk.say("undo that")
    assert last.blueprint == first.blueprint
    assert "no earlier draft" in last.response


async def test_a_colleagues_change_is_what_undo_takes_back_first(talk: Talk) -> None:
    first = await talk.say(GUESSED)
    assert first.blueprint is not None
    assert first.blueprint_id is not None
    mended = first.blueprint.model_copy(update={"description": "mended"})
    talk.alma.blueprints.update(talk.who, first.blueprint_id, mended)

    answer = await talk.say("undo that")

    assert answer.blueprint == first.blueprint


async def test_undo_finds_a_change_that_much_was_said_after(talk: Talk) -> None:
    first = await talk.say(GUESSED)
    await talk.say("add a redis cache", *["what does it cost?"] * 20)

    answer = await talk.say("undo that")

    assert answer.blueprint == first.blueprint
