"""Says whether ALMA can work with a cluster, as whom, and what is missing: what `engines check proxmox` shows.

Nothing here raises for a cluster that is down or a token that is wrong: that is an answer, and the next step is in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.model.base import Json
from alma.core.model.engine import Health
from alma.core.model.errors import AlmaError
from alma.engines.proxmox import privileges
from alma.engines.proxmox.client import Api, NotAllowed
from alma.engines.proxmox.cluster import (
    QUORUM_HINT,
    Cluster,
    Content,
    Guest,
    GuestKind,
    Node,
    Storage,
    look,
)
from alma.engines.proxmox.facts import TOO_OLD, TOO_OLD_HINT, Facts, gather
from alma.engines.proxmox.privileges import Lack, Task
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.wants import amount

NAME = "proxmox"
_MOST = 12
# What every installation needs; the rest depends on what is deployed.
_ALWAYS = (Task.LOOK, Task.SEE_STORAGE, Task.SEE_GUESTS, Task.RUN, Task.REMOVE, Task.DISKS)
_MAKING = (Task.MAKE_VM, Task.MAKE_CONTAINER, Task.AGENT, Task.DOWNLOAD)


async def health_of(api: Api, settings: ProxmoxSettings) -> Health:
    """The engine's health. Never raises for what is wrong with the cluster or the way to it."""
    try:
        cluster = await look(api)
        facts = await gather(api, cluster)
    except NotAllowed as error:
        return absent(error.message, _to_look(error))
    except AlmaError as error:
        return absent(error.message, error.hint)
    return _health(facts, settings)


def absent(detail: str, next_step: str | None) -> Health:
    """The health of a cluster that can't be used."""
    problem = f"{detail}; {next_step}" if next_step else detail
    return Health(engine=NAME, available=False, detail=detail, problems=(problem,))


def _to_look(error: NotAllowed) -> str:
    return f"{error.hint}; without Sys.Audit on / nobody sees the cluster's nodes and quorum"


def _health(facts: Facts, settings: ProxmoxSettings) -> Health:
    cluster = facts.cluster
    what = "cluster" if cluster.clustered else "node"
    nodes = f"{len(cluster.online)} of {len(cluster.nodes)} nodes online"
    return Health(
        engine=NAME,
        available=cluster.quorate and not facts.too_old,
        detail=f"{what} {cluster.name}, {nodes}, as {facts.who.words}",
        version=facts.version or None,
        problems=tuple(_problems(facts, settings)),
        facts=_facts(facts),
    )


# ── problems ─────────────────────────────────────────────────────────────────────────────────────


def _problems(facts: Facts, settings: ProxmoxSettings) -> Iterator[str]:
    cluster = facts.cluster
    if facts.too_old:
        yield f"{TOO_OLD.format(facts.version)}; {TOO_OLD_HINT}"
    if not cluster.quorate:
        yield f"{cluster.no_quorum()}; {QUORUM_HINT}"
    for name in sorted(cluster.offline):
        yield f"node {name} is offline; nothing is placed there until it is back"
    for lack in privileges.merged(lacking(facts, settings)):
        remedy = lack.remedy(facts.who.name, token=facts.who.token)
        yield f"{facts.who.words} lacks {lack}; as root on a node: {remedy}"
    yield from _named(facts, settings)
    yield from _storages(cluster)
    yield from _bridges(facts)


def lacking(facts: Facts, settings: ProxmoxSettings) -> list[Lack]:
    """Privileges that ALMA will need whatever is deployed, at the places that the settings name. Where they name none,
    one of those that ALMA sees is enough."""
    found: list[Lack] = []
    for task in (*_ALWAYS, *_MAKING, Task.NETWORK):
        ways = [
            privileges.lacking(facts.permissions, task, version=facts.major, **place)
            for place in _places(task, facts, settings)
        ]
        found += [] if [] in ways else ways[-1]
    return found


def _places(task: Task, facts: Facts, settings: ProxmoxSettings) -> list[dict[str, str | None]]:
    """Where it may be done: at one place of these. The last is the one to name when it may be done at none."""
    if task in {Task.SEE_STORAGE, Task.DISKS, Task.DOWNLOAD}:
        named = settings.image_storage if task is Task.DOWNLOAD else settings.storage
        seen = dict.fromkeys(storage.name for storage in facts.cluster.storages)
        return [{"storage": name} for name in ([named] if named else [*seen, None])]
    if task is Task.NETWORK:
        named = settings.bridge
        known = sorted({name for names in facts.bridges.values() for name in names})
        own: list[dict[str, str | None]] = [
            {"zone": facts.zone(name), "bridge": name} for name in ([named] if named else known)
        ]
        return own if named else [*own, {"zone": None, "bridge": None}]
    return [{"pool": settings.pool, "node": settings.node, "vmid": None}]


