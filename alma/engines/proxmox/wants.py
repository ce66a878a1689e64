"""What a new guest needs, where it may go, and how to say why: what `placement` decides with and answers in."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Severity
from alma.engines.proxmox.cluster import DISKS, Cluster, GuestKind, Node, Storage

GIB = 1024**3
_NUMBERS = re.compile(r"(\d+)")
_SHOWN = 2


@dataclass(frozen=True)
class Obstacle:
    """Why a node can't take a guest: `text` follows the node's name."""

    code: str
    field: str
    text: str
    hint: str | None = None


class Want(Frozen):
    """What a new guest needs. Bytes and cores.

    `said` are words for why `node` or `storage` are given; by default somebody asked for them.
    `group` is the resource it is an instance of; instances go to different nodes while `spread`. `disk` goes to one
    storage: `storage` if it is named, or the node's in `bound` (a linked clone stays with its template); `more` are
    bytes on storages that were named for single disks. `unfit` are nodes
    that can't take it whatever is free there, and why; `local` are those that have its template or image already.
    """

    address: str
    group: str
    kind: GuestKind
    cpus: float = 1
    memory: int = 0
    disk: int = 0
    more: Mapping[str, int] = {}
    node: str | None = None
    storage: str | None = None
    bound: Mapping[str, str] = {}
    said: Mapping[str, str] = {}
    spread: bool = True
    unfit: Mapping[str, Obstacle] = {}
    local: frozenset[str] = frozenset()

    def because(self, field: str) -> str:
        """Why the node or the storage is given."""
        return self.said.get(field, "as asked")


class Place(Frozen):
    """Where a guest goes, and why there."""

    node: str
    storage: str
    reason: str


class Remark(Frozen):
    """What stands against a place, or should be known about it. `field` is the option that it is about."""

    address: str
    code: str
    field: str
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR


@dataclass
class Placed:
    """The places by address, and what is to be said."""

    places: dict[str, Place] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True)
class Candidate:
    """A node that can take a guest, with what decides between it and the others."""

    node: Node
    storage: Storage
    twins: Sequence[str]
    memory: int | None
    cpus: float
    space: int
    local: bool

    @property
    def rank(self) -> tuple[int, int, int, bool, int, str]:
        """The smallest is taken. Whole gibibytes and cores: what differs by less is alike."""
        memory = -1 if self.memory is None else self.memory // GIB
        return (
            len(self.twins),
            -memory,
            -math.floor(self.cpus),
            not self.local,
            -(self.space // GIB),
            self.node.name,
        )


@lru_cache(maxsize=4096)  # names are compared again and again
def natural(text: str) -> tuple[tuple[int, str], ...]:
    """For sorting as people do: web-2 before web-10."""
    parts = _NUMBERS.split(text)
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in parts)


# ── words ────────────────────────────────────────────────────────────────────────────────────────

CONTENT: Mapping[GuestKind, str] = {
    GuestKind.QEMU: "disks of machines",
    GuestKind.LXC: "disks of containers",
}


def amount(size: int) -> str:
    """An amount for people: whole gibibytes from ten on, one decimal below."""
    if size <= 0:
        return "0 GiB"
    if size < GIB:
        return f"{max(size // 1024**2, 1)} MiB"
    gib = size / GIB
    return f"{gib:.0f} GiB" if gib >= 10 or gib == int(gib) else f"{gib:.1f} GiB"


def needs(want: Want) -> str:
    disk = want.disk + sum(want.more.values())
    return f"{want.cpus:g} cores, {amount(want.memory)} of memory, {amount(disk)} of disk"


def by_name(nodes: Sequence[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: natural(node.name))


def other_nodes(cluster: Cluster) -> str:
    names = ", ".join(node.name for node in by_name(cluster.online))
    return f"name another node ({names}), or bring it back" if names else "bring it back"


def full(storage: Storage, left: int, size: int, planned: int) -> Obstacle:
    after = f" after the {amount(planned)} that this plan puts there already" if planned else ""
    text = (
        f"has {amount(left)} free on storage '{storage.name}'{after}, and {amount(size)} are needed"
    )
    hint = "free some space, name another storage, or ask for smaller disks"
    return Obstacle("storage_full", "storage", text, hint)


def why(best: Candidate, able: Sequence[Candidate], cluster: Cluster) -> str:
    """Why this node, against those that could have been taken."""
    if len(able) == 1:
        return "the only node" if len(cluster.nodes) == 1 else "the only node that can take it"
    alike = [c for c in able if len(c.twins) == len(best.twins)]
    crowded = [c for c in able if len(c.twins) > len(best.twins)]
    sentence = _against(best, [c for c in alike if c is not best], total=len(able))
    return "; ".join([sentence, *(f"not {c.node.name}: {_runs(c.twins)} there" for c in crowded)])


def _against(best: Candidate, others: Sequence[Candidate], *, total: int) -> str:
    free = f"{amount(best.memory or 0)} of {amount(best.node.memory or 0)}"
    if not others:
        return f"fewest instances of it run there, and {free} of memory are free"
    second = min(others, key=lambda c: c.rank)
    if second.rank[1] != best.rank[1]:
        among = (
            f"{len(others) + 1} nodes"
            if len(others) + 1 == total
            else f"the other {len(others) + 1}"
        )
        return f"most free memory of {among}: {free}"
    also = f"as much free memory as {second.node.name} ({free})"
    if second.rank[2] != best.rank[2]:
        return f"{also}, and more free cores"
    if second.local != best.local:
        return f"{also}, and its template is there already"
    if second.rank[4] != best.rank[4]:
        return f"{also}, and more free space on {best.storage.name}"
    return f"{also}, and first by name"


def _runs(addresses: Sequence[str]) -> str:
    if len(addresses) == 1:
        return f"{addresses[0]} runs"
    shown = sorted(addresses, key=natural)[:_SHOWN]
    more = len(addresses) - len(shown)
    return f"{' and '.join(shown)} run" if not more else f"{', '.join(shown)} and {more} more run"


def why_storage(want: Want, storage: Storage, cluster: Cluster) -> str:
    if storage.node in want.bound:
        return f"disks on {storage.name}, with its template"
    if want.storage is not None:
        return f"disks on {storage.name}, {want.because('storage')}"
    number = len(cluster.storages_for(storage.node, DISKS[want.kind]))
    if number == 1:
        return f"disks on {storage.name}, the only storage for them there"
    return f"disks on {storage.name}: most free space of {number} storages there, {amount(storage.free)}"
