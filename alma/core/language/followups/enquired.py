"""What was just asked about and is changed now: "which of our VMs has the most memory?" … "give that one 128GB"; "how
much RAM does ledger have?" … "double it"; "how many crawlers do we run?" … "cut that in half".

The question says which property is meant, and which of several has the most of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus, stem
from alma.core.language.followups.openings import LEAD, TAIL
from alma.core.language.followups.properties import PROPERTY, WORDS, property_of
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, ResourceType
from alma.core.model.units import Size

_MOST = seldom(
    rf"\b(?:which|what|who)\b[^?.!]*\b(?P<end>most|least|fewest|lowest|smallest|highest|largest|biggest)\s+"
    rf"(?:amount of |number of )?(?:{PROPERTY})\b",
    re.IGNORECASE,
)
_LEAST = {"least", "fewest", "lowest", "smallest"}
_KINDS = (
    (seldom(r"\b(?:vms?|virtual machines?)\b", re.IGNORECASE), {ResourceType.VM}),
    (seldom(r"\bcontainers?\b", re.IGNORECASE), {ResourceType.CONTAINER}),
    (seldom(r"\b(?:databases?|dbs?)\b", re.IGNORECASE), {ResourceType.DATABASE}),
    (seldom(r"\b(?:servers?|machines?|boxes|hosts?)\b", re.IGNORECASE), set(COMPUTE)),
)
_HOW_MUCH = seldom(
    rf"\b(?:how (?:much|many)|what(?:['’]s| is)(?: the)?)\s+(?:{PROPERTY})\b", re.IGNORECASE
)
_HOW_MANY = seldom(
    r"\bhow many (?P<what>[\w-]+)(?: (?:servers?|vms|machines|containers|instances|nodes))? "
    r"(?:do|are|have|did)\b",
    re.IGNORECASE,
)
_THAT = seldom(r"\b(?:that one|this one|that|it|this)\b", re.IGNORECASE)
_SIZE = seldom(
    r"\b\d[\d.]*\s?[kmgt]i?b?\b(?!\s*(?:of )?(?:memory|ram|mem|disk|storage|space|swap))",
    re.IGNORECASE,
)
_NUMBER = seldom(r"\b(?P<to>to |have |gets? |needs? )?(?P<n>\d+)(?=\W*$)", re.IGNORECASE)
_FACTOR = seldom(
    rf"{LEAD}(?:(?P<verb>double|triple|quadruple|halve)\s+(?:it|that|this)|"
    r"(?:cut|reduce|bring|take|trim) (?:it|that|this) (?:down )?(?:in|by|to) (?P<half>half)|"
    r"make (?:it|that|this) (?P<times>double|triple|half|twice)"
    rf"(?: (?:that|as (?:much|many)|the amount))?){TAIL}",
    re.IGNORECASE,
)
_VERBS = {"half": "halve", "twice": "double"}
_TIMES = {"double": 2, "triple": 3, "quadruple": 4, "halve": 0.5}
_LONGEST = 14


def of_what_was_asked(
    text: str, said: Sequence[str], blueprint: Blueprint, focus: Focus
) -> str | None:
    """The message in full, where it changes what the question right before it was about; None for every other."""
    if not said or len(text.split()) > _LONGEST or "?" in text or _THAT.search(text) is None:
        return None
    if (most := _MOST.search(said[-1])) is not None:
        return _of_the_most(text, most, said[-1], blueprint)
    factor = _FACTOR.match(text)
    if factor is None:
        return None
    verb = (factor["verb"] or factor["half"] or factor["times"]).casefold()
    verb = _VERBS.get(verb, verb)
    if (much := _HOW_MUCH.search(said[-1])) is not None:
        spoken = focus.spoken(blueprint)
        one = len(spoken) == 1
        return f"{verb} the {WORDS[property_of(much)]} of {spoken[0].name}" if one else None
    many = _HOW_MANY.search(said[-1])
    return _counted(_TIMES[verb], many["what"].casefold(), blueprint) if many else None


def _of_the_most(text: str, most: re.Match[str], question: str, blueprint: Blueprint) -> str | None:
    """`Give that one 128GB`: the one that has the most, and as much of what was asked about."""
    path = property_of(most)
    kinds = next((kinds for words, kinds in _KINDS if words.search(question)), set(ResourceType))
    having = [
        (amount, r)
        for r in blueprint.resources
        if r.type in kinds and (amount := _amount(r, path)) is not None
    ]
    if not having:
        return None
    least = most["end"].casefold() in _LEAST
    end = (min if least else max)(amount for amount, _ in having)
    found = [r for amount, r in having if amount == end]
    if len(found) != 1:
        return None
    told = _THAT.sub(found[0].name, text, count=1)
    if path == "cpu":
        return _NUMBER.sub(r"\g<to>\g<n> cores", told) if _NUMBER.search(told) else told
    return _SIZE.sub(lambda size: f"{size[0]} {WORDS[path]}", told)


def _amount(resource: Resource, path: str) -> float | None:
    value = getattr(resource.specs, path)
    return value.bytes if isinstance(value, Size) else value


def _counted(times: float, what: str, blueprint: Blueprint) -> str | None:
    """`Cut that in half`, of so many of a tier."""
    tier = [
        r
        for r in blueprint.resources
        if r.type in COMPUTE and {what, what.removesuffix("s")} & {stem(r).casefold()}
    ]
    number = sum(r.count for r in tier) * times
    whole = bool(tier) and number >= 1 and number == int(number)
    return f"scale {stem(tier[0])} to {int(number)}" if whole else None
