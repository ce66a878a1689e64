"""What the instances of one resource come to, worked out without its name: whatever is alike costs the same.

Ten thousand resources have a few hundred shapes, and a search for cheaper forms prices the same blueprint again and
again with little changed. So a resource is priced by its shape, once, and its lines are written under each name.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol

from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.fitting import Need
from alma.core.economics.purchase import KEY
from alma.core.model.base import canonical_json
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.cost import CostLine, Estimate
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size

Shape = Hashable


class Note(NamedTuple):
    """A sentence about a resource; where `after` is given, the resource's name stands between the two."""

    text: str
    after: str | None = None

    def of(self, name: str) -> str:
        return self.text if self.after is None else f"{self.text}{name}{self.after}"


class Pool(NamedTuple):
    """Who shares machines: of one name, bought the same way."""

    name: str
    arch: Arch
    market: Market
    hours: Decimal


class Shared(NamedTuple):
    """What the instance of this number (from 0) brings to a pool."""

    pool: Pool
    number: int
    need: Need


@dataclass(frozen=True)
class Part:
    """One resource of an estimate. `lines` name no resource; `guessed` are the sizes that nobody gave, `missing` what
    the book has no price for. `runs`: it has machines; `volume`: it is a disk by itself."""

    lines: tuple[CostLine, ...] = ()
    guessed: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    missing: tuple[str, ...] = ()
    unpriced: bool = False
    shared: tuple[Shared, ...] = ()
    traffic: Decimal = Decimal(0)
    runs: bool = False
    volume: bool = False


class Named(NamedTuple):
    """A part under its resource's name."""

    name: str
    part: Part
    lines: tuple[CostLine, ...]


def under(name: str, part: Part) -> Named:
    """The part's lines, written under a name."""
    return Named(name, part, tuple(_line(name, line) for line in part.lines))


def _line(name: str, line: CostLine) -> CostLine:
    return CostLine(
        resource=name,
        what=line.what,
        quantity=line.quantity,
        unit=line.unit,
        unit_price=line.unit_price,
        monthly=line.monthly,
        kind=line.kind,
        source=line.source,
        sku=line.sku,
        date=line.date,
    )


def guesses_of(parts: Sequence[Named]) -> dict[str, list[str]]:
    """Names of resources by the size that they leave open; volumes are looked at first, for others refer to them."""
    found: dict[str, dict[str, None]] = {}
    for item in (*(item for item in parts if item.part.volume), *parts):
        for what in item.part.guessed:
            found.setdefault(what, {})[item.name] = None
    return {what: list(names) for what, names in found.items()}


def notes_of(parts: Sequence[Named]) -> dict[str, None]:
    """What has to be said of each, once."""
    return {note.of(item.name): None for item in parts for note in item.part.notes}


def by_resource(desired: Sequence[DesiredResource]) -> dict[str, list[DesiredResource]]:
    """Instances by the resource they are of, in the order in which they come first."""
    found: dict[str, list[DesiredResource]] = {}
    for item in desired:
        found.setdefault(item.resource.name, []).append(item)
    return found


def is_volume(item: DesiredResource) -> bool:
    """Whether it is a disk by itself; one that is implied is the disk of the instance it was made for."""
    return item.type is ResourceType.VOLUME and not item.implied


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────


class Tariff(Protocol):
    """Somebody's prices. `named`: names have prices of their own."""

    @property
    def named(self) -> bool: ...

    def part(self, items: Sequence[DesiredResource], volumes: Mapping[str, Size | None]) -> Part:
        """What these instances of one resource come to; `volumes` are the disks by themselves, by address."""
        ...

    def total(self, parts: Sequence[Named]) -> Estimate:
        """All of it together."""
        ...

    def of(self, desired: Sequence[DesiredResource]) -> Estimate:
        """What these instances cost a month."""
        volumes = {item.address: item.disk for item in desired if is_volume(item)}
        groups = by_resource(desired).items()
        return self.total([under(name, self.part(items, volumes)) for name, items in groups])


