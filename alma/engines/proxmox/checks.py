"""What is wrong, or worth knowing, before anything is done: each thing by name, with the next step. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.state import DesiredResource, ObservedResource, Placement
from alma.core.model.suggest import did_you_mean
from alma.engines.proxmox import privileges
from alma.engines.proxmox.cards import Card, cards_of
from alma.engines.proxmox.cluster import QUORUM_HINT, GuestKind
from alma.engines.proxmox.facts import TOO_OLD, TOO_OLD_HINT, Facts
from alma.engines.proxmox.options import Features, Kind, kind_of, options_of
from alma.engines.proxmox.privileges import Lack, Task
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.sources import Source, SourceKind, image_of
from alma.engines.proxmox.wants import Obstacle, Remark

_FIRST_WITHOUT_HA_GROUPS = 9


def at(address: str, field: str = "") -> str:
    """The path of an option; without one, of what the guest is made from."""
    return f"{address}.options.proxmox.{field}" if field else f"{address}.image"


def of_remark(remark: Remark) -> Diagnostic:
    """What placing found, as a diagnostic."""
    return Diagnostic(
        severity=remark.severity,
        code=remark.code,
        path=at(remark.address, remark.field) if remark.address else "",
        message=remark.message,
        hint=remark.hint,
    )


# ── the cluster ──────────────────────────────────────────────────────────────────────────────────


def of_cluster(facts: Facts) -> Iterator[Diagnostic]:
    """A lost quorum stops every plan, and so does a version that is too old; a node that is down is told."""
    cluster = facts.cluster
    if facts.too_old:
        message = TOO_OLD.format(facts.version)
        yield Diagnostic(code="too_old", message=message, hint=TOO_OLD_HINT)
    if not cluster.quorate:
        yield Diagnostic(code="no_quorum", message=cluster.no_quorum(), hint=QUORUM_HINT)
    for name in sorted(cluster.offline):
        yield Diagnostic(
            severity=Severity.WARNING,
            code="cluster_degraded",
            message=f"node {name} of {cluster.name} is offline",
            hint="nothing is placed there; what lives there is left as it is",
        )


# ── one resource ─────────────────────────────────────────────────────────────────────────────────


def root_only(desired: DesiredResource, facts: Facts) -> Iterator[Diagnostic]:
    """What Proxmox lets only root@pam set, at a login with its password: to a token it says no, even to root's."""
    if facts.who.is_root or kind_of(desired) is not Kind.LXC:
        return
    options = options_of(desired)
    features = options.features or Features()
    wanted = [name for name in ("fuse", "keyctl", "mknod") if getattr(features, name) is not None]
    wanted += ["mount"] if features.mount else []
    if not options.unprivileged and features.nesting is not None:
        wanted.append("nesting")
    for name in wanted:
        of = "" if options.unprivileged else " of a privileged container"
        yield Diagnostic(
            code="root_only",
            path=at(desired.address, f"features.{name}"),
            message=f"only root@pam may set the feature '{name}'{of}, and ALMA is {facts.who.words}",
            hint="leave it out; or log in as root@pam with its password: no token may do this, not even root's",
        )


def nesting(desired: DesiredResource) -> Iterator[Diagnostic]:
    """Newer versions of systemd start some services in namespaces of their own, which takes `nesting`."""
    options = options_of(desired)
    system = image_of(desired, options).system
    features = options.features or Features()
    if kind_of(desired) is not Kind.LXC or system is None or not system.nesting:
        return
    if features.nesting is None and options.unprivileged:
        yield Diagnostic(
            severity=Severity.INFO,
            code="nesting_advised",
            path=at(desired.address, "features.nesting"),
            message=f"some services of {system.name} don't start in a container without the feature 'nesting'",
            hint="set options.proxmox.features.nesting: true, or false to say that it is meant so",
        )


