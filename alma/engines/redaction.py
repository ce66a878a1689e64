"""Takes secrets out of what somebody else printed, before people see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HIDDEN = "********"
_SHORTEST = 4  # hiding every "a" would help nobody


def redacted(lines: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """The lines with each secret replaced; the longest first, as one may contain another."""
    hidden = sorted({text for text in secrets if len(text) >= _SHORTEST}, key=len, reverse=True)
    return [_without(line, hidden) for line in lines]


def _without(line: str, hidden: Sequence[str]) -> str:
    for text in hidden:
        line = line.replace(text, HIDDEN)
    return line
