"""Answers as people get them: through a whole conversation, with what was offered taken by the next message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.bootstrap import Alma, build
from alma.core.model.principal import LOCAL
from alma.settings import Settings

WORDS = "2 web servers and a postgres database"


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[Alma]:
    """Wired and migrated, and not started: nothing is deployed here."""
    made = build(Settings(home=tmp_path))
    made.database.migrate()
    yield made
    await made.stop()


async def test_the_cheaper_form_that_was_offered_is_taken_by_saying_so(alma: Alma) -> None:
    first = await alma.dialogue.chat(LOCAL, WORDS, "c")
    offered = await alma.dialogue.chat(LOCAL, "make it cheaper", "c")
    taken = await alma.dialogue.chat(LOCAL, "use the cheaper one", "c")

    assert first.cost is not None
    assert taken.cost is not None
    assert offered.offers
    assert not offered.changed
    assert offered.blueprint == first.blueprint
    assert taken.changed
    assert float(str(taken.cost["monthly"])) < float(str(first.cost["monthly"]))
    assert f"down to about ${round(float(str(taken.cost['monthly'])))} (" in offered.response


async def test_an_offer_lapses_when_something_else_is_said(alma: Alma) -> None:
    await alma.dialogue.chat(LOCAL, WORDS, "c")
    await alma.dialogue.chat(LOCAL, "make it cheaper", "c")
    between = await alma.dialogue.chat(LOCAL, "what is running?", "c")
    late = await alma.dialogue.chat(LOCAL, "yes", "c")

    assert not between.offers
    assert not late.changed


async def test_a_change_with_a_question_is_told_its_cost_once(alma: Alma) -> None:
    await alma.dialogue.chat(LOCAL, WORDS, "c")

    told = await alma.dialogue.chat(LOCAL, "add a redis cache and how much does it cost?", "c")

    assert told.changed
    assert told.cost is not None
    assert told.response.count(f"about ${round(float(str(told.cost['monthly'])))} a month") == 1
    assert "Most of it: " in told.response


async def test_the_same_question_has_another_answer_after_a_change(alma: Alma) -> None:
    questions = [
        "what does it cost?",
        "suggest improvements",
        "what changed?",
        "list the resources",
    ]
    await alma.dialogue.chat(LOCAL, WORDS, "c")
    before = [(await alma.dialogue.chat(LOCAL, ask, "c")).response for ask in questions]
    await alma.dialogue.chat(LOCAL, "add a mysql database", "c")
    after = [(await alma.dialogue.chat(LOCAL, ask, "c")).response for ask in questions]

    assert not set(before) & set(after)


async def test_the_grave_findings_that_were_offered_to_be_mended_are_mended_by_a_yes(
    alma: Alma,
) -> None:
    await alma.dialogue.chat(LOCAL, "a web server and a postgres database", "c")
    await alma.dialogue.chat(LOCAL, "make the database public", "c")
    audit = await alma.dialogue.chat(LOCAL, "is it secure?", "c")
    mended = await alma.dialogue.chat(LOCAL, "yes", "c")
    again = await alma.dialogue.chat(LOCAL, "is it secure?", "c")

    assert "Say yes to have" in audit.response
    assert audit.offers
    assert not audit.changed
    assert mended.changed
    assert "ALMA-NET-001" in str(audit.data)
    assert "ALMA-NET-001" not in str(again.data)
