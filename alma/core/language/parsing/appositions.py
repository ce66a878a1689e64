"""What is said of a thing a second time, in other words: `a database, mysql I think`, `kafka, 3 brokers`,
`grafana and loki as containers`.

Each rule looks at the phrases of one clause in their order, and merges in place those that speak of the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.parsing.placing import keeps_no_store
from alma.core.language.vocabulary.defaults import APPLIES, MACHINES
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_T = ResourceType
_SERVED = DATA | {_T.LOAD_BALANCER, _T.OBJECT_STORE}
_TELLING = {",", ":", "(", "-", "–", "—", ";", None}
_BESIDE = {"and", "also", "then", "&", "plus", "+"}
# Before what is wanted besides, rather than told more exactly.
ADDING = {*_BESIDE, ";", "\n"}
_DASHES = {"-", "–", "—", "|"}
_INSIDE = {"in", "on", "inside", "into", "as"}
_MADE_WITH = {"with", "using", "running", "on", "via"}
# What people look at.
_SITES = ("site", "page", "portfolio", "presence")
_TITLING = {":", "(", "-", "–", "—"}
_OF_CLUSTER = {"worker", "master", None}
_OR = {"or", "/"}
_CHOOSING = {"choice", "pick", "prefer", "mind", "call", "choose", "either"}
_UNITS = {"node", "member", "instance", "replica", "copy", "server", "box", "machine"}
_ONE = {Determiner.INDEFINITE, Determiner.POSSESSIVE}
_COPIES = {
    "instance",
    "instances",
    "replica",
    "replicas",
    "copy",
    "copies",
    "pod",
    "pods",
    "unit",
    "units",
}


def told_again(parsed: Parsed, software: Mapping[str, Mapping[str, Any]]) -> None:
    """Merges what is said again of the same thing."""
    phrases = parsed.phrases
    _either(parsed, software)
    _identified(phrases)
    _copies_of_programs(parsed, software)
    _named_beside_kind(phrases, software)
    _served_by(phrases, software)
    _machines_that_they_are(phrases, software)
    _of_that_kind(phrases, software)
    _kind_behind(phrases, software)
    _named_after(phrases)
    _numbered_after(phrases)
    _counted_in_copies(phrases)
    _kinds_of(phrases, software)
    _programs_in(phrases)
    _dashed(phrases)
    if parsed.each:
        _each_in_its_own(phrases)
    _members_of_cluster(phrases)
    _copies_of_service(phrases)
    if parsed.each:
        _each_of_list(phrases)
    _pairs(phrases)
    _misplaced(phrases)
    _elsewhere(phrases)


def _either(parsed: Parsed, software: Mapping[str, Mapping[str, Any]]) -> None:
    """`postgres or mysql, your choice`, `a db: mysql/mariadb`: one of them, the first, and it is said."""
    for first, second in list(pairwise(parsed.phrases)):
        kinds = {software.get(p.software or "", {}).get("type") for p in (first, second)}
        alike = len(kinds) == 1 and None not in kinds
        plain = all(not p.negated and p.existing is None and not p.names for p in (first, second))
        bare = second.determiner is Determiner.BARE and second.count is None
        if second.joint not in _OR or not (alike and plain and bare):
            continue
        titles = [software[str(p.software)].get("title", p.software) for p in (first, second)]
        parsed.notes.append(f"{titles[0]} is taken where {titles[1]} would do as well")
        first.attributes += second.attributes
        first.modifiers += second.modifiers
        parsed.phrases.remove(second)
        parsed.unused = [word for word in parsed.unused if word not in _CHOOSING]


def _identified(phrases: list[Phrase]) -> None:
    """`a new backend. It is a Go service named scan-api`: told more exactly, and no second thing."""
    for told in [phrase for phrase in phrases if phrase.link == "namely"]:
        told.link = None
        index = phrases.index(told)
        before = next((p for p in reversed(phrases[:index]) if not p.negated), None)
        plain = before is not None and not (before.software or before.names or before.existing)
        served = before is not None and (before.product or before.type in {*COMPUTE, None})
        if before is None or not plain or not served or told.type not in {*COMPUTE, None}:
            continue
        told.count = told.count or before.count
        told.role = told.role or before.role
        told.attributes = [*before.attributes, *told.attributes]
        told.modifiers = [*before.modifiers, *told.modifiers]
        if told.product or told.software or told.role or told.type is not None:
            phrases.remove(before)


def _copies_of_programs(parsed: Parsed, software: Mapping[str, Mapping[str, Any]]) -> None:
    """`three nginx replicas`: only what stores has copies that follow a first one; others simply run as often."""
    for phrase in parsed.phrases:
        kind = software.get(phrase.software or "", {}).get("type")
        if kind is None or not phrase.replica or phrase.count is None or phrase.type is not None:
            continue
        if ResourceType(kind) not in DATA and phrase.existing is None:
            phrase.type, phrase.replica, phrase.copied = ResourceType(kind), False, True


def _of_that_kind(phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`a setup for a blog. One Ghost instance, …`: the kind of thing is said first, and then which one it is."""
    for kind in list(phrases):
        family = software.get(kind.software or "", {}).get("family")
        single = kind.creates and not kind.names and (kind.count or 1) == 1
        served = family is not None or (kind.software and kind.type is _T.SERVICE)
        if not (served and single) or _says_which(kind, software):
            continue
        after = phrases[phrases.index(kind) + 1 :]
        which = next((p for p in after if _of_family(p, kind, family, software)), None)
        if which is None or which.joint in _BESIDE:
            continue
        if which.more or which.negated or which.itself:
            continue
        which.take(kind.attributes)
        phrases.remove(kind)


