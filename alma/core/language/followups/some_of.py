"""Several of a tier by their places: "the first two need 2GB", "and the others 512MB", "the last three can go"; one by
its place or its size: "second build container to 8GB", "the smaller of the two"; and one of two that were spoken of:
"the latter".

They are called by their names before anything else is read: "others" would be further machines, and "the first two" all
of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus, plays, stem
from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.properties import PROPERTY, property_of
from alma.core.language.parsing.selecting import BIG, ORDINALS, SMALL, by_size
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, ResourceType

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


_KINDS = {
    "container": {ResourceType.CONTAINER}, "lxc": {ResourceType.CONTAINER}, "vm": {ResourceType.VM},
    "virtual machine": {ResourceType.VM}, "service": {ResourceType.SERVICE}, "database": {ResourceType.DATABASE},
    "db": {ResourceType.DATABASE}, "cache": {ResourceType.CACHE}, "queue": {ResourceType.QUEUE},
    **dict.fromkeys(("server", "machine", "box", "node", "instance", "host"), COMPUTE),
}  # fmt: skip
_KIND = rf"(?P<kind>{'|'.join(_KINDS)})"
# By its place: after "the", or where an order begins with it and says what it is to have. "On the second node" is where
# something runs.
_PLACED = seldom(
    rf"(?<!on )(?<!onto )(?<!to )"
    rf"(?P<the>\b(?:the |our |my )|(?:^|[.;!,:]\s*|\b(?:and|then|please|for|of) ))(?P<place>{'|'.join(ORDINALS)}) "
    rf"(?:(?P<what>(?!(?:one|two|three)\b)[a-z][\w-]*) )?(?:{_KIND}|one)(?![\w-])"
    r"(?P<told>\s*(?:[:=]|to\b|needs?\b|gets?\b|should\b|must\b|up\b|down\b|has to\b|can\b|\d))?",
    re.IGNORECASE,
)
# By its size, beside others of its kind.
_RANKED = seldom(
    rf"\bthe (?P<rank>{'|'.join(sorted((BIG | SMALL) - {'strong'}))}|big|small|large|tiny|little|strong|weak) "
    rf"(?:one\b(?! of (?!the|them|these|those))|(?:{_KIND}|one)? ?of (?:the (?:two|both|three)"
    rf"(?: {_KIND.replace('kind', 'late')}s?)?|"
    rf"them|these|those)|{_KIND.replace('kind', 'noun')})(?![\w-])",
    re.IGNORECASE,
)
_COMPARED = seldom(
    rf"\bthe (?:{_KIND}|one) (?:with|that has|which has|having) (?:the )?(?P<way>less|least|fewer|fewest|more|most) "
    rf"(?:{PROPERTY})\b",
    re.IGNORECASE,
)


# What was named in the same message: "we no longer own a fax, delete that server", "git crawls, 4 cores for it".
_THAT_ONE = seldom(
    rf"\b(?:(?P<pointed>that|this|its) (?P<kind>{'|'.join(_KINDS)}|thing|one)(?![\w-])|for it(?= *(?:$|[.;,!]| "
    rf"please)))",
    re.IGNORECASE,
)


def points_at_some(message: str) -> bool:
    """Whether a message may speak of some by their places or their sizes."""
    ways = (_ENDS, _REST, _OF_TWO, _PLACED, _RANKED, _COMPARED, _THAT_ONE)
    return any(way.search(message) is not None for way in ways)


def by_names(message: str, blueprint: Blueprint, focus: Focus) -> str:
    """The message with the names of those that it means; as it is, where that is not clear."""
    tier = _tier(blueprint, focus)
    names = [resource.name for resource in tier]

    def ends(found: re.Match[str]) -> str:
        number = _value(found["number"])
        chosen = names[:number] if found["end"].casefold() == "first" else names[-number:]
        return listed(chosen) if 0 < number < len(names) else found[0]

    message = _of_two(_ENDS.sub(ends, message), blueprint, focus)
    message = _that_one(_one_of_kind(message, blueprint, focus), blueprint)
    spoken = [name for name in names if mentions(message, name)]
    spoken = spoken or [name for name in names if name in focus.recent]
    others = [name for name in names if name not in spoken]

    def rest(found: re.Match[str]) -> str:
        number = _value(found["number"]) if found["number"] else len(others)
        fits = bool(spoken) and bool(others) and number == len(others)
        return f"{found['lead'] or ''}{listed(others)}" if fits else found[0]

    return _REST.sub(rest, message)


def _one_of_kind(message: str, blueprint: Blueprint, focus: Focus) -> str:
    """`Second build container to 8GB`, `the smaller of the two`, `the one with less memory` by their names."""

    def placed(found: re.Match[str]) -> str:
        if not (found["told"] or found["the"].strip().casefold() in {"the", "our", "my"}):
            return found[0]
        among = _kin(blueprint, focus, found["kind"], found["what"])
        place = ORDINALS[found["place"].casefold()]
        named = message[found.end("place") :].partition(",")[2].split()
        if len(among) <= max(place, 1) or (named and blueprint.resource(named[0].strip(" .;!"))):
            return found[0]
        lead = "" if found["the"].strip().casefold() in {"the", "our", "my"} else found["the"]
        return f"{lead}{among[place].name}{found['told'] or ''}"

    def ranked(found: re.Match[str]) -> str:
        kind = found["kind"] or found["late"] or found["noun"]
        word = found["rank"].casefold()
        big = word in BIG or word in {"big", "large", "strong"}
        return _extreme(_kin(blueprint, focus, kind, None), "", big=big) or found[0]

    def compared(found: re.Match[str]) -> str:
        big = found["way"].casefold() in {"more", "most"}
        among = _kin(blueprint, focus, found["kind"], None)
        return _extreme(among, property_of(found), big=big) or found[0]

    message = _RANKED.sub(ranked, _COMPARED.sub(compared, message))
    return _PLACED.sub(placed, message)


def _that_one(message: str, blueprint: Blueprint) -> str:
    """`That server` by its name, where one alone was named before it in the message."""

    def named(found: re.Match[str]) -> str:
        before = message[: found.start()]
        here = [r for r in blueprint.resources if mentions(before, r.name) or _is_run(before, r)]
        kind = (found["kind"] or "").casefold()
        if len(here) != 1 or here[0].type not in _KINDS.get(kind, {here[0].type}):
            return found[0]
        return here[0].name if found["pointed"] else f"for {here[0].name}"

    return _THAT_ONE.sub(named, message)


def _is_run(text: str, resource: Resource) -> bool:
    """Whether what a machine runs is named with an article or what it is: "the windows machine"."""
    runs = (resource.engine or resource.image or "").casefold().partition(":")[0].rpartition("/")[2]
    word = re.split(r"[-\d]", runs)[0]
    return (
        bool(word)
        and re.search(rf"(?:\b(?:the|our|my) |^\W*){re.escape(word)}\b", text, re.IGNORECASE)
        is not None
    )


def _kin(
    blueprint: Blueprint, focus: Focus, kind: str | None, what: str | None
) -> Sequence[Resource]:
    """Those among which one is chosen: of a kind, and called, made or used as is said before it; else those that were
    spoken of together, else those that there are several of."""
    if kind is None and what is None:
        spoken = focus.spoken(blueprint)
        return spoken if len(spoken) > 1 else _tier(blueprint, focus) or _only_kind(blueprint)
    types = _KINDS[kind.casefold()] if kind else COMPUTE
    fitting = [r for r in blueprint.resources if r.type in types]
    return [r for r in fitting if what is None or _is_called(r, what.casefold())]


def _only_kind(blueprint: Blueprint) -> Sequence[Resource]:
    kinds: dict[str, list[Resource]] = {}
    for resource in blueprint.resources:
        kinds.setdefault(str(resource.type), []).append(resource)
    several = [kind for kind in kinds.values() if len(kind) > 1]
    return several[0] if len(several) == 1 else []


def _is_called(resource: Resource, word: str) -> bool:
    parts = re.split(r"[-_.\d]+", resource.name.casefold())
    made_of = (resource.engine or resource.image or "").casefold()
    return word in parts or plays(resource, word) or made_of.startswith(word)


def _extreme(among: Sequence[Resource], path: str, *, big: bool) -> str | None:
    """The name of the biggest or the smallest; None where that is not one alone."""
    sizes = sorted(((by_size(r, path), r.name) for r in among), reverse=big)
    alone = len(sizes) > 1 and sizes[0][0] != sizes[1][0]
    return sizes[0][1] if alone else None


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
