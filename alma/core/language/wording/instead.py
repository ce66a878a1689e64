"""What was so before, told beside what it should be: "kept for a year instead of a week", "hourly backups, not daily",
"disk 2TB -> 5TB, cpu 16 -> 24". Only the new is left, so that the old is not taken for a wish.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_SCHEDULE = r"(?:hourly|daily|nightly|weekly|monthly)"
_SPAN = r"(?:an?|one|two|three|four|five|six|seven|\d+) (?:day|week|month|year)s?"
_NUMBER = r"\d+(?:\.\d+)?\s?(?:[kmgt]i?b?|gigs?)?"
_PROPERTY = r"(?:disk|storage|cpus?|v?cores?|vcpus?|memory|ram|mem)"
_OLD = seldom(
    rf"\b(?P<new>{_SCHEDULE}|{_SPAN})(?P<between>[^.;!?\n]*?)\s*,?\s*(?:instead of|rather than|and not|but not|not)\s+"
    rf"(?:just |only |the |for )?(?P<old>{_SCHEDULE}|{_SPAN}|\d+(?=\s*(?:[.,;!?]|$|and\b)))\b"
    r"(?: (?:ones?|backups?))?",
    re.IGNORECASE,
)
_FROM_TO = seldom(
    rf"(?P<property>\b{_PROPERTY})\s*:?\s+{_NUMBER}\s*(?:-+>|=+>|→|⇒)\s*(?P<new>{_NUMBER})(?=\W|$)",
    re.IGNORECASE,
)
# "for a year" has a number in it, which is not said.
_FOR_ONE = seldom(
    r"\b(?P<how>keep|kept|retain(?:ed)?|store[ds]?|retention|history)(?P<what>[^.;!?\n]{0,40}?) (?P<of>for|of|to) "
    r"(?:an?|one|a whole|a full) (?P<unit>week|month|year)\b",
    re.IGNORECASE,
)


_OFTEN_ENOUGH = seldom(
    rf"\b(?P<old>{_SCHEDULE})(?: backups?)? (?:is|are) (?:overkill|too much|too often|not enough|not often "
    rf"enough|excessive) "
    rf"for (?P<who>(?:the )?[\w.-]+)\s*[,;:–-]+\s*(?P<new>{_SCHEDULE})(?: backups?)? "
    r"(?:will do|is enough|is fine|suffices|is plenty|please|would do)",
    re.IGNORECASE,
)


def without_old(message: str) -> str:
    """The message without what was so before."""
    message = _OFTEN_ENOUGH.sub(r"back up \g<who> \g<new>", message)
    message = _OLD.sub(r"\g<new>\g<between> instead", message)
    message = _FOR_ONE.sub(r"\g<how>\g<what> \g<of> 1 \g<unit>", message)
    return _FROM_TO.sub(_set_to, message)


def _set_to(found: re.Match[str]) -> str:
    counted = re.match(r"cpu|v?core|vcpu", found["property"], re.IGNORECASE)
    return f"{found['new']} cores" if counted else f"{found['property']} to {found['new']}"
