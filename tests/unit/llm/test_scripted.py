"""The model that tests are written with keeps the port's promises itself."""

import asyncio

import pytest

from alma.core.model.dialogue import Ask, Part, Partial, Reply, Speaker, Usage
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.llm.scripted import Scripted, ScriptedModel


def ask(text: str = "two web servers") -> Ask:
    return Ask(
        purpose="interpret",
        system="Answer in JSON.",
        parts=(Part(speaker=Speaker.PERSON, text=text),),
        schema_={"type": "object"},
    )


async def drained(model: LanguageModel, question: Ask | None = None) -> list[Partial | Reply]:
    return [item async for item in model.answer(question or ask())]


async def test_a_line_of_the_script_answers_one_ask() -> None:
    model = ScriptedModel([{"n": 1}, {"n": 2}])
    answers = [await drained(model), await drained(model)]
    assert [items[-1].document for items in answers] == [{"n": 1}, {"n": 2}]
    assert len(model.asks) == 2


async def test_partials_come_before_the_one_reply() -> None:
    usage = Usage(consumed=3, generated=7)
    model = ScriptedModel([Scripted({"a": 1, "b": 2}, partials=({"a": 1},), usage=usage)])
    assert await drained(model) == [
        Partial(document={"a": 1}),
        Reply(document={"a": 1, "b": 2}, model="scripted:test", usage=usage),
    ]


async def test_a_fault_may_come_after_partials() -> None:
    fault = LanguageModelError("the line is dead")
    model = ScriptedModel([Scripted(partials=({"a": 1},), fault=fault)])
    stream = model.answer(ask())
    assert await anext(stream) == Partial(document={"a": 1})
    with pytest.raises(LanguageModelError, match="the line is dead"):
        await anext(stream)


async def test_an_empty_script_says_so() -> None:
    with pytest.raises(LanguageModelError, match="no more answers"):
        await drained(ScriptedModel())


async def test_the_last_line_may_repeat_forever() -> None:
    model = ScriptedModel([{"n": 1}, {"n": 2}], forever=True)
    assert [(await drained(model))[0].document["n"] for _ in range(4)] == [1, 2, 2, 2]


async def test_a_line_may_depend_on_the_ask() -> None:
    model = ScriptedModel([lambda question: {"heard": question.parts[0].text}])
    (reply,) = await drained(model, ask("hello"))
    assert reply.document == {"heard": "hello"}


async def test_a_delay_waits_by_the_clock_it_was_given() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    await drained(ScriptedModel([Scripted({}, delay=30.0)], sleep=sleep))
    assert waited == [30.0]


async def test_an_answer_waits_for_its_event() -> None:
    event = asyncio.Event()
    task = asyncio.create_task(drained(ScriptedModel([Scripted({"n": 1}, until=event)])))
    await asyncio.sleep(0)
    assert not task.done()
    event.set()
    assert (await task)[-1].document == {"n": 1}


async def test_closing_an_answer_early_is_counted() -> None:
    model = ScriptedModel([Scripted({}, partials=({}, {})), {}])
    stream = model.answer(ask())
    await anext(stream)
    await stream.aclose()
    await drained(model)
    assert model.stopped == 1


async def test_it_says_whether_it_can_be_reached() -> None:
    assert (await ScriptedModel().check()).available
    assert not (await ScriptedModel(available=False).check()).available
