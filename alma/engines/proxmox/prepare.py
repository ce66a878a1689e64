"""Before a plan is shown: where each new guest goes, and every fault that can be found without doing anything.

A look costs a few calls for the cluster, one for each node and one for each storage with templates, whatever the number
of guests; nothing is remembered from one look to the next. What exists already stays where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import Preparation
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    StackRef,
)
from alma.engines.proxmox import checks, datacenter, options, spec
from alma.engines.proxmox.cards import cards_of
from alma.engines.proxmox.changes import changed_paths, is_anew
from alma.engines.proxmox.client import Api
from alma.engines.proxmox.cluster import Cluster, GuestKind, look
from alma.engines.proxmox.facts import Facts, gather
from alma.engines.proxmox.loss import after_a_loss
from alma.engines.proxmox.options import Kind, kind_of, options_of, volume_options
from alma.engines.proxmox.placement import place
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.sources import Fault, Source, SourceKind, image_of, kept_source, source_on
from alma.engines.proxmox.systems import Systems
from alma.engines.proxmox.values import GiB
from alma.engines.proxmox.wants import Obstacle, Placed, Remark, Want

DEFAULT_DISK = 8 * GiB
KINDS: Mapping[Kind, GuestKind] = {Kind.VM: GuestKind.QEMU, Kind.LXC: GuestKind.LXC}
_SETTINGS = "as the settings say"
_UNSEEN = frozenset({"unknown_storage", "no_storage", "no_image_storage"})


@dataclass(frozen=True)
class _Wish:
    """A guest to be made, and what each node would make it from."""

    desired: DesiredResource
    observed: ObservedResource | None
    sources: Mapping[str, Source]
    want: Want


async def prepare(
    api: Api,
    settings: ProxmoxSettings,
    desired: Sequence[DesiredResource],
    observation: Observation,
    *,
    chosen: Mapping[str, Placement],
    systems: Systems | None = None,
) -> Preparation:
    """See `Prepares.prepare`. A site has `node`, `kind` (qemu or lxc), and for a guest that is to be made `storage`
    (its disks), `source` (a template's VMID, or a volume) and `image_storage` (where that volume is or will be)."""
    cluster = await look(api)
    there = {item.address: item for item in observation.resources}
    # A thousand guests are a second's work, in which others want their answers from the event loop.
    changed = await asyncio.to_thread(_changed, desired, there, settings)
    new = [
        d
        for d in desired
        if d.address not in changed or is_anew(d, there[d.address], changed[d.address])
    ]
    facts = await _facts(api, settings, cluster, desired, new=new, systems=systems)
    stack = observation.stack
    plan = _Preparing(settings, facts, stack, desired, there, new, changed, chosen, systems)
    return await asyncio.to_thread(plan.result)


def _changed(
    desired: Sequence[DesiredResource],
    there: Mapping[str, ObservedResource],
    settings: ProxmoxSettings,
) -> dict[str, frozenset[str]]:
    return {
        item.address: changed_paths(item, there[item.address], settings)
        for item in desired
        if item.address in there
    }


async def _facts(
    api: Api,
    settings: ProxmoxSettings,
    cluster: Cluster,
    desired: Sequence[DesiredResource],
    *,
    new: Sequence[DesiredResource],
    systems: Systems | None,
) -> Facts:
    given = [options_of(item) for item in new]
    asked = {image_of(d, o, systems=systems): None for d, o in zip(new, given, strict=True)}
    return await gather(
        api,
        cluster,
        asked=[*asked],
        bridges=bool(desired),
        pools=bool(settings.pool) or any(options_of(item).pool for item in desired),
        ha=any(o.ha is not None and o.ha.group for o in given),
        rules=any(item.rules for item in desired),
    )


@dataclass
class _Preparing:
    """One preparation: the facts are there, nothing is asked any more."""

    settings: ProxmoxSettings
    facts: Facts
    stack: StackRef
    desired: Sequence[DesiredResource]
    there: Mapping[str, ObservedResource]
    new: Sequence[DesiredResource]
    changed: Mapping[str, frozenset[str]]
    chosen: Mapping[str, Placement]
    systems: Systems | None
    faults: list[Diagnostic] = field(default_factory=list)

    @property
    def cluster(self) -> Cluster:
        return self.facts.cluster

    def result(self) -> Preparation:
        """Places and diagnostics, those of the whole cluster first."""
        wishes = [wish for item in self.new if (wish := self._wish(item)) is not None]
        placed = self._placed(wishes)
        placements = {**self._standing(), **self._placements(wishes, placed)}
        diagnostics = [
            *checks.of_cluster(self.facts),
            *self._of_options(),
            *self._of_resources(placements),
            *self.faults,
            *self._of_updates(),
            *self._of_datacenter(),
            *checks.numbers(len(self.new), self.facts, self.settings),
            *self._of_placing(wishes, placed),
            *self._of_privileges(wishes, placements),
            *self._of_what_goes(),
        ]
        return Preparation(placements=placements, diagnostics=tuple(dict.fromkeys(diagnostics)))

    # ── what exists ──

    def _node_of(self, item: ObservedResource) -> str | None:
        guest = self.cluster.guest(int(item.object_id)) if item.object_id.isdigit() else None
        known = item.extra.get("node")
        return guest.node if guest else str(known) if known else None

    def _standing(self) -> dict[str, Placement]:
        made = {item.address for item in self.new}
        found = {}
        for item in self.desired:
            seen = self.there.get(item.address)
            node = self._node_of(seen) if seen is not None else None
            if node is None or item.address in made:
                continue
            self.faults += checks.stays(item, node)
            site = {"node": node, "kind": str(KINDS[kind_of(item)])}
            found[item.address] = self._as_before(item, site)
        return found

    def _as_before(self, item: DesiredResource, site: dict[str, str]) -> Placement:
        """A guest that moved since the approval is found wherever it is: the plan need not change for it."""
        before = self.chosen.get(item.address)
        if before is not None and "source" not in before.site:
            return before
        return Placement(site=site, reason="it is there")

    # ── what is to be made ──

    def _wish(self, item: DesiredResource) -> _Wish | None:
        """None when no node has anything to make it from: the fault says why."""
        asked = image_of(item, options_of(item), systems=self.systems)
        cards = cards_of(item, bridge=self.settings.bridge)
        sources: dict[str, Source] = {}
        unfit: dict[str, Obstacle] = {}
        for node in self.cluster.online:
            found = self._source(item, node.name)
            if isinstance(found, Fault) and not found.of_node:
                self.faults.append(_of_fault(item, found))
                return None
            if isinstance(found, Fault):
                unfit[node.name] = Obstacle(found.code, found.field, found.message, found.hint)
            elif (obstacle := checks.no_bridge(node.name, cards, self.facts)) is not None:
                unfit[node.name] = obstacle
            else:
                sources[node.name] = found
        seen = self.there.get(item.address)
        want = self._want(item, seen, sources=sources, unfit=unfit, linked=asked.linked)
        return _Wish(item, seen, sources, want)

    def _source(self, item: DesiredResource, node: str) -> Source | Fault:
        asked = image_of(item, options_of(item), systems=self.systems)
        if asked.image_storage is None and self.settings.image_storage is not None:
            asked = asked.model_copy(update={"image_storage": self.settings.image_storage})
        before = self.chosen.get(item.address)
        if before is not None and before.site.get("node") == node and "source" in before.site:
            text = before.site["source"]
            kept = kept_source(
                node, text, asked, self.cluster, self.facts.shelf, systems=self.systems
            )
            if kept is not None:
                return kept
        return source_on(node, asked, self.cluster, self.facts.shelf, systems=self.systems)

    def _want(
        self,
        item: DesiredResource,
        seen: ObservedResource | None,
        *,
        sources: Mapping[str, Source],
        unfit: Mapping[str, Obstacle],
        linked: bool,
    ) -> Want:
        asked, settings = options_of(item), self.settings
        stays = self._node_of(seen) if seen is not None else None
        clones = [s for s in sources.values() if s.kind is SourceKind.CLONE]
        given = (spec.root_size(item) or 0) * GiB
        root = max([given, *(s.size for s in clones)]) or DEFAULT_DISK
        more, beside = _volumes(item)
        return Want(
            address=item.address,
            group=item.resource.name,
            kind=KINDS[kind_of(item)],
            cpus=item.cpu or spec.DEFAULT_CPUS,
            memory=spec.memory(item) * 1024**2,
            disk=beside + (0 if linked else root),
            more=more,
            node=asked.node or stays or settings.node,
            storage=None if linked else asked.storage or settings.storage,
            bound={n: s.storage for n, s in sources.items() if linked and s.storage},
            said={
                **({} if asked.node else {"node": "it is there now" if stays else _SETTINGS}),
                **({} if asked.storage else {"storage": _SETTINGS}),
            },
            spread=asked.anti_affinity,
            unfit=unfit,
            local=frozenset(n for n, s in sources.items() if s.there and s.node in {None, n}),
        )

    def _placed(self, wishes: Sequence[_Wish]) -> Placed:
        made = {item.address for item in self.new}
        standing = {
            item.address: (item.resource.name, node)
            for item in self.desired
            if item.address not in made
            and (seen := self.there.get(item.address)) is not None
            and (node := self._node_of(seen)) is not None
        }
        wants = [wish.want for wish in wishes]
        return place(wants, self.cluster, chosen=self.chosen, standing=standing)

    def _placements(self, wishes: Sequence[_Wish], placed: Placed) -> dict[str, Placement]:
        found = {}
        for wish in wishes:
            if (spot := placed.places.get(wish.want.address)) is None:
                continue
            source = wish.sources[spot.node]
            site = {
                "node": spot.node,
                "kind": str(wish.want.kind),
                "storage": spot.storage,
                "source": source.text,
            }
            if source.kind is not SourceKind.CLONE:
                site["image_storage"] = source.storage
            found[wish.want.address] = Placement(site=site, reason=spot.reason)
        return found

    # ── what is to be said ──

    def _of_options(self) -> Iterator[Diagnostic]:
        for item in self.desired:
            yield from options.faults(item)
        fresh = {item.address for item in self.new} | {
            a for a, paths in self.changed.items() if paths
        }
        yield from checks.addresses(self.desired, self.settings, fresh=fresh)

    def _of_resources(self, placements: Mapping[str, Placement]) -> Iterator[Diagnostic]:
        """Instances of one resource have its options: what is said of the first holds for all."""
        for item in _firsts(self.new):
            yield from checks.root_only(item, self.facts)
            yield from checks.nesting(item)
            place = placements.get(item.address)
            yield from checks.untold(item, place, bridge=self.settings.bridge)
            yield from checks.pool(item, self.facts, self.settings)
            yield from checks.ha(item, self.facts, place)

    def _of_updates(self) -> Iterator[Diagnostic]:
        """What stands against changing guests that are there."""
        made = {item.address for item in self.new}
        for item in self.desired:
            paths = self.changed.get(item.address)
            if not paths or item.address in made:
                continue
            if "options.features" in paths:
                yield from checks.root_only(item, self.facts)
            if "options.pool" in paths:
                yield from checks.pool(item, self.facts, self.settings)
            node = self._node_of(self.there[item.address])
            if "network.interfaces" in paths and node is not None:
                yield from checks.unconnectable(item, node, self.facts, self.settings)

    def _of_datacenter(self) -> Iterator[Diagnostic]:
        found, who = self.facts.datacenter, self.facts.who.words
        yield from datacenter.idle_rules(self.desired, found, cluster=self.cluster.name)
        yield from datacenter.kept_tags(
            self.new, found, self.stack, permissions=self.facts.permissions, who=who
        )

    def _of_placing(self, wishes: Sequence[_Wish], placed: Placed) -> Iterator[Diagnostic]:
        groups = {wish.want.address: wish.want.group for wish in wishes}
        for remark in _collapsed(placed.remarks, groups):
            yield self._with_blindness(checks.of_remark(remark), remark)
        loss = after_a_loss([wish.want for wish in wishes], placed, self.cluster)
        if loss is not None and placed.places:
            yield checks.of_remark(loss)

    def _with_blindness(self, found: Diagnostic, remark: Remark) -> Diagnostic:
        """A storage that ALMA may not see is one that there is not."""
        if remark.code not in _UNSEEN:
            return found
        if not self.facts.permissions.missing("/storage", "Datastore.Audit"):
            return found
        more = "or ALMA may not see it: Datastore.Audit is missing on /storage"
        return found.model_copy(update={"hint": "; ".join(filter(None, (found.hint, more)))})

    def _of_privileges(
        self, wishes: Sequence[_Wish], placements: Mapping[str, Placement]
    ) -> Iterator[Diagnostic]:
        lacks = checks.lacks_to_remove((item.object_id for item in self._going()), self.facts)
        made = {item.address for item in self.new}
        for address, paths in self.changed.items():
            if paths and address not in made:
                vmid = self.there[address].object_id
                lacks += checks.lacks_to_change(vmid, self.facts, paths=paths)
        for wish in wishes:
            spot = placements.get(wish.want.address)
            if spot is None:
                continue
            source = wish.sources[spot.site["node"]]
            lacks += checks.lacks_for(
                wish.desired, self.facts, self.settings, placement=spot, source=source
            )
            yield from checks.fetched_here(source, spot.site["node"], self.facts)
        yield from checks.of_lacks(lacks, self.facts)

    def _going(self) -> list[ObservedResource]:
        """What would be removed: what nobody wants any more, unless it holds data, and what is made anew."""
        wanted = {item.address for item in self.desired}
        made = {item.address for item in self.new}
        return [
            item
            for address, item in sorted(self.there.items())
            if address in made or (address not in wanted and not item.retain)
        ]

    def _of_what_goes(self) -> Iterator[Diagnostic]:
        made = {item.address for item in self.new}
        for item in self._going():
            why = "made anew" if item.address in made else "removed"
            yield from checks.protected([item], why=why)


def _firsts(items: Iterable[DesiredResource]) -> list[DesiredResource]:
    found: dict[str, DesiredResource] = {}
    for item in items:
        found.setdefault(item.resource.name, item)
    return [*found.values()]


def _volumes(item: DesiredResource) -> tuple[dict[str, int], int]:
    """The bytes of its volumes: on storages that were named for them, and beside its first disk."""
    more: dict[str, int] = {}
    beside = 0
    for mount in item.mounts:
        size, storage = spec.volume_size(mount) * GiB, volume_options(mount).storage
        if storage is None:
            beside += size
        else:
            more[storage] = more.get(storage, 0) + size
    return more, beside


def _of_fault(item: DesiredResource, fault: Fault) -> Diagnostic:
    return Diagnostic(
        severity=Severity.ERROR,
        code=fault.code,
        path=checks.at(item.address, fault.field),
        message=fault.message,
        hint=fault.hint,
    )


def _collapsed(remarks: Sequence[Remark], groups: Mapping[str, str]) -> list[Remark]:
    """What is said of several instances of a resource is said once, with their number."""
    found: dict[tuple[str, str, str], list[Remark]] = {}
    for remark in remarks:
        key = (groups.get(remark.address, remark.address), remark.code, remark.field)
        found.setdefault(key, []).append(remark)
    return [
        same[0]
        if len(same) == 1
        else same[0].model_copy(
            update={"message": f"{same[0].message} (and so for {len(same) - 1} more of it)"}
        )
        for same in found.values()
    ]
