"""Plans a move from one platform to another: the pieces of `core.migration`, with prices and engines asked about them.

Nothing is stored and nothing is moved: the answer is a blueprint for the new place and the way there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import Field

from alma.core.migration.amounts import bits_of, seconds_of, told_bytes, told_seconds
from alma.core.migration.moving import Downtime, Held, Method, Move, Pace, Transfer, moved
from alma.core.migration.platforms import Fidelity, PlatformMap
from alma.core.migration.platforms import Way as Form
from alma.core.migration.target import Arrived, Strategy, arrived
from alma.core.migration.target import Move as Way
from alma.core.migration.waves import Group, Stage, holds_data, waves_of
from alma.core.model.base import Frozen
from alma.core.model.blueprint import DATA, Blueprint, Resource, ResourceType
from alma.core.model.cost import Amount, Estimate, Item
from alma.core.model.errors import AlmaError, InvalidInput
from alma.core.model.plan import Support, SupportLevel
from alma.core.model.software import Catalogue
from alma.core.model.units import Size
from alma.core.planning.resolve import resolve
from alma.core.ports import Engines
from alma.core.services.estimates import ONPREM, Estimates

_LIFTED = frozenset({ResourceType.VM})
_SHOWN_SUPPORT = 500
_DISK = "its whole disk"
_UNSAID = "how much it holds is not said"


@dataclass(frozen=True)
class Wishes:
    """What somebody says of a move. `tolerance` is a length of time, `bandwidth` that of the line; `data` says how much
    is really in a resource; shares are of 1."""

    source: str
    target: str
    strategy: Strategy = Strategy.LIFT
    tolerance: str | None = None
    bandwidth: str | None = None
    efficiency: Decimal | None = None
    change_per_day: Decimal | None = None
    region: str | None = None
    data: Mapping[str, Size] = field(default_factory=dict)


class Mapped(Frozen):
    """One resource on either side. Money is USD a month."""

    resource: str
    type: ResourceType
    source: str = Field(description="What it is in the old place.")
    target: str = Field(description="What it is in the new one.")
    fidelity: Fidelity
    reasons: tuple[str, ...] = ()
    becomes: ResourceType | None = Field(default=None, description="Its type in the new blueprint.")
    instance_type: str | None = Field(default=None, description="The type it runs on there.")
    notes: tuple[str, ...] = ()


class Wave(Frozen):
    """Resources that move together. The next begins when this one is well."""

    number: int
    stage: Stage
    resources: tuple[str, ...]
    steps: tuple[str, ...]
    data_bytes: int = 0
    transfer_seconds: Amount = Decimal(0)
    rollback: tuple[str, ...]


class EngineSupport(Frozen):
    """What the target's engine says of the new blueprint. `checked` is None where it has no engine of ALMA's."""

    engine: str | None
    checked: bool | None
    reason: str = ""
    differences: Mapping[str, tuple[Support, ...]] = Field(default_factory=dict)


class Costs(Frozen):
    """USD a month before and after."""

    before: Amount
    after: Amount
    difference: Amount
    basis: tuple[str, ...]
    uncounted: tuple[str, ...] = ()


class Migration(Frozen):
    """The whole plan."""

    source: str
    target: str
    strategy: Strategy
    mapping: tuple[Mapped, ...]
    blueprint: Blueprint
    waves: tuple[Wave, ...]
    moves: tuple[Move, ...]
    transfer: Transfer
    downtime: Downtime
    costs: Costs
    support: EngineSupport
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]


class Migrating:
    """Plans moves. `table` is read when it is first needed."""

    def __init__(
        self,
        *,
        table: Callable[[], PlatformMap],
        catalogue: Catalogue,
        estimates: Estimates,
        engines: Engines,
    ) -> None:
        self._table = table
        self._catalogue = catalogue
        self._estimates = estimates
        self._engines = engines

    @property
    def table(self) -> PlatformMap:
        """What stands for what."""
        return self._table()

    def plan(self, project: str, blueprint: Blueprint, wishes: Wishes) -> Migration:
        """The plan of a move. Raises InvalidInput for an unknown platform or region, for two that are the same, for an
        amount that can't be read, and for data of what is not in the blueprint."""
        way = self._way(wishes)
        names = {resource.name for resource in blueprint.resources}
        if unknown := sorted(wishes.data.keys() - names):
            raise InvalidInput(f"data is given of '{unknown[0]}', which is not in the blueprint")
        there, accounts = arrived(blueprint, way)
        held = self._held(blueprint, accounts, wishes)
        pace = self._pace(wishes)
        tolerance = seconds_of(wishes.tolerance) if wishes.tolerance is not None else None
        moves, transfer, downtime = moved(held, pace, tolerance)
        before = self._estimate(blueprint, way.source, None)
        after = self._estimate(there, way.target, wishes.region)
        support = self._support(project, there, way)
        return Migration(
            source=way.source,
            target=way.target,
            strategy=wishes.strategy,
            mapping=tuple(_mapped(accounts, after, support)),
            blueprint=there,
            waves=tuple(_waves(there, moves, way)),
            moves=moves,
            transfer=transfer,
            downtime=downtime,
            costs=_costs(before, after),
            support=support,
            assumptions=tuple(self._assumptions(wishes, pace, (before, after), held)),
            sources=tuple(dict.fromkeys((self.table.version, before.book, after.book))),
        )

    def _way(self, wishes: Wishes) -> Way:
        source, target = self.table.named(wishes.source), self.table.named(wishes.target)
        if source == target:
            hint = f"name another target: {', '.join(self.table.platforms)}"
            raise InvalidInput(f"source and target are both {source}", hint=hint)
        region = None
        if wishes.region is not None:
            prices = self.table.platforms[target].prices
            if prices == ONPREM:
                raise InvalidInput(f"{target} has no regions", hint="leave region out")
            region = self._estimates.region(prices, wishes.region)
        return Way(source, target, wishes.strategy, self.table, self._catalogue, region)

    # ── data ─────────────────────────────────────────────────────────────────────────────────────

    def _held(
        self, blueprint: Blueprint, accounts: Sequence[Arrived], wishes: Wishes
    ) -> list[Held]:
        """What has to be copied. A volume counts once: with the store that it belongs to, else by itself."""
        gone = {item.name for item in accounts if item.becomes is None}
        written = {m.volume for r in blueprint.resources for m in r.mounts if not m.read_only}
        stores = [r for r in blueprint.resources if _is_store(r)]
        owned = {m.volume for r in stores for m in r.mounts if not m.read_only}
        found: list[Held] = []
        for resource in blueprint.resources:
            said = resource.name in wishes.data
            lifted = wishes.strategy is Strategy.LIFT and resource.type in _LIFTED
            volume = resource.name in written - owned
            if said or (resource.name not in gone and (_is_store(resource) or lifted or volume)):
                found.append(self._one(blueprint, resource, wishes))
        return found

    def _one(self, blueprint: Blueprint, resource: Resource, wishes: Wishes) -> Held:
        usual = self._catalogue.defaults.get(resource.type, "")
        entry = self._catalogue.find(resource.engine or usual)
        store = resource.type in DATA
        replicates = store and entry is not None and entry.id in self.table.replicates
        if (given := wishes.data.get(resource.name)) is not None:
            return Held(resource.name, given.bytes, "as given", replicates)
        volumes = [blueprint.resource(m.volume) for m in resource.mounts if not m.read_only]
        sizes = [volume.specs.disk_size for volume in volumes if volume is not None]
        if store and sizes:
            known = [size.bytes for size in sizes if size is not None]
            whole = sum(known) if len(known) == len(sizes) else None
            told = _DISK if whole is not None else _UNSAID
            return Held(resource.name, whole, told, replicates)
        if (disk := resource.specs.disk_size) is not None:
            return Held(resource.name, disk.bytes, _DISK, replicates)
        if store and entry is not None and entry.storage is not None:
            told = f"the disk that {entry.title} gets, for none is given"
            return Held(resource.name, entry.storage.bytes, told, replicates)
        return Held(resource.name, None, _UNSAID, replicates)

    def _pace(self, wishes: Wishes) -> Pace:
        usual = self.table.assumed
        return Pace(
            bits=bits_of(wishes.bandwidth or usual.bandwidth),
            efficiency=wishes.efficiency or usual.efficiency,
            change_per_day=(
                usual.change_per_day if wishes.change_per_day is None else wishes.change_per_day
            ),
            restart=usual.restart_seconds,
            switch=usual.switch_seconds,
            promote=usual.promote_seconds,
        )

    # ── prices and engines ───────────────────────────────────────────────────────────────────────

    def _estimate(self, blueprint: Blueprint, platform: str, region: str | None) -> Estimate:
        provider = self.table.platforms[platform].prices
        return self._estimates.estimate(
            blueprint, provider, region=region if provider != ONPREM else None
        )

    def _support(self, project: str, blueprint: Blueprint, way: Way) -> EngineSupport:
        """What the engine there can't do exactly. One that is not set up here is not asked, and that is said."""
        name = self.table.platforms[way.target].engine
        if name is None:
            told = f"no engine here deploys to {self.table.platforms[way.target].title}"
            return EngineSupport(engine=None, checked=None, reason=told)
        try:
            engine = self._engines.get(name, project=project)
            resolution = resolve(blueprint, self._catalogue, engine.traits)
            support = {item.address: tuple(engine.support(item)) for item in resolution.resources}
        except AlmaError as error:
            return EngineSupport(engine=name, checked=False, reason=error.message)
        differing = [(at, items) for at, items in support.items() if items]
        faults = "; ".join(str(item) for item in resolution.diagnostics[:_SHOWN_SUPPORT])
        return EngineSupport(
            engine=name, checked=True, reason=faults, differences=dict(differing[:_SHOWN_SUPPORT])
        )

    def _assumptions(
        self,
        wishes: Wishes,
        pace: Pace,
        estimates: tuple[Estimate, Estimate],
        held: Sequence[Held],
    ) -> Iterator[str]:
        usual = self.table.assumed
        if held:
            if wishes.bandwidth is None:
                yield f"the line between both places has {usual.bandwidth}"
            if wishes.efficiency is None:
                yield f"a long copy gets {(pace.efficiency * 100).normalize():f} % of it"
            if wishes.change_per_day is None:
                yield f"{(pace.change_per_day * 100).normalize():f} % of the data change in a day"
            yield (
                f"a start takes {told_seconds(pace.restart)}, a replica's takeover {told_seconds(pace.promote)}, "
                f"switching the traffic {told_seconds(pace.switch)}"
            )
            if any(item.known == _DISK for item in held):
                yield "a disk is copied whole, however full it is: say under data how much is really in it"
            yield "equal instances hold the same, so one of them is copied; caches fill up again by themselves"
        for side, estimate in zip(("before", "after"), estimates, strict=True):
            yield from (f"costs {side}: {text}" for text in estimate.assumptions)
        for side, platform in (("before", wishes.source), ("after", wishes.target)):
            key = self.table.named(platform)
            if self.table.platforms[key].prices == ONPREM and key != ONPREM:
                yield f"costs {side}: {key} is reckoned as machines of your own"


