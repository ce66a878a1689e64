"""What models do is counted, what they cost is added up, and what a project may spend is kept to."""

import asyncio
from datetime import UTC, datetime

import pytest

from alma.core.model.dialogue import Usage
from alma.llm.budgeted import Budgeted
from alma.llm.faults import Kind, ModelFault
from alma.llm.metered import Duration, Metered, ModelMeter
from alma.llm.scripted import Line, Scripted, ScriptedModel
from alma.llm.settings import Endpoint
from tests.unit.llm.asking import Clock, Ledger, ask, failed, replied

PRICED = Endpoint(provider="openai", model="m", price_in=2.0, price_out=10.0)
UNPRICED = Endpoint(provider="openai", model="m")
USED = Usage(consumed=1_000_000, generated=100_000)


class Counting:
    """A model with a meter, a ledger, and a timer that moves three seconds an ask."""

    def __init__(self, *script: Line, endpoint: Endpoint = PRICED) -> None:
        self.meter, self.ledger, self.clock = ModelMeter(), Ledger(), Clock()
        self.inner = ScriptedModel(script, name="openai:m")
        self.model = Metered(
            self.inner,
            endpoint,
            counts=self.meter,
            ledger=self.ledger,
            clock=self.clock,
            timer=self._tick,
        )

    def _tick(self) -> float:
        self.clock.seconds += 3.0
        return self.clock.seconds


async def test_an_answer_is_counted_with_its_tokens_cost_and_time() -> None:
    counting = Counting(Scripted(usage=USED))
    reply = await replied(counting.model, ask(project="shop"))
    assert reply.usage == USED.model_copy(update={"cost": 3.0})
    reading = counting.meter.snapshot()
    assert reading.requests == {("interpret", "success"): 1}
    assert reading.consumed == {"openai:m": 1_000_000}
    assert reading.generated == {"openai:m": 100_000}
    assert reading.cost == {"openai:m": 3.0}
    assert reading.durations == {("openai:m", "interpret"): Duration(1, 3.0)}
    assert counting.ledger.recorded == [("shop", "2026-11", "openai:m", reply.usage)]


async def test_without_a_price_nobody_claims_to_know_the_cost() -> None:
    counting = Counting(Scripted(usage=USED), endpoint=UNPRICED)
    assert (await replied(counting.model)).usage.cost is None
    assert counting.meter.snapshot().cost == {}


async def test_what_was_refused_costs_nothing() -> None:
    counting = Counting(ModelFault("no", kind=Kind.DENIED))
    await failed(counting.model)
    assert counting.meter.snapshot().requests == {("interpret", "denied"): 1}
    assert counting.ledger.recorded == []


async def test_what_broke_off_costs_what_had_come() -> None:
    said = {"words": "x" * 400}
    broken = Scripted(partials=(said,), fault=ModelFault("gone", kind=Kind.UNREACHABLE))
    counting = Counting(broken)
    await failed(counting.model, ask("y" * 4000))
    ((_, _, _, usage),) = counting.ledger.recorded
    assert 1000 <= usage.consumed <= 1020
    assert 100 <= usage.generated <= 110
    assert usage.cost == pytest.approx((usage.consumed * 2 + usage.generated * 10) / 1e6)


async def test_what_nobody_waited_for_is_counted_as_stopped() -> None:
    counting = Counting(Scripted(partials=({"n": 1}, {"n": 2})))
    stream = counting.model.answer(ask())
    await anext(stream)
    await stream.aclose()
    assert counting.inner.stopped == 1
    assert counting.meter.snapshot().requests == {("interpret", "stopped"): 1}
    assert len(counting.ledger.recorded) == 1


async def test_what_is_cancelled_is_still_recorded() -> None:
    counting = Counting(Scripted(until=asyncio.Event()))
    waiting = asyncio.create_task(replied(counting.model))
    await counting.inner.asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(counting.ledger.recorded) == 1


async def test_an_answer_is_not_lost_with_the_ledger(caplog: pytest.LogCaptureFixture) -> None:
    counting = Counting({"n": 1})
    counting.ledger.away = True
    assert (await replied(counting.model)).document == {"n": 1}
    assert "was not recorded" in caplog.text


def budgeted(ledger: Ledger, clock: Clock | None = None) -> tuple[Budgeted, ScriptedModel]:
    inner = ScriptedModel([{}], forever=True)
    return Budgeted(inner, 10.0, ledger=ledger, clock=clock or Clock()), inner


async def test_a_project_within_its_budget_is_answered() -> None:
    ledger = Ledger()
    ledger.rows["shop", "2026-11"] = 9.99
    model, inner = budgeted(ledger)
    await replied(model, ask(project="shop"))
    assert len(inner.asks) == 1


async def test_a_project_that_has_spent_its_budget_asks_nobody() -> None:
    ledger = Ledger()
    ledger.rows["shop", "2026-11"] = 10.0
    model, inner = budgeted(ledger)
    error = await failed(model, ask(project="shop"))
    assert inner.asks == []
    assert not error.retryable
    assert error.message == (
        "Project 'shop' has spent its budget for language models in November 2026: $10.00 of $10.00"
    )
    assert error.hint == "it starts anew on 2026-12-01 (UTC); the setting budget raises it"


async def test_another_project_and_another_month_have_their_own() -> None:
    ledger, clock = Ledger(), Clock()
    ledger.rows["shop", "2026-11"] = 10.0
    model, _ = budgeted(ledger, clock)
    await replied(model, ask(project="other"))
    clock.time = datetime(2026, 12, 1, tzinfo=UTC)
    await replied(model, ask(project="shop"))


async def test_a_year_ends_in_december() -> None:
    ledger, clock = Ledger(), Clock(time=datetime(2026, 12, 31, tzinfo=UTC))
    ledger.rows["shop", "2026-12"] = 11.0
    error = await failed(budgeted(ledger, clock)[0], ask(project="shop"))
    assert "2027-01-01" in (error.hint or "")


async def test_when_nobody_knows_what_was_spent_nobody_is_asked() -> None:
    model, inner = budgeted(Ledger(away=True))
    assert "can't be read" in (await failed(model)).message
    assert inner.asks == []
