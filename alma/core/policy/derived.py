"""Facts that follow from the whole graph: computed once for a blueprint, then read for each resource."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from functools import cached_property
from typing import Any

from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    Resource,
    ResourceType,
)
from alma.core.policy import roles
from alma.core.policy.exposure import ANY, Exposure, Exposures, is_anywhere
from alma.core.policy.graph import Graph
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.regions import in_eea
from alma.core.policy.said import image_parts, os_of
from alma.core.policy.tiers import replicas_of, tiers_of

ADMIN_PORTS = frozenset(
    {22, 23, 2375, 2376, 3389, 5900, 5901, 5985, 5986, 6443, 8006, 10250, 15672}
)
DATA_PORTS = frozenset(
    {1433, 1521, 2379, 3306, 5432, 5672, 5984, 6379, 6380, 7687, 8086, 9042, 9092, 9200, 9300}
    | {11211, 26379, 27017, 27018, 27019, 50000}
)
PLAINTEXT_PORTS = frozenset({20, 21, 23, 25, 69, 80, 110, 143, 389, 512, 513, 514, 1883})
_STORES = frozenset({ResourceType.DATABASE, ResourceType.CACHE, ResourceType.QUEUE})
_MOVING = frozenset(
    {"latest", "stable", "main", "master", "edge", "nightly", "dev", "rolling", "lts"}
)
_ENVIRONMENTS = {"prod": "production", "live": "production", "stage": "staging", "qa": "test"}
_ENVIRONMENTS |= {"testing": "test", "dev": "development", "preprod": "staging"}
_PERSONAL = frozenset({"personal", "special", "cardholder", "phi"})
_REGULATED = frozenset({"cardholder", "phi", "special"})
_NEIGHBOURS = 20
_NO_RULES: Mapping[str, Any] = {"d.rules_any_any": False, "d.unknown_targets": ()}


def environment_of(said: str | None) -> str | None:
    """The environment by its one name: prod and live are production."""
    word = said.strip().casefold() if said else None
    return _ENVIRONMENTS.get(word, word) if word else None


class Derived:
    """The facts below `d` of one blueprint."""

    def __init__(
        self,
        graph: Graph,
        declared: Mapping[str, Mapping[str, Any]],
        *,
        lifecycle: Lifecycle,
        today: date,
    ) -> None:
        self._graph = graph
        self._declared = declared
        self._lifecycle = lifecycle
        self._today = today

    def of(self, resource: Resource, software: str | None) -> dict[str, Any]:
        """All of them for one resource."""
        declared = self._declared[resource.name]
        return {
            **self._reach(resource, declared),
            **self._relations(resource),
            **self._redundancy(resource, declared),
            **self._age(resource, software),
            **_data(declared),
            **self._place(declared),
            **self._firewall(resource),
        }

    # ── exposure ─────────────────────────────────────────────────────────────────────────────

    @cached_property
    def exposures(self) -> Mapping[str, Exposure]:
        """How far each resource can be reached from outside."""
        inside = {n for n, facts in self._declared.items() if facts.get("r.exposure") == "internal"}
        found = Exposures(self._graph, inside=inside)
        return {resource.name: found.of(resource) for resource in self._graph.resources}

    def _reach(self, resource: Resource, declared: Mapping[str, Any]) -> dict[str, Any]:
        found = self.exposures[resource.name]
        reached = {*found.ports, *found.opened}
        stores = resource.type in _STORES
        plain = PLAINTEXT_PORTS - ({80} if declared.get("r.tls.redirects_http") else set())
        return {
            "d.ports": tuple(port.target for port in self._graph.ports_of(resource)),
            "d.internet_exposed": found.exposed,
            "d.exposed_directly": found.direct,
            "d.exposed_via": found.via,
            "d.exposed_ports": found.ports,
            "d.admin_ports_open": _among(reached, ADMIN_PORTS),
            "d.data_ports_open": tuple(sorted(reached)) if stores else _among(reached, DATA_PORTS),
            "d.plaintext_ports": _among(found.ports, plain),
            "d.any_port_open": found.any_port,
            "d.firewalled": found.firewalled,
            "d.default_deny": found.default_deny,
            **self._neighbours(resource),
        }

    @cached_property
    def _public_members(self) -> Mapping[str, list[str]]:
        """What is exposed directly, by network."""
        found: dict[str, list[str]] = defaultdict(list)
        for resource in self._graph.resources:
            if self.exposures[resource.name].direct:
                for network in self._graph.memberships[resource.name]:
                    found[network].append(resource.name)
        return found

    def _neighbours(self, resource: Resource) -> dict[str, Any]:
        networks = self._graph.memberships[resource.name]
        found: dict[str, None] = {}
        for network in networks:
            for name in self._public_members.get(network, [])[: _NEIGHBOURS + 1]:
                if name != resource.name:
                    found[name] = None
        return {
            "d.networks": networks,
            "d.shares_subnet_with_public": bool(found),
            "d.public_neighbours": tuple(found)[:_NEIGHBOURS],
        }

    # ── who needs whom ───────────────────────────────────────────────────────────────────────

    @cached_property
    def _in_cycles(self) -> frozenset[str]:
        return frozenset(name for cycle in self._graph.cycles for name in cycle)

    def _relations(self, resource: Resource) -> dict[str, Any]:
        balancers = self._graph.balancers_of.get(resource.name, ())
        return {
            "d.load_balanced": bool(balancers),
            "d.load_balancers": balancers,
            "d.backend_instances": self._spread.get(resource.name, 0),
            "d.dependents": self._graph.dependents.get(resource.name, ()),
            "d.missing_dependencies": self._graph.missing.get(resource.name, ()),
            "d.in_cycle": resource.name in self._in_cycles,
            "d.address_clash": resource.network.private_ip in self.clashing_addresses,
        }

    @cached_property
    def _spread(self) -> Mapping[str, int]:
        """How many instances each load balancer spreads over."""
        graph = self._graph
        everything = sum(graph.by_name[name].count for name in graph.default_backends)
        return {
            balancer.name: everything
            if (backends := graph.backends_of(balancer)) is graph.default_backends
            else sum(graph.by_name[name].count for name in backends)
            for balancer in graph.of_type(ResourceType.LOAD_BALANCER)
        }

    @cached_property
    def clashing_addresses(self) -> frozenset[str | None]:
        """Addresses that more than one resource, or instance, has."""
        counted: dict[str, int] = defaultdict(int)
        for resource in self._graph.resources:
            own, outside = resource.network.private_ip, resource.network.public_ip
            for address in (own, outside if isinstance(outside, str) else None):
                if address:
                    counted[address] += resource.count
        return frozenset(address for address, count in counted.items() if count > 1)

    # ── redundancy ───────────────────────────────────────────────────────────────────────────

    @cached_property
    def _tiers(self) -> Mapping[str, Any]:
        return tiers_of(self._graph, self._declared)

    @cached_property
    def _replicas(self) -> Mapping[str, int]:
        return replicas_of(self._graph)

    @cached_property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """What each resource is there for."""
        pairs = zip(self._graph.resources, self._graph.software, strict=True)
        return {resource.name: roles.roles_of(resource, software) for resource, software in pairs}

    def _redundancy(self, resource: Resource, declared: Mapping[str, Any]) -> dict[str, Any]:
        tier = self._tiers.get(resource.name)
        specs = resource.specs
        stateful = resource.type in DATA | {ResourceType.VOLUME} or any(
            not mount.read_only for mount in resource.mounts
        )
        return {
            "d.tier_size": tier.size if tier else resource.count,
            "d.tier_hosts": tier.hosts if tier else None,
            "d.tier_zones": tier.zones if tier else None,
            "d.replicas": self._replicas.get(resource.name, resource.count),
            "d.stateful": stateful,
            "d.backed_up": self._backed_up(resource),
            "d.limits_set": specs.cpu is not None and specs.memory is not None,
            "d.monitored": declared.get("r.monitoring.enabled") is True or self.measured,
        }

    def _backed_up(self, resource: Resource) -> bool:
        if resource.backup is not None:
            return resource.backup.enabled
        users = self._graph.dependents.get(resource.name, ())
        return any(roles.BACKUP in self.roles[name] for name in users)

    @cached_property
    def measured(self) -> bool:
        """Whether something in the blueprint measures the rest."""
        return any(roles.MONITORING in found for found in self.roles.values())

    # ── age ──────────────────────────────────────────────────────────────────────────────────

    def _age(self, resource: Resource, software: str | None) -> dict[str, Any]:
        catalogue = self._graph.catalogue
        entry = catalogue.find(software) if catalogue and software else None
        version = resource.version or (entry.default_version if entry else None)
        tag, digest = image_parts(resource.image)
        life, today = self._lifecycle, self._today
        product = (software or "").removesuffix("-replica") or None
        system, release = os_of(resource.image)
        return {
            "d.engine_eol_days": life.days_left(product, version, today=today),
            "d.os_eol_days": life.system_days_left(system, release, today=today),
            "d.engine_updates": life.told(product, version, today=today),
            "d.os_updates": life.system_told(system, release, today=today),
            "d.version_pinned": digest is not None
            or _fixed(resource.version)
            or _fixed(tag)
            or (resource.type is ResourceType.VM and release is not None),
        }

    # ── place and firewalls ──────────────────────────────────────────────────────────────────

    def _place(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        environment = environment_of(declared.get("r.environment"))
        return {
            "d.environment": environment,
            "d.production": environment == "production",
            "d.region_in_eea": in_eea(declared.get("r.location.region")),
        }

    def _firewall(self, resource: Resource) -> Mapping[str, Any]:
        rules = resource.rules
        if not rules:
            return _NO_RULES
        unknown = (
            name
            for rule in rules
            for name in (rule.source, rule.target)
            if name != ANY and name not in self._graph.by_name and not _is_address(name)
        )
        return {
            "d.rules_any_any": any(
                rule.action == "allow"
                and not rule.ports
                and is_anywhere(rule.source)
                and is_anywhere(rule.target)
                for rule in rules
            ),
            "d.unknown_targets": tuple(dict.fromkeys(unknown)),
        }


def _among(ports: Collection[int], known: Collection[int]) -> tuple[int, ...]:
    return tuple(sorted(port for port in ports if port in known))


def _fixed(version: str | None) -> bool:
    return (
        version is not None
        and version.casefold() not in _MOVING
        and any(character.isdigit() for character in version)
    )


def _is_address(name: str) -> bool:
    return "/" in name or ":" in name or name.replace(".", "").isdigit()


def _data(declared: Mapping[str, Any]) -> dict[str, Any]:
    classes = frozenset(declared.get("r.data.classes") or ())
    return {
        "d.personal_data": bool(classes & _PERSONAL),
        "d.regulated": bool(classes & _REGULATED),
    }


def is_host(resource: Resource) -> bool:
    """Whether people have to get into it to look after it."""
    return resource.type in COMPUTE - {ResourceType.SERVICE} | {ResourceType.KUBERNETES_CLUSTER}
