"""Describes what is there already in a blueprint: entries for the chosen objects, with what they refer to.

What the blueprint says already stays as it is written: whether it describes the object is for the plan to compare.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.base import NAME_PATTERN, Frozen
from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType, dump_plain
from alma.core.model.engine import Candidate, Companion

_LONGEST = 63


class Described(Frozen):
    """The blueprint's new state, where the new values came from, and which address each object has in it."""

    blueprint: Blueprint
    origins: Mapping[str, Origin]
    addresses: Mapping[str, str]


@dataclass
class _Writer:
    """`taken` has the names in lower case: names that differ in case only would be one on some engines. `unmade` are
    the entries of which nothing is there yet: an equal one is the one that is meant, such as after a first try."""

    resources: list[Resource]
    unmade: dict[str, Resource]
    taken: set[str]
    origins: dict[str, Origin] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    companions: dict[str, str] = field(default_factory=dict)

    def write(self, resource: Resource, name: str) -> None:
        named = resource.model_copy(update={"name": name})
        self.resources.append(named)
        self.taken |= {instance.lower() for instance in named.instance_names()}
        for path in _paths(dump_plain(named)):
            self.origins[f"resources.{name}.{path}"] = Origin.IMPORTED

    def meant(self, resource: Resource) -> bool:
        """Whether it is described already, under its own name."""
        return self.unmade.get(resource.name) == resource

    def free(self, wish: str) -> str:
        name = fit(wish)
        number = 2
        while name.lower() in self.taken:
            name, number = f"{fit(wish)[: _LONGEST - 5]}-{number}", number + 1
        return name


def described(
    before: Blueprint,
    chosen: Sequence[Candidate],
    names: Mapping[str, str],
    *,
    made: Collection[str] = (),
) -> Described:
    """The blueprint with an entry for each chosen object. `names` are the addresses asked for, by the object's id; the
    others are named as they are called, made fit and unique. `made` are the addresses at which something is."""
    taken = {name.lower() for item in before.resources for name in item.instance_names()}
    unmade = {item.name: item for item in before.resources if item.name not in made}
    writer = _Writer([*before.resources], unmade, taken | {n.lower() for n in names.values()})
    for candidate in chosen:
        asked = names.get(candidate.object_id)
        wish = candidate.resource.model_copy(update={"name": fit(candidate.name)})
        named = asked or (wish.name if writer.meant(wish) else writer.free(candidate.name))
        writer.addresses[named] = candidate.object_id
        writer.companions[candidate.object_id] = named
        writer.taken.add(named.lower())
        writer.unmade.pop(named, None)
    known = {name for item in before.resources for name in item.instance_names()}
    for address, candidate in zip(tuple(writer.addresses), chosen, strict=True):
        if address not in known:
            renamed = {c.resource.name: _companion(writer, c) for c in candidate.companions}
            writer.write(_referring(candidate.resource, renamed), address)
        else:
            for companion in candidate.companions:
                _remembered(writer, companion)
    blueprint = before.model_copy(update={"resources": tuple(writer.resources)})
    return Described(blueprint=blueprint, origins=writer.origins, addresses=writer.addresses)


def _companion(writer: _Writer, companion: Companion) -> str:
    """The name under which it is in the blueprint: an equal network that is there already is the one that is meant, but
    a disk belongs to one guest."""
    resource, id_ = companion.resource, companion.object_id
    if _remembered(writer, companion):
        return writer.companions[id_] if id_ is not None else resource.name
    name = writer.free(resource.name)
    writer.write(resource, name)
    if id_ is not None:
        writer.companions[id_] = name
        writer.addresses[name] = id_
    return name


def _remembered(writer: _Writer, companion: Companion) -> bool:
    """Whether the blueprint has it already; if it is an object of its own that nobody has yet, it is adopted there."""
    resource, id_ = companion.resource, companion.object_id
    if id_ is None:
        return resource.type is ResourceType.NETWORK and resource in writer.resources
    if id_ not in writer.companions and writer.meant(resource):
        writer.companions[id_] = resource.name
        writer.addresses[resource.name] = id_
        del writer.unmade[resource.name]
    return id_ in writer.companions


def _referring(resource: Resource, renamed: Mapping[str, str]) -> Resource:
    """The same resource, with references by the names that its companions got."""
    if all(old == new for old, new in renamed.items()):
        return resource
    network = resource.network.model_copy(
        update={"attach": tuple(renamed.get(name, name) for name in resource.network.attach)}
    )
    mounts = tuple(
        mount.model_copy(update={"volume": renamed.get(mount.volume, mount.volume)})
        for mount in resource.mounts
    )
    return resource.model_copy(update={"network": network, "mounts": mounts})


def fit(text: str) -> str:
    """The text as a name of the blueprint language."""
    cleaned = re.sub(r"[^a-zA-Z0-9_.-]+", "-", text)[:_LONGEST].strip("-_.")
    return cleaned if re.match(NAME_PATTERN, cleaned) else "imported"


def _paths(values: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in values.items():
        path = f"{prefix}{key}"
        if isinstance(value, dict):
            yield from _paths(value, f"{path}.")
        else:
            yield path
