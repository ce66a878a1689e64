"""Several models as one: who is asked next, what is said when nobody answers, and when the time is over."""

import asyncio

import pytest

from alma.core.model.dialogue import Partial
from alma.llm.chain import Chain, Timed
from alma.llm.faults import Kind, ModelFault
from alma.llm.scripted import Scripted, ScriptedModel
from tests.unit.llm.asking import ask, drained, failed, replied


def fault(kind: Kind, message: str = "down") -> ModelFault:
    return ModelFault(message, kind=kind, hint=f"mend {message}")


@pytest.mark.parametrize("kind", list(Kind))
async def test_the_next_model_answers_whatever_the_first_fails_of(kind: Kind) -> None:
    second = ScriptedModel([{"n": 2}], name="b:2")
    chain = Chain([ScriptedModel([fault(kind)], name="a:1"), second])
    assert (await replied(chain)).model == "b:2"
    assert chain.name == "a:1"


async def test_the_first_that_answers_is_enough() -> None:
    second = ScriptedModel([{}])
    await drained(Chain([ScriptedModel([{}]), second]))
    assert second.asks == []


async def test_words_of_two_models_are_never_mixed() -> None:
    broken = Scripted(partials=({"n": 1},), fault=fault(Kind.UNREACHABLE))
    second = ScriptedModel([{"n": 2}])
    stream = Chain([ScriptedModel([broken]), second]).answer(ask())
    assert await anext(stream) == Partial(document={"n": 1})
    with pytest.raises(ModelFault):
        await anext(stream)
    assert second.asks == []


async def test_when_nobody_answers_it_says_what_happened_to_each() -> None:
    chain = Chain(
        [
            ScriptedModel([fault(Kind.DENIED, "the key is refused")]),
            ScriptedModel([fault(Kind.SERVER, "it fails")]),
        ]
    )
    error = await failed(chain)
    assert error.message == "None of 2 language models answered: the key is refused; it fails"
    assert error.hint == "mend the key is refused"
    assert error.retryable


async def test_one_model_alone_speaks_for_itself() -> None:
    assert (await failed(Chain([ScriptedModel([fault(Kind.DENIED)])]))).message == "down"


async def test_a_chain_is_available_when_one_of_it_is() -> None:
    away, here = ScriptedModel(name="a", available=False), ScriptedModel(name="b")
    health = await Chain([away, here]).check()
    assert health.available
    assert len(health.problems) == 1
    assert not (await Chain([away]).check()).available


async def test_closing_closes_all() -> None:
    models = [ScriptedModel(), ScriptedModel()]
    await Chain(models).close()
    assert [model.closed for model in models] == [True, True]


async def test_stopping_reaches_the_model_that_answers() -> None:
    inner = ScriptedModel([Scripted(partials=({}, {}))])
    stream = Timed(Chain([inner]), 60.0).answer(ask())
    await anext(stream)
    await stream.aclose()
    assert inner.stopped == 1


async def test_an_answer_that_does_not_come_in_time_is_stopped() -> None:
    inner = ScriptedModel([Scripted(partials=({"n": 1},), then=asyncio.Event())])
    error = await failed(Timed(inner, 0.05))
    assert error.details["kind"] == Kind.SLOW
    assert inner.stopped == 1


async def test_an_answer_in_time_is_left_alone() -> None:
    items = await drained(Timed(ScriptedModel([Scripted({"n": 2}, partials=({"n": 1},))]), 60.0))
    assert [item.document for item in items] == [{"n": 1}, {"n": 2}]
