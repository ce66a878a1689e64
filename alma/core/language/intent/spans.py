"""The stretches of a message that say one thing each: sentences, cut where a clause with its own subject begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+")
_WHO = (
    r"(?:i|we|he|she|they|nobody|none|there|that|this|it)(?:['’]\w+)?\b|"
    r"(?:everyone|everybody|somebody|someone)\b"
)
_JOINT = re.compile(
    r"\s*;\s+|\s+[-–—]+\s+|,?\s+(?:but|because|although|though|whereas)\s+|,\s+(?:so|which|since|as)\s+|"
    rf",?\s+and\s+(?:so\s+)?(?={_WHO})|,\s+(?={_WHO}|please \w)",
    re.IGNORECASE,
)
_LEAST = 3


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a message as it was written, and where; `begins`: a sentence does with it."""

    text: str
    start: int
    end: int
    begins: bool


def spans(message: str) -> list[Span]:
    """The stretches of a message, in their order. Between them stand only blanks and commas."""
    found: list[Span] = []
    begin = 0
    for joint in [*_SENTENCE.finditer(message), None]:
        end = joint.start() if joint else len(message)
        if message[begin:end].strip():
            found += _clauses(message[begin:end], begin)
        begin = joint.end() if joint else end
    return found


def _clauses(sentence: str, offset: int) -> Iterator[Span]:
    begin = 0
    for joint in _JOINT.finditer(sentence):
        if len(sentence[begin : joint.start()].split()) < _LEAST:
            continue
        yield _span(sentence, begin, joint.start(), offset)
        rest = joint[0].lstrip(" \t,;")
        begin = joint.end() - len(rest) if rest else joint.end()
    yield _span(sentence, begin, len(sentence), offset)


def _span(sentence: str, begin: int, end: int, offset: int) -> Span:
    return Span(sentence[begin:end], offset + begin, offset + end, begins=begin == 0)