def _is_store(resource: Resource) -> bool:
    """Whether its data has to move. A cache fills up again."""
    return resource.type in DATA and resource.type is not ResourceType.CACHE


# ── parts of the answer ──────────────────────────────────────────────────────────────────────────


def _mapped(
    accounts: Sequence[Arrived], after: Estimate, support: EngineSupport
) -> Iterator[Mapped]:
    types = {line.resource: line.sku for line in after.lines if line.what is Item.INSTANCE}
    for item in accounts:
        found = item.equivalent
        fidelity, further = _by_engine(found.fidelity, support.differences.get(item.name, ()))
        yield Mapped(
            resource=item.name,
            type=item.type,
            source=found.source,
            target=found.target,
            fidelity=fidelity,
            reasons=tuple(dict.fromkeys((*found.reasons, *further))),
            becomes=item.becomes,
            instance_type=types.get(item.name) if found.form is Form.MACHINE else None,
            notes=item.notes,
        )


def _by_engine(fidelity: Fidelity, differing: Sequence[Support]) -> tuple[Fidelity, list[str]]:
    """What the target's engine says counts where it is worse than the table: it will have to do it."""
    reasons = [f"{item.path}: {item.reason}" for item in differing]
    lost = any(item.path == "type" and item.level is SupportLevel.UNSUPPORTED for item in differing)
    if lost:
        return Fidelity.UNSUPPORTED, reasons
    if reasons and fidelity is Fidelity.EQUAL:
        return Fidelity.APPROXIMATED, reasons
    return fidelity, reasons


