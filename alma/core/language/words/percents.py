"""Shares of what there is, however they are written: `20 percent`, `by a fifth`, `half as much again`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alma.core.language.words.token import Kind, Token

_PERCENT = {"percent", "pct", "percents", "prozent"}
_FRACTIONS = {"half": 50.0, "quarter": 25.0, "fifth": 20.0, "tenth": 10.0}
_COMPARED = {"more", "less", "fewer", "bigger", "smaller", "larger"}
_AGAIN = ("half", "as", "much", "again"), ("half", "as", "many", "again"), ("half", "again")


def in_percents(tokens: Sequence[Token]) -> list[Token]:
    """The tokens, with one of percent for each share."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token, used = (
            _written(tokens, index)
            or _again(tokens, index)
            or _fraction(tokens, index)
            or (tokens[index], 1)
        )
        out.append(token)
        index += used
    return out


def _share(tokens: Sequence[Token], start: int, used: int, value: float) -> tuple[Token, int]:
    last = tokens[start + used - 1]
    text = f"{value:g}%"
    whole = replace(tokens[start], text=text, norm=text, end=last.end)
    return replace(whole, kind=Kind.PERCENT, value=value), used


def _written(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`20 percent`, `twenty per cent`."""
    value = tokens[index].value
    if tokens[index].kind is not Kind.NUMBER or not isinstance(value, int | float):
        return None
    following = [token.norm for token in tokens[index + 1 : index + 3]]
    if following[:1] and following[0] in _PERCENT:
        return _share(tokens, index, 2, float(value))
    return _share(tokens, index, 3, float(value)) if following == ["per", "cent"] else None


def _again(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`Half as much again` is as much as there is, and half of it."""
    if tokens[index].norm != "half":
        return None
    for words in _AGAIN:
        if tuple(token.norm for token in tokens[index : index + len(words)]) == words:
            return _share(tokens, index, len(words), _FRACTIONS["half"])
    return None


def _fraction(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`By a quarter`, `a fifth more`, `by half`: a fraction that is compared with what there is."""
    article = tokens[index].norm in {"a", "one"}
    place = index + article
    word = tokens[place].norm if place < len(tokens) else ""
    if word not in _FRACTIONS:
        return None
    before = tokens[index - 1].norm if index else ""
    after = tokens[place + 1].norm if place + 1 < len(tokens) else ""
    compared = before == "by" and after not in {"a", "an", "the", "of"}
    if not (compared or (article and after in _COMPARED)):
        return None
    return _share(tokens, index, 1 + article, _FRACTIONS[word])
