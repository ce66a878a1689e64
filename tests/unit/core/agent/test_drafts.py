"""Descriptions under way: followed by who sent them, from where they were, and given up when nobody follows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.bootstrap import Alma, build
from alma.core.agent.drafts import KEPT_DRAFTS, DraftStopped, Told
from alma.core.model.blueprint import Constraints
from alma.core.model.conversation import ChatEvent, ChatEventType, Drafted
from alma.core.model.errors import InvalidInput, NotFound
from alma.llm.scripted import Scripted, ScriptedModel
from alma.settings import Settings
from tests.people import somebody
from tests.waiting import wait_until

ADA = somebody("ada")
BOB = somebody("bob")
WORDS = "a redis cache"


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[Alma]:
    made = build(Settings(home=tmp_path))
    made.database.migrate()
    yield made
    await made.stop()


async def told(alma: Alma, id_: str, after: int = 0) -> list[tuple[int, Told]]:
    return [numbered async for numbered in alma.drafts.follow(ADA, id_, after=after)]


async def test_the_last_event_is_the_draft_as_often_as_it_is_asked_for(alma: Alma) -> None:
    id_ = alma.drafts.begin(ADA, WORDS)

    first = await told(alma, id_)

    numbers = [number for number, _ in first]
    assert numbers == list(range(1, len(first) + 1))
    assert isinstance(first[0][1], ChatEvent)
    assert first[0][1].type is ChatEventType.THINKING
    assert isinstance(first[-1][1], Drafted)
    assert await told(alma, id_) == first
    assert await told(alma, id_, after=3) == first[3:]
    assert not alma.drafts.anything_after(ADA, id_, numbers[-1])


async def test_a_limit_that_can_not_be_kept_is_the_end_with_its_error(alma: Alma) -> None:
    id_ = alma.drafts.begin(ADA, WORDS, constraints=Constraints(max_monthly_cost=1))

    last = (await told(alma, id_))[-1][1]

    assert isinstance(last, InvalidInput)
    assert last.hint


async def test_what_is_known_to_be_wrong_at_once_begins_nothing(alma: Alma) -> None:
    with pytest.raises(InvalidInput):
        alma.drafts.begin(ADA, "  ")


async def test_nobody_else_follows_a_draft(alma: Alma) -> None:
    id_ = alma.drafts.begin(ADA, WORDS)

    with pytest.raises(NotFound):
        alma.drafts.anything_after(BOB, id_, 0)
    with pytest.raises(NotFound):
        await anext(alma.drafts.follow(BOB, id_))


async def test_only_so_many_are_kept(alma: Alma) -> None:
    first = alma.drafts.begin(ADA, WORDS)
    await told(alma, first)
    others = [alma.drafts.begin(ADA, WORDS) for _ in range(KEPT_DRAFTS)]

    await told(alma, others[-1])

    with pytest.raises(NotFound):
        alma.drafts.anything_after(ADA, first, 0)


async def test_one_that_nobody_follows_is_given_up(tmp_path: Path) -> None:
    model = ScriptedModel([Scripted(partials=({"say": "Well"},), then=asyncio.Event())])
    alma = build(Settings(home=tmp_path), model=model, grace=0.0)
    alma.database.migrate()
    id_ = alma.drafts.begin(ADA, "something to keep what customers order from getting lost")
    events = alma.drafts.follow(ADA, id_)
    async for _, event in events:
        if isinstance(event, ChatEvent) and event.type is ChatEventType.TOKEN:
            break

    await events.aclose()
    await asyncio.to_thread(wait_until, lambda: model.stopped == 1)
    last = (await told(alma, id_))[-1][1]
    await alma.stop()

    assert isinstance(last, DraftStopped)
