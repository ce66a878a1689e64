"""Texts that are searched for signatures. All of them are somebody else's: bounded, and only ever quoted.

A text of any size costs the same at most: its beginning and its end are read, and what was left out is told.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

# Bytes that are read of one text: logs tell most at their end, and what began it at their beginning.
HEAD, TAIL = 512 * 1024, 1536 * 1024
# A line is looked at this far around a match (bytes), and shown this far (characters).
WINDOW, SHOWN = 4_000, 240
NEWEST = 20_000
_COLOURS = re.compile(r"\x1b(?:\[[0-9;?]{0,16}[ -/]?[@-~]|\][^\x07\x1b]{0,64}(?:\x07|\x1b\\)?|.)?")


class Kind(StrEnum):
    """Where a text comes from: how a person puts it, what a person hands over, what ALMA wrote down, what an engine
    shows now."""

    SAID = "said"
    GIVEN = "given"
    RECORDED = "recorded"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line with its own number where it stands, and the address it is about."""

    number: int
    text: str
    address: str | None = None


@dataclass(frozen=True)
class Text:
    """One text. `numbered` are its lines where they have numbers of their own; `past` is why what it tells may be
    over."""

    place: str
    content: str
    kind: Kind
    address: str | None = None
    past: str | None = None
    numbered: tuple[Numbered, ...] = ()

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What is read of it."""
        data = self.content.encode(errors="replace")
        if len(data) <= HEAD + TAIL:
            return (Part(data, 0),)
        head = data[:HEAD]
        start = data.find(b"\n", len(data) - TAIL) + 1 or len(data) - TAIL
        return (Part(head, 0), Part(data[start:], data.count(b"\n", 0, start)))

    @property
    def cut(self) -> str | None:
        """What was left out of it; None where nothing was."""
        size = len(self.content.encode(errors="replace"))
        if size <= HEAD + TAIL:
            return None
        return (
            f"{self.place}: of {size / 2**20:.1f} MiB the first {HEAD // 1024} KiB and the last "
            f"{TAIL // 1024} KiB were read"
        )

    def line(self, index: int) -> tuple[int, str | None]:
        """Number and address of the line at `index`, counted from 0."""
        if index < len(self.numbered):
            found = self.numbered[index]
            return found.number, found.address or self.address
        return index + 1, self.address


def of_lines(place: str, lines: Iterable[Numbered], kind: Kind, *, past: str | None = None) -> Text:
    """A text of lines with numbers of their own; one that has several lines gives each the same number."""
    flat = tuple(
        Numbered(item.number, line, item.address)
        for item in lines
        for line in item.text.split("\n")
    )
    content = "\n".join(item.text for item in flat)
    return Text(place, content, kind, past=past, numbered=flat)


@dataclass(frozen=True)
class Part:
    """A stretch of a text. `first` is how many lines stand before it."""

    data: bytes
    first: int

    @cached_property
    def _ends(self) -> list[int]:
        return [found.start() for found in re.finditer(b"\n", self.data)]

    def index(self, position: int) -> int:
        """Which line of the text a position is in, counted from 0."""
        return self.first + bisect_right(self._ends, position - 1)

    def end(self, position: int) -> int:
        """Where the line of a position ends."""
        found = self.data.find(b"\n", position)
        return len(self.data) if found < 0 else found

    def window(self, start: int, end: int) -> bytes:
        """The line around a match, of a very long one the neighbourhood."""
        first = self.data.rfind(b"\n", 0, start) + 1
        last = self.end(end)
        return self.data[max(first, start - WINDOW // 2) : min(last, end + WINDOW // 2)]


def last_lines(part: Part) -> Iterator[tuple[int, bytes]]:
    """The last lines with their indexes, the last one first; at most `NEWEST` are looked at."""
    lines = part.data.rsplit(b"\n", NEWEST)
    first = part.first + part.data.count(b"\n") + 1 - len(lines)
    for number in range(len(lines) - 1, -1, -1):
        yield first + number, lines[number][-WINDOW:]


# ── showing ──────────────────────────────────────────────────────────────────────────────────────


def quoted(text: str, hide: Callable[[str], str], around: int = 0) -> str:
    """Somebody else's line as it may be shown: without secrets, on one line, with nothing in it that a terminal or a
    page would obey, and not too long. `around` is where in it something was found, if the line is long."""
    clean = escaped(hide(text)).strip()
    if len(clean) <= SHOWN:
        return clean
    start = max(0, min(around - SHOWN // 3, len(clean) - SHOWN))
    return f"{'…' if start else ''}{clean[start : start + SHOWN]}{'…' if start + SHOWN < len(clean) else ''}"


def escaped(text: str) -> str:
    """Without colours; characters that are not printed are written out."""
    plain = _COLOURS.sub("", text).replace("\t", " ").replace("\r", " ").replace("\n", " ")
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in plain)
