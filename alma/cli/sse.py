"""Reads `text/event-stream`, as far as ALMA's server writes it: `id:` and `data:` lines, comments, blank lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Sent(NamedTuple):
    """One event as it came."""

    id: str | None
    data: str


def events_of(lines: Iterable[str]) -> Iterator[Sent]:
    """The events, in order. One that is not closed by a blank line is incomplete and dropped."""
    data: list[str] = []
    id_: str | None = None
    for line in lines:
        if not line:
            if data:
                yield Sent(id_, "\n".join(data))
            data, id_ = [], None
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
        elif line.startswith("id:"):
            id_ = line.removeprefix("id:").strip()


def data_of(lines: Iterable[str]) -> Iterator[str]:
    """The data of each event."""
    return (event.data for event in events_of(lines))
