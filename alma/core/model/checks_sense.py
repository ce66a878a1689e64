"""What can be deployed as it is written, and is probably not what was meant.

Nothing here is an error: each remark is a warning with what to do about it. Costs grow with the document; only rules of
one firewall are compared with each other.
"""

from __future__ import annotations

import ipaddress
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from alma.core.model.base import Json
from alma.core.model.blueprint import DATA, WORKLOADS, FirewallRule, Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity

Indexed = Sequence[tuple[int, Resource]]

_T = ResourceType
_RUNS = WORKLOADS | {_T.KUBERNETES_CLUSTER}
_REPLICA = re.compile(
    r"(^|[-_.])(read-?replica|replica|standby|secondary|follower|slave)s?([-_.]|\d|$)",
    re.IGNORECASE,
)
_ROLES = frozenset({"replica", "read-replica", "standby", "secondary", "follower", "slave"})
_HIGH = frozenset({"high", "critical", "ha", "true", "yes", "required", "enabled"})
_HA_WORDS = ("ha", "high_availability", "high-availability", "availability")
# The addresses of a network that no instance gets: its own, the broadcast address, and a gateway.
_NOT_FREE = 3
_MOST_RULES = 500


def check_sense(resources: Indexed) -> Iterator[Diagnostic]:
    """Replicas without a primary, high availability of one, clusters that can't vote, volumes with several writers,
    addresses in no joined network, full networks, rules that never match. Who a load balancer spreads over is said
    where that is worked out: one that names nobody takes what listens."""
    for index, resource in resources:
        yield from _availability(index, resource)
        yield from _cluster(index, resource)
        yield from _firewall(index, resource)
    yield from _replicas(resources)
    yield from _writers(resources)
    yield from _networks(resources)


def _warning(code: str, index: int, path: str, message: str, hint: str) -> Diagnostic:
    where = f"resources.{index}.{path}" if path else f"resources.{index}"
    return Diagnostic(severity=Severity.WARNING, code=code, path=where, message=message, hint=hint)


# ── one resource ─────────────────────────────────────────────────────────────────────────────────


def _availability(index: int, resource: Resource) -> Iterator[Diagnostic]:
    """Somebody wrote that it has to survive a failure, and there is one of it."""
    where = _asks_for_availability(resource)
    if where is None or resource.type not in _RUNS:
        return
    nodes = resource.specs.roles[0] if resource.type is _T.KUBERNETES_CLUSTER else resource.count
    if nodes == 1:
        what = "control-plane node" if resource.type is _T.KUBERNETES_CLUSTER else "instance"
        message = f"'{resource.name}' is to be highly available with one {what}"
        hint = "ask for two or more; of what votes, for three"
        yield _warning("availability_of_one", index, where, message, hint)


def _asks_for_availability(resource: Resource) -> str | None:
    for field in ("metadata", "labels"):
        said: Mapping[str, Json] = getattr(resource, field)
        for word in _HA_WORDS:
            if word in said and str(said[word]).casefold() in _HIGH:
                return f"{field}.{word}"
    return None


def _cluster(index: int, resource: Resource) -> Iterator[Diagnostic]:
    """A control plane votes: 2 survive no more failures than 1, and 4 no more than 3."""
    if resource.type is not _T.KUBERNETES_CLUSTER:
        return
    servers = resource.specs.roles[0]
    path = "specs.control_plane"
    if servers % 2 == 0:
        message = f"{servers} control-plane nodes survive no more failures than {servers - 1}"
        yield _warning("even_control_plane", index, path, message, f"ask for {servers + 1}")
    elif servers > 7:
        message = f"{servers} control-plane nodes: each more makes every write slower"
        yield _warning("large_control_plane", index, path, message, "ask for 5, and more workers")
    if servers > 1 and resource.specs.workers == 0:
        message = "without workers, everything runs on the control plane"
        yield _warning("no_workers", index, "specs.workers", message, "ask for workers too")


# ── firewalls ────────────────────────────────────────────────────────────────────────────────────


def _firewall(index: int, resource: Resource) -> Iterator[Diagnostic]:
    """The first rule that matches decides: what an earlier one covers is never reached."""
    if resource.type is not _T.FIREWALL:
        return
    rules = resource.rules[:_MOST_RULES]
    for number, rule in enumerate(rules):
        earlier = next((n for n in range(number) if _covers(rules[n], rule)), None)
        if earlier is None:
            continue
        same = "says the same" if rules[earlier].action == rule.action else "says the opposite"
        message = f"this rule never matches: rule {earlier} comes first, takes all of it and {same}"
        hint = "remove it, or put it before that rule"
        yield _warning("rule_never_matches", index, f"rules.{number}", message, hint)


def _covers(earlier: FirewallRule, later: FirewallRule) -> bool:
    return (
        _within(later.source, earlier.source)
        and _within(later.target, earlier.target)
        and _ports_within(later, earlier)
    )


