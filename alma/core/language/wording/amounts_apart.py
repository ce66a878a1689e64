"""An amount with a word between its number and its unit: "4 more gigs" is "4 gigs more", "2 extra GB of ram"."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_APART = seldom(
    r"\b(?P<number>\d+(?:\.\d+)?) (?P<how>more|extra|additional|less|fewer) "
    r"(?P<unit>gigs?|gigabytes?|[gmt]i?b|terabytes?|megs?)\b(?P<of>(?: of)? (?:ram|memory|mem|disk|storage|space)\b)?",
    re.IGNORECASE,
)


_ANOTHER = seldom(
    r"\b(?:another|an extra|an additional|one more|one extra) (?P<unit>gig|gb|gigabyte|tb|terabyte)\b",
    re.IGNORECASE,
)


def put_together(message: str) -> str:
    """The message with such amounts in one piece; "another gig" is one more."""
    return _APART.sub(_joined, _ANOTHER.sub(r"1 more \g<unit>", message))


def _joined(found: re.Match[str]) -> str:
    how = "less" if found["how"].casefold() in {"less", "fewer"} else "more"
    noun = (found["of"] or "").removeprefix(" of").strip()
    return f"{found['number']} {found['unit']} {how} {noun}".strip()
