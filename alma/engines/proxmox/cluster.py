"""One look at a whole cluster: its nodes, storages and guests, in a number of calls that does not grow with them.

Proxmox collects these figures from its nodes every ten seconds or so, so two things are older than they seem: free
space and memory, and the *name* of a guest, which is missing for the first seconds of its life. Tags, lock, pool and
node of a guest are always the present ones.

What a node that is down can't tell is missing from its entries; it never fails the look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from alma.core.model.base import Frozen
from alma.core.model.errors import EngineUnavailable
from alma.engines import base
from alma.engines.proxmox.client.api import Api
from alma.engines.proxmox.settings import ProxmoxSettings

_TAGS = re.compile(r"[;,\s]+")


class GuestKind(StrEnum):
    """The two kinds of guests, as they stand in Proxmox's paths."""

    QEMU = "qemu"
    LXC = "lxc"


class Content(StrEnum):
    """What a storage may hold, as far as ALMA puts it there."""

    IMAGES = "images"  # disks of machines
    ROOTDIR = "rootdir"  # disks of containers
    VZTMPL = "vztmpl"  # templates of containers
    IMPORT = "import"  # images that disks are made from
    ISO = "iso"


DISKS: Mapping[GuestKind, Content] = {
    GuestKind.QEMU: Content.IMAGES,
    GuestKind.LXC: Content.ROOTDIR,
}


class Node(Frozen):
    """A node. Figures are None when nobody says: it is down, or Sys.Audit is missing for it. Bytes and cores; `load` is
    the share of the cores in use."""

    name: str
    online: bool
    cpus: int | None = None
    load: float | None = None
    memory: int | None = None
    memory_used: int | None = None

    @property
    def memory_free(self) -> int | None:
        """Bytes that nothing uses now."""
        if self.memory is None or self.memory_used is None:
            return None
        return max(self.memory - self.memory_used, 0)


class Storage(Frozen):
    """A storage as one node sees it. A shared one appears once for each node, with the same space."""

    name: str
    node: str
    type: str
    content: frozenset[str]
    shared: bool = False
    active: bool = True
    total: int = 0
    used: int = 0

    @property
    def free(self) -> int:
        """Bytes."""
        return max(self.total - self.used, 0)

    @property
    def place(self) -> tuple[str, str]:
        """The space it stands for: equal for all entries of a shared storage."""
        return ("" if self.shared else self.node), self.name


class Guest(Frozen):
    """A guest as the listing has it. `name` is empty when nobody says. Bytes and cores; `status` is `unknown` while its
    node is down."""

    vmid: int
    kind: GuestKind
    node: str
    name: str = ""
    status: str = "unknown"
    tags: tuple[str, ...] = ()
    template: bool = False
    lock: str | None = None
    pool: str | None = None
    ha_state: str | None = None
    cpus: float = 0
    memory: int = 0
    disk: int = 0

    @property
    def running(self) -> bool:
        """Whether it runs, as far as its node says."""
        return self.status == "running"

    @property
    def path(self) -> str:
        """Its path in the API."""
        return f"/nodes/{self.node}/{self.kind}/{self.vmid}"


class Cluster(Frozen):
    """What one look found. `name` is the cluster's, or the only node's where there is no cluster; `terms` are how the
    settings have it reached and worked with."""

    name: str
    terms: str = ""
    clustered: bool = True
    quorate: bool = True
    nodes: tuple[Node, ...] = ()
    storages: tuple[Storage, ...] = ()
    guests: tuple[Guest, ...] = ()

    @property
    def place(self) -> str:
        """See `Observation.place`. Its name alone is no id: Proxmox makes none, and many a node is called pve."""
        return f"proxmox {'cluster' if self.clustered else 'node'} {self.name}{self.terms}"

    # ── nodes ──

    def node(self, name: str) -> Node | None:
        """The node of that name."""
        return next((node for node in self.nodes if node.name == name), None)

    @property
    def online(self) -> tuple[Node, ...]:
        """The nodes that answer."""
        return tuple(node for node in self.nodes if node.online)

    @property
    def offline(self) -> frozenset[str]:
        """The names of the nodes that don't."""
        return frozenset(node.name for node in self.nodes if not node.online)

    # ── guests ──

    @cached_property
    def _by_vmid(self) -> dict[int, Guest]:
        return {guest.vmid: guest for guest in self.guests}

    @property
    def vmids(self) -> frozenset[int]:
        """Every VMID in use. A guest that ALMA may not see (VM.Audit) is not among them."""
        return frozenset(self._by_vmid)

    def guest(self, vmid: int) -> Guest | None:
        """The guest with that VMID, on whatever node it is now."""
        return self._by_vmid.get(vmid)

    def named(self, name: str) -> tuple[Guest, ...]:
        """The guests of that name: names need not be unique."""
        return tuple(guest for guest in self.guests if guest.name == name)

    def tagged(self, *tags: str) -> tuple[Guest, ...]:
        """The guests that carry all of these tags, whatever their case."""
        wanted = {tag.lower() for tag in tags}
        return tuple(guest for guest in self.guests if wanted.issubset(guest.tags))

    # ── storages ──

    def storage(self, node: str, name: str) -> Storage | None:
        """A storage as that node sees it; None when it is not for that node."""
        return next((s for s in self.storages if s.node == node and s.name == name), None)

    def storages_for(self, node: str, content: str) -> tuple[Storage, ...]:
        """What can hold this on that node now: the most free space first, then by name. What stands for a machine of
        VMware's is only read from."""
        found = (
            s
            for s in self.storages
            if s.node == node and s.active and str(content) in s.content and s.type != "esxi"
        )
        return tuple(sorted(found, key=lambda s: (-s.free, s.name)))

    # ── what stands in the way ──

    def require_quorum(self) -> None:
        """Raises EngineUnavailable, naming the nodes that are missing, when the cluster takes no changes."""
        if not self.quorate:
            raise EngineUnavailable(self.no_quorum(), hint=QUORUM_HINT)

    def no_quorum(self) -> str:
        """A sentence that says so."""
        missing = ", ".join(sorted(self.offline))
        seen = f"{len(self.online)} of its {len(self.nodes)} nodes answer"
        return f"Cluster {self.name} has no quorum: {seen}{f', {missing} not' if missing else ''}"

    def remarks(self, guests: Iterable[Guest] = ()) -> tuple[str, ...]:
        """What people should know who see these guests: which are on nodes that are down, and a lost quorum."""
        lost: dict[str, list[str]] = {}
        for guest in guests:
            if guest.node in self.offline:
                lost.setdefault(guest.node, []).append(guest.name or str(guest.vmid))
        found = [
            f"node {node} is offline: what is known of {', '.join(sorted(names))} is old"
            for node, names in sorted(lost.items())
        ]
        found += [f"node {node} is offline" for node in sorted(self.offline) if node not in lost]
        return (*found, *(() if self.quorate else (self.no_quorum(),)))