def _costs(before: Estimate, after: Estimate) -> Costs:
    sides = (("before", before), ("after", after))
    return Costs(
        before=before.monthly,
        after=after.monthly,
        difference=after.monthly - before.monthly,
        basis=(before.basis, after.basis),
        uncounted=tuple(f"{side}: {text}" for side, e in sides for text in e.uncounted),
    )


def _waves(blueprint: Blueprint, moves: Sequence[Move], way: Way) -> Iterator[Wave]:
    by_name = {move.resource: move for move in moves}
    told = way.table.platforms[way.target].title
    for number, group in enumerate(waves_of(blueprint), start=1):
        here = [by_name[name] for name in group.resources if name in by_name]
        copied = [move for move in here if move.copy_seconds is not None]
        yield Wave(
            number=number,
            stage=group.stage,
            resources=group.resources,
            steps=tuple(_steps(blueprint, group, here, told)),
            data_bytes=sum(move.bytes or 0 for move in copied),
            transfer_seconds=sum((move.copy_seconds or Decimal(0) for move in copied), Decimal(0)),
            rollback=tuple(_rollback(group, here, way)),
        )


def _steps(blueprint: Blueprint, group: Group, moves: Sequence[Move], target: str) -> Iterator[str]:
    yield f"make {_listed(group.resources)} on {target}"
    for move in moves:
        yield _copying(move)
    match group.stage:
        case Stage.GROUND:
            yield "check that both places reach each other over the line that data takes"
        case Stage.DATA:
            data = [n for n in group.resources if (r := blueprint.resource(n)) and holds_data(r)]
            yield f"check that {_listed(data or group.resources)} can be read and has what was there"
        case Stage.WORK:
            yield f"check that {_listed(group.resources)} works against the new data, before anybody uses it"
        case Stage.TRAFFIC:
            yield f"let names and addresses point to {_listed(group.resources)}, and watch it"


