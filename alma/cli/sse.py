"""Reads `text/event-stream`, as far as ALMA's server writes it: `id:` and `data:` lines, comments, blank lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def data_of(lines: Iterable[str]) -> Iterator[str]:
    """The data of each event, in order. One that is not closed by a blank line is incomplete and dropped."""
    data: list[str] = []
    for line in lines:
        if not line:
            if data:
                yield "\n".join(data)
            data = []
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
