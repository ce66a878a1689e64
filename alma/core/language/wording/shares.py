"""One for each of so many: `a vm per developer, 4 developers`, `one container for each of our 3 customers` is a number
of things, said as what they are for."""

from __future__ import annotations

import re

from alma.core.language.wording.listing import parts_of
from alma.core.language.words.amounts import SEVERAL
from alma.core.language.words.seldom import seldom

_EACH = seldom(
    r"\b(?:an?|one|1)\s+(?P<thing>(?:[\w.-]+\s+){0,3}?[\w.-]+)\s+"
    r"(?:per|for\s+(?:each|every)(?:\s+one)?(?:\s+of)?(?:\s+(?:our|the|my|these|their))?)\s+"
    rf"(?:(?P<number>{SEVERAL})\s+)?(?P<noun>[a-z]{{3,}}?)s?\b",
    re.IGNORECASE,
)
# "A lab for 10 students, one VM each": who they are for is counted first.
_ONE_EACH = seldom(
    r"(?P<kind>\b(?:vms|virtual machines|containers|databases|dbs|servers|boxes|instances)\s+)?"
    rf"\bfor\s+(?:(?:our|the|my|these)\s+)?(?P<number>{SEVERAL})\s+(?P<noun>[a-z]{{3,}}?s)\s*[,;:(–-]+\s*"
    r"(?:an?|one|1)\s+(?P<thing>(?:[\w.:-]+\s+){0,3}?[\w.:-]+)\s+(?:for\s+)?each\b",
    re.IGNORECASE,
)
_TOLD = (
    r"\s*[,;.:(–-]*\s*(?:\b(?:and|so|we|i|there|have|got|are|is|with|for|in total|currently|that'?s)\b\s*)*"
    rf"\b(?P<number>{SEVERAL})\s+(?:of them\b|(?:\w+\s+)?{{noun}}(?:s|es)?\b)\)?"
)
# "One vm per kid, so Anna, Ben and Clara": they are counted by their names.
_NAMES = seldom(
    r"\s*[,;:(–—-]+\s*(?P<so>so|i\.?\s?e\.?,?|namely|that is,?|that['’]?s|meaning|which (?:is|are|means))?\s*"
    r"(?P<names>[A-Za-z][\w-]*(?:\s*,\s*(?!and\b)[A-Za-z][\w-]*)*,?\s+(?:and|&)\s+[A-Za-z][\w-]*)\)?(?=\s*(?:[,.;:!?\n–—-]|$|with\b))"
)
# What amounts and machines are told of: "a disk per server" makes no new thing, "a run per day" is a schedule.
_OTHERWISE = frozenset(
    "server machine node vm host container pod replica instance cluster core cpu second minute hour day night week "
    "month year user request client visitor volume disk database zone site region".split()
)


def spread(message: str) -> str:
    """The message with the number of things in place of what each is for; the message where nothing says how many."""
    counted = _ONE_EACH.search(message)
    if counted is not None and counted["noun"].casefold().removesuffix("s") not in _OTHERWISE:
        things = f"{counted['number']} {_several(counted['thing'])} for the {counted['noun']}"
        before = message[: counted.start()].rstrip()
        joint = "" if counted["kind"] or not before else ":"  # "databases" says it once more
        return f"{before}{joint} {things}{message[counted.end() :]}".strip()
    each = _EACH.search(message)
    if each is None or each["noun"].casefold() in _OTHERWISE:
        return message
    rest = message[each.end() :]
    number = each["number"]
    if number is None:
        told = seldom(_TOLD.replace("{noun}", re.escape(each["noun"])), re.IGNORECASE)
        found = told.search(rest)
        if found is None and (listed := _NAMES.match(rest)) is not None and _named(listed):
            number = str(len(parts_of(listed["names"])))
            rest = rest[listed.end() :]
            return f"{message[: each.start()]}{number} {_several(each['thing'])}{rest}"
        if found is None:
            return message
        number, rest = found["number"], rest[: found.start()] + rest[found.end() :]
    return f"{message[: each.start()]}{number} {_several(each['thing'])}{rest}"


def _named(listed: re.Match[str]) -> bool:
    """Whether what is listed are names, rather than what each of them is to have."""
    return listed["so"] is not None or all(name[0].isupper() for name in parts_of(listed["names"]))


def _several(thing: str) -> str:
    return thing if thing.casefold().endswith("s") else f"{thing}s"
