"""What the phrases of a clause say about each other, once all of them are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from alma.core.language.parsing.appositions import ADDING, told_again
from alma.core.language.parsing.boxing import boxed
from alma.core.language.parsing.parts import kinds_of, parts_of
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.parsing.placing import kind_told, run_on
from alma.core.language.parsing.rosters import called_apart, members
from alma.core.language.parsing.spreading import (
    cluster_on,
    counted_later,
    enclosed,
    machine_told,
    proxied,
    second_alike,
    spread_over,
)
from alma.core.language.parsing.titles import titled
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.language.words.naming import expand
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_MEMBERS = {"node", "member", "instance", "task", "pod", "replica"}


def relate(parsed: Parsed, software: Mapping[str, Mapping[str, Any]]) -> None:
    """Completes the phrases of a clause from each other, in place."""
    members(parsed.phrases)
    called_apart(parsed.phrases)
    _sizes_named(parsed)
    _numbers_named(parsed)
    spread_over(parsed.phrases)
    cluster_on(parsed.phrases)
    counted_later(parsed.phrases)
    second_alike(parsed.phrases)
    titled(parsed)
    boxed(parsed)
    told_again(parsed, software)
    _containers(
        parsed.phrases
    )  # before what each has is told of all: "gitea and drone containers, 4GB each"
    if parsed.each:
        _share(parsed)
    kind_told(parsed.phrases)
    machine_told(parsed.phrases)
    enclosed(parsed.phrases)
    _instances_of(parsed.phrases)
    _tiers(parsed.phrases)
    _balancers(parsed.phrases)
    _named_services(parsed.phrases)
    run_on(parsed.phrases)
    _owned(parsed)
    _purposes(parsed.phrases)
    _hosted(parsed.phrases)
    parts_of(parsed.phrases)
    kinds_of(parsed.phrases)
    _members(parsed.phrases)
    _copies(parsed.phrases)
    _together(parsed.phrases)
    _hosts(parsed)
    _fronts(parsed.phrases, software)
    if parsed.fresh:
        proxied(parsed.phrases)


def _sizes_named(parsed: Parsed) -> None:
    """`grow the disk of db-1 by 50GB`: what the size is of was said before."""
    said = {path for path in parsed.mentioned if path in {"specs.memory", "specs.disk"}}
    if len(said) != 1:
        return
    for attributes in (parsed.loose, *(phrase.attributes for phrase in parsed.phrases)):
        attributes[:] = [
            replace(each, path=next(iter(said)), bare=False) if each.bare else each
            for each in attributes
        ]


_COUNTS = frozenset({"specs.cpu", "specs.gpu", "specs.control_plane"})


def _numbers_named(parsed: Parsed) -> None:
    """`bump the cores on the db to eight`: what the number is of was said before."""
    paths = [
        path
        for path in parsed.mentioned
        if path in _COUNTS or path in {"specs.memory", "specs.disk"}
    ]
    number = parsed.to_number if parsed.to_number is not None else parsed.by_number
    if not paths and parsed.mentioned == ["version"] and parsed.to_number is not None:
        parsed.loose.append(Attribute("version", str(parsed.to_number)))
        parsed.to_number = None
    if len(paths) != 1 or number is None:
        return
    value = number if paths[0] in _COUNTS else f"{number}GB"
    op = "set" if parsed.to_number is not None else "subtract" if parsed.fewer else "add"
    parsed.loose.append(Attribute(paths[0], value, op=op))
    parsed.to_number = parsed.by_number = None


def _share(parsed: Parsed) -> None:
    """`2 servers and a database with 8GB each`: the amounts of the last phrase hold for all of the list. What each of
    the servers has in `2 servers, each with 8GB, and a database` is theirs alone."""
    makers = [
        phrase
        for number, phrase in enumerate(parsed.phrases)
        if phrase.creates and not _pointing_back(phrase, parsed.phrases[:number])
    ]
    if len(makers) > 1 and parsed.each_after is not makers[-1]:
        makers = _alike(makers, parsed.each_after)
    if len(makers) < 2 or makers[-1].own:
        return
    if (makers[-1].count or 1) > 1 and not makers[-1].replica:
        return
    for phrase in makers[:-1]:
        known = {attribute.path for attribute in phrase.attributes}
        phrase.attributes += [
            attribute
            for attribute in makers[-1].attributes
            if attribute.path not in known and attribute.path.startswith("specs.")
        ]


def _pointing_back(phrase: Phrase, before: Sequence[Phrase]) -> bool:
    """`…, 4 cores each, the database also 100GB of disk`: told again, and no further thing."""
    definite = phrase.determiner is Determiner.DEFINITE and phrase.count is None
    return definite and any(known.type is phrase.type and known.creates for known in before)


def _alike(makers: list[Phrase], last: Phrase | None) -> list[Phrase]:
    """`vm a + vm b, 4GB each; redis`: what "each" was said after, with those of its type right before it."""
    end = next((n for n, phrase in enumerate(makers) if phrase is last), -1)
    start = end
    while start > 0 and makers[start - 1].type is makers[end].type:
        start -= 1
    return [p for p in makers[start : end + 1] if not p.attributes or p is last]


def _instances_of(phrases: list[Phrase]) -> None:
    """`two instances of my FastAPI service`, `an instance of nginx`: so many of what is named then."""
    for first, second in list(pairwise(phrases)):
        machine = first.generic and not (first.role or first.software)
        one = machine and first.determiner is not Determiner.DEFINITE and not first.plural
        boxed = first.type is ResourceType.CONTAINER and not (first.software or first.image)
        plain = (first.replica and first.count is not None) or machine or boxed
        counted = first.count is not None or one
        if second.link != "of" or not counted or second.count is not None or not plain:
            continue
        if first.replica and second.type in DATA:
            continue
        if not (second.type or second.software or second.role):
            continue
        if boxed and second.type not in DATA:
            second.type, second.generic = first.type, False  # "two containers of my app"
        second.count, second.link, second.purpose = first.count, first.link, False
        second.determiner = Determiner.BARE
        second.attributes = [*first.attributes, *second.attributes]
        phrases.remove(first)


def _named_services(phrases: list[Phrase]) -> None:
    """`microservices: users service, orders service`: the parts are the whole."""
    for index, whole in enumerate(phrases):
        plain = (
            whole.type is ResourceType.SERVICE
            and whole.plural
            and not (whole.names or whole.software)
        )
        parts = [p for p in phrases[index + 1 :] if p.type is ResourceType.SERVICE and p.names]
        if plain and len(parts) > 1 and whole.count in {None, len(parts)}:
            phrases.remove(whole)
            return


def _owned(parsed: Parsed) -> None:
    """`three servers, each with its own data disk`: as many of them."""
    for index, phrase in enumerate(parsed.phrases):
        before = [p for p in parsed.phrases[:index] if p.creates and not p.own]
        several = parsed.each or (bool(before) and before[-1].plural and not phrase.software)
        if phrase.own and phrase.count is None and before and several:
            owners = [p for p in before if p.type in COMPUTE] or before
            phrase.count = sum(p.count or 1 for p in owners if p.type is owners[-1].type)
            phrase.plural = phrase.count > 1
    if parsed.multiple:
        for phrase in parsed.phrases:
            if phrase.count is None and phrase.creates and not phrase.replica:
                phrase.count = parsed.multiple


def _hosted(phrases: Sequence[Phrase]) -> None:
    """`to host a Laravel app`: where no machine was named for it, it is what is wanted."""
    for index, phrase in enumerate(phrases):
        if phrase.link not in {"host", "hosting", "run", "serving", "for"} or not phrase.purpose:
            continue
        introduced = phrase.determiner is Determiner.INDEFINITE or phrase.link != "for"
        known = phrase.role or phrase.product or phrase.software
        if introduced and known and not any(before.creates for before in phrases[:index]):
            phrase.purpose, phrase.link = False, None
            if phrase.determiner is Determiner.POSSESSIVE:
                phrase.determiner = Determiner.INDEFINITE


def _tiers(phrases: list[Phrase]) -> None:
    """`web tier with 2 nodes`, `app tier: 3 servers`: how many machines a tier has."""
    for tier, machines in list(pairwise(phrases)):
        plain = machines.generic or machines.type is ResourceType.VM
        plain = plain and not (machines.role or machines.software or machines.names)
        told = tier.role or tier.modifiers
        if not tier.group or not told or not plain or machines.count is None:
            continue
        if machines.link in {"with", "of", "having", "on", "using", None}:
            machines.role, machines.link = tier.role, None
            machines.modifiers = [*tier.modifiers, *machines.modifiers]
            machines.attributes = [*tier.attributes, *machines.attributes]
            phrases.remove(tier)


def _containers(phrases: list[Phrase]) -> None:
    """`jellyfin, sonarr and radarr containers`: each of the list is one."""
    for index, last in enumerate(phrases):
        if last.type not in {ResourceType.CONTAINER, ResourceType.VM} or not last.plural:
            continue
        if last.count is not None or not last.software:
            continue
        before = index
        while before and _listed(phrases[before - 1]):
            before -= 1
            phrases[before].type = last.type
            phrases[before].attributes += last.attributes
        if before < index:
            last.plural = False


def _listed(phrase: Phrase) -> bool:
    """Whether a phrase is only the name of a program."""
    alone = phrase.type is ResourceType.SERVICE and phrase.software and phrase.count is None
    return bool(alone and not phrase.attributes and len(phrase.words) == 1)


def _balancers(phrases: list[Phrase]) -> None:
    """`a reverse proxy, traefik, in front of …`: the program that it is."""
    for first, second in list(pairwise(phrases)):
        same = first.type is second.type is ResourceType.LOAD_BALANCER and not first.software
        bare = (
            second.determiner is Determiner.BARE and second.count is None and len(second.words) == 1
        )
        if same and bare and second.software and first.count in {None, 1}:
            first.software = second.software
            first.attributes += second.attributes
            phrases.remove(second)


def _members(phrases: list[Phrase]) -> None:
    """`kafka with 3 brokers`, `a mongodb replica set with 3 members`: how many there are of what was named."""
    for whole, part in list(pairwise(phrases)):
        joined = part.link in {"with", "of"} or (part.link in {None, "and"} and whole.type in DATA)
        joined = joined and not _apart(part)
        copies = part.joint == "," and part.words[-1:] == ["instances"] and whole.image
        joined_with = part.link in {"with", "of"} or part.joint == "(" or bool(copies)
        joined = joined or joined_with
        if not joined or part.count is None or part.software or part.role:
            continue
        member = (
            part.generic and part.words[-1:] and part.words[-1].casefold().rstrip("s") in _MEMBERS
        )
        again = part.type is whole.type and not part.replica
        bare = whole.generic and whole.role and part.generic and len(whole.words) == 1
        again = again and part.link in {"with", "of"}
        runs = whole.type in {ResourceType.SERVICE, ResourceType.CONTAINER} and joined_with
        several = (whole.type in DATA or runs) and (member or again)
        if (several or bare) and whole.count is None and not part.names:
            whole.count = part.count
            whole.attributes += part.attributes
            phrases.remove(part)


def _apart(part: Phrase) -> bool:
    """`a queue and four instances`, `a queue; 2 alpine instances`: machines of their own, not the queue's."""
    own = part.image is not None or part.joint in ADDING
    return own and part.words[-1:] != [] and part.words[-1].casefold().rstrip("s") == "instance"


