"""Patterns that few messages have anything of: looked for only where letters stand that they can't do without.

A message is put in other words by some hundred patterns, and a long one has something of three or four. Looking for
letters takes a hundredth of the time that trying a pattern at each of them does. Which letters a pattern needs is found
out from the pattern itself, when it is used first, so that nobody has to say it and nothing is ever missed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib import import_module
from math import prod
from typing import Any

__all__ = ["Seldom", "seldom"]

# How often letters stand in what people write, in thousandths, and how much likelier they are beside each other than by
# chance; all else is rare, but for the signs that sentences are made with.
_OFTEN = dict(
    zip(
        " etaoinshrdlucmfwypvbgk",
        (170, 100, 75, 65, 62, 57, 57, 53, 49, 48, 34, 33, 23, 22, 20, 18, 19, 16, 15, 8, 12, 16, 6),
        strict=True,
    )
)  # fmt: skip
_OFTEN |= dict.fromkeys("0123456789.,'-\n", 10)
_RARE, _LETTERS, _IN_WORDS = 1.2, 400, 6
# How many ways there may be to write what stands together, how many of them may be looked for, and how likely one of
# them may stand in a message by chance.
_WAYS, _MOST, _CHANCE = 12, 16, 0.6
_LOOKS = 60
_MESSAGES = 64


def seldom(pattern: str, flags: int = 0) -> Seldom:
    """A pattern that is tried only where it can be found. The same as `re.compile`, for what most messages have not."""
    return Seldom(pattern, flags)


class Seldom:
    """One such pattern, with what is asked of patterns here."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern, self._flags)

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """One of these stands, case folded, in whatever the pattern is found in; none where nothing can be said."""
        return _needed(self.pattern, self._flags)

    def may_be_in(self, text: str) -> bool:
        """Whether the letters stand there without which there is nothing to find."""
        needs = self.needs
        if not needs:
            return True
        folded = _folded(text)
        for need in needs:  # noqa: SIM110 - a generator would take longer than what it looks for
            if need in folded:
                return True
        return False

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        """As `re.Pattern.sub`."""
        return self._compiled.sub(new, text, count) if self.may_be_in(text) else text

    def search(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.search`."""
        return self._compiled.search(text) if self.may_be_in(text) else None

    def match(self, text: str, at: int = 0) -> re.Match[str] | None:
        """As `re.Pattern.match`."""
        return self._compiled.match(text, at) if self.may_be_in(text) else None

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """As `re.Pattern.fullmatch`."""
        return self._compiled.fullmatch(text) if self.may_be_in(text) else None

    def finditer(self, text: str, *span: int) -> Iterator[re.Match[str]]:
        """As `re.Pattern.finditer`."""
        return self._compiled.finditer(text, *span) if self.may_be_in(text) else iter(())

    def findall(self, text: str) -> list[Any]:
        """As `re.Pattern.findall`."""
        return self._compiled.findall(text) if self.may_be_in(text) else []

    def split(self, text: str) -> list[str]:
        """As `re.Pattern.split`."""
        return self._compiled.split(text) if self.may_be_in(text) else [text]


@lru_cache(_MESSAGES)
def _folded(text: str) -> str:
    """The text as patterns compare it that do without regard to case: a dotless i and one with its dot are one."""
    folded = text.casefold()
    return folded if folded.isascii() else folded.replace("ı", "i").replace("\u0307", "")


# ── what a pattern needs ─────────────────────────────────────────────────────────────────────────────


def _needed(pattern: str, flags: int) -> tuple[str, ...]:
    try:
        parser: Any = import_module("re._parser")
    except ImportError:  # nothing is known then, and every text is looked through
        return ()
    best = _best(parser.parse(pattern, flags))
    if best is None or len(best) > _MOST or _chance(best) > _CHANCE:
        return ()
    return tuple(sorted(best, key=lambda need: (-_chance([need]), need)))


def _best(parsed: Sequence[Any]) -> list[str] | None:
    """Of the sets of strings of which a match has one each, that which is least likely to be there by chance."""
    return min(_candidates(parsed), key=_cost, default=None)


def _candidates(parsed: Sequence[Any]) -> Iterator[list[str]]:
    run: list[str] = [""]
    for step in parsed:
        ways = _ways(step)
        if ways is not None and len(run) * len(ways) <= _WAYS:
            run = [before + way for before in run for way in ways]
            continue
        if all(run):
            yield _shortest(run)
        run = [""] if ways is None else ways
        if ways is None:
            yield from _inside(step)
    if all(run):
        yield _shortest(run)


def _inside(step: Any) -> Iterator[list[str]]:
    """What is needed by a step that can be written in too many ways to tell."""
    op, told = str(step[0]), step[1]
    if op == "BRANCH":
        found = [_best(branch) for branch in told[1]]
        if all(each is not None for each in found):
            yield _shortest([need for each in found if each is not None for need in each])
    elif op == "SUBPATTERN":
        yield from _candidates(told[3])
    elif op == "ATOMIC_GROUP":
        yield from _candidates(told)
    elif op in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"} and told[0] > 0:
        yield from _candidates(told[2])


def _ways(step: Any) -> list[str] | None:
    """All that a step can match, case folded; None where that is too much to tell."""
    op, told = str(step[0]), step[1]
    if op == "LITERAL":
        return _letter(told)
    if op in {"AT", "ASSERT", "ASSERT_NOT"}:
        return [""]
    if op == "SUBPATTERN":
        return _ways_of(told[3])
    if op == "IN":
        return _any([_letter(one) if str(kind) == "LITERAL" else None for kind, one in told])
    if op == "BRANCH":
        return _any([_ways_of(branch) for branch in told[1]])
    optional = op in {"MAX_REPEAT", "MIN_REPEAT"} and told[:2] == (0, 1)
    return _any([[""], _ways_of(told[2])]) if optional else None


def _any(choices: Sequence[list[str] | None]) -> list[str] | None:
    known = [way for ways in choices if ways is not None for way in ways]
    return list(dict.fromkeys(known)) if None not in choices and len(known) <= _WAYS else None


def _ways_of(parsed: Sequence[Any]) -> list[str] | None:
    run = [""]
    for step in parsed:
        ways = _ways(step)
        if ways is None or len(run) * len(ways) > _WAYS:
            return None
        run = [before + way for before in run for way in ways]
    return run


def _letter(code: int) -> list[str] | None:
    letter = chr(code).casefold()
    return [letter] if len(letter) == 1 and (letter.isascii() or not letter.isalpha()) else None


def _shortest(needs: Sequence[str]) -> list[str]:
    """Without those that have another in them."""
    kept: list[str] = []
    for need in sorted(set(needs), key=lambda each: (len(each), each)):
        if not any(each in need for each in kept):
            kept.append(need)
    return kept


def _cost(needs: Sequence[str]) -> float:
    """How much is to be said against looking for them: that they are many, or often there."""
    return _chance(needs) + len(needs) / _LOOKS


def _chance(needs: Sequence[str]) -> float:
    """About how many of them stand in a long message that has nothing to do with them."""
    return sum(map(_expected, needs))


def _expected(need: str) -> float:
    times = _LETTERS * prod(_OFTEN.get(letter, _RARE) / 1000 for letter in need)
    return times * _IN_WORDS if _OFTEN.keys() >= set(need) else times
