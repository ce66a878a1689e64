"""The nearest variant of a blueprint that keeps to a budget.

What was asked for stays: no resource goes, what was meant to survive a failure still does, nothing that holds data
loses an instance, and nothing gets smaller than the catalogue says it runs with. Sizes that nobody asked for give way
first, then counts, then disks with data; a person's own words only when all of that is not enough. What turns out not
to have been necessary is put back, so that the variant is near, not merely cheap.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from alma.core.economics.parts import Pricing, Shape
from alma.core.economics.words import money
from alma.core.model.base import Json
from alma.core.model.blueprint import (
    COMPUTE,
    DATA,
    Blueprint,
    Origin,
    Resource,
    ResourceType,
    Specs,
)
from alma.core.model.conversation import SetField
from alma.core.model.cost import Variant
from alma.core.model.software import Catalogue, Software
from alma.core.model.units import Size

# What a type without an entry in the catalogue is not made smaller than.
_PLAIN = Software(
    title="", types=(), default_version="1", cpu=1, memory=Size("1GB"), storage=Size("10GB")
)
_CLUSTER_NODE = "k3s-server"
_PAIR, _QUORUM = 2, 3
_SPREAD = COMPUTE | {ResourceType.LOAD_BALANCER, ResourceType.KUBERNETES_CLUSTER}
_ASKED = frozenset({Origin.WORDS, Origin.IMPORTED})
_LABELS = {
    "count": "instances",
    "specs.nodes": "nodes",
    "specs.workers": "workers",
    "specs.control_plane": "control-plane nodes",
    "specs.cpu": "cpu",
    "specs.gpu": "gpu",
    "specs.memory": "memory",
    "specs.disk": "disk",
    "specs.storage": "storage",
}
_SIZES, _COUNTS, _DATA_DISKS, _TIERS = 0, 1, 2, 3


@dataclass(frozen=True)
class _Lever:
    """One field that can go down: from `ladder[0]`, as it is, to the least that is still sensible."""

    resource: str
    path: str
    tier: int
    ladder: tuple[Json, ...]


@dataclass
class _Search:
    """How far down each lever is, and what each resource costs then. Costs here are exact, without cents' rounding."""

    resources: Mapping[str, Resource]
    levers: Sequence[_Lever]
    pricing: Pricing
    at: list[int]
    units: dict[tuple[Shape, tuple[tuple[str, Json], ...]], Decimal] = field(default_factory=dict)

    def values(self, name: str, lever: int | None = None, to: int = 0) -> dict[str, Json]:
        """A resource's changed fields, with one lever at another place."""
        found = {}
        for index in self.of[name]:
            place = to if index == lever else self.at[index]
            if place:
                found[self.levers[index].path] = self.levers[index].ladder[place]
        return found

    def cost(self, name: str, lever: int | None = None, to: int = 0) -> Decimal:
        """USD a month for all instances of a resource."""
        values = self.values(name, lever, to)
        resource = self.resources[name]
        count = values.pop("count", resource.count)
        key = (self.pricing.shape(resource), tuple(values.items()))
        if key not in self.units:
            self.units[key] = self.pricing.unit(_changed(resource, {**values, "count": 1}))
        return self.units[key] * int(str(count))

    def saving(self, lever: int, to: int) -> Decimal:
        """What moving a lever there, and nothing else, saves; negative for moving it back up."""
        name = self.levers[lever].resource
        return self.cost(name) - self.cost(name, lever, to)

    def __post_init__(self) -> None:
        self.of: dict[str, list[int]] = {name: [] for name in self.resources}
        for index, lever in enumerate(self.levers):
            self.of[lever.resource].append(index)


