"""Which phrases of a clause introduce something, and which speak again of what was introduced."""

from __future__ import annotations

from dataclasses import replace

from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_NETWORK = ResourceType.NETWORK
_IN = {"in", "into", "on", "inside"}
_KEEPING = DATA | {ResourceType.OBJECT_STORE}
_REACH = {"public", "private"}
_SIZES = frozenset({"specs.cpu", "specs.memory", "specs.disk"})


def makers(parsed: Parsed) -> list[Phrase]:
    """The phrases that introduce something. If none does, what the message is about is what is wanted
    ("a way to speed up repeated lookups"). Merges what is mentioned twice, and therefore looks only once."""
    if parsed.makers is None:
        parsed.makers = _makers(parsed)
    return parsed.makers


def _makers(parsed: Parsed) -> list[Phrase]:
    found: list[Phrase] = []
    for phrase in parsed.phrases:
        same = [known for known in found if again(phrase, known)]
        known = next((known for known in same if not (phrase.names and known.names)), None)
        if known is None:
            placed = (
                parsed.fresh
                and phrase.type is _NETWORK
                and phrase.link in _IN
                and not phrase.negated
            )
            if (phrase.creates or placed or _wanted_with(phrase, parsed)) and not same:
                found.append(phrase)
        elif phrase.names and (known.count or 1) > len(phrase.names):
            found.insert(found.index(known), _peeled(phrase, known))
        else:
            own = {attribute.path for attribute in phrase.attributes}
            if known.count == len(phrase.names):  # what is left of several
                known.attributes = [a for a in known.attributes if a.path not in own]
            known.attributes += [
                a for a in phrase.attributes if a.path not in {own.path for own in known.attributes}
            ]
            known.names += phrase.names
            known.modifiers += phrase.modifiers
            known.software = known.software or phrase.software
            known.image = known.image or phrase.image
    found = [phrase for phrase in found if phrase.count != 0 or phrase.words]
    if (
        parsed.fresh
        and parsed.sizing is not None
        and not any(p.type in COMPUTE or p.product for p in found)
    ):
        found += [
            p for p in parsed.phrases if (p.product or p.role) and p not in found and not p.negated
        ][:1]
    if found:
        return found
    wanted = [
        p
        for p in parsed.phrases
        if not (p.negated or p.aside or p.existing or p.group or p.replica)
    ]
    free = [phrase for phrase in wanted if phrase.determiner is not Determiner.POSSESSIVE]
    owned = [phrase for phrase in wanted if parsed.fresh and (phrase.product or phrase.role)]
    return (free or owned)[:1]


def _wanted_with(phrase: Phrase, parsed: Parsed) -> bool:
    """What something new is kept in or built on, and what therefore is wanted with it."""
    return _kept_in(phrase, parsed) or _built_on(phrase, parsed)


def _built_on(phrase: Phrase, parsed: Parsed) -> bool:
    """`a website on nginx`, `our shop, running on Magento`: what a whole system is to be served by."""
    place = parsed.phrases.index(phrase)
    system = parsed.phrases[place - 1] if place else None
    served = phrase.software is not None and phrase.type in COMPUTE and phrase.link == "on"
    plain = phrase.count is None and not (phrase.negated or phrase.aside or phrase.existing)
    return bool(parsed.fresh and served and plain and system and system.product)


def _kept_in(phrase: Phrase, parsed: Parsed) -> bool:
    """`a search on Elasticsearch`, `sessions in Redis`, where nothing is there yet: what it takes is wanted with it."""
    sized = phrase.type is ResourceType.OBJECT_STORE and bool(phrase.attributes)
    kept = phrase.software is not None or sized
    stored = kept and phrase.type in _KEEPING and phrase.link in _IN | {"to"}
    plain = phrase.determiner is Determiner.BARE and phrase.count is None
    return (
        parsed.fresh and stored and plain and not (phrase.negated or phrase.aside or phrase.purpose)
    )


def again(phrase: Phrase, known: Phrase) -> bool:
    """`create a disk and attach the disk …`, `two networks (VPCs)`: a thing mentioned again."""
    alike = phrase.type is known.type or _runs_in(phrase, known)
    if phrase.type is None or not alike or phrase.product or phrase.more:
        return False
    addresses = [_address(each) for each in (phrase, known)]
    if all(addresses) and addresses[0] != addresses[1]:
        return False
    told = phrase.joint == "," and phrase.type not in COMPUTE and (known.count or 1) == 1
    told = told or phrase.type is ResourceType.KUBERNETES_CLUSTER
    named = bool(phrase.names) and not (told and not known.names)
    pointing = phrase.determiner is Determiner.DEFINITE or (
        phrase.determiner is Determiner.BARE
        and phrase.count is None
        and not named
        and (not phrase.image or phrase.joint == ":")
    )
    reach = [{*each.modifiers} & _REACH for each in (phrase, known)]
    if reach[0] != reach[1] and all(reach) and phrase.type is _NETWORK:
        return False
    other = phrase.role not in {None, known.role} or phrase.software not in {None, known.software}
    other = (other and not _told_line(phrase, known)) or _contradicts(phrase, known)
    return pointing and not other and phrase.replica == known.replica and not phrase.negated


def _contradicts(phrase: Phrase, known: Phrase) -> bool:
    """`Windows VM: 12 cores. Linux VM: 2 cores`: other amounts of the same kind are those of another machine."""
    single = phrase.determiner is Determiner.BARE and not (phrase.plural or known.plural)
    if not single or phrase.type not in MACHINES or phrase.link not in {None, "and"}:
        return False
    said = {a.path: a.value for a in known.attributes if a.path in _SIZES and not a.bare}
    own = {a.path: a.value for a in phrase.attributes if not a.bare}
    return any(own.get(path, value) != value for path, value in said.items())


def _told_line(phrase: Phrase, known: Phrase) -> bool:
    """`3 web, 1 db`, then `db: 8 cores, postgres` in a line of its own: what was listed is told more exactly."""
    plain = known.software is None and (known.count or 1) == 1 and phrase.type in DATA
    line = phrase.joint in {"\n", ";", ":"}
    worded = len(phrase.words) == 1 and phrase.words[0].casefold() not in str(phrase.software)
    return plain and line and worded and not phrase.role


def _runs_in(phrase: Phrase, known: Phrase) -> bool:
    """`gitea and vaultwarden as LXC; vaultwarden with 2GB`: the program of a machine named before."""
    alone = phrase.software is not None and len(phrase.words) == 1
    return alone and phrase.software == known.software and known.type in MACHINES


def _address(phrase: Phrase) -> Json:
    """The fixed address that was said of it."""
    said = [a.value for a in phrase.attributes if a.path == "network.private_ip"]
    return said[-1] if said else None


def _peeled(phrase: Phrase, known: Phrase) -> Phrase:
    """`two networks. The first, named a, is …`: one of several, with what is said of it alone."""
    taken = max(1, len(phrase.names))
    known.count = (known.count or taken) - taken
    if known.count == 0:
        known.words = []
    own = {attribute.path for attribute in phrase.attributes}
    attributes = [*phrase.attributes, *(a for a in known.attributes if a.path not in own)]
    return replace(
        known,
        count=taken,
        plural=False,
        names=list(phrase.names),
        attributes=attributes,
        words=phrase.words,
    )