def _copies(phrases: list[Phrase]) -> None:
    """`a replica of the database`: what is copied may be named after it."""
    for phrase, following in pairwise(phrases):
        if (
            phrase.replica
            and phrase.type is None
            and following.link == "of"
            and following.type in DATA
        ):
            phrase.type, phrase.software = following.type, phrase.software or following.software
    for phrase, following in list(pairwise(phrases)):
        copied = phrase.replica and phrase.type is None and following.link == "of"
        if copied and following.type not in DATA and following.existing is None:
            phrases.remove(phrase)  # "a staging copy of our shop" is that again
            following.link, following.determiner = None, Determiner.INDEFINITE


def _together(phrases: Sequence[Phrase]) -> None:
    """`resize web-1 and web-2 to 8GB`: what is there shares what is said at the end."""
    for phrase, following in reversed(list(pairwise(phrases))):
        known = [
            p for p in (phrase, following) if p.existing or p.determiner is Determiner.DEFINITE
        ]
        if following.link == "and" and len(known) == 2 and not phrase.attributes:
            phrase.attributes = list(following.attributes)


def _purposes(phrases: Sequence[Phrase]) -> None:
    """`a VM for a postgres server`: what it is for says what it is like."""
    machine: Phrase | None = None
    before: Phrase | None = None
    for phrase in phrases:
        if phrase.creates:
            before = phrase
        elif _told_of(phrase) and before is not None and phrase.attributes:
            before.take(phrase.attributes)
        if phrase.creates and phrase.type in MACHINES:
            machine = phrase
        elif phrase.purpose and not phrase.creates and machine is not None and phrase.product:
            machine.role = machine.role or "web"
        elif phrase.purpose and not phrase.creates and machine is not None and phrase.generic:
            machine.role = machine.role or phrase.role
            machine.image = machine.image or phrase.image
            machine.software = machine.software or phrase.software
        elif phrase.purpose and machine is not None and _is_data_server(phrase, machine):
            machine.type, machine.generic = phrase.type, False
            machine.software = machine.software or phrase.software
            machine = None