def untold(
    desired: DesiredResource, placement: Placement | None, *, bridge: str | None
) -> Iterator[Diagnostic]:
    """A machine tells its address through the guest agent, which publishers leave out of their images. So where an
    image is taken and DHCP chooses the address, nobody can get in to set anything up."""
    site = placement.site if placement else {}
    from_image = site.get("kind") == GuestKind.QEMU and "image_storage" in site
    set_up = desired.mounts or (desired.recipe is not None and desired.recipe.known)
    if not from_image or not set_up:
        return
    if any(card.fixed for card in cards_of(desired, bridge=bridge)):
        return
    yield Diagnostic(
        severity=Severity.WARNING,
        code="address_untold",
        path=f"{desired.address}.network.private_ip",
        message="it is made from a disk image, which seldom has the guest agent inside, and gets its address by DHCP: "
        "ALMA may not learn where it is, and could set nothing up in it then",
        hint="give it a fixed address, or clone a template that has qemu-guest-agent (options.proxmox.template)",
    )


def pool(desired: DesiredResource, facts: Facts, settings: ProxmoxSettings) -> Iterator[Diagnostic]:
    """A pool has to be there: ALMA makes none."""
    wanted = options_of(desired).pool or settings.pool
    if wanted is None or facts.pools is None or wanted in facts.pools:
        return
    if facts.permissions.missing(f"/pool/{wanted}", "Pool.Audit"):
        hint = f"or ALMA may not see it: Pool.Audit on /pool/{wanted} is missing"
    else:
        hint = did_you_mean(wanted, facts.pools) or "make the pool first"
    yield Diagnostic(
        code="unknown_pool",
        path=at(desired.address, "pool"),
        message=f"there is no pool '{wanted}' in {facts.cluster.name}",
        hint=hint,
    )


def ha(desired: DesiredResource, facts: Facts, placement: Placement | None) -> Iterator[Diagnostic]:
    """HA moves a guest only to where its disks are."""
    options = options_of(desired)
    if options.ha is None:
        return
    path = at(desired.address, "ha")
    group, cluster = options.ha.group, facts.cluster
    if group is not None and (facts.major or 0) >= _FIRST_WITHOUT_HA_GROUPS:
        message = f"Proxmox VE {facts.version} has rules in the place of HA groups"
        hint = "leave the group out, and make a node affinity rule for the guest in Proxmox"
        yield Diagnostic(code="no_ha_groups", path=f"{path}.group", message=message, hint=hint)
    elif group is not None and facts.ha_groups is not None and group not in facts.ha_groups:
        hint = did_you_mean(group, facts.ha_groups) or "make the group first, or leave it out"
        message = f"there is no HA group '{group}' in {cluster.name}"
        yield Diagnostic(code="unknown_ha_group", path=f"{path}.group", message=message, hint=hint)
    site = placement.site if placement else {}
    storage = cluster.storage(site.get("node", ""), site.get("storage", ""))
    if storage is not None and not storage.shared:
        yield Diagnostic(
            severity=Severity.WARNING,
            code="ha_on_local_storage",
            path=path,
            message=f"its disks are on {storage.name}, which only {storage.node} has: HA can't start it elsewhere",
            hint="name a shared storage in options.proxmox.storage",
        )


def numbers(wanted: int, facts: Facts, settings: ProxmoxSettings) -> Iterator[Diagnostic]:
    """Every guest needs a VMID out of those that the settings leave to ALMA."""
    first, last = settings.vmid_first, settings.vmid_last
    free = last - first + 1 - sum(first <= vmid <= last for vmid in facts.cluster.vmids)
    if wanted > free:
        yield Diagnostic(
            code="no_vmids",
            message=f"{wanted} guests need a VMID, and {max(free, 0)} are free from {first} to {last}",
            hint="widen the range in the settings (vmid_first, vmid_last)",
        )


# ── networks ─────────────────────────────────────────────────────────────────────────────────────


def no_bridge(node: str, cards: Sequence[Card], facts: Facts) -> Obstacle | None:
    """Why these cards can't be connected on that node. A bridge that ALMA may not use is not seen: its privileges are
    told apart."""
    known = facts.bridges.get(node)
    if known is None:
        return None
    for card in cards:
        path = f"/sdn/zones/{facts.zone(card.bridge)}/{card.bridge}"
        if card.bridge in known or facts.permissions.missing(path, "SDN.Use"):
            continue
        meant = did_you_mean(card.bridge, known) or "the node has none that ALMA sees"
        hint = f"{meant}; a new one is made in Proxmox, under Network or SDN"
        return Obstacle("unknown_bridge", "bridge", f"has no bridge or VNet '{card.bridge}'", hint)
    return None


