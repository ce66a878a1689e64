"""`did you mean`: the nearest known word, so that a typing error costs one look and not a search."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

_CUTOFF = 62


def similarity(one: str, other: str) -> float:
    """How alike two words are, from 0 (nothing in common) to 100 (equal)."""
    return fuzz.ratio(one, other)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like this one, ignoring case; None when nothing is near."""
    found = process.extractOne(
        word, list(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_CUTOFF
    )
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str], *, shown: int = 12) -> str | None:
    """A hint: the nearest known word, or else the known words themselves while they are few."""
    words = sorted(set(known))
    if (best := nearest(word, words)) is not None:
        return f"did you mean '{best}'?"
    if not words:
        return None
    more = f" and {len(words) - shown} more" if len(words) > shown else ""
    return f"known: {', '.join(words[:shown])}{more}"
