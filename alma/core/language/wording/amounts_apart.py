"""An amount with a word between its number and its unit: "4 more gigs" is "4 gigs more", "2 extra GB of ram"."""

from __future__ import annotations

import re

_APART = re.compile(
    r"\b(?P<number>\d+(?:\.\d+)?) (?P<how>more|extra|additional|less|fewer) "
    r"(?P<unit>gigs?|gigabytes?|[gmt]i?b|terabytes?|megs?)\b(?P<of>(?: of)? (?:ram|memory|mem|disk|storage|space)\b)?",
    re.IGNORECASE,
)


def put_together(message: str) -> str:
    """The message with such amounts in one piece."""
    return _APART.sub(_joined, message)


def _joined(found: re.Match[str]) -> str:
    how = "less" if found["how"].casefold() in {"less", "fewer"} else "more"
    noun = (found["of"] or "").removeprefix(" of").strip()
    return f"{found['number']} {found['unit']} {how} {noun}".strip()