def _told_of(phrase: Phrase) -> bool:
    """`three nodes running our Go service with 1GB`: what runs there has what was said of the nodes."""
    return phrase.purpose or (phrase.link in {"running", "runs", "run"} and phrase.existing is None)


def _is_data_server(phrase: Phrase, machine: Phrase) -> bool:
    """`a server for the database` is a database server, which is a database."""
    plain = machine.generic and not (machine.role or machine.software or machine.image)
    return plain and phrase.link == "for" and phrase.type in DATA and phrase.count is None


def _hosts(parsed: Parsed) -> None:
    """A form lists full host names beside the number of machines: `node{1,2,3}.example.org`."""
    makers = [
        phrase
        for phrase in parsed.phrases
        if phrase.creates and phrase.type in MACHINES and not phrase.names
    ]
    hosts = [name for name in parsed.new_names if "{" in name or name.count(".") > 1]
    if len(makers) == 1 and hosts:
        makers[0].names += [expanded for host in hosts for expanded in expand(host)]
        parsed.unused = [word for word in parsed.unused if word not in hosts]
        parsed.new_names = [name for name in parsed.new_names if name not in hosts]


def _fronts(phrases: Sequence[Phrase], software: Mapping[str, Mapping[str, Any]]) -> None:
    """`2 servers behind nginx`, `nginx in front of 2 servers`: a web server that can balance does so there."""
    for one, other in pairwise(phrases):
        front = {"behind": other, "front": one}.get(other.link or "")
        if front is None or front.existing is not None:
            continue
        if software.get(front.software or "", {}).get("balances"):
            front.type, front.generic = ResourceType.LOAD_BALANCER, False
