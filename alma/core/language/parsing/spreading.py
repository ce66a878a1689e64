"""Machines that are said beside what they are for: `etcd on three machines`, `it needs a server. One lxc`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.parsing.phrases import Attribute, Determiner, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.blueprint import DATA, ResourceType

_ON = {"on", "across"}
_MEMBERS = {"specs.nodes", "specs.workers", "specs.control_plane"}


def spread_over(phrases: list[Phrase]) -> None:
    """`etcd on three machines`, `postgres on two VMs with 16GB`: so many of it, each on one of them."""
    for program, place in list(pairwise(phrases)):
        plain = program.software and program.creates and program.count is None
        counted = place.generic and (place.count or 0) > 1 and place.link in _ON
        if not (plain and counted) or place.role or place.software or place.names:
            continue
        if program.type in DATA | {ResourceType.LOAD_BALANCER}:
            program.count, program.plural = place.count, True
            _again(program, phrases)
            program.take(place.attributes)
            phrases.remove(place)
        elif program.type is ResourceType.SERVICE:
            place.software, place.link, place.purpose = program.software, None, False
            place.names = list(program.names)
            place.take(program.attributes)
            phrases.remove(program)


def cluster_on(phrases: list[Phrase]) -> None:
    """`a k3s cluster on three LXCs with 4GB`: the machines are its nodes."""
    for cluster, place in list(pairwise(phrases)):
        kind = cluster.type is ResourceType.KUBERNETES_CLUSTER and cluster.creates
        counted = place.type in MACHINES and place.count is not None and place.link in _ON
        told = {attribute.path for attribute in cluster.attributes}
        if not kind or not counted or place.names or told & _MEMBERS:
            continue
        cluster.attributes.append(Attribute("specs.nodes", place.count))
        cluster.attributes += [a for a in place.attributes if a.path not in told]
        phrases.remove(place)


def counted_later(phrases: list[Phrase]) -> None:
    """`the elk stack with 3 elasticsearch nodes`: how many of what was named."""
    for later in [p for p in phrases if p.link == "with" and p.count is not None and p.software]:
        before = [p for p in phrases[: phrases.index(later)] if p.software == later.software]
        first = before[-1] if before else None
        if first is None or first.count is not None or first.names or first.negated:
            continue
        if first.type is later.type and first.type in DATA and not later.names:
            first.count, first.plural = later.count, later.plural
            first.attributes += later.attributes
            phrases.remove(later)


def second_alike(phrases: list[Phrase]) -> None:
    """`a VM called ns1 with 1GB and a second one called ns2`: as big as the first, where it is told but by its name."""
    for first, second in list(pairwise(phrases)):
        another = second.more and [word.casefold() for word in second.words] == ["one"]
        untold = second.names and not (second.attributes or second.modifiers or second.negated)
        if another and untold and first.creates and first.type is second.type:
            sizes = (a for a in first.attributes if a.path.startswith("specs."))
            second.attributes = list(sizes)


def _again(program: Phrase, phrases: list[Phrase]) -> None:
    """`Elastic, Logstash, Kibana. Elastic on three nodes`: how many of what was named before."""
    before = [p for p in phrases[: phrases.index(program)] if p.software == program.software]
    if before and before[-1].count is None and before[-1].creates:
        before[-1].count, before[-1].plural = program.count, True
        program.count, program.determiner = None, Determiner.DEFINITE


def machine_told(phrases: list[Phrase]) -> None:
    """`our heating needs a server. One tiny lxc, debian`: the machine is told more exactly in the next sentence."""
    for first, second in list(pairwise(phrases)):
        plain = not (first.role or first.software or first.image or first.names or first.attributes)
        bare = first.type in MACHINES and plain and (first.count or 1) == 1 and first.creates
        introduced = first.determiner is Determiner.INDEFINITE and not first.more
        introduced = introduced and not first.modifiers
        told = second.type in MACHINES and _described(second) and (second.count or 1) == 1
        beside = second.joint == ";" and second.link in {None, "and"} and not second.more
        if bare and introduced and told and beside and second.creates:
            phrases.remove(first)
        elif bare and _title_of(first, second):
            second.modifiers = [*first.modifiers, *second.modifiers]
            phrases.remove(first)


def _title_of(first: Phrase, second: Phrase) -> bool:
    """`a sandbox for the new hires: three boxes`, `new rig`, then `VMs: 2` in a line: a heading of what follows."""
    single = first.count in {None, 1} and not first.plural and first.link in {None, "and"}
    listed = second.joint == ":" and (_described(second) or second.count is not None)
    form = second.joint == "\n" and second.count is not None and not second.software
    return single and second.creates and second.type in MACHINES and (listed or form)


def _again_said(phrase: Phrase, phrases: Sequence[Phrase]) -> bool:
    """`a postgres and two servers, redis in front of the database`: what is wanted anyway."""
    others = (p for p in phrases if p is not phrase and p.creates)
    alike = phrase.software or phrase.role
    return any(
        p.type is phrase.type and (not alike or alike in {p.software, p.role}) for p in others
    )


def in_containers(phrases: Sequence[Phrase]) -> None:
    """`docker: an api, a worker and redis`: what nobody called a machine is none where containers run."""
    for phrase in phrases:
        if phrase.tier and phrase.type is ResourceType.VM and not phrase.image:
            phrase.type = ResourceType.CONTAINER


def enclosed(phrases: list[Phrase]) -> None:
    """`1 vm (CentOS 7, legacy app), 2 cores`: in brackets behind one machine, a bare word says what it is for."""
    machine: Phrase | None = None
    for phrase in list(phrases):
        if not phrase.enclosed:
            single = phrase.creates and phrase.type in MACHINES and (phrase.count or 1) == 1
            machine = phrase if single and not phrase.plural else None
            continue
        bare = (
            phrase.role
            and phrase.generic
            and not (phrase.software or phrase.names or phrase.attributes)
        )
        alone = phrase.count is None and phrase.determiner is Determiner.BARE and not phrase.negated
        if machine is not None and bare and alone:
            machine.role = machine.role or phrase.role
            phrases.remove(phrase)


def _described(phrase: Phrase) -> bool:
    said = phrase.role or phrase.software or phrase.image or phrase.names
    return bool(said or phrase.attributes or phrase.modifiers or phrase.networks)


def proxied(phrases: Sequence[Phrase]) -> None:
    """`caddy as a reverse proxy for grafana and vaultwarden`, `redis in front of postgres`, where nothing is there yet:
    all of them are wanted."""
    for phrase in phrases:
        pointing = phrase.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
        known = phrase.software or phrase.type
        if phrase.link == "front" and known and not pointing and not _again_said(phrase, phrases):
            phrase.link = None
    for front, program in pairwise(phrases):
        behind = program.purpose and program.link == "for" and program.software
        plain = program.type is ResourceType.SERVICE and program.determiner is Determiner.BARE
        if front.type is ResourceType.LOAD_BALANCER and front.creates and behind and plain:
            program.purpose, program.link = False, None
