"""Nothing secret leaves with an ask, and nothing secret of an answer is kept."""

from alma.core.model.dialogue import Ask, Part, Speaker, Usage
from alma.llm.redacted import Redacted
from alma.llm.scripted import Document, Scripted, ScriptedModel
from alma.llm.secrets import Redaction
from tests.unit.llm.asking import drained

CANARY = "correct-horse-battery"


async def test_no_part_of_an_ask_carries_a_secret_out() -> None:
    inner = ScriptedModel([{}])
    parts = tuple(
        Part(speaker=speaker, text=f"it is {CANARY}, AKIAIOSFODNN7EXAMPLE") for speaker in Speaker
    )
    question = Ask(purpose="x", system=f"system {CANARY}", parts=parts, schema_={"type": "object"})
    await drained(Redacted(inner, Redaction(lambda: [CANARY])), question)
    (sent,) = inner.asks
    assert CANARY not in sent.model_dump_json()
    assert "AKIA" not in sent.model_dump_json()
    assert [part.speaker for part in sent.parts] == list(Speaker)
    assert sent.schema_ == question.schema_


async def test_no_text_of_an_answer_keeps_one() -> None:
    document: Document = {"a": [{"b": f"use {CANARY}", "n": 3, "ok": True, "none": None}]}
    inner = ScriptedModel([Scripted(document, partials=(document,), usage=Usage(consumed=1))])
    items = await drained(Redacted(inner, Redaction(lambda: [CANARY])))
    clean = {"a": [{"b": "use [redacted]", "n": 3, "ok": True, "none": None}]}
    assert [item.document for item in items] == [clean, clean]


async def test_what_is_secret_is_asked_anew_each_time() -> None:
    known: list[str] = []
    inner = ScriptedModel([{"a": CANARY}], forever=True)
    model = Redacted(inner, Redaction(lambda: known))
    assert (await drained(model))[0].document == {"a": CANARY}
    known.append(CANARY)
    assert (await drained(model))[0].document == {"a": "[redacted]"}
