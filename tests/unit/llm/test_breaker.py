"""An endpoint in trouble is left alone, and tried again by one ask at a time."""

import asyncio

import pytest

from alma.llm.breaker import Breaker
from alma.llm.faults import Kind, ModelFault
from alma.llm.scripted import Line, Scripted, ScriptedModel
from tests.unit.llm.asking import Clock, ask, failed, replied


def down(kind: Kind = Kind.UNREACHABLE) -> ModelFault:
    return ModelFault("down", kind=kind)


def breaker(*script: Line) -> tuple[Breaker, ScriptedModel, Clock]:
    model, clock = ScriptedModel(script), Clock()
    return Breaker(model, failures=3, rest=30.0, clock=clock), model, clock


async def opened(*then: Line) -> tuple[Breaker, ScriptedModel, Clock]:
    found = breaker(down(), down(), down(), *then)
    for _ in range(3):
        await failed(found[0])
    return found


async def test_after_so_many_failures_nobody_asks_any_more() -> None:
    model, inner, _ = await opened({})
    error = await failed(model)
    assert error.details == {"kind": "resting", "retry_after": 30.0}
    assert error.retryable
    assert len(inner.asks) == 3


async def test_a_success_in_between_starts_the_count_anew() -> None:
    model, inner, _ = breaker(down(), down(), {}, down(), down(), {})
    for _ in range(2):
        await failed(model)
        await failed(model)
        await replied(model)
    assert len(inner.asks) == 6


@pytest.mark.parametrize("kind", [Kind.DENIED, Kind.REFUSED, Kind.UNUSABLE])
async def test_what_says_nothing_about_the_endpoint_does_not_open_it(kind: Kind) -> None:
    model, _, _ = breaker(*(down(kind) for _ in range(9)), {"n": 1})
    for _ in range(9):
        await failed(model)
    assert (await replied(model)).document == {"n": 1}


async def test_when_it_has_rested_a_probe_that_works_closes_it() -> None:
    model, _, clock = await opened({}, {})
    clock.seconds = 30.0
    await replied(model)
    await replied(model)


async def test_a_probe_that_fails_opens_it_again() -> None:
    model, inner, clock = await opened(down(), {})
    clock.seconds = 30.0
    assert (await failed(model)).message == "down"
    clock.seconds = 59.0
    assert (await failed(model)).details["kind"] == "resting"
    clock.seconds = 60.0
    await replied(model)
    assert len(inner.asks) == 5


async def test_one_probe_at_a_time() -> None:
    event = asyncio.Event()
    model, inner, clock = await opened(Scripted({"n": 1}, until=event))
    clock.seconds = 30.0
    inner.asked.clear()
    probe = asyncio.create_task(replied(model))
    await inner.asked.wait()
    assert (await failed(model)).details["kind"] == "resting"
    event.set()
    assert (await probe).document == {"n": 1}


async def test_a_probe_that_nobody_waits_for_makes_room_for_another() -> None:
    model, _, clock = await opened(Scripted({}, partials=({"n": 1},)), {"n": 2})
    clock.seconds = 30.0
    stream = model.answer(ask())
    await anext(stream)
    await stream.aclose()
    assert (await replied(model)).document == {"n": 2}
