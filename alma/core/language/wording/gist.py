"""What a message names that can be made, with the amounts next to it, whatever sentence it stands in.

For messages of which nothing else could be made: people tell what they do, in any grammar, and name what it takes. What
is named is better drafted and shown than lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind, tokenize

_BREAKS = {
    ",",
    ";",
    ".",
    "!",
    "?",
    ":",
    "-",
    "–",
    "—",
    "(",
    ")",
    "\n",
    "and",
    "but",
    "plus",
    "&",
    "then",
    "…",
}
_MADE = {Sort.SOFTWARE, Sort.TYPE, Sort.PRODUCT}
_BESIDE = {
    Sort.IMAGE,
    Sort.ROLE,
    Sort.ATTRIBUTE,
    Sort.COMPUTE,
    Sort.GROUP,
    Sort.ENGINE,
    Sort.REPLICA,
}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.MONEY, Kind.ADDRESS, Kind.CIDR}
_KEPT = {"with", "for", "a", "an", "on", "each", "x", "in", "at", "per", "of"}
# Who says what is not so, is so already, or might be, wishes for nothing.
_HELD = re.compile(
    r"\b(?:not|no|never|\w+n't|dont|doesnt|cant|without|already|yet|unless|if|when|whether|maybe|perhaps|might|"
    r"wonder\w*|what|why|how|should|difference|versus|vs|instead|had|was|were|down|slow|today|currently|"
    r"(?:we|i) (?:run|use|have|own)|fail\w*|broken?|crash\w*|error\w*|remove|delete|stop|destroy|drop|shut|undo|"
    r"explain|show|tell|list|compare|cost\w*|price|choos\w*|help|advice|recommend\w*|suggest\w*|learn\w*|talk|"
    r"discuss|know\w*|understand)\b",
    re.IGNORECASE,
)
_TELLING = re.compile(
    r"\b(?:need\w*|want\w*|would like|i'd like|we'd like|please|pls|use|run|host|must|has to|have to|moving|move|"
    r"build\w*|start\w*|set\w* up|looking for|plan\w*|going to|self[- ]host\w*|keep|store)\b",
    re.IGNORECASE,
)


def gist(message: str, gazetteer: Gazetteer) -> str | None:
    """A request for what is named; None where nothing can be made of it, or where it is said not to be wished for."""
    if message.rstrip().endswith("?") or _TELLING.search(message) is None:
        return None
    tokens = gazetteer.prepare(tokenize(message)).tokens
    parts = _parts(gazetteer.tag(tokens))
    held = [_HELD.search(" ".join(item.text for item in part)) is not None for part in parts]
    said = [_said(part) for part, no in zip(parts, held, strict=True) if not no]
    said = [text for text in said if text]
    things = [
        item
        for part, no in zip(parts, held, strict=True)
        for item in part
        if not no and item.terms.keys() & _MADE
    ]
    return f"I need {', '.join(said)}" if things else None


def _parts(items: Sequence[Item]) -> list[list[Item]]:
    found: list[list[Item]] = [[]]
    for item in items:
        if item.norm in _BREAKS:
            found.append([])
        else:
            found[-1].append(item)
    return [part for part in found if part]


def _said(part: Sequence[Item]) -> str:
    """The things and amounts of one part, as they stand."""
    kept = [item.terms.keys() & (_MADE | _BESIDE) or item.kind in _AMOUNTS for item in part]
    bare = not any(
        item.terms.keys() & (_MADE | {Sort.ROLE}) or item.kind in _AMOUNTS for item in part
    )
    if bare or not any(kept):
        return ""  # "we host our passwords ourselves"
    first = next(n for n, keep in enumerate(kept) if keep)
    words = [
        item.text
        for item, keep in zip(part[first:], kept[first:], strict=True)
        if keep or item.norm in _KEPT or item.terms or item.kind is Kind.QUOTED
    ]
    while words and words[-1].casefold() in _KEPT:
        words.pop()
    return " ".join(words)
