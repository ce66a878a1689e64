"""A message sentence by sentence: what each says of things that are there, what is a remark, and what is not clear."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile, zip_longest

from alma.core.language.weighing.signs import Mark, Sign
from alma.core.language.weighing.statements import Sharing, Statement, Unclear


@dataclass(frozen=True, slots=True)
class Part:
    """A sentence that begins at `place`: its statements, none of a remark; None where it is not clear."""

    place: int
    statements: tuple[Statement, ...] | None


def statements(
    marks: Sequence[Mark],
    everything: Sequence[str],
    recent: Sequence[str] = (),
    *,
    alone: bool = True,
) -> list[Part]:
    """What the marks of a message say, sentence by sentence. `everything` are the names of all there is, `recent` those
    that were spoken of before; without `alone`, of them only what is told in full is taken."""
    parts: list[Part] = []
    spoken: set[str] = set()
    last = tuple(recent)
    said: list[Statement] = []
    plain = [
        mark
        for mark, after in zip_longest(marks, marks[1:])
        if not (mark.sign is Sign.ENOUGH or (mark.sign is Sign.STATE and _suffices(after)))
    ]
    for begin, whole in _sentences(plain):
        sentence = list(takewhile(lambda mark: mark.sign is not Sign.REASON, whole))
        if not sentence:
            parts.append(Part(begin, None))
            continue
        if not _says(sentence):
            parts.append(Part(begin, ()))
            continue
        sharing = Sharing(
            sentence, tuple(everything), spoken, last, tuple(recent), () if alone else tuple(recent)
        )
        try:
            found = sharing.statements() or _likewise(sentence, said)
        except Unclear:
            parts.append(Part(begin, None))
        else:
            said = found or said
            parts.append(Part(begin, tuple(found)))
        last = _last_named(whole) or sharing.last or last
    return parts


def _suffices(after: Mark | None) -> bool:
    """`4 cores for web is enough`: what is said of the amount is that it is wanted."""
    return after is not None and after.sign is Sign.ENOUGH


def _last_named(sentence: Sequence[Mark]) -> tuple[str, ...]:
    """What "it" means in the next sentence: what was named last in this one, by a reason for it as well."""
    named = [
        mark.names
        for mark in sentence
        if mark.sign is Sign.THING and mark.names not in {("^",), ("*",)}
    ]
    return named[-1] if named else ()


def _likewise(sentence: Sequence[Mark], found: Sequence[Statement]) -> list[Statement]:
    """`Kill the cache. lb too.`: what was said last is said of these, too."""
    too = any(mark.word in {"too", "also"} for mark in sentence)
    plain = all(mark.sign in {Sign.THING, Sign.JOINT} for mark in sentence)
    if not (too and plain and found):
        return []
    return [replace(found[-1], names=mark.names) for mark in sentence if mark.sign is Sign.THING]


def _says(sentence: Sequence[Mark]) -> bool:
    """Whether a sentence says anything: a bare number alone is a figure of speech ("thanks a million")."""
    telling = {Sign.THING, Sign.GONE, Sign.FOREIGN, Sign.PAST}
    amounts = any(m.sign is Sign.AMOUNT and (m.path or m.word != "number") for m in sentence)
    return amounts or any(mark.sign in telling for mark in sentence)


def _sentences(marks: Sequence[Mark]) -> Iterator[tuple[int, Sequence[Mark]]]:
    """The marks of each sentence that has any, and where in the text it begins."""
    start = begin = 0
    for index, mark in enumerate(marks):
        if mark.sign in {Sign.BREAK, Sign.THUS}:
            if index > start:
                yield begin, marks[start:index]
            start, begin = index + 1, mark.place + (mark.sign is Sign.BREAK)
    if marks[start:]:
        yield begin, marks[start:]
