"""A hint for a typing error: the nearest word, or the known ones."""

from __future__ import annotations

from alma.core.model.suggest import did_you_mean


def test_a_word_that_is_known_twice_is_told_once() -> None:
    assert did_you_mean("zzz", ["debian-12", "alpine", "debian-12"]) == "known: alpine, debian-12"


def test_more_words_than_fit_are_counted() -> None:
    assert did_you_mean("zzz", ["aa", "ab", "ac", "ac"], shown=2) == "known: aa, ab and 1 more"


def test_the_nearest_word_is_told_alone_whatever_its_case() -> None:
    assert did_you_mean("Vmbr1", ["vmbr0", "fast"]) == "did you mean 'vmbr0'?"


def test_where_nothing_is_known_nothing_is_told() -> None:
    assert did_you_mean("vmbr1", []) is None
