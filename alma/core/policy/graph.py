"""The graph that a blueprint is: who is in which network, who listens on what, who needs whom.

Built once for all facts, in time that grows with the document and not with its square. Where a blueprint leaves
something open, the answer is the one that planning gives: the first network, the software's own ports.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from alma.core.model.blueprint import (
    COMPUTE,
    WORKLOADS,
    Blueprint,
    Resource,
    ResourceType,
)
from alma.core.model.cycles import find_cycles
from alma.core.model.software import Catalogue
from alma.core.model.units import Port
from alma.core.policy.said import software_of

Range = ipaddress.IPv4Network | ipaddress.IPv6Network

# RFC 1918, 6598, 3927, 1122, 4193 and 4291: addresses that no router outside knows.
_INSIDE = [
    ipaddress.ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
        *("127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128"),
    )
]


class Graph:
    """One blueprint, with what refers to what. Names are as written; the first of two equal ones counts."""

    def __init__(self, blueprint: Blueprint, catalogue: Catalogue | None = None) -> None:
        self.blueprint = blueprint
        self.catalogue = catalogue
        self.resources = blueprint.resources
        self.by_name: dict[str, Resource] = {}
        for resource in blueprint.resources:
            self.by_name.setdefault(resource.name, resource)
        self.software = [software_of(resource, catalogue) for resource in self.resources]
        self.software_by_name = dict(
            zip((r.name for r in self.resources), self.software, strict=True)
        )

    def of_type(self, *types: ResourceType) -> Iterator[Resource]:
        """The resources of those types, in the document's order."""
        return (resource for resource in self.resources if resource.type in types)

    # ── ports ────────────────────────────────────────────────────────────────────────────────

    def ports_of(self, resource: Resource) -> tuple[Port, ...]:
        """What it listens on: what is said, else the software's own."""
        if resource.network.ports or self.catalogue is None:
            return resource.network.ports
        software = self.software_by_name.get(resource.name)
        entry = self.catalogue.find(software) if software else None
        return entry.ports if entry else ()

    # ── networks ─────────────────────────────────────────────────────────────────────────────

    @cached_property
    def networks(self) -> tuple[str, ...]:
        """The network resources, in order."""
        return tuple(resource.name for resource in self.of_type(ResourceType.NETWORK))

    @cached_property
    def _network_names(self) -> frozenset[str]:
        return frozenset(self.networks)

    @cached_property
    def ranges(self) -> Mapping[str, Range]:
        """The address range of each network that has one."""
        return {
            resource.name: ipaddress.ip_network(resource.cidr)
            for resource in self.of_type(ResourceType.NETWORK)
            if resource.cidr
        }

    @cached_property
    def _sorted_ranges(self) -> tuple[list[tuple[int, int]], list[str]]:
        order = sorted(
            self.ranges, key=lambda name: (self.ranges[name].version, _first(self.ranges[name]))
        )
        return [(self.ranges[n].version, _first(self.ranges[n])) for n in order], order

    def networks_of(self, resource: Resource) -> tuple[str, ...]:
        """The networks it is in: those it names, else the one that has its address, else the first."""
        if resource.type not in WORKLOADS:
            return ()
        if resource.network.attach:
            return tuple(name for name in resource.network.attach if name in self._network_names)
        home = self._home_of(resource.network.private_ip)
        return (home,) if home else self.networks[:1]

    def _home_of(self, private_ip: str | None) -> str | None:
        if private_ip is None or not self.ranges:
            return None
        address = ipaddress.ip_address(private_ip)
        starts, names = self._sorted_ranges
        place = bisect_right(starts, (address.version, int(address))) - 1
        found = names[place] if place >= 0 else None
        return found if found is not None and address in self.ranges[found] else None

    @cached_property
    def memberships(self) -> Mapping[str, tuple[str, ...]]:
        """The networks of each resource that runs."""
        return {resource.name: self.networks_of(resource) for resource in self.resources}

    @cached_property
    def public_networks(self) -> frozenset[str]:
        """Networks of addresses that anybody can reach, by their range or because they say so."""
        said = {
            resource.name
            for resource in self.of_type(ResourceType.NETWORK)
            if resource.network.public_ip or resource.metadata.get("public") is True
        }
        return frozenset(
            said | {name for name, range_ in self.ranges.items() if is_outside(range_)}
        )

    # ── who needs whom ───────────────────────────────────────────────────────────────────────

    @cached_property
    def default_backends(self) -> tuple[str, ...]:
        """What a load balancer spreads over that names nothing: every machine with a port."""
        return tuple(r.name for r in self.of_type(*COMPUTE) if self.ports_of(r))

    def backends_of(self, balancer: Resource) -> tuple[str, ...]:
        """What a load balancer spreads over, as planning sees it."""
        if balancer.backends:
            return tuple(name for name in balancer.backends if name in self.by_name)
        needed = tuple(
            name
            for name in balancer.depends_on
            if name in self.by_name and self.by_name[name].type in COMPUTE
        )
        return needed or self.default_backends

    @cached_property
    def balancers_of(self) -> Mapping[str, tuple[str, ...]]:
        """The load balancers in front of each resource; of those that spread over every machine, the first only."""
        found: dict[str, list[str]] = defaultdict(list)
        spread = False
        for balancer in self.of_type(ResourceType.LOAD_BALANCER):
            backends = self.backends_of(balancer)
            if backends is self.default_backends:
                if spread:
                    continue
                spread = True
            for name in backends:
                found[name].append(balancer.name)
        return {name: tuple(dict.fromkeys(balancers)) for name, balancers in found.items()}

    @cached_property
    def dependents(self) -> Mapping[str, tuple[str, ...]]:
        """Who needs each resource: by depends_on, backends, or a mounted volume."""
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for resource in self.resources:
            for name in _needed(resource):
                found[name][resource.name] = None
        return {name: tuple(users) for name, users in found.items()}

    @cached_property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """Names that a resource refers to and nobody has."""
        found = {
            resource.name: tuple(
                dict.fromkeys(
                    name
                    for name in (*_needed(resource), *resource.network.attach)
                    if name not in self.by_name
                )
            )
            for resource in self.resources
        }
        return {name: names for name, names in found.items() if names}

    @cached_property
    def cycles(self) -> Sequence[Sequence[str]]:
        """Those who wait for each other."""
        edges = {r.name: (*r.depends_on, *r.backends) for r in self.resources}
        return [*find_cycles(edges)]


def _needed(resource: Resource) -> tuple[str, ...]:
    volumes = tuple(mount.volume for mount in resource.mounts)
    return (*resource.depends_on, *resource.backends, *volumes)


def _first(range_: Range) -> int:
    return int(range_.network_address)


def is_outside(range_: Range) -> bool:
    """Whether a range has addresses that are not set aside for the inside of networks. Those set aside for examples
    stand for addresses outside."""
    return not any(
        own.version == range_.version
        and _first(own) <= _first(range_)
        and int(range_.broadcast_address) <= int(own.broadcast_address)
        for own in _INSIDE
    )