def _of_family(
    phrase: Phrase, kind: Phrase, family: str | None, software: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether a phrase names a program of the kind that was told."""
    if family is None:
        return phrase.software == kind.software
    return software.get(phrase.software or "", {}).get("family") == family


def _kind_behind(phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`a bookstack wiki`, `gitlab git server with 8GB`: right behind a program, its kind is what it is."""
    for which, kind in list(pairwise(phrases)):
        family = software.get(which.software or "", {}).get("family")
        same = family is not None and software.get(kind.software or "", {}).get("family") == family
        close = kind.determiner is Determiner.BARE and kind.joint is None and kind.link is None
        plain = kind.creates and kind.count is None and not (which.names and kind.names)
        told = _says_which(which, software) and not _says_which(kind, software)
        if same and close and plain and told:
            which.names += kind.names
            which.modifiers += kind.modifiers
            which.take(kind.attributes)
            phrases.remove(kind)


def _says_which(phrase: Phrase, software: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether its program is named, rather than known by the kind of thing: `a wiki` is one, too."""
    spelled = "".join(phrase.words).casefold().replace("-", "").replace(" ", "")
    kind = software.get(phrase.software or "", {}).get("family")
    return str(phrase.software)[:4] in spelled and spelled != kind


def _named_beside_kind(phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`docker registry (harbor)`, `a forum with Discourse`: which one, where only the kind was said."""
    for kind, program in list(pairwise(phrases)):
        same = kind.type is program.type and kind.software and kind.creates
        beside = program.joint == "(" or (program.joint is None and program.link in _MADE_WITH)
        beside = beside and not software.get(program.software or "", {}).get("balances")
        alone = program.software and beside and program.count is None
        if same and alone and not program.names and not _says_which(kind, software):
            kind.software = program.software
            kind.attributes += program.attributes
            phrases.remove(program)


def _served_by(phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`a static website on nginx`, `a landing page, caddy`: the program is what runs, on no machine that was named."""
    for site in [p for p in phrases if p.tier and p.generic and not p.negated and _is_site(p)]:
        after = phrases.index(site) + 1
        program = phrases[after] if after < len(phrases) else None
        serves = program is not None and software.get(program.software or "", {}).get("serves")
        if site.software is None and program is not None and serves and _plainly_beside(program):
            site.software, site.image = program.software, site.image or program.image
            site.attributes += program.attributes
            site.type, site.generic = program.type, program.generic
            phrases.remove(program)
        elif site.software is not None and site.told:
            site.type, site.generic = _T.SERVICE, False


def _machines_that_they_are(
    phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]
) -> None:
    """`four CI runners, ubuntu VMs with 8 cores`, `a bastion called jump, a small debian VM`: which machines they are,
    without a number of their own."""
    for what, which in list(pairwise(phrases)):
        introduced = what.creates and (what.count or what.names or what.determiner in _ONE)
        served = what.type in COMPUTE or (what.type in DATA and not _says_which(what, software))
        plain = served and not (what.image or what.negated or what.replica or what.copied)
        known = what.role or what.software or what.words[-1:] != which.words[-1:]
        if introduced and plain and known and _only_machines(which, what, phrases):
            if what.type in COMPUTE:
                what.type, what.generic, what.image = which.type, which.generic, which.image
            what.modifiers += which.modifiers
            what.names += which.names
            what.take(which.attributes)
            phrases.remove(which)


def _only_machines(which: Phrase, what: Phrase, phrases: Sequence[Phrase]) -> bool:
    """Whether a phrase says nothing but which machines those before it are: as many, and nothing that they are for."""
    kind = which.type in MACHINES and (which.image is not None or not which.generic)
    bare = not (which.role or which.software or which.product or which.existing or which.more)
    bare = bare and not (which.negated or which.part or which.purpose or which.group)
    many = which.count is None and which.plural == (what.plural or (what.count or 1) > 1)
    bare = bare and not (what.names and which.names)
    after = phrases[phrases.index(which) + 1 :][:1]
    # "A web server, a VM and a database" are three; "a build server, an ubuntu VM with 16 cores" is one.
    article = which.determiner in _ONE
    listed = any(p.joint in {*_BESIDE, ","} and (article or _alike(p, which)) for p in after)
    listed = listed or (article and not (which.image or which.attributes))
    beside = which.joint in {",", "(", "-", "–", "—"} and which.link in {None, "and"}
    return bool(kind and bare and many and beside and not listed)


def _alike(phrase: Phrase, other: Phrase) -> bool:
    """Whether two are listed in the same way: `2 runners, VMs and containers`."""
    return phrase.type in MACHINES and phrase.count is None and phrase.plural == other.plural


def _is_site(phrase: Phrase) -> bool:
    """Whether it is something to look at, as a website is, rather than a tier of machines."""
    return bool(phrase.words) and phrase.words[-1].casefold().rstrip("s").endswith(_SITES)


def _plainly_beside(program: Phrase) -> bool:
    plain = program.count is None and not (program.names or program.negated or program.existing)
    beside = program.joint is None and program.link in _MADE_WITH
    told = program.joint in _TELLING - {None, ";"} and program.link in {None, "and"}
    return plain and (beside or told)


def _named_after(phrases: list[Phrase]) -> None:
    """`a database, mysql I think`, `a message broker, Kafka`: the program that it is."""
    # "A cache for our shop, redis": what it is for stands between.
    said = [p for p in phrases if not p.negated and (p.creates or not p.purpose)]
    for first, second in list(pairwise(said)):
        same = first.type is second.type and first.type in _SERVED
        open_ = not (first.software or first.negated or first.replica or first.existing)
        single = first.count in {None, 1} and not first.plural
        if not (same and open_ and single and (_only_software(second) or _rather(second, phrases))):
            continue
        first.software = second.software
        first.attributes += second.attributes
        first.names += second.names
        phrases.remove(second)


def _rather(phrase: Phrase, phrases: Sequence[Phrase]) -> bool:
    """`a database, not mysql but postgres`, `… Not MySQL, Postgres please`: the one that is wanted instead."""
    before = phrases[phrases.index(phrase) - 1]
    refused = before.negated and before.type is phrase.type and before.software is not None
    plain = phrase.count is None and not (phrase.replica or phrase.names)
    return bool(refused and plain and phrase.software) and phrase.joint in {"but", *_TELLING}


def _only_software(phrase: Phrase) -> bool:
    """Whether a phrase is a program's name, set beside what was said before rather than listed after it."""
    bare = phrase.determiner is Determiner.BARE and phrase.count is None and not phrase.replica
    beside = phrase.link in {None, "and"} and phrase.joint in _TELLING
    return (
        bool(phrase.software and bare and beside and not phrase.negated) and len(phrase.words) == 1
    )


def _numbered_after(phrases: list[Phrase]) -> None:
    """`Kafka, 3 brokers with 500GB each`, `Kafka. One broker is enough`: how many of what was named."""
    for whole, part in list(pairwise(phrases)):
        same = part.type is whole.type and part.type in DATA and whole.software is not None
        plain = not (part.software or part.names or part.replica or part.negated or part.more)
        if not (same and plain and whole.count is None and part.count is not None):
            continue
        if part.joint in _TELLING and part.link in {None, "and"} and not whole.negated:
            whole.count, whole.plural = part.count, part.plural
            whole.attributes += part.attributes
            phrases.remove(part)


def _counted_in_copies(phrases: list[Phrase]) -> None:
    """`a flask api (2 instances, port 5000)`, `vault, one instance`: how many of what was said before; copies of
    nothing else are no things of their own."""
    for whole, copies in list(pairwise(phrases)):
        bare = not (copies.role or copies.software or copies.image or copies.product)
        if copies.names and whole.names:
            continue
        word = copies.words[-1].casefold() if copies.words else ""
        alone = bare and word in _COPIES and not (copies.negated or copies.more or copies.part)
        beside = copies.joint in _TELLING and copies.link in {None, "with", "and"}
        known = whole.product or whole.role or whole.software or whole.image or whole.names
        one = whole.count in {None, 1} and whole.creates and not whole.replica and bool(known)
        served = whole.type in COMPUTE or whole.type in {None, _T.LOAD_BALANCER}
        if copies.count is None or not (alone and beside and one and served):
            continue
        whole.count, whole.plural, whole.copied = copies.count, copies.plural, True
        whole.attributes += copies.attributes
        whole.names += copies.names
        phrases.remove(copies)


def _kinds_of(phrases: list[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`grafana and loki as containers`, `redis as broker`, `nginx as a load balancer`: what a program is to be."""
    for kind in [phrase for phrase in phrases if phrase.link == "as"]:
        if kind.software or kind.existing or kind.product or (kind.count or 1) > 1:
            continue
        end = phrases.index(kind)
        programs = _programs_before(phrases, end)
        if not programs and _hosts_before(phrases, end, kind):
            continue
        if not programs:
            continue
        last = programs[-1]
        balances = software.get(last.software or "", {}).get("balances")
        if kind.type in MACHINES:
            for program in programs:
                if keeps_no_store(kind, program) or len(programs) == 1:
                    program.type, program.generic = kind.type, False
                program.attributes = [*program.attributes, *kind.attributes]
                program.image = program.image or kind.image
        elif kind.type is _T.LOAD_BALANCER and balances:
            last.type = _T.LOAD_BALANCER
        elif not (last.type in DATA and kind.type in DATA):
            continue
        phrases.remove(kind)


def _hosts_before(phrases: list[Phrase], end: int, kind: Phrase) -> bool:
    """`image x as a service called api`, `6 agents as LXC`: what was said before is of that kind."""
    before = phrases[end - 1] if end else None
    if before is None or kind.type not in COMPUTE or before.software or before.negated:
        return False
    if not (before.image or (before.generic and before.role)):
        return False
    before.type, before.generic = kind.type, False
    before.names += kind.names
    before.count = before.count or kind.count
    before.words = [*before.words, *kind.words]
    before.attributes = [*before.attributes, *kind.attributes]
    before.image = before.image or kind.image
    phrases.remove(kind)
    return True


def _programs_before(phrases: Sequence[Phrase], end: int) -> list[Phrase]:
    """The list of programs that ends right before a place."""
    start = end
    while start > 0 and phrases[start - 1].software and phrases[start - 1].type not in MACHINES:
        start -= 1
        if phrases[start].joint is None:
            break
    return list(phrases[start:end])


def _programs_in(phrases: list[Phrase]) -> None:
    """`2 LXC: pihole and unbound`, `two VMs (gitlab, grafana)`, `2 vms, web and api`: what runs in each of them."""
    for index, whole in enumerate(phrases):
        said = bool(whole.software) and whole.told  # the first of a list in brackets
        plain = not (whole.role or whole.names or whole.negated or whole.image)
        plain = plain and (said or not whole.software)
        if whole.type not in MACHINES or not plain or (whole.count or 0) < 2:
            continue
        end = index + 1
        while end < len(phrases) and _program(phrases[end], first=not said and end == index + 1):
            end += 1
        programs = phrases[index + 1 : end]
        if len(programs) + said != whole.count or _besides(programs):
            continue
        for program in programs:
            program.take(whole.attributes)
            listed = programs[0].joint in _TITLING and not whole.generic
            if listed and not program.names and len(program.words) == 1:
                program.names = [program.words[0].casefold()]  # what each of the VMs is called
            if program.type not in DATA:
                program.type, program.generic = whole.type, whole.generic
        if said:
            whole.count, whole.plural = 1, False
        else:
            programs[0].words = [*whole.words, *programs[0].words]
            phrases.remove(whole)
        return


def _besides(programs: Sequence[Phrase]) -> bool:
    """`2 servers, redis and rabbitmq`: after a comma, what only stores is wanted besides the servers."""
    stores = all(program.type in DATA | {_T.QUEUE} for program in programs)
    return bool(programs) and programs[0].joint == "," and stores


def _dashed(phrases: list[Phrase]) -> None:
    """`1 vm - web - nginx - 2c/4g`: a line about one machine, told in columns."""
    for whole in list(phrases):
        plain = not (whole.software or whole.names or whole.negated or whole.product)
        if whole not in phrases or whole.type not in MACHINES or whole.count is None or not plain:
            continue
        for column in list(phrases[phrases.index(whole) + 1 :]):
            same = column.joint in _DASHES and column.count is None and not column.names
            if not same or not (column.role or column.software):
                break
            whole.role = whole.role or column.role
            whole.software = whole.software or column.software
            whole.attributes += column.attributes
            if column.type in DATA:
                whole.type, whole.generic, whole.role = column.type, False, None
            phrases.remove(column)


def _program(phrase: Phrase, *, first: bool) -> bool:
    joints = {":", "(", ",", "-", "–", "—"} if first else {",", "and", "&", "+", None, "\n", ")"}
    known = phrase.software or phrase.type in DATA or (phrase.generic and phrase.role)
    alone = known and phrase.count is None and not (phrase.negated or phrase.replica)
    return bool(alone and phrase.joint in joints and phrase.link in {None, "and"})


def _each_in_its_own(phrases: list[Phrase]) -> None:
    """`grafana plus loki, each in its own LXC`: what each of them is."""
    for place in [p for p in phrases if p.type in MACHINES and p.link in _INSIDE]:
        if not (place.own or place.determiner is Determiner.INDEFINITE):
            continue
        programs = _programs_before(phrases, phrases.index(place))
        if not programs:
            continue
        for program in programs:
            if keeps_no_store(place, program):
                program.type, program.generic = place.type, False
            program.attributes = [*program.attributes, *place.attributes]
        programs[0].words = [*programs[0].words, *place.words]
        phrases.remove(place)


def _members_of_cluster(phrases: list[Phrase]) -> None:
    """`a k3s cluster, 2 workers, workers with 16GB`: what the cluster's members have, the cluster has."""
    clusters = [
        p for p in phrases if p.type is _T.KUBERNETES_CLUSTER and p.link not in {"of", "to"}
    ]
    if len(clusters) != 1 or clusters[0].existing:
        return
    for phrase in list(phrases):
        plain = phrase.generic and phrase.role in _OF_CLUSTER and phrase.count is None
        unnamed = not (phrase.names or phrase.software or phrase.image or phrase.negated)
        worded = phrase.role is not None or phrase.words[-1:] in (["nodes"], ["node"])
        pointing = phrase.determiner in {Determiner.BARE, Determiner.DEFINITE}
        if plain and unnamed and worded and pointing and phrase.attributes:
            clusters[0].take(phrase.attributes)
            phrases.remove(phrase)


def _copies_of_service(phrases: list[Phrase]) -> None:
    """`a service from image x, 3 replicas, 512MB each`: how many of it."""
    for whole, copies in list(pairwise(phrases)):
        counted = copies.replica and copies.count is not None and copies.type in {None, whole.type}
        runs = whole.type in COMPUTE and whole.creates and whole.count is None
        if counted and runs and copies.link in {None, "and", "with"} and not copies.software:
            whole.count = copies.count
            whole.attributes += copies.attributes
            phrases.remove(copies)


def _each_of_list(phrases: list[Phrase]) -> None:
    """`Vault and Consul, three nodes each`: as many of each."""
    for index, units in enumerate(phrases):
        word = units.words[-1].casefold().rstrip("s") if units.words else ""
        plain = units.generic and not (units.role or units.software or units.image or units.names)
        placed = units.link in {"on", "across"} and units.joint is None
        if (
            not plain
            or word not in _UNITS
            or units.count is None
            or units.joint in _BESIDE
            or placed
        ):
            continue
        start = index
        while start > 0 and phrases[start - 1].software and phrases[start - 1].count is None:
            start -= 1
        if index - start > 1:
            for phrase in phrases[start:index]:
                phrase.count = units.count
                phrase.attributes += units.attributes
            phrases.remove(units)
            return


def _pairs(phrases: Sequence[Phrase]) -> None:
    """`Postgres (primary + standby), 4 vCPU`: what both of them have is said after the second."""
    for primary, copy in pairwise(phrases):
        same = copy.replica and copy.type is primary.type and copy.joint in {"+", "and", "&"}
        if same and copy.link in {None, "and"} and not primary.attributes:
            primary.attributes += copy.attributes


def _misplaced(phrases: Sequence[Phrase]) -> None:
    """`a vm in subnet 10.0.5.0/24 with the ip 10.0.5.10`: a network has no address of its own."""
    for before, network in pairwise(phrases):
        if network.type is not _T.NETWORK or before.type not in APPLIES["network.private_ip"]:
            continue
        if network.link not in {"in", "on", "into", "inside"}:
            continue
        foreign = [a for a in network.attributes if _of_machines(a)]
        network.attributes = [a for a in network.attributes if a not in foreign]
        before.attributes += foreign


def _elsewhere(phrases: Sequence[Phrase]) -> None:
    """`immich with a volume, 6GB RAM`: what a thing can't have belongs to the last one before that can."""
    for index, phrase in enumerate(phrases):
        if phrase.type not in {_T.NETWORK, _T.VOLUME, _T.OBJECT_STORE, _T.FIREWALL}:
            continue
        before = [p for p in phrases[:index] if p.creates and not p.negated]
        foreign = [a for a in phrase.attributes if not a.bare and not _has(phrase, a)]
        for attribute in foreign:
            owner = next((p for p in reversed(before) if p.type and _has(p, attribute)), None)
            if owner is not None and attribute.path not in {a.path for a in owner.attributes}:
                owner.attributes.append(attribute)
                phrase.attributes.remove(attribute)


def _has(phrase: Phrase, attribute: Attribute) -> bool:
    types = APPLIES.get(attribute.path)
    return types is None or phrase.type in types


def _of_machines(attribute: Attribute) -> bool:
    types = APPLIES.get(attribute.path)
    return types is not None and _T.NETWORK not in types
