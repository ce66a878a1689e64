"""Names that go on from a name said before: "vm-a should be called paris" … "and vm-b rome"; "a container named
web-o1" … "typo! web-01 with a zero".

By itself the one says nothing at all, and the other asks for a second container.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import OSA

from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.openings import LEAD, TAIL
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint

_NAME = r"[A-Za-z][\w.-]*\w"
_GIVING = seldom(
    r"\b(?:renam\w+|(?:be|is|was|get|gets|being) (?:called|named)|(?:call|name) (?!me\b|us\b)[\w\"'`]|(?:new|another|"
    r"different|proper) name)",
    re.IGNORECASE,
)
_PAIR = seldom(
    rf"{LEAD}(?:make\b\W*)?(?:the )?(?P<old>{_NAME})\W+"
    rf"(?:(?:to|as|into|becomes?|is|be|(?:should|will) (?:be|become)|gets|->|=>|→)(?: called| named| now)?\s+)?[\"'`]?"
    rf"(?P<new>{_NAME})[\"'`]?{TAIL}",
    re.IGNORECASE,
)
_NO_NAMES = frozenset(
    "too also likewise again please then now as well it that this one same instead back gone up down on off no not "
    "fine good bad ok first second next later bigger smaller public private".split()
)
_MISSPELT = seldom(
    r"\b(?:typo\w*|typed (?:it|that) wrong|mis-?(?:spell?ed|spelt|typed|spelling|typing|wrote)|spell(?:ed|ing|t)?|"
    r"wrote (?:it|that) wrong|(?:i|we) meant|should(?:['’]ve| have)? (?:be|been|read|say|said)|wrong name|"
    r"with an? (?:zero|o|dash|hyphen|underscore|dot|capital|double|single|one|l|i|\w)|fat fingers?)\b",
    re.IGNORECASE,
)
_NAMING = seldom(r"\b(?:called|named|call|name|rename)\b", re.IGNORECASE)
_WORD = seldom(r"(?<![\w.-])[A-Za-z][\w.-]*\w(?![\w.-])")
_LONGEST, _NEAR, _LEAST = 10, 2, 3


def named_again(text: str, said: Sequence[str], blueprint: Blueprint) -> str | None:
    """The renaming that a message goes on with; None for every other message."""
    if not said or len(text.split()) > _LONGEST or "?" in text:
        return None
    return _likewise(text, said[-1], blueprint) or _respelt(text, said[-1], blueprint)


def _likewise(text: str, last: str, blueprint: Blueprint) -> str | None:
    """`And vm-b rome`, right after something was renamed, or was renamed so."""
    found = _PAIR.match(text)
    if found is None or not (_GIVING.search(last) or _PAIR.match(last)):
        return None
    old, new = blueprint.resource(found["old"]), found["new"]
    free = blueprint.resource(new) is None and new.casefold() not in _NO_NAMES
    return f'rename {old.name} to "{new}"' if old is not None and free else None


def _respelt(text: str, last: str, blueprint: Blueprint) -> str | None:
    """`Typo! web-01 with a zero`: the name that was just given, as it should have been written."""
    if _MISSPELT.search(text) is None or _NAMING.search(last) is None:
        return None
    given = [r.name for r in blueprint.resources if mentions(last, r.name)]
    pairs = [
        (old, word)
        for word in _WORD.findall(text)
        for old in given
        if blueprint.resource(word) is None and _alike(old, word)
    ]
    if len(set(pairs)) != 1:
        return None
    ((old, new),) = set(pairs)
    return f"rename {old} to {new}"


def _alike(old: str, new: str) -> bool:
    """Whether two names differ by a slip or two, and share more than that."""
    apart = OSA.distance(old.casefold(), new.casefold(), score_cutoff=_NEAR)
    return 0 < apart <= _NEAR and min(len(old), len(new)) - apart >= _LEAST
