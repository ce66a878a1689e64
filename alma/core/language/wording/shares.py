"""One for each of so many: `a vm per developer, 4 developers`, `one container for each of our 3 customers` is a number
of things, said as what they are for."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_EACH = re.compile(
    r"\b(?:an?|one|1)\s+(?P<thing>(?:[\w.-]+\s+){0,3}?[\w.-]+)\s+"
    r"(?:per|for\s+(?:each|every)(?:\s+one)?(?:\s+of)?(?:\s+(?:our|the|my|these|their))?)\s+"
    rf"(?:(?P<number>{_NUMBER})\s+)?(?P<noun>[a-z]{{3,}}?)s?\b",
    re.IGNORECASE,
)
_TOLD = (
    r"\s*[,;.:(–-]*\s*(?:\b(?:and|so|we|i|there|have|got|are|is|with|for|in total|currently|that'?s)\b\s*)*"
    rf"\b(?P<number>{_NUMBER})\s+(?:of them\b|(?:\w+\s+)?{{noun}}(?:s|es)?\b)\)?"
)
# What amounts and machines are told of: "a disk per server" makes no new thing, "a run per day" is a schedule.
_OTHERWISE = frozenset(
    "server machine node vm host container pod replica instance cluster core cpu second minute hour day night week "
    "month year user request client visitor volume disk database zone site region".split()
)


def spread(message: str) -> str:
    """The message with the number of things in place of what each is for; the message where nothing says how many."""
    each = _EACH.search(message)
    if each is None or each["noun"].casefold() in _OTHERWISE:
        return message
    rest = message[each.end() :]
    number = each["number"]
    if number is None:
        told = re.compile(_TOLD.replace("{noun}", re.escape(each["noun"])), re.IGNORECASE)
        found = told.search(rest)
        if found is None:
            return message
        number, rest = found["number"], rest[: found.start()] + rest[found.end() :]
    thing = each["thing"] if each["thing"].casefold().endswith("s") else f"{each['thing']}s"
    return f"{message[: each.start()]}{number} {thing}{rest}"
