"""The guests of a stack know each other by name: the part of /etc/hosts that is ALMA's, and only that part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from alma.core.model.base import Frozen

BEGIN = "# BEGIN ALMA: the guests of this stack; written anew with each change"
END = "# END ALMA"


class HostEntry(Frozen):
    """A name, and the address at which it answers."""

    name: str
    address: str


def hosts_block(entries: Iterable[HostEntry]) -> str:
    """The lines between the marks, marks included, one line for an address. Equal entries give equal texts."""
    ordered = sorted({(entry.address, entry.name.lower()) for entry in entries})
    lines = [
        " ".join([address, *(name for _, name in names)])
        for address, names in groupby(ordered, key=lambda pair: pair[0])
    ]
    return "".join(f"{line}\n" for line in [BEGIN, *lines, END])


def with_hosts_block(text: str, entries: Sequence[HostEntry]) -> str:
    """The file with its block replaced, or put at its end; without one when there are no entries. What stands around
    the block is kept as it is. A begin without an end is taken for a line of its own: nothing after it is lost."""
    kept = _without_block(text)
    if not entries:
        return kept
    gap = "" if not kept or kept.endswith("\n") else "\n"
    return f"{kept}{gap}{hosts_block(entries)}"


def _without_block(text: str) -> str:
    lines = text.splitlines(keepends=True)
    marks = [line.strip() for line in lines]
    while BEGIN in marks:
        start = marks.index(BEGIN)
        end = marks.index(END, start) if END in marks[start:] else start
        del lines[start : end + 1], marks[start : end + 1]
    return "".join(lines)
