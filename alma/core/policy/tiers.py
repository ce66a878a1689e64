"""Which instances do the same work: what a resource belongs to, how many there are, on how many hosts and zones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alma.core.model.blueprint import DATA, WORKLOADS, Resource
from alma.core.policy.graph import Graph

_NUMBER = re.compile(r"[-_.]?[0-9]+$")
_COPY = re.compile(r"[-_.](replica|standby|secondary|primary|master|slave|node)?[-_.]?[0-9]*$")
_OF_A_STORE = "-replica"

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """Instances that can stand in for each other. Hosts and zones are None where one of them does not say."""

    size: int
    hosts: int | None
    zones: int | None


def tiers_of(graph: Graph, declared: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Tier]:
    """The tier of each resource: those of a type that the same load balancer spreads over; else those that say the same
    tier; else those whose names differ by a number only."""
    members: dict[Key, list[Resource]] = defaultdict(list)
    keys: dict[str, Key] = {}
    for resource, software in zip(graph.resources, graph.software, strict=True):
        if resource.type in WORKLOADS:
            said = declared[resource.name].get("r.tier")
            keys[resource.name] = _key(graph, resource, software, said)
            members[keys[resource.name]].append(resource)
    made = {key: _tier(found, declared) for key, found in members.items()}
    return {name: made[key] for name, key in keys.items()}


def _key(graph: Graph, resource: Resource, software: str | None, said: str | None) -> Key:
    balancers = graph.balancers_of.get(resource.name)
    if balancers:
        return ("behind", balancers[0], resource.type)
    if said is not None:
        return ("tier", said.casefold(), resource.type, software or "")
    return ("name", _NUMBER.sub("", resource.name.casefold()), resource.type, software or "")


def _tier(members: list[Resource], declared: Mapping[str, Mapping[str, Any]]) -> Tier:
    hosts = {declared[member.name].get("r.location.host") for member in members}
    zones = {declared[member.name].get("r.location.zone") for member in members}
    return Tier(
        size=sum(member.count for member in members),
        hosts=None if None in hosts else len(hosts),
        zones=None if None in zones else len(zones),
    )


def replicas_of(graph: Graph) -> Mapping[str, int]:
    """The copies of each store: its own count, the stores of the same kind that depend on it or say that they copy it,
    and those that share its name but for a number or a role."""
    stems: dict[Key, int] = defaultdict(int)
    copies: dict[str, int] = defaultdict(int)
    stores = [
        (r, s or "") for r, s in zip(graph.resources, graph.software, strict=True) if r.type in DATA
    ]
    for resource, software in stores:
        stems[_family(resource, software)] += resource.count
        for name in resource.depends_on:
            if _copies(software, graph.software_by_name.get(name)):
                copies[name] += resource.count
    return {
        resource.name: max(
            resource.count + copies[resource.name], stems[_family(resource, software)]
        )
        for resource, software in stores
    }


def _copies(software: str, of: str | None) -> bool:
    return of is not None and software.removesuffix(_OF_A_STORE) == of.removesuffix(_OF_A_STORE)


def _family(resource: Resource, software: str) -> Key:
    stem = _COPY.sub("", resource.name.casefold())
    return (stem, resource.type, software.removesuffix(_OF_A_STORE))
