"""Several of a tier by their places: "the first two need 2GB", "and the others 512MB", "the last three can go"; and one
of two that were spoken of: "the latter".

They are called by their names before anything else is read: "others" would be further machines, and "the first two" all
of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus, stem
from alma.core.language.followups.mentions import mentions
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource

_BOTH = 2
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = r"(?:\d|two|three|four|five|six)"
_NOUN = r"(?:containers|vms|servers|machines|boxes|nodes|instances|services|ones)"
_OF = rf"(?:\s+(?:of (?:them|these|those|the {_NOUN})|{_NOUN}))?"
_ENDS = seldom(
    rf"\b(?:the |these |those )?(?P<end>first|last) (?P<number>{_NUMBER}){_OF}(?![\w-])",
    re.IGNORECASE,
)
_REST = seldom(
    rf"\b(?:all (?:of )?)?the (?:others|rest(?: of (?:them|these|those|the {_NOUN}))?|(?:other|remaining) "
    rf"(?:(?P<number>{_NUMBER}){_OF}|{_NOUN}))(?![\w-])|^(?P<lead>\W*(?:and |but )?)others(?=\s+(?:\d|get|need|to)\b)",
    re.IGNORECASE,
)


_OF_TWO = seldom(r"\bthe (?P<which>former|latter)(?: (?:one|of the two))?(?![\w-])", re.IGNORECASE)


def points_at_some(message: str) -> bool:
    """Whether a message may speak of several by their places."""
    return any(way.search(message) is not None for way in (_ENDS, _REST, _OF_TWO))


def by_names(message: str, blueprint: Blueprint, focus: Focus) -> str:
    """The message with the names of those that it means; as it is, where that is not clear."""
    tier = _tier(blueprint, focus)
    names = [resource.name for resource in tier]

    def ends(found: re.Match[str]) -> str:
        number = _value(found["number"])
        chosen = names[:number] if found["end"].casefold() == "first" else names[-number:]
        return listed(chosen) if 0 < number < len(names) else found[0]

    message = _of_two(_ENDS.sub(ends, message), blueprint, focus)
    spoken = [name for name in names if mentions(message, name)]
    spoken = spoken or [name for name in names if name in focus.recent]
    others = [name for name in names if name not in spoken]

    def rest(found: re.Match[str]) -> str:
        number = _value(found["number"]) if found["number"] else len(others)
        fits = bool(spoken) and bool(others) and number == len(others)
        return f"{found['lead'] or ''}{listed(others)}" if fits else found[0]

    return _REST.sub(rest, message)


def _of_two(message: str, blueprint: Blueprint, focus: Focus) -> str:
    """`The latter` by its name, where two were spoken of: in the message itself, or right before it."""

    def named(found: re.Match[str]) -> str:
        before = message[: found.start()].casefold()
        here = [r.name for r in blueprint.resources if mentions(before, r.name)]
        here.sort(key=lambda name: before.rfind(name.casefold()))
        pair = here or [r.name for r in focus.spoken(blueprint)]
        if len(pair) != _BOTH:
            return found[0]
        return pair[found["which"].casefold() == "latter"]

    return _OF_TWO.sub(named, message)


def _tier(blueprint: Blueprint, focus: Focus) -> Sequence[Resource]:
    """The machines that were spoken of and all that are like them, or the only ones of which there are several."""
    tiers: dict[tuple[str, str], list[Resource]] = {}
    for resource in blueprint.resources:
        if resource.type in COMPUTE:
            tiers.setdefault((str(resource.type), stem(resource)), []).append(resource)
    several = [tier for tier in tiers.values() if len(tier) > 1]
    spoken = [tier for tier in several if any(r.name in focus.recent for r in tier)]
    machines = [r for r in blueprint.resources if r.type in COMPUTE]
    if len(spoken) == 1 or len(several) == 1:
        return (spoken if len(spoken) == 1 else several)[0]
    return machines if not several and len({r.type for r in machines}) == 1 else []


def _value(number: str) -> int:
    return _NUMBERS.get(number.casefold()) or int(number)