def _copying(move: Move) -> str:
    amount = told_bytes(move.bytes) if move.bytes is not None else "an unknown amount"
    match move.method:
        case Method.OFFLINE:
            return f"stop writing to {move.resource} and copy it ({amount})"
        case Method.COPY_ON:
            return f"copy {move.resource} twice while it runs ({amount}), stop writing, and copy the rest"
        case Method.REPLICATION:
            return f"fill a replica of {move.resource} ({amount}); when it follows, stop writing and let it take over"
        case None:
            return f"copy {move.resource}: find out first how much it holds"


def _rollback(group: Group, moves: Sequence[Move], way: Way) -> Iterator[str]:
    old = way.table.platforms[way.source].title
    match group.stage:
        case Stage.GROUND:
            yield f"remove {_listed(group.resources)}: nothing uses it yet"
        case Stage.DATA:
            yield f"until traffic has moved: write to {old} again, which was only read from, and remove the copy"
        case Stage.WORK:
            yield f"remove {_listed(group.resources)}: {old} still serves"
        case Stage.TRAFFIC:
            yield f"let names and addresses point to {old} again"
    for move in moves:
        if move.method is Method.REPLICATION:
            yield f"after it: {move.resource} replicates backwards from the start, so {old} has what was written since"
        else:
            yield f"after it: what was written to {move.resource} since has to be copied back first"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