def cheaper(
    blueprint: Blueprint,
    limit: Decimal,
    *,
    pricing: Pricing,
    catalogue: Catalogue,
    origins: Mapping[str, Origin],
    keep: Collection[str] = (),
    keep_data: bool = False,
) -> Variant:
    """The nearest variant that costs at most `limit` a month, or the cheapest sensible one, which is not `within` then.

    `pricing` knows what a whole blueprint costs, and one instance of a resource. `origins` says where values
    came from (`resources.web.count`); one without an origin counts as asked for. Resources of `keep` stay as they are,
    and with `keep_data` all disks that hold data do. Deterministic. The edits set fields, and their values' origin is
    `inferred`.
    """
    before = pricing.estimate(blueprint)
    if before.monthly <= limit:
        return Variant(estimate=before, within=True, limit=limit, before=before.monthly)
    levers = [
        lever
        for lever in _levers(blueprint, catalogue, origins)
        if lever.resource not in keep and not (keep_data and lever.tier % _TIERS == _DATA_DISKS)
    ]
    search = _Search(
        resources={resource.name: resource for resource in blueprint.resources},
        levers=levers,
        pricing=pricing,
        at=[0] * len(levers),
    )
    # Half a cent of each line may have been rounded away.
    excess = before.monthly - limit + Decimal("0.005") * len(before.lines)
    _raise(search, _lower(search, excess))
    changed = _varied(blueprint, search)
    after = pricing.estimate(changed)
    return Variant(
        edits=tuple(_edits(search)),
        estimate=after,
        changes=tuple(_changes(search, before.currency)),
        within=after.monthly <= limit,
        limit=limit,
        before=before.monthly,
    )


# ── what can go down, and how far ────────────────────────────────────────────────────────────────


def _levers(
    blueprint: Blueprint, catalogue: Catalogue, origins: Mapping[str, Origin]
) -> Iterator[_Lever]:
    for resource in blueprint.resources:
        least = least_of(resource, catalogue)
        for path, kind, ladder in (*_sizes(resource, least), *_counts(resource, least)):
            if len(ladder) > 1:
                origin = origins.get(f"resources.{resource.name}.{path}", Origin.WORDS)
                tier = kind + (_TIERS if origin in _ASKED else 0)
                yield _Lever(resource.name, path, tier, tuple(ladder))


def least_of(resource: Resource, catalogue: Catalogue) -> Software:
    """Whose sizes it is not made smaller than: its software's, else those of a plain machine."""
    if resource.type is ResourceType.KUBERNETES_CLUSTER:
        return catalogue.find(_CLUSTER_NODE) or _PLAIN
    default = None if resource.image else catalogue.defaults.get(resource.type)
    named = resource.engine or default
    return (catalogue.find(named) if named else None) or _PLAIN


def _sizes(resource: Resource, least: Software) -> Iterator[tuple[str, int, Sequence[Json]]]:
    specs = resource.specs
    if specs.cpu is not None:
        yield "specs.cpu", _SIZES, _halved(specs.cpu, least.cpu)
    if specs.memory is not None:
        yield "specs.memory", _SIZES, _halved_sizes(specs.memory, least.memory)
    if specs.gpu:
        yield "specs.gpu", _SIZES, _halved(specs.gpu, 1)
    if specs.disk_size is not None:
        keeps = resource.type is ResourceType.VOLUME or holds_data(resource, least)
        floor = least.storage or Size("10GB")
        path = "specs.disk" if specs.disk is not None else "specs.storage"
        kind = _DATA_DISKS if keeps else _SIZES
        # Both names of one property may be in use; they have to stay equal then.
        both = specs.disk is not None and specs.storage is not None
        yield path, kind, () if both else _halved_sizes(specs.disk_size, floor)


def _halved(value: float, floor: float) -> list[Json]:
    """Half, and half again, in whole numbers down to one."""
    ladder: list[Json] = [value]
    while value > floor:
        half = value / 2
        value = max(int(half) if half == int(half) else int(half) + 1, floor) if half > 1 else floor
        ladder.append(value)
    return ladder