def unconnectable(
    desired: DesiredResource, node: str, facts: Facts, settings: ProxmoxSettings
) -> Iterator[Diagnostic]:
    """A guest that stays on a node can't be connected to what that node has not."""
    found = no_bridge(node, cards_of(desired, bridge=settings.bridge), facts)
    if found is not None:
        path, message = at(desired.address, found.field), f"{node} {found.text}"
        yield Diagnostic(code=found.code, path=path, message=message, hint=found.hint)


def addresses(
    desired: Iterable[DesiredResource], settings: ProxmoxSettings, *, fresh: Collection[str]
) -> Iterator[Diagnostic]:
    """Fixed addresses: each once, inside its network, and with a way out; the last is said only of the `fresh` ones,
    which would get it now."""
    owners: dict[str, str] = {}
    for item in desired:
        fixed = [
            (card, card.fixed)
            for card in cards_of(item, bridge=settings.bridge)
            if card.fixed is not None
        ]
        for card, address in fixed:
            owner = owners.setdefault(address, item.address)
            if owner != item.address:
                yield _twice(item.address, address, owner)
            yield from _outside(item, address)
            if item.address in fresh:
                yield from _no_way_out(item, card, address)


def _twice(address: str, fixed: str, owner: str) -> Diagnostic:
    return Diagnostic(
        code="address_twice",
        path=at(address, "address"),
        message=f"{address} and {owner} both have the address {fixed}",
        hint="give each its own, or dhcp",
    )


def _outside(item: DesiredResource, address: str) -> Iterator[Diagnostic]:
    cidrs = [network.cidr for network in item.attached if network.cidr]
    inside = [c for c in cidrs if ipaddress.ip_address(address) in ipaddress.ip_network(c)]
    if options_of(item).address is None or not cidrs or inside:
        return
    yield Diagnostic(
        code="address_outside",
        path=at(item.address, "address"),
        message=f"{address} is outside of {', '.join(cidrs)}, the network it is attached to",
        hint="take an address inside, or attach it to the network it belongs to",
    )


def _no_way_out(item: DesiredResource, card: Card, address: str) -> Iterator[Diagnostic]:
    gateway = card.gateway6 if ":" in address else card.gateway
    if gateway is None:
        yield Diagnostic(
            severity=Severity.WARNING,
            code="no_gateway",
            path=at(item.address, "gateway"),
            message=f"{item.address} has the fixed address {address} and no gateway: it reaches its own network only",
            hint="set options.proxmox.gateway on it or on its network",
        )


# ── what exists ──────────────────────────────────────────────────────────────────────────────────


def protected(observed: Iterable[ObservedResource], *, why: str) -> Iterator[Diagnostic]:
    """Guests that Proxmox will not remove."""
    for item in observed:
        if item.properties.get("options.protection"):
            yield Diagnostic(
                code="protected",
                path=item.address,
                message=f"{item.name} (guest {item.object_id}) is protected and would be {why}",
                hint="switch its protection off in Proxmox first, if it may go",
            )


def stays(desired: DesiredResource, node: str) -> Iterator[Diagnostic]:
    """A guest is not moved because somebody names another node."""
    wanted = options_of(desired).node
    if wanted is not None and wanted != node:
        yield Diagnostic(
            severity=Severity.WARNING,
            code="stays_on_node",
            path=at(desired.address, "node"),
            message=f"{desired.address} is on {node} and stays there, although {wanted} is asked for",
            hint="migrate it in Proxmox: ALMA finds it wherever it is",
        )


# ── privileges ───────────────────────────────────────────────────────────────────────────────────


