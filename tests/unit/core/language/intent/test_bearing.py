"""What the parts of a message bear on what is to be done: learned from marked messages, the same every time."""

from __future__ import annotations

import json

import pytest

from alma.core.language.intent import intents
from alma.core.language.intent.bearing import (
    EXAMPLES,
    WEIGHTS,
    Bearing,
    Bearings,
    examples,
    labelled,
)
from alma.core.language.intent.spans import spans
from alma.core.language.vocabulary.gazetteer import Gazetteer

MAIL = (
    "Morning all! The shop crawled the whole weekend because of the sale. "
    "Please give web-1 another 8 GB. Thanks, the shop team"
)


def test_the_weights_were_learned_from_the_messages_and_sentences_in_the_files() -> None:
    learned_from = json.loads(WEIGHTS.read_bytes())["examples"]
    content = EXAMPLES.read_bytes() + intents.EXAMPLES.read_bytes()

    assert learned_from == intents.examples_digest(content), "python -m benchmarks.intents"


def test_every_line_of_the_examples_is_marked() -> None:
    found = list(examples(EXAMPLES.read_text(encoding="utf-8")))

    assert len(found) > 500
    assert {bearing for _, marked in found for _, bearing in marked} == set(Bearing)


def test_a_line_without_marks_is_named() -> None:
    with pytest.raises(ValueError, match="line 2 has no marked message: a word"):
        list(examples(" | {w:two servers}\na word\n"))


def test_a_part_is_what_most_of_it_is_marked_as(gazetteer: Gazetteer) -> None:
    marked = [("It broke.", Bearing.TOLD), ("Make it 8 GB, as it was in May.", Bearing.WANTED)]

    found = labelled(gazetteer, ["db"], marked)

    assert found[0][1] is Bearing.TOLD
    assert Bearing.WANTED in [bearing for _, bearing in found]


def test_the_order_in_a_mail_is_told_from_the_rest(gazetteer: Gazetteer) -> None:
    parts = Bearings(gazetteer).parts(MAIL, ["web-1", "db"])

    best = {part.span.text: max(part.shares, key=lambda name: part.shares[name]) for part in parts}
    assert best["Please give web-1 another 8 GB."] == Bearing.WANTED
    assert best["The shop crawled the whole weekend"] == Bearing.TOLD
    assert all(sum(part.shares.values()) == pytest.approx(1) for part in parts)


def test_spans_cover_a_message_but_for_blanks_and_commas() -> None:
    text = "First this, and I mean it; then that - but not much.\nSecond line (with more)! And?"
    found = spans(text)
    left = text
    for span in found:
        assert text[span.start : span.end] == span.text
        left = left.replace(span.text, "", 1)

    assert not left.strip(" ,;\n-")
    assert [span.begins for span in found].count(True) == 3


@pytest.mark.parametrize("text", ["", " ", "\n\n", ".", "...", "?!"])
def test_what_says_nothing_has_hardly_any_parts(gazetteer: Gazetteer, text: str) -> None:
    assert len(Bearings(gazetteer).parts(text)) <= 1
