"""The clauses of a first request, each with how it stands to what should be made.

"The shop runs at a hosting company, Marta thinks of Kubernetes, and what I'd like is two VMs" names four things and
wants one. The grammar reads what is named; here clauses are told apart before any of it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.spans import WHO, Span, cut, sentences
from alma.core.language.weighing.standings import (
    Standing,
    asks_for_it,
    goes_on,
    needs_more,
    recommends,
    standing_of,
    taken_back,
)


@dataclass(frozen=True, slots=True)
class Said:
    """A clause as it was written, `text`, between two places of the message; `begins`: a sentence does with it."""

    text: str
    start: int
    end: int
    standing: Standing = Standing.OPEN
    begins: bool = False


_JOINT = re.compile(
    r"\s*;\s+|\s+[-–—]+\s+|,?\s+(?:but|because|although|though|whereas)\s+|,\s+(?:so|which|since)\s+|"
    rf",?\s+and\s+(?:so\s+)?(?={WHO})|,\s+(?={WHO})",
    re.IGNORECASE,
)
# "Since the licence of Redis changed we have decided to take Valkey": a reason before what is wanted.
_REASON = re.compile(
    r"^\W*(?:(?:hi|hello|so|and)\W+)*(?:since|because|as|now that|given that)\b", re.IGNORECASE
)
_FRONTED = re.compile(
    rf"{_JOINT.pattern}|,?\s+(?=(?:i|we)(?:'d| would|'ll| have|'ve)? (?:\w+ )?"
    r"(?:need|want|like|love|require|decided)\b)|,?\s+(?=(?:please|could you|can you)\b)",
    re.IGNORECASE,
)
_BUT = re.compile(r"[\s,;–—-]*but\b", re.IGNORECASE)
# What is supposed governs the rest of its sentence.
_GOVERNED = re.compile(r"^\W*(?:if|unless|when|whenever|whether|suppose|imagine)\b", re.IGNORECASE)


def sorted_clauses(message: str, clausing: Clausing) -> list[Said]:
    """The clauses of a message in their order, each with how it stands."""
    found: list[Said] = []
    for sentence in sentences(message):
        parts = [
            Said(part.text, part.start, part.end, standing_of(part.text, clausing), part.begins)
            for part in _parts(sentence)
        ]
        following = [*parts[1:], None]
        for part, after in zip(parts, following, strict=True):
            told = after is not None and _is_told(part, after, message[part.end :])
            asks = bool(found) and found[-1].standing is Standing.WANTED
            if told:
                part = replace(part, standing=Standing.TOLD)
            elif asks and part.standing is Standing.OPEN and needs_more(part.text):
                part = replace(part, standing=Standing.WANTED)
            if part.standing is Standing.WANTED and asks_for_it(part.text):
                _left_open(found)
            found.append(part)
    return found


def _left_open(found: list[Said]) -> None:
    """What was recommended right before `please install it` is no longer only told."""
    if found and found[-1].standing is Standing.TOLD and recommends(found[-1].text):
        found[-1] = replace(found[-1], standing=Standing.OPEN)


def _is_told(part: Said, after: Said, rest: str) -> bool:
    """Whether the clause after it shows that this one only tells."""
    if _BUT.match(rest) and taken_back(part.text, after.text):
        return True
    return (
        part.standing is Standing.OPEN and after.standing is Standing.TOLD and goes_on(after.text)
    )


def _parts(sentence: Span) -> Iterable[Span]:
    """The clauses of one sentence: each has a subject of its own, or nearly so."""
    if _GOVERNED.match(sentence.text):
        return [sentence]
    return cut(sentence, _FRONTED if _REASON.match(sentence.text) else _JOINT)
