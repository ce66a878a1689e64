"""Patterns that are tried only where they can be found: never missed, and seldom tried."""

from __future__ import annotations

import re

import pytest

from alma.core.language.words.seldom import seldom


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(?:please|pls) undo\b", "Pls UNDO that"),
        (r"colou?rs?", "COLOR"),
        (r"(?:the )?[\w-]+ (?:in stead|instead) of", "redis Instead of valkey"),
        (r"(?P<a>x)?(?:ab|cd)+[.!]", "cdab!"),
        (r"same (?:as|like)(?= before)", "same as before"),
        (r"(?<!not )needful", "do the needful"),
        (r"['’]em\b", "give ’em more"),
        (r"(?i:Kilo)\w+", "kilobytes"),
        (r"\d+\s*(?:->|→)\s*\d+", "2 → 5"),
        (r"(?:a|)b", "b"),
        (r"[^a-z]+z{2,3}", " zz"),
    ],
)
def test_what_is_there_is_found(pattern: str, text: str) -> None:
    found = re.compile(pattern, re.IGNORECASE).search(text)
    ours = seldom(pattern, re.IGNORECASE)
    hit = ours.search(text)
    assert found is not None
    assert hit is not None
    assert hit.span() == found.span()
    assert ours.sub("#", text) == re.sub(pattern, "#", text, flags=re.IGNORECASE)
    assert ours.may_be_in(text)


@pytest.mark.parametrize("text", ["ſure thing", "a \u212aey", "d\u0131sk", "D\u0130SK"])
def test_letters_that_are_compared_as_others_are_found(text: str) -> None:
    for word in ("sure", "key", "disk"):
        pattern = seldom(word, re.IGNORECASE)
        assert bool(pattern.search(text)) is bool(re.search(word, text, re.IGNORECASE))


def test_a_text_without_the_letters_is_not_looked_through() -> None:
    pattern = seldom(r"\b(?:kindly|do) the needful\b", re.IGNORECASE)
    assert all("needful" in need for need in pattern.needs)
    assert not pattern.may_be_in("Two web servers and a database")
    assert pattern.sub("", "Two web servers") == "Two web servers"
    assert pattern.match("Two") is None
    assert pattern.fullmatch("Two") is None
    assert list(pattern.finditer("Two")) == []
    assert pattern.findall("Two") == []
    assert pattern.split("Two") == ["Two"]


def test_what_can_be_anything_is_always_looked_for() -> None:
    assert seldom(r"\w+\s\d").needs == ()
    assert seldom(r"(?:needful)?").needs == ()
    assert seldom(r"needful|\d").needs == ()