def lacks_for(
    desired: DesiredResource,
    facts: Facts,
    settings: ProxmoxSettings,
    *,
    placement: Placement,
    source: Source | None,
) -> list[Lack]:
    """What is missing to make this guest there."""
    options, site = options_of(desired), placement.site
    node, storage = site["node"], site.get("storage")
    wanted = options.pool or settings.pool
    machine = site.get("kind") == GuestKind.QEMU
    makes = Task.MAKE_VM if machine else Task.MAKE_CONTAINER
    tasks: list[tuple[Task, Mapping[str, str | None]]] = [
        *((task, {"pool": wanted, "vmid": None}) for task in (makes, Task.RUN)),
        *((task, {"storage": storage}) for task in (Task.SEE_STORAGE, Task.DISKS)),
        *_connected(desired, facts, settings),
        *(_made_from(source) if source else ()),
    ]
    if machine and options.agent is not False:
        tasks.append((Task.AGENT, {"pool": wanted, "vmid": None}))
    if options.snapshot_before_update:
        tasks.append((Task.SNAPSHOT, {"pool": wanted, "vmid": None}))
    if options.ha is not None:
        tasks.append((Task.HA, {}))
    if machine and options.startup is not None:
        tasks.append((Task.ORDER, {}))
    tasks.append((Task.LOOK, {"node": node}))
    return _missing(tasks, facts)


def _connected(
    desired: DesiredResource, facts: Facts, settings: ProxmoxSettings
) -> Iterator[tuple[Task, Mapping[str, str | None]]]:
    for card in cards_of(desired, bridge=settings.bridge):
        if facts.is_unplaced(card.bridge):
            continue  # it would not be seen without a privilege there
        bridge = card.bridge if card.vlan is None else f"{card.bridge}/{card.vlan}"
        yield Task.NETWORK, {"zone": facts.zone(card.bridge), "bridge": bridge}


def _made_from(source: Source) -> Iterator[tuple[Task, Mapping[str, str | None]]]:
    if source.kind is SourceKind.CLONE:
        yield Task.CLONE, {"template": str(source.vmid)}
        return
    yield Task.SEE_STORAGE, {"storage": source.storage}
    if not source.there:
        yield Task.DOWNLOAD, {"storage": source.storage}


def lacks_to_remove(vmids: Iterable[str], facts: Facts) -> list[Lack]:
    """What is missing to remove these guests."""
    tasks: list[tuple[Task, Mapping[str, str | None]]] = []
    for vmid in vmids:
        guest = facts.cluster.guest(int(vmid)) if vmid.isdigit() else None
        tasks.append((Task.REMOVE, {"vmid": vmid, "pool": guest.pool if guest else None}))
    return _missing(tasks, facts)


def lacks_to_change(vmid: str, facts: Facts, *, paths: Collection[str] = ()) -> list[Lack]:
    """What is missing to change that guest at these paths."""
    guest = facts.cluster.guest(int(vmid)) if vmid.isdigit() else None
    machine = guest is not None and guest.kind is GuestKind.QEMU
    makes = Task.MAKE_VM if machine else Task.MAKE_CONTAINER
    pool = guest.pool if guest else None
    tasks: list[tuple[Task, Mapping[str, str | None]]] = [
        (task, {"vmid": vmid, "pool": pool}) for task in (makes, Task.RUN)
    ]
    if machine and "options.startup" in paths:
        tasks.append((Task.ORDER, {}))
    return _missing(tasks, facts)


def _missing(tasks: Iterable[tuple[Task, Mapping[str, str | None]]], facts: Facts) -> list[Lack]:
    found: list[Lack] = []
    for task, places in tasks:
        found += privileges.lacking(facts.permissions, task, version=facts.major, **places)
    return found


def of_lacks(lacks: Iterable[Lack], facts: Facts) -> Iterator[Diagnostic]:
    """Each path once, with everything that is missing there."""
    for lack in privileges.merged(lacks):
        remedy = lack.remedy(facts.who.name, token=facts.who.token)
        also = "; its user needs them as well" if facts.who.token else ""
        yield Diagnostic(
            code="missing_privilege",
            message=f"{facts.who.words} lacks {lack}",
            hint=f"as root on a node: {remedy}{also}",
        )


def fetched_here(source: Source, node: str, facts: Facts) -> Iterator[Diagnostic]:
    """An image that the node may not download goes through ALMA."""
    if source.there or source.url is None or privileges.may_fetch(facts.permissions, node):
        return
    yield Diagnostic(
        severity=Severity.INFO,
        code="image_goes_through_alma",
        message=f"ALMA downloads {source.file} and uploads it to {source.storage} on {node}: the node may not be "
        "told to",
        hint=f"Sys.AccessNetwork on /nodes/{node}, or Sys.Audit and Sys.Modify on /, spare the detour",
    )