def _ports_within(later: FirewallRule, earlier: FirewallRule) -> bool:
    if not earlier.ports:
        return True
    wide = {(port.target, port.protocol) for port in earlier.ports}
    return bool(later.ports) and all((p.target, p.protocol) in wide for p in later.ports)


def _within(narrow: str, wide: str) -> bool:
    """Whether all that the one means is meant by the other. Of names only what they show: `web-2` is of `web`."""
    if wide in {"any", narrow}:
        return True
    if narrow.removeprefix(f"{wide}-").isdecimal():
        return True
    one, other = _network(narrow), _network(wide)
    if one is None or other is None:
        return False
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return one.subnet_of(other)
    return False


@lru_cache(maxsize=4096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        return None


# ── several resources ────────────────────────────────────────────────────────────────────────────


def _replicas(resources: Indexed) -> Iterator[Diagnostic]:
    """A replica copies from something of its kind that is none."""
    primaries = {
        (item.type, _software(item))
        for _, item in resources
        if item.type in DATA and _replica_path(item) is None
    }
    kinds = {kind for kind, _ in primaries}
    for index, item in resources:
        path = _replica_path(item) if item.type in DATA else None
        if path is None:
            continue
        software = _software(item)
        if (item.type, software) in primaries or (not software and item.type in kinds):
            continue
        what = software or item.type.value.replace("_", " ")
        message = f"'{item.name}' is a replica, and there is no primary {what} to copy from"
        hint = "add the primary and name it in depends_on, or call this one otherwise"
        yield _warning("replica_without_primary", index, path, message, hint)


def _software(item: Resource) -> str:
    """What it runs, `postgresql` also for `postgresql-replica`."""
    return _REPLICA.sub("", (item.engine or "").casefold())


def _replica_path(item: Resource) -> str | None:
    """Where it says that it is a replica."""
    for field in ("metadata", "labels"):
        said: Mapping[str, Json] = getattr(item, field)
        if str(said.get("role", "")).casefold() in _ROLES:
            return f"{field}.role"
    if _REPLICA.search(item.engine or ""):
        return "engine"
    return "name" if _REPLICA.search(item.name) else None


def _writers(resources: Indexed) -> Iterator[Diagnostic]:
    """Two programs that write the same files, or several instances of what keeps data. Instances of one program that
    share files may be meant so; whether an engine can share them, its plan says."""
    volumes = {item.name: (index, item) for index, item in resources if item.type is _T.VOLUME}
    writers: dict[str, dict[str, None]] = defaultdict(dict)
    for _, item in resources:
        for mount in item.mounts:
            if mount.volume not in volumes or mount.read_only:
                continue
            # Of a volume with as many instances as who mounts it, each gets its own; the others share the first.
            own = volumes[mount.volume][1].count
            sharing = item.instance_names()[:1]
            if item.type in DATA:
                sharing += item.instance_names()[own:]
            writers[mount.volume].update(dict.fromkeys(sharing))
    for name, found in writers.items():
        if len(found) > 1:
            index, _ = volumes[name]
            more = f" and {len(found) - 4} more" if len(found) > 4 else ""
            message = f"'{name}' is written by {', '.join([*found][:4])}{more}"
            hint = "mount it read_only in all but one, or give each a volume of its own"
            yield _warning("several_writers", index, "", message, hint)


def _networks(resources: Indexed) -> Iterator[Diagnostic]:
    """Addresses that no joined network has, and networks with fewer addresses than those who join."""
    ranges = {
        item.name: (index, ipaddress.ip_network(item.cidr))
        for index, item in resources
        if item.type is _T.NETWORK and item.cidr
    }
    if not ranges:
        return
    joined: dict[str, int] = defaultdict(int)
    for index, item in resources:
        for name in set(item.network.attach):
            joined[name] += (
                sum(item.specs.roles) if item.type is _T.KUBERNETES_CLUSTER else item.count
            )
        if item.network.private_ip and not item.network.attach:
            yield from _homeless(index, item, ranges)
    for name, (index, network) in ranges.items():
        free = network.num_addresses - (_NOT_FREE if network.num_addresses > _NOT_FREE else 0)
        if joined[name] > free:
            message = f"{joined[name]} instances join '{name}', and {network} has {free} addresses for them"
            yield _warning("network_full", index, "cidr", message, "choose a larger range")


def _homeless(
    index: int,
    item: Resource,
    ranges: Mapping[str, tuple[int, ipaddress.IPv4Network | ipaddress.IPv6Network]],
) -> Iterator[Diagnostic]:
    assert item.network.private_ip is not None
    address = ipaddress.ip_address(item.network.private_ip)
    home = next((name for name, (_, network) in ranges.items() if address in network), None)
    if home:
        message = f"{address} is of '{home}', which '{item.name}' does not join"
        hint = f"write attach: [{home}]"
    else:
        message = f"{address} is in no network of the blueprint"
        hint = "choose an address of one of them, and attach it"
    yield _warning("address_not_joined", index, "network.private_ip", message, hint)
