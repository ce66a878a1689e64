"""How numbers of things and amounts are written, as parts of the patterns that look for them."""

from __future__ import annotations

import re

__all__ = ["AMOUNT", "COUNTING", "NUMBER", "SEVERAL", "UNIT", "number_of", "spaced"]

_WORDS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
# Numbers in words; how many of a thing there are, from one on and from two on.
COUNTING = rf"(?:{'|'.join(_WORDS)})"
NUMBER = rf"(?:\d{{1,2}}|{COUNTING})"
SEVERAL = rf"(?:\d{{1,3}}|{'|'.join(_WORDS[1:])})"
UNIT = r"(?:[kmgt]i?b|gigs?|[gt]\b|v?cpus?|v?cores?)(?:\s+(?:of\s+)?(?:ram|memory|disk|storage|space|ssd))?"
AMOUNT = rf"\d+(?:\.\d+)?\s?{UNIT}"


def number_of(text: str) -> int:
    """The number that a word says; one for an article."""
    word = text.casefold()
    if word.isdigit():
        return int(word)
    return _WORDS.index(word) + 1 if word in _WORDS else 1


def spaced(unit: str) -> str:
    """A unit as it stands behind its number: one of bytes close to it."""
    return unit if re.match(r"[kmgt]i?b?\b", unit, re.IGNORECASE) else f" {unit}"