QUORUM_HINT = "bring the missing nodes back; nothing is changed until then"


async def look(api: Api) -> Cluster:
    """The cluster as it is now, in two calls. Raises what the client raises when it can't be asked."""
    status, resources = await base.together(
        [api.get("/cluster/status"), api.get("/cluster/resources")]
    )
    return read(status, resources).model_copy(update={"terms": terms_of(api.settings)})


def terms_of(settings: ProxmoxSettings) -> str:
    """What of the settings makes an approval another one: who is meant, and what goes along with a guest."""
    more = ", with disks that nothing mentions" if settings.discard_unreferenced_disks else ""
    return f" at {' '.join(sorted(settings.urls))}{more}"


async def require_quorum(api: Api) -> None:
    """One call, for those in the middle of something: raises EngineUnavailable when the cluster takes no changes."""
    read(await api.get("/cluster/status"), ()).require_quorum()


# ── reading the answers ──────────────────────────────────────────────────────────────────────────

Entry = Mapping[str, Any]


def read(status: Sequence[Entry], resources: Sequence[Entry]) -> Cluster:
    """The cluster in the answers of `/cluster/status` and `/cluster/resources`."""
    head = next((entry for entry in status if entry.get("type") == "cluster"), None)
    alive = {str(e["name"]): bool(e.get("online")) for e in status if e.get("type") == "node"}
    nodes = tuple(_nodes(alive, [e for e in resources if e.get("type") == "node"]))
    online = {node.name for node in nodes if node.online}
    guests = (_guest(e) for e in resources if e.get("type") in set(GuestKind) and "vmid" in e)
    storages = (_storage(e, online) for e in resources if e.get("type") == "storage")
    return Cluster(
        name=str(head["name"]) if head else next(iter(sorted(alive)), ""),
        clustered=head is not None,
        quorate=bool(head.get("quorate", 1)) if head else True,
        nodes=nodes,
        guests=tuple(sorted(guests, key=lambda guest: guest.vmid)),
        storages=tuple(sorted(storages, key=lambda storage: (storage.node, storage.name))),
    )


def _nodes(alive: Mapping[str, bool], listed: Sequence[Entry]) -> Iterator[Node]:
    """Who is online, says `/cluster/status`; a node that only the listing knows is a node all the same."""
    entries = {str(entry["node"]): entry for entry in listed}
    for name in sorted({*alive, *entries}):
        entry = entries.get(name, {})
        online = alive.get(name, entry.get("status") == "online")
        if not online or "maxmem" not in entry:
            yield Node(name=name, online=online)
            continue
        yield Node(
            name=name,
            online=True,
            cpus=int(entry["maxcpu"]) if entry.get("maxcpu") else None,
            load=float(entry.get("cpu") or 0),
            memory=int(entry["maxmem"]),
            memory_used=int(entry.get("mem") or 0),
        )


def _storage(entry: Entry, online: set[str]) -> Storage:
    node = str(entry["node"])
    return Storage(
        name=str(entry["storage"]),
        node=node,
        type=str(entry.get("plugintype") or ""),
        content=frozenset(filter(None, str(entry.get("content") or "").split(","))),
        shared=bool(entry.get("shared")),
        active=node in online and entry.get("status") == "available",
        total=int(entry.get("maxdisk") or 0),
        used=int(entry.get("disk") or 0),
    )


def _guest(entry: Entry) -> Guest:
    return Guest(
        vmid=int(entry["vmid"]),
        kind=GuestKind(str(entry["type"])),
        node=str(entry["node"]),
        name=str(entry.get("name") or ""),
        status=str(entry.get("status") or "unknown"),
        tags=tags_of(str(entry.get("tags") or "")),
        template=bool(entry.get("template")),
        lock=entry.get("lock") or None,
        pool=entry.get("pool") or None,
        ha_state=entry.get("hastate") or None,
        cpus=float(entry.get("maxcpu") or 0),
        memory=int(entry.get("maxmem") or 0),
        disk=int(entry.get("maxdisk") or 0),
    )


def tags_of(text: str) -> tuple[str, ...]:
    """Tags as Proxmox lists them: lower case, each once, sorted."""
    return tuple(sorted({tag.lower() for tag in _TAGS.split(text) if tag}))
