"""What comes back by itself is waited for, what does not is told, and a run ends in any case."""

from __future__ import annotations

import asyncio

import pytest

from alma.core.model.errors import (
    ChangeRejected,
    DatabaseUnavailable,
    EngineAuthFailed,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.core.services.patience import ASKING, Patience


@pytest.fixture
def slept(monkeypatch):
    """How long was waited in all; nobody really does."""
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


def after(*errors):
    """An engine that raises these, one after the other, and answers then."""
    left = list(errors)

    async def call():
        if left:
            raise left.pop(0)
        return "done"

    return call


async def test_an_engine_that_restarts_is_waited_for(slept):
    away = [EngineUnavailable("away")] * 10
    assert await Patience().patiently(after(*away)) == "done"
    assert sum(slept) > 30


async def test_an_engine_that_stays_away_is_waited_for_a_minute_and_a_database_for_an_hour(slept):
    with pytest.raises(EngineUnavailable):
        await Patience().patiently(after(*[EngineUnavailable("away")] * 1000))
    assert 45 < sum(slept) < 75
    slept.clear()

    def gone():
        raise DatabaseUnavailable("away")

    with pytest.raises(DatabaseUnavailable):
        await Patience().durably(gone)
    assert 3_500 < sum(slept) < 3_700


async def test_somebody_who_asks_and_waits_for_the_answer_waits_for_seconds(slept):
    with pytest.raises(EngineUnavailable):
        await Patience(attempts=ASKING).patiently(after(*[EngineUnavailable("away")] * 1000))
    assert sum(slept) < 10


async def test_a_refusal_is_told_at_once(slept):
    with pytest.raises(ChangeRejected):
        await Patience().patiently(after(ChangeRejected("no")))
    assert slept == []


async def test_what_was_unknown_stays_so_when_the_engine_goes_away_and_not_when_it_answers(slept):
    lost, away = OutcomeUnknown("lost"), EngineUnavailable("away")
    with pytest.raises(OutcomeUnknown):
        await Patience().patiently(after(lost, *[away] * 1000))
    with pytest.raises(OutcomeUnknown):
        await Patience().patiently(after(lost, EngineAuthFailed("the token was revoked")))
    with pytest.raises(ChangeRejected):
        await Patience().patiently(after(lost, away, ChangeRejected("no")))
    assert await Patience().patiently(after(lost, away)) == "done"