def _halved_sizes(size: Size, floor: Size) -> list[Json]:
    """Half, and half again, in whole MiB where it is written in binary units, else in whole MB."""
    unit = 1024**2 if "i" in size.text.lower() else 1000**2
    ladder: list[Json] = [str(size)]
    left = size.bytes
    while left > floor.bytes:
        left = max(left // 2 // unit * unit, floor.bytes)
        ladder.append(str(Size.of_bytes(left)))
    return ladder


def _counts(resource: Resource, least: Software) -> Iterator[tuple[str, int, Sequence[Json]]]:
    """Of several, two are left: they were several to survive one's loss. With data, each instance has its own."""
    if resource.type in _SPREAD and not holds_data(resource, least):
        yield "count", _COUNTS, _down(resource.count, _PAIR)
    if resource.type is not ResourceType.KUBERNETES_CLUSTER:
        return
    specs = resource.specs
    servers, workers = specs.roles
    if specs.workers is not None:
        yield "specs.workers", _COUNTS, _down(specs.workers, _PAIR)
        odd = [servers, *(n for n in range(servers - 1, _QUORUM - 1, -1) if n % 2)]
        yield "specs.control_plane", _COUNTS, odd
    elif specs.nodes is not None:
        yield "specs.nodes", _COUNTS, _down(specs.nodes, _fewest_nodes(specs, servers, workers))


def holds_data(resource: Resource, software: Software) -> bool:
    """Whether an instance of it keeps something that another one does not have."""
    written = any(not mount.read_only for mount in resource.mounts)
    return resource.type in DATA or written or bool(software.data or software.packages.data)


def _fewest_nodes(specs: Specs, servers: int, workers: int) -> int:
    """Three nodes keep a cluster that had as many, or all its servers and a pair of workers."""
    return max(_QUORUM, servers + min(workers, _PAIR) if specs.control_plane else 0)


def _down(count: int, floor: int) -> list[Json]:
    return [count, *range(count - 1, floor - 1, -1)]


# ── the search ───────────────────────────────────────────────────────────────────────────────────


def _lower(search: _Search, excess: Decimal) -> Decimal:
    """Takes the step that saves most, tier after tier, until enough is saved. Returns what is saved too much."""
    for tier in range(2 * _TIERS):
        # Steps within one tier don't change what steps of other levers save, unless their resource is the same.
        heap = [
            (-search.saving(index, search.at[index] + 1), index)
            for index, lever in enumerate(search.levers)
            if lever.tier == tier
        ]
        heapq.heapify(heap)
        while heap and excess > 0:
            _, index = heapq.heappop(heap)
            lever, to = search.levers[index], search.at[index] + 1
            excess -= search.saving(index, to)
            search.at[index] = to
            if to + 1 < len(lever.ladder):
                heapq.heappush(heap, (-search.saving(index, to + 1), index))
    return -excess


def _raise(search: _Search, spare: Decimal) -> None:
    """Puts back what was not necessary, as far as there is money for it: what people asked for first."""
    order = sorted(range(len(search.levers)), key=lambda index: (-search.levers[index].tier, index))
    for index in order:
        while search.at[index] and spare >= 0:
            costs = -search.saving(index, search.at[index] - 1)
            if costs > spare:
                break
            spare -= costs
            search.at[index] -= 1


# ── the outcome ──────────────────────────────────────────────────────────────────────────────────


def _changed(resource: Resource, values: Mapping[str, Json]) -> Resource:
    top: dict[str, object] = {}
    specs: dict[str, object] = {}
    for path, value in values.items():
        head, _, inner = path.partition(".")
        if inner:
            specs[inner] = Size(value) if isinstance(value, str) else value
        else:
            top[head] = value
    return resource.model_copy(
        update={**top, "specs": resource.specs.model_copy(update=specs)} if specs else top
    )


def _varied(blueprint: Blueprint, search: _Search) -> Blueprint:
    changed = [_changed(r, search.values(r.name)) for r in blueprint.resources]
    return blueprint.model_copy(update={"resources": tuple(changed)})


def _edits(search: _Search) -> Iterator[SetField]:
    for place, lever in zip(search.at, search.levers, strict=True):
        if place:
            yield SetField(
                name=lever.resource,
                path=lever.path,
                value=lever.ladder[place],
                origin=Origin.INFERRED,
            )


def _changes(search: _Search, currency: str) -> Iterator[str]:
    """Each change with what it saves, in the order of the edits: what they save adds up."""
    final, search.at = search.at, [0] * len(search.at)
    for index, place in enumerate(final):
        if place:
            lever = search.levers[index]
            saved = money(search.saving(index, place), currency)
            old, new = lever.ladder[0], lever.ladder[place]
            yield f"{lever.resource}: {_step(lever.path, old, new)}, {saved} a month less"
            search.at[index] = place


def _step(path: str, old: Json, new: Json) -> str:
    label = _LABELS[path]
    if path.startswith("specs.") and label not in {"nodes", "workers", "control-plane nodes"}:
        return f"{label} {old} → {new}"
    return f"{old} → {new} {label}"
