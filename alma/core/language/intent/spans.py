"""The stretches of a message that say one thing each: sentences, cut where a clause with its own subject begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SENTENCE = re.compile(r"(?<=[.!?…])[\"')\]]*\s+|\n+")
WHO = (
    r"(?:i|we|he|she|they|nobody|none|there|that|this|it)(?:['’]\w+)?\b|"
    r"(?:everyone|everybody|somebody|someone)\b"
)
"""Who a clause with a subject of its own begins with, as a pattern."""
_JOINT = re.compile(
    r"\s*;\s+|\s+[-–—]+\s+|,?\s+(?:but|because|although|though|whereas)\s+|,\s+(?:so|which|since|as)\s+|"
    rf",?\s+and\s+(?:so\s+)?(?={WHO})|,\s+(?={WHO}|please \w)",
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
    return [
        span for sentence in sentences(message) for span in cut(sentence, _JOINT, with_joint=True)
    ]


def sentences(message: str) -> Iterator[Span]:
    """The sentences of a message, in their order."""
    begin = 0
    for joint in [*_SENTENCE.finditer(message), None]:
        end = joint.start() if joint else len(message)
        if message[begin:end].strip():
            yield Span(message[begin:end], begin, end, begins=True)
        begin = joint.end() if joint else end


def cut(sentence: Span, joint: re.Pattern[str], *, with_joint: bool = False) -> Iterator[Span]:
    """The clauses of a sentence between the joints that part enough words from the rest. `with_joint`: the word of a
    joint, such as "but", belongs to what follows it."""
    begin = 0
    for found in joint.finditer(sentence.text):
        if len(sentence.text[begin : found.start()].split()) < _LEAST:
            continue
        yield _part(sentence, begin, found.start())
        word = found[0].lstrip(" \t,;") if with_joint else ""
        begin = found.end() - len(word)
    yield _part(sentence, begin, len(sentence.text))


def _part(sentence: Span, begin: int, end: int) -> Span:
    start = sentence.start
    return Span(sentence.text[begin:end], start + begin, start + end, begins=begin == 0)
