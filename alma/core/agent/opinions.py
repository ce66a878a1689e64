"""Which of a model's sentences are only its opinion: figures that nothing of this turn supports, and deeds it can't do.

ALMA's own figures have a source. A model's words have none, so each amount of money and each percentage in them has to
be among the figures that ALMA gave it; a sentence with another one is marked where it stands, also while it streams.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

OPINION = "(the model's opinion)"
NOT_DONE = "(not done: a model can't do that)"

_SENTENCE = re.compile(r"[^\n]*?(?:[.!?](?=\s)|[。！？])|[^\n]+(?=\n)|[^\n]+$|\n")
_NUMBER = r"\d[\d,]*(?:\.\d+)?"
_FIGURE = re.compile(
    rf"(?:[$€£]|\b(?:USD|EUR|GBP)\b)\s?(?P<before>{_NUMBER})(?P<thousands>k\b)?"
    rf"|(?P<after>{_NUMBER})\s?(?:%|[$€£]|per ?cent\b|(?:USD|EUR|GBP|dollars?|euros?|pounds?|cents?)\b)",
    re.IGNORECASE,
)
_DEED = re.compile(
    r"\b(?:I|we)(?:['’](?:ve|m|re)|\s+(?:have|am|are))?(?:\s+(?:now|just|also|already|currently))*\s+"
    r"(?:deploy(?:ed|ing)|approv(?:ed|ing)|reject(?:ed|ing)|destroy(?:ed|ing)|roll(?:ed|ing) back"
    r"|(?:re)?start(?:ed|ing) (?!with\b)|stopp(?:ed|ing)|delet(?:ed|ing)|reboot(?:ed|ing)|execut(?:ed|ing))",
    re.IGNORECASE,
)
_PLAIN = re.compile(_NUMBER)
_UNPRINTABLE = re.compile(
    r"[^\S\n ]|[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)

Figures = frozenset[Decimal]


def figures_of(*values: Any) -> Figures:
    """Every number in plain values and texts."""
    return frozenset(number for value in values for number in _numbers(value))


def numbers_of(value: Any) -> Figures:
    """The numbers of plain values that are numbers by themselves: a text may have been written by anybody."""
    return frozenset(number for number in _numbers(value, texts=False))


def _numbers(value: Any, *, texts: bool = True) -> Iterable[Decimal]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float | Decimal):
        yield Decimal(str(value))
    elif isinstance(value, str):
        yield from (_decimal(found) for found in _PLAIN.findall(value) if texts)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _numbers(inner, texts=texts)
    elif isinstance(value, Iterable):
        for inner in value:
            yield from _numbers(inner, texts=texts)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return Decimal("NaN")


def cleaned(text: str) -> str:
    """The words without characters that steer a terminal, or hide what is said."""
    return _UNPRINTABLE.sub(" ", text)


def sentences(text: str) -> list[str]:
    """The sentences of a text, each by itself."""
    return [said for found in _SENTENCE.finditer(text) if (said := found.group().strip())]


def marked(text: str, supported: Figures, *, whole: bool = True) -> tuple[str, tuple[str, ...]]:
    """The words without control characters, with unsupported sentences marked; and those sentences.

    With `whole` false the text is the beginning of a longer one: its last sentence may go on and is left as it is, so
    that what was given once stays the beginning of what comes.
    """
    clean = cleaned(text)
    parts: list[str] = []
    opinions: list[str] = []
    end = 0
    for found in _SENTENCE.finditer(clean):
        sentence, finished = found.group(), whole or found.end() < len(clean)
        note = _note(sentence, supported) if finished else None
        parts += [clean[end : found.start()], sentence, f" {note}" if note else ""]
        opinions += [sentence.strip()] if note else []
        end = found.end()
    return "".join([*parts, clean[end:]]), tuple(opinions)


def _note(sentence: str, supported: Figures) -> str | None:
    if _DEED.search(sentence):
        return NOT_DONE
    return (
        None if all(_known(found, supported) for found in _FIGURE.finditer(sentence)) else OPINION
    )


def _known(found: re.Match[str], supported: Figures) -> bool:
    """Whether a figure is one of those given, or one of them rounded to as many places as it is written with."""
    said = _decimal(found["before"] or found["after"]) * (1000 if found["thousands"] else 1)
    exponent = said.as_tuple().exponent
    if not isinstance(exponent, int):
        return False
    unit = Decimal(1).scaleb(exponent)
    return any(abs(number - said) * 2 <= unit for number in supported if number.is_finite())
