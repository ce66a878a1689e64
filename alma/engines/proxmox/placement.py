"""Decides on which node and storage each new guest goes, and says why in a sentence with figures.

Pure and deterministic: the same guests and the same cluster give the same places, in whatever order they come. Places
of an earlier plan are kept as long as they hold, so that free memory that moved does not make an approval stale.

What a node or a storage can't hold is never put there: a machine with more cores than the node, disks beyond a
storage's free space, after all that this plan puts there already. Memory that is short is refused where ALMA chooses;
a node that somebody named gets the guest all the same, with a warning, as memory may be shared on purpose.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from alma.core.model.diagnostic import Severity
from alma.core.model.state import Placement
from alma.core.model.suggest import did_you_mean
from alma.engines.proxmox.cluster import DISKS, Cluster, GuestKind, Node, Storage
from alma.engines.proxmox.wants import (
    CONTENT,
    Candidate,
    Obstacle,
    Place,
    Placed,
    Remark,
    Want,
    amount,
    by_name,
    full,
    natural,
    needs,
    other_nodes,
    why,
    why_storage,
)


def place(
    wants: Iterable[Want],
    cluster: Cluster,
    *,
    chosen: Mapping[str, Placement] | None = None,
    standing: Mapping[str, tuple[str, str]] | None = None,
) -> Placed:
    """Where these guests go. `standing` are guests that exist already: the group and the node of each address."""
    plan = _Plan(cluster, standing or {})
    earlier = chosen or {}
    for want in sorted(wants, key=lambda want: _turn(want, earlier)):
        before = earlier.get(want.address)
        kept = plan.keep(want, before) if before else None
        plan.take(want, kept or plan.choose(want))
    return plan.placed


def _turn(want: Want, earlier: Mapping[str, Placement]) -> tuple[object, ...]:
    """Who has least choice comes first: what is kept, who named a node, and then the big ones."""
    free = (want.address not in earlier, want.node is None)
    return (*free, -want.memory, -want.disk, natural(want.address))


class _Plan:
    """What this plan has put where so far."""

    def __init__(self, cluster: Cluster, standing: Mapping[str, tuple[str, str]]) -> None:
        self.cluster = cluster
        self.placed = Placed()
        self._memory: defaultdict[str, int] = defaultdict(int)
        self._cpus: defaultdict[str, float] = defaultdict(float)
        self._space: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._members: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for address, (group, node) in sorted(standing.items()):
            self._members[group, node].append(address)

    # ── keeping ──

    def keep(self, want: Want, before: Placement) -> Place | None:
        """The place of an earlier plan, if it still holds. What was there at that time has a node and no storage."""
        node = self.cluster.node(before.site.get("node", ""))
        storage = before.site.get("storage")
        if node is None or want.node not in {None, node.name}:
            return None
        if storage is not None and want.storage not in {None, storage}:
            return None
        wish = want if storage is None else want.model_copy(update={"storage": storage})
        found = self._candidate(wish, node, named=True)
        if isinstance(found, Obstacle):
            return None
        reason = before.reason if storage else "it was there before"
        return Place(node=node.name, storage=found.storage.name, reason=reason)

    # ── choosing ──

    def choose(self, want: Want) -> Place | None:
        """The best place. None when there is none: a remark says why."""
        if want.node is not None:
            return self._named(want, want.node)
        found = {n.name: self._candidate(want, n) for n in by_name(self.cluster.nodes)}
        able = [c for c in found.values() if isinstance(c, Candidate)]
        if not able:
            self._refuse(want, {n: o for n, o in found.items() if isinstance(o, Obstacle)})
            return None
        best = min(able, key=lambda candidate: candidate.rank)
        reason = f"{why(best, able, self.cluster)}; {why_storage(want, best.storage, self.cluster)}"
        return Place(node=best.node.name, storage=best.storage.name, reason=reason)

    def _named(self, want: Want, name: str) -> Place | None:
        node = self.cluster.node(name)
        if node is None:
            known = [n.name for n in self.cluster.nodes]
            self._remark(
                want,
                Obstacle("unknown_node", "node", "", did_you_mean(name, known)),
                f"there is no node '{name}' in {self.cluster.name}",
            )
            return None
        found = self._candidate(want, node, named=True)
        if isinstance(found, Obstacle):
            self._remark(want, found, f"{name} {found.text}")
            return None
        if found.memory is not None and found.memory < want.memory:
            self._tight(want, found)
        storage = why_storage(want, found.storage, self.cluster)
        return Place(
            node=name, storage=found.storage.name, reason=f"{want.because('node')}; {storage}"
        )

    def _candidate(self, want: Want, node: Node, *, named: bool = False) -> Candidate | Obstacle:
        if (obstacle := self._unfit(want, node, named=named)) is not None:
            return obstacle
        storage = self._storage(want, node)
        if isinstance(storage, Obstacle):
            return storage
        return Candidate(
            node=node,
            storage=storage,
            twins=self._members[want.group, node.name] if want.spread else (),
            memory=self._memory_left(node),
            cpus=(node.cpus or 0) * (1 - (node.load or 0)) - self._cpus[node.name],
            space=self._left(storage),
            local=node.name in want.local,
        )

    def _unfit(self, want: Want, node: Node, *, named: bool) -> Obstacle | None:
        if not node.online:
            return Obstacle("node_offline", "node", "is offline", other_nodes(self.cluster))
        if (unfit := want.unfit.get(node.name)) is not None:
            return unfit
        if want.kind is GuestKind.QEMU and node.cpus is not None and want.cpus > node.cpus:
            text = f"has {node.cpus} cores, and a machine of {want.cpus:g} can't start there"
            return Obstacle("too_many_cores", "node", text, "ask for fewer cores")
        return self._short_of_memory(want, node, named=named)

    def _short_of_memory(self, want: Want, node: Node, *, named: bool) -> Obstacle | None:
        left = self._memory_left(node)
        if node.memory is None or left is None or want.memory <= (node.memory if named else left):
            return None
        has = f"{amount(node.memory)} of memory" if named else f"{amount(left)} of memory free"
        hint = (
            "ask for less memory"
            if named
            else "free some memory, ask for less, or name a node in options.proxmox.node to use it all the same"
        )
        return Obstacle("no_room", "node", f"has {has}", hint)

    def _memory_left(self, node: Node) -> int | None:
        free = node.memory_free
        return None if free is None else free - self._memory[node.name]

    # ── storages ──

    def _storage(self, want: Want, node: Node) -> Storage | Obstacle:
        named = want.bound.get(node.name, want.storage)
        sizes = {**want.more}
        if named is not None:
            sizes[named] = sizes.get(named, 0) + want.disk
        found = {
            name: self._fitting(want, node, name, size) for name, size in sorted(sizes.items())
        }
        obstacle = next((one for one in found.values() if isinstance(one, Obstacle)), None)
        if obstacle is not None:
            return obstacle
        return found[named] if named is not None else self._roomiest(want, node)

    def _roomiest(self, want: Want, node: Node) -> Storage | Obstacle:
        content = DISKS[want.kind]
        able = self.cluster.storages_for(node.name, content)
        if not able:
            hint = f"allow '{content}' on one of its storages, or name another node"
            text = f"has no active storage for {CONTENT[want.kind]} ('{content}')"
            return Obstacle("no_storage", "storage", text, hint)
        best = min(able, key=lambda s: (-(self._left(s) - want.more.get(s.name, 0)), s.name))
        size = want.disk + want.more.get(best.name, 0)
        if self._left(best) < size:
            return full(best, self._left(best), size, self._space[best.place])
        return best

    def _fitting(self, want: Want, node: Node, name: str, size: int) -> Storage | Obstacle:
        content = DISKS[want.kind]
        able = self.cluster.storages_for(node.name, content)
        storage = self.cluster.storage(node.name, name)
        others = ", ".join(f"{s.name} ({amount(self._left(s))} free)" for s in able)
        hint = f"storages for {CONTENT[want.kind]} there: {others or 'none'}"
        if storage is None:
            return self._no_such_storage(name, hint)
        if str(content) not in storage.content:
            holds = ", ".join(sorted(storage.content)) or "nothing"
            text = f"has storage '{name}' for {holds}, not for {CONTENT[want.kind]} ('{content}')"
            return Obstacle("storage_content", "storage", text, hint)
        if not storage.active:
            return Obstacle("storage_inactive", "storage", f"can't reach storage '{name}'", hint)
        if self._left(storage) < size:
            return full(storage, self._left(storage), size, self._space[storage.place])
        return storage

    def _no_such_storage(self, name: str, hint: str) -> Obstacle:
        elsewhere = sorted({s.node for s in self.cluster.storages if s.name == name})
        if elsewhere:
            text = f"has no storage '{name}'; {', '.join(elsewhere)} has"
            return Obstacle("storage_elsewhere", "storage", text, hint)
        known = {s.name for s in self.cluster.storages}
        meant = did_you_mean(name, known)
        text = f"has no storage '{name}', and no other node has"
        return Obstacle("unknown_storage", "storage", text, "; ".join(filter(None, (meant, hint))))

    def _left(self, storage: Storage) -> int:
        return storage.free - self._space[storage.place]

    # ── the outcome ──

    def take(self, want: Want, place: Place | None) -> None:
        """Writes down what the guest will use there."""
        if place is None:
            return
        self.placed.places[want.address] = place
        self._memory[place.node] += want.memory
        self._cpus[place.node] += want.cpus
        self._members[want.group, place.node].append(want.address)
        for name, size in {
            **want.more,
            place.storage: want.more.get(place.storage, 0) + want.disk,
        }.items():
            storage = self.cluster.storage(place.node, name)
            if storage is not None:
                self._space[storage.place] += size

    def _refuse(self, want: Want, obstacles: Mapping[str, Obstacle]) -> None:
        """One remark about all nodes: the fault is the one that most of those that are online have."""
        named = [o for n, o in sorted(obstacles.items()) if n not in self.cluster.offline]
        codes = [o.code for o in named] or [o.code for o in obstacles.values()]
        code = max(sorted(set(codes)), key=codes.count, default="no_node")
        first = next((o for o in (*named, *obstacles.values()) if o.code == code), None)
        texts = "; ".join(f"{name} {o.text}" for name, o in sorted(obstacles.items()))
        obstacle = first or Obstacle("no_node", "node", "", "see whether the cluster has nodes")
        self._remark(
            want, obstacle, f"no node can take it ({needs(want)}): {texts or 'there is none'}"
        )

    def _tight(self, want: Want, found: Candidate) -> None:
        left = max(found.memory or 0, 0)
        self.placed.remarks.append(
            Remark(
                address=want.address,
                code="memory_tight",
                field="node",
                severity=Severity.WARNING,
                message=f"{found.node.name} has {amount(left)} of memory free, and it may use {amount(want.memory)}",
                hint="leave the node to ALMA, or ask for less memory",
            )
        )

    def _remark(self, want: Want, obstacle: Obstacle, message: str) -> None:
        self.placed.remarks.append(
            Remark(
                address=want.address,
                code=obstacle.code,
                field=obstacle.field,
                message=message,
                hint=obstacle.hint,
            )
        )
