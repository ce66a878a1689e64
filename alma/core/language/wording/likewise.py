"""What is said to be like what was told before: `vm for me: arch, 4 cores. vm for bob: same but 8`; what each of many
gets: `3 teams, every team gets a vm`; and names that are said again: `… called audit; audit 50GB`.
"""

from __future__ import annotations

import re

from alma.core.language.words.amounts import SEVERAL
from alma.core.language.words.seldom import seldom

_SAME = seldom(
    r"(?P<before>(?P<first>[^.;\n:]{2,60}):\s*(?P<told>[^.;\n]+(?:\.\d[^.;\n]*)*)[.;\n]\s*)"
    r"(?P<second>[^.;\n:]{2,60}):\s*(?:(?:exactly |just |basically )?the )?(?:same|identical|ditto|likewise)"
    r"(?: again| as above| size| specs?| thing| again please)?(?:\s*[,–—-]?\s*(?:but|except|only|just)"
    r"?\s*(?:with)?)\s*(?P<rest>[^.;\n]*)",
    re.IGNORECASE,
)
_NAMED = seldom(
    r"[\s,]*\b(?:called|named|name|hostname)\s*[:=]?\s*['\"]?[\w.-]*\w['\"]?", re.IGNORECASE
)
# Amounts in text: of processors, disk, and memory.
AMOUNTS = (
    seldom(r"\d+(?:\.\d+)?\s?(?:v?cpus?|v?cores?|c)\b", re.IGNORECASE),
    seldom(
        r"\d+(?:\.\d+)?\s?(?:[kmgt]i?b?|gigs?)(?:\s+(?:of\s+)?(?:disk|storage|ssd|hdd|nvme|space))\b",
        re.IGNORECASE,
    ),
    seldom(
        r"\d+(?:\.\d+)?\s?(?:[kmgt]i?b?|gigs?)(?!\s+(?:of\s+)?(?:disk|storage|ssd|hdd|nvme|space))"
        r"(?:\s+(?:of\s+)?(?:ram|memory|mem))?\b",
        re.IGNORECASE,
    ),
)
_PER_HEAD = seldom(
    rf"\b(?P<n>{SEVERAL}) (?P<who>[a-z]{{3,}}?)(?P<plural>s|es)\b(?P<between>[^.!?\n]{{0,40}}?)\b(?:every|"
    rf"each)(?: one of the)? "
    r"(?P=who)(?:s|es)? (?:gets?|has|have|needs?|should (?:get|have)|will (?:get|have)|receives?|wants?)"
    r"\s+(?:an?|one|1|its own|their own)\s+"
    r"(?P<what>[a-z][\w-]*(?: (?:server|machine|box|database|container))?)\b",
    re.IGNORECASE,
)


_GIVEN = seldom(r"\b(?:called|named)\s+(?P<name>[a-z][\w-]{2,})\b", re.IGNORECASE)


def likewise(message: str) -> str:
    """The message with what is said to be the same said again, and names marked where they are said again."""
    message = _SAME.sub(_again, message)
    for name in {found["name"] for found in _GIVEN.finditer(message)}:
        said = (
            rf"(?P<before>(?:[,;.\n]|\band|\bfor)\s+){re.escape(name)}"
            r"(?=\s+(?:\d|gets\b|has\b|needs\b|should\b|with\b)|\s*:\s)"
        )
        message = re.sub(said, rf"\g<before>'{name}'", message)
    return _PER_HEAD.sub(lambda found: f"{found['n']} {found['what']}s", message)


def _again(found: re.Match[str]) -> str:
    told, rest = _NAMED.sub("", found["told"]), found["rest"].strip(" ,")
    for kind in AMOUNTS:
        if (own := kind.search(rest)) is not None and kind.search(told) is not None:
            told = kind.sub(own[0], told, count=1)
            rest = kind.sub("", rest, count=1)
    rest = rest.strip(" ,")
    return f"{found['before']}{found['second']}: {told}" + (f", {rest}" if rest else "")
