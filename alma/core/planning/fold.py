"""Puts networks, volumes and firewalls into the instances that refer to them, for engines where these are no objects of
their own: where a network is a bridge that has always been there, and a disk and a firewall belong to one guest.

After this step such an engine sees instances only, and each carries all that concerns it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alma.core.model.blueprint import DATA, Blueprint, FirewallRule, ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import EngineTraits
from alma.core.model.state import DesiredResource, ResolvedMount

ANY = "any"


def fold(
    resources: Sequence[DesiredResource], blueprint: Blueprint, traits: EngineTraits
) -> tuple[list[DesiredResource], list[Diagnostic]]:
    """The instances that are objects on the engine, each with what it carries, and what can't be carried."""
    inner = _inner_types(traits)
    if not inner:
        return [*resources], []
    by_address = {item.address: item for item in resources}
    gone = {address for address, item in by_address.items() if item.type in inner}
    diagnostics = [*_volume_faults(resources, blueprint)] if ResourceType.VOLUME in inner else []
    firewalls = blueprint.resources if ResourceType.FIREWALL in inner else ()
    rules = [rule for item in firewalls for rule in item.rules]
    known = _addresses(blueprint)
    # Where networks are objects of their own, the engine gives out addresses, and knows its instances by name.
    names = {address: name for name, address in known.items()}
    sources = names if traits.separate_networks else known
    kept = [
        _carrying(item, by_address, gone, rules=[*_rules_for(item, rules, known, sources)])
        for item in resources
        if item.address not in gone
    ]
    return kept, diagnostics


def _inner_types(traits: EngineTraits) -> set[ResourceType]:
    separate = {
        ResourceType.NETWORK: traits.separate_networks,
        ResourceType.VOLUME: traits.separate_volumes,
        ResourceType.FIREWALL: traits.separate_firewalls,
    }
    return {type_ for type_, is_separate in separate.items() if not is_separate}


def _carrying(
    item: DesiredResource,
    by_address: Mapping[str, DesiredResource],
    gone: set[str],
    *,
    rules: Sequence[FirewallRule],
) -> DesiredResource:
    inner_networks = [name for name in item.networks if name in gone]
    mounts = tuple(_sized(mount, by_address, gone) for mount in item.mounts)
    written = any(mount.size is not None and not mount.read_only for mount in mounts)
    has_data = item.recipe is not None and bool(item.recipe.data or item.type in DATA)
    return item.model_copy(
        update={
            "attached": tuple(by_address[name].resource for name in inner_networks),
            "mounts": mounts,
            "rules": tuple(rules),
            "depends_on": tuple(name for name in item.depends_on if name not in gone),
            # Its data goes with it, so it is kept as a volume is.
            "retain": item.retain or written or has_data,
        }
    )


def _sized(
    mount: ResolvedMount, by_address: Mapping[str, DesiredResource], gone: set[str]
) -> ResolvedMount:
    if mount.volume not in gone:
        return mount
    volume = by_address[mount.volume]
    return mount.model_copy(update={"size": volume.disk, "options": volume.resource.options})


def _volume_faults(
    resources: Sequence[DesiredResource], blueprint: Blueprint
) -> Iterator[Diagnostic]:
    users: dict[str, list[str]] = {r.address: [] for r in resources if r.type == "volume"}
    for item in resources:
        for mount in item.mounts:
            users.setdefault(mount.volume, []).append(item.address)
    places = {
        address: index
        for index, resource in enumerate(blueprint.resources)
        for address in resource.instance_names()
    }
    for address, mounted in users.items():
        path = f"resources.{places.get(address, 0)}"
        if not mounted:
            yield Diagnostic(
                severity=Severity.WARNING,
                code="unused_volume",
                path=path,
                message=f"nothing mounts volume '{address}', so no disk is made for it",
                hint="a disk belongs to a guest here: mount the volume in one",
            )
        elif len(mounted) > 1:
            yield Diagnostic(
                code="shared_volume",
                path=path,
                message=f"volume '{address}' is mounted by {', '.join(mounted)}, and a disk belongs to one guest here",
                hint="give each its own volume, or share files over the network",
            )


# ── firewall rules ───────────────────────────────────────────────────────────────────────────────


def _addresses(blueprint: Blueprint) -> dict[str, str]:
    """What names in rules stand for, as far as it is known before anything runs."""
    found = {r.name: r.network.private_ip for r in blueprint.resources if r.network.private_ip}
    found |= {r.name: r.cidr for r in blueprint.resources if r.cidr}
    return found


def _rules_for(
    item: DesiredResource,
    rules: Sequence[FirewallRule],
    known: Mapping[str, str],
    sources: Mapping[str, str],
) -> Iterator[FirewallRule]:
    """The rules about what reaches this instance, in order. `known` are the addresses that names in the blueprint stand
    for, and `sources` what takes the place of a source: addresses that of names, or the other way round."""
    names = {ANY, item.address, item.resource.name, *item.networks, *_cidrs_of(item, known)}
    for rule in rules:
        if rule.target in names:
            yield rule.model_copy(update={"source": sources.get(rule.source, rule.source)})


def _cidrs_of(item: DesiredResource, known: Mapping[str, str]) -> set[str]:
    own = item.resource.network.private_ip
    return {known[name] for name in item.networks if name in known} | ({own} if own else set())