def shape_of(resource: Resource, *, named: bool) -> Shape:
    """Everything of a resource that its price follows from, but for the volumes that it mounts. Resources of equal
    shapes cost the same; `named`: if they have the same name, too."""
    specs, backup = resource.specs, resource.backup
    way = resource.metadata.get(KEY)
    return (
        resource.name if named else None,
        resource.type,
        resource.engine,
        resource.image is None,
        resource.count,
        str(specs.cpu),  # 1 and 1.0 are equal, and are not shown alike
        specs.memory,
        specs.disk_size,
        specs.gpu,
        specs.roles,
        None if backup is None else (backup.enabled, backup.schedule, backup.retention_days),
        bool(resource.network.public_ip),
        None if way is None else canonical_json(way),
    )


Resolving = Callable[[Blueprint], Sequence[DesiredResource]]


class Pricing:
    """Prices blueprints that are mostly alike, one after another: what is known of a shape is known of all that have
    it. For one thread and one question; it is forgotten afterwards. `resolve` makes the instances of a blueprint."""

    def __init__(self, tariff: Tariff, resolve: Resolving) -> None:
        self._tariff = tariff
        self._resolve = resolve
        self._parts: dict[Shape, Part] = {}
        # A shape by its number: long ones are slow to compare, and are looked up a hundred thousand times.
        self._numbers: dict[Shape, int] = {}
        # By identity: a search keeps what it does not change. The resource is held, so that its id stays its own.
        self._shapes: dict[int, tuple[Resource, Shape]] = {}
        self._named: dict[tuple[int, Shape], Named] = {}
        self._units: dict[Shape, Decimal] = {}

    def estimate(self, blueprint: Blueprint) -> Estimate:
        """What it costs a month."""
        return self._tariff.total(self._of(blueprint))

    def unit(self, resource: Resource) -> Decimal:
        """What a resource by itself costs a month, unrounded."""
        shape = self.shape(resource)
        if shape not in self._units:
            lines = self.estimate(Blueprint(name="one", resources=(resource,))).lines
            exact = (line.quantity * line.unit_price for line in lines)
            self._units[shape] = sum(exact, Decimal(0))
        return self._units[shape]

    def shape(self, resource: Resource) -> Shape:
        """What its price follows from while it stands alone."""
        known = self._shapes.get(id(resource))
        if known is None:
            whole = shape_of(resource, named=self._tariff.named)
            known = (resource, self._numbers.setdefault(whole, len(self._numbers)))
            self._shapes[id(resource)] = known
        return known[1]

    def _of(self, blueprint: Blueprint) -> list[Named]:
        disks = {r.name: r for r in blueprint.resources if r.type is ResourceType.VOLUME}
        shapes = [(resource, self._among(resource, disks)) for resource in blueprint.resources]
        self._learn(blueprint, {shape: r for r, shape in reversed(shapes)}, disks)
        return [self._under_name(resource, shape) for resource, shape in shapes]

    def _among(self, resource: Resource, disks: Mapping[str, Resource]) -> Shape:
        """Its shape, with those of the volumes that it mounts."""
        own = self.shape(resource)
        if not resource.mounts:
            return own
        mounted = (disks.get(mount.volume) for mount in resource.mounts)
        return (own, tuple(disk and self.shape(disk) for disk in mounted))

    def _learn(
        self,
        blueprint: Blueprint,
        shapes: Mapping[Shape, Resource],
        disks: Mapping[str, Resource],
    ) -> None:
        """Prices one of each shape that is new, all of them resolved at once, with the volumes they mount."""
        new = {
            resource.name: shape for shape, resource in shapes.items() if shape not in self._parts
        }
        if not new:
            return
        needed = set(new)
        for shape in new.values():
            needed.update(mount.volume for mount in shapes[shape].mounts if mount.volume in disks)
        some = tuple(resource for resource in blueprint.resources if resource.name in needed)
        desired = self._resolve(blueprint.model_copy(update={"resources": some}))
        volumes = {item.address: item.disk for item in desired if is_volume(item)}
        instances = by_resource(desired)
        for name, shape in new.items():
            self._parts[shape] = self._tariff.part(instances.get(name, ()), volumes)

    def _under_name(self, resource: Resource, shape: Shape) -> Named:
        key = (id(resource), shape)
        if key not in self._named:
            self._named[key] = under(resource.name, self._parts[shape])
        return self._named[key]


def lines_of(parts: Sequence[Named]) -> Iterator[CostLine]:
    """All lines, resource by resource."""
    for item in parts:
        yield from item.lines
