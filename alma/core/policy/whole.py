"""Facts about a blueprint as a whole: what there is at all, and what gets in each other's way."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from alma.core.model.blueprint import Blueprint, ResourceType, SecretRef
from alma.core.policy import roles
from alma.core.policy.declared import at
from alma.core.policy.derived import Derived, environment_of, is_host
from alma.core.policy.exposure import ANY
from alma.core.policy.graph import Graph
from alma.core.policy.plaintext import inline_secrets
from alma.core.policy.waivers import Faulty

_DECLARED = {
    "g.has_admin_path": (("admin_path",), ("access", "bastion"), ("access", "vpn")),
    "g.has_log_sink": (("logging", "remote"), ("logging", "sink")),
    "g.has_monitoring": (("monitoring", "enabled"), ("monitoring",)),
    "g.has_alerting": (("monitoring", "alerts"), ("alerting",)),
    "g.has_backup_target": (("backup", "target"), ("backup", "offsite")),
    "g.has_secret_store": (("secrets", "store"),),
    "g.has_intrusion_detection": (("intrusion_detection",),),
}
_ROLES = {
    "g.has_admin_path": roles.ACCESS,
    "g.has_log_sink": roles.LOGS,
    "g.has_monitoring": roles.MONITORING,
    "g.has_alerting": roles.ALERTING,
    "g.has_backup_target": roles.BACKUP,
    "g.has_secret_store": roles.SECRETS,
    "g.has_intrusion_detection": roles.INTRUSION,
}


def whole_of(
    graph: Graph,
    derived: Derived,
    declared: Mapping[str, Mapping[str, Any]],
    *,
    faulty: Faulty,
) -> dict[str, Any]:
    """The facts below `g`."""
    exposed = (name for name, found in derived.exposures.items() if found.exposed)
    classes = {item for facts in declared.values() for item in facts.get("r.data.classes") or ()}
    return {
        "g.resources": len(graph.resources),
        "g.instances": sum(resource.count for resource in graph.resources),
        "g.types": tuple(sorted({resource.type.value for resource in graph.resources})),
        "g.data_classes": tuple(sorted(classes)),
        "g.exposed": tuple(exposed),
        "g.has_hosts": any(map(is_host, graph.resources)),
        "g.cycle": tuple(graph.cycles[0]) if graph.cycles else (),
        "g.waivers_invalid": faulty.invalid,
        "g.waivers_expired": faulty.expired,
        **_environments(graph, declared),
        **_purposes(graph.blueprint, derived),
        **_secrets(graph),
        **_networks(graph),
        **_clashes(graph, derived),
        **_unused(graph),
    }


def _environments(graph: Graph, declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is not production, but lives with it: in the blueprint, as each says for itself."""
    found = {
        resource.name: environment_of(declared[resource.name].get("r.environment"))
        for resource in graph.resources
    }
    named = Counter(word for word in found.values() if word)
    mixed = sum(count for word, count in named.items() if word != "production")
    return {
        "g.environments": tuple(sorted(named)),
        "g.n_production_mixed": mixed if named["production"] else 0,
    }


def _purposes(blueprint: Blueprint, derived: Derived) -> dict[str, Any]:
    there = frozenset().union(*derived.roles.values()) if derived.roles else frozenset()
    return {
        name: role in there or any(_declares(blueprint.metadata, path) for path in _DECLARED[name])
        for name, role in _ROLES.items()
    }


def _declares(metadata: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """A yes, or a name."""
    value = at(metadata, path)
    return value is True or (isinstance(value, str) and value.strip() != "")


def _secrets(graph: Graph) -> dict[str, Any]:
    referred = any(
        isinstance(value, SecretRef) for r in graph.resources for value in r.env.values()
    )
    inline = any(True for r in graph.resources if r.env for _ in inline_secrets(r.env))
    store = {"g.has_secret_store": True} if referred else {}
    return {"g.uses_secrets": referred or inline, **store}


def _networks(graph: Graph) -> dict[str, Any]:
    return {
        "g.has_firewall": any(r.rules for r in graph.of_type(ResourceType.FIREWALL)),
        "g.has_load_balancer": any(True for _ in graph.of_type(ResourceType.LOAD_BALANCER)),
        "g.has_private_subnet": any(name not in graph.public_networks for name in graph.networks),
        "g.overlapping_networks": tuple(_overlapping(graph)),
        "g.shared_vlans": tuple(_on_one_vlan(graph)),
    }


def _on_one_vlan(graph: Graph) -> Iterable[str]:
    used = Counter(network.vlan for network in graph.of_type(ResourceType.NETWORK))
    return (
        network.name
        for network in graph.of_type(ResourceType.NETWORK)
        if network.vlan is not None and used[network.vlan] > 1
    )


def _overlapping(graph: Graph) -> Iterable[str]:
    """Sorted by their first address, a range overlaps an earlier one if and only if the farthest reaches into it."""
    order = sorted(
        graph.ranges.items(), key=lambda item: (item[1].version, int(item[1].network_address))
    )
    farthest: tuple[int, int, str] | None = None
    found: dict[str, None] = {}
    for name, range_ in order:
        first, last = int(range_.network_address), int(range_.broadcast_address)
        if farthest and farthest[0] == range_.version and first <= farthest[1]:
            found |= {farthest[2]: None, name: None}
        if not farthest or farthest[0] != range_.version or last > farthest[1]:
            farthest = (range_.version, last, name)
    return found


def _clashes(graph: Graph, derived: Derived) -> dict[str, Any]:
    names = Counter(resource.name.casefold() for resource in graph.resources)
    addresses = (address for address in derived.clashing_addresses if address is not None)
    return {
        "g.duplicate_names": tuple(name for name, count in names.items() if count > 1),
        "g.duplicate_addresses": tuple(sorted(addresses, key=_address_order)),
    }


def _address_order(address: str) -> tuple[int, int]:
    parsed = ipaddress.ip_address(address)
    return parsed.version, int(parsed)


def _unused(graph: Graph) -> dict[str, Any]:
    joined = {name for networks in graph.memberships.values() for name in networks}
    mounted = {mount.volume for resource in graph.resources for mount in resource.mounts}
    volumes = (volume.name for volume in graph.of_type(ResourceType.VOLUME))
    known = {ANY, *graph.by_name}
    return {
        "g.unused_networks": tuple(name for name in graph.networks if name not in joined),
        "g.unused_volumes": tuple(name for name in volumes if name not in mounted),
        "g.unused_firewalls": tuple(
            firewall.name
            for firewall in graph.of_type(ResourceType.FIREWALL)
            if not any(rule.target in known or "." in rule.target for rule in firewall.rules)
        ),
    }