def _named(facts: Facts, settings: ProxmoxSettings) -> Iterator[str]:
    """What the settings name and the cluster has not."""
    cluster = facts.cluster
    nodes = {node.name for node in cluster.nodes}
    storages = {storage.name for storage in cluster.storages}
    bridges = {name for names in facts.bridges.values() for name in names}
    for setting, value, known in (
        ("node", settings.node, nodes),
        ("storage", settings.storage, storages),
        ("image_storage", settings.image_storage, storages),
        ("bridge", settings.bridge, bridges),
    ):
        if value is not None and value not in known:
            listed = ", ".join(sorted(known)) or "none that ALMA sees"
            yield f"the setting '{setting}' names '{value}', which is not there; there is {listed}"


def _storages(cluster: Cluster) -> Iterator[str]:
    """A node is of little use without places for disks and templates."""
    for node in cluster.online:
        for content, what in (
            (Content.IMAGES, "disks of machines"),
            (Content.ROOTDIR, "disks of containers"),
            (Content.VZTMPL, "container templates"),
        ):
            if not cluster.storages_for(node.name, content):
                yield (
                    f"node {node.name} has no active storage for {what}; "
                    f"allow '{content}' on one (Datacenter, Storage)"
                )
    names = {storage.name for storage in cluster.storages if storage.active and _full(storage)}
    for name in sorted(names):
        yield f"storage {name} is nearly full; free some space, or name another one"


def _full(storage: Storage) -> bool:
    return storage.total > 0 and storage.free < storage.total // 20


def _bridges(facts: Facts) -> Iterator[str]:
    for node, names in sorted(facts.bridges.items()):
        if not names:
            yield (
                f"node {node} has no bridge that ALMA sees; make one (Network), "
                "or give ALMA SDN.Use on /sdn/zones/localnetwork"
            )


# ── facts ────────────────────────────────────────────────────────────────────────────────────────


def _facts(facts: Facts) -> dict[str, Json]:
    """For people, in a stable order; a long list says how much more there is."""
    cluster = facts.cluster
    templates = [g for g in cluster.guests if g.template and g.kind is GuestKind.QEMU]
    fetching = [n.name for n in cluster.online if privileges.may_fetch(facts.permissions, n.name)]
    return {
        "cluster": cluster.name,
        "as": facts.who.words,
        "quorum": cluster.quorate,
        "guests": len(cluster.guests),
        "nodes": _short([_node(node) for node in cluster.nodes]),
        "storages": _short(_storage_rows(cluster)),
        "bridges": _short([_bridge_row(node, names) for node, names in facts.bridges.items()]),
        "templates": _short([_template_row(guest) for guest in templates]),
        "nodes that may download images": [*fetching],
    }


Row = dict[str, Json]


def _node(node: Node) -> Row:
    if not node.online:
        return {"node": node.name, "state": "offline"}
    if node.memory is None or node.memory_free is None:
        return {"node": node.name, "state": "online, its figures take Sys.Audit"}
    free = f"{amount(node.memory_free)} of {amount(node.memory)}"
    return {"node": node.name, "state": "online", "memory free": free, "cores": node.cpus}


def _storage_rows(cluster: Cluster) -> list[Row]:
    """A shared storage once, the others by node."""
    found: dict[tuple[str, str], Row] = {}
    for storage in cluster.storages:
        row: Row = {
            "storage": storage.name,
            "node": "shared" if storage.shared else storage.node,
            "type": storage.type,
            "content": [*sorted(storage.content)],
            "free": amount(storage.free) if storage.active else "not active",
        }
        if storage.active or storage.place not in found:
            found[storage.place] = row
    return [*found.values()]


def _bridge_row(node: str, names: frozenset[str]) -> Row:
    return {"node": node, "bridges": [*sorted(names)]}


def _template_row(guest: Guest) -> Row:
    return {"vmid": guest.vmid, "name": guest.name, "node": guest.node}


def _short(rows: Sequence[Row]) -> Json:
    if len(rows) <= _MOST:
        return [*rows]
    first = next(iter(rows[0]))
    return [*rows[:_MOST], {first: f"and {len(rows) - _MOST} more"}]
