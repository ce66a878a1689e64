"""Machines that are said beside what they are for: `etcd on three machines`, `it needs a server. One lxc`."""

from __future__ import annotations

from itertools import pairwise

from alma.core.language.parsing.phrases import Determiner, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.blueprint import DATA, ResourceType

_ON = {"on", "across"}


def spread_over(phrases: list[Phrase]) -> None:
    """`etcd on three machines`, `postgres on two VMs with 16GB`: so many of it, each on one of them."""
    for program, place in list(pairwise(phrases)):
        plain = program.software and program.creates and program.count is None
        counted = place.generic and (place.count or 0) > 1 and place.link in _ON
        if not (plain and counted) or place.role or place.software or place.names:
            continue
        own = {attribute.path for attribute in program.attributes}
        if program.type in DATA | {ResourceType.LOAD_BALANCER}:
            program.count, program.plural = place.count, True
            program.attributes += [a for a in place.attributes if a.path not in own]
            phrases.remove(place)
        elif program.type is ResourceType.SERVICE:
            place.software, place.link, place.purpose = program.software, None, False
            place.names = list(program.names)
            told = {attribute.path for attribute in place.attributes}
            place.attributes += [a for a in program.attributes if a.path not in told]
            phrases.remove(program)


def machine_told(phrases: list[Phrase]) -> None:
    """`our heating needs a server. One tiny lxc, debian`: the machine is told more exactly in the next sentence."""
    for first, second in list(pairwise(phrases)):
        bare = first.generic and not _described(first) and (first.count or 1) == 1
        introduced = first.determiner is Determiner.INDEFINITE and not first.more
        told = second.type in MACHINES and _described(second) and (second.count or 1) == 1
        beside = second.joint == ";" and second.link in {None, "and"} and not second.more
        if bare and introduced and told and beside and second.creates:
            phrases.remove(first)


def _described(phrase: Phrase) -> bool:
    said = phrase.role or phrase.software or phrase.image or phrase.names
    return bool(said or phrase.attributes or phrase.modifiers or phrase.networks)
