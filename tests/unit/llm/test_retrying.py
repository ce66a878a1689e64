"""When a model is asked again, when not, and how long the wait is."""

import pytest

from alma.core.model.dialogue import Partial
from alma.llm.faults import Kind, ModelFault
from alma.llm.retrying import LONGEST_SECONDS, Retrying
from alma.llm.scripted import Line, Scripted, ScriptedModel
from tests.unit.llm.asking import ask, failed, replied


class Waits:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def fault(kind: Kind, retry_after: float | None = None) -> ModelFault:
    return ModelFault(f"it is {kind}", kind=kind, retry_after=retry_after)


def retrying(
    *script: Line, retries: int = 2, jitter: float = 1.0
) -> tuple[Retrying, ScriptedModel, Waits]:
    model, waits = ScriptedModel(script), Waits()
    return Retrying(model, retries, sleep=waits, jitter=lambda: jitter), model, waits


@pytest.mark.parametrize("kind", [Kind.BUSY, Kind.SERVER, Kind.UNREACHABLE])
async def test_what_may_pass_is_asked_again(kind: Kind) -> None:
    model, inner, _ = retrying(fault(kind), {"n": 1})
    assert (await replied(model)).document == {"n": 1}
    assert len(inner.asks) == 2


@pytest.mark.parametrize(
    "kind", [kind for kind in Kind if kind not in {"busy", "server", "unreachable"}]
)
async def test_what_a_repeat_does_not_mend_is_asked_once(kind: Kind) -> None:
    model, inner, waits = retrying(fault(kind), {"n": 1})
    assert (await failed(model)).details["kind"] == kind
    assert len(inner.asks) == 1
    assert waits.seconds == []


async def test_the_last_fault_is_the_answer_when_all_attempts_fail() -> None:
    model, inner, _ = retrying(*(fault(Kind.SERVER) for _ in range(3)))
    assert (await failed(model)).message == "it is server"
    assert len(inner.asks) == 3


async def test_without_retries_it_is_asked_once() -> None:
    model, inner, _ = retrying(fault(Kind.SERVER), {"n": 1}, retries=0)
    await failed(model)
    assert len(inner.asks) == 1


async def test_never_again_after_a_partial_answer() -> None:
    broken = Scripted(partials=({"n": 1},), fault=fault(Kind.UNREACHABLE))
    model, inner, _ = retrying(broken, {"n": 2})
    stream = model.answer(ask())
    assert await anext(stream) == Partial(document={"n": 1})
    with pytest.raises(ModelFault):
        await anext(stream)
    assert len(inner.asks) == 1


async def test_waits_grow_up_to_a_limit() -> None:
    model, _, waits = retrying(*(fault(Kind.SERVER) for _ in range(8)), retries=7)
    await failed(model)
    assert waits.seconds == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert max(waits.seconds) == LONGEST_SECONDS


async def test_a_wait_is_drawn_from_zero_up() -> None:
    model, _, waits = retrying(fault(Kind.SERVER), {}, jitter=0.0)
    await replied(model)
    assert waits.seconds == [0.0]


async def test_the_wait_that_was_asked_for_is_kept() -> None:
    model, _, waits = retrying(fault(Kind.BUSY, retry_after=7.0), {}, jitter=0.0)
    await replied(model)
    assert waits.seconds == [7.0]


async def test_who_asks_for_a_long_wait_is_not_waited_for() -> None:
    model, inner, waits = retrying(fault(Kind.BUSY, retry_after=3600.0), {})
    assert (await failed(model)).details["retry_after"] == 3600.0
    assert len(inner.asks) == 1
    assert waits.seconds == []
