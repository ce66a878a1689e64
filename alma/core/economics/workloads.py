"""Sizes for kinds of work, from what people know of the load: requests a second, users, or data a day.

The same few laws for every kind, with the steps shown: the utilisation law (busy cores = arrivals × demand) says how
many cores, Little's law (what is there = arrivals × how long it stays) how much memory and disk, Erlang C how long
anybody waits. Sources as in `capacity`. Everything that nobody measured is listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pydantic import ValidationError

from alma.core.economics.capacity import SECONDS_PER_DAY, CapacityModel, percentile_wait, size_for
from alma.core.economics.demand import Demand
from alma.core.economics.figures import Figure, shown
from alma.core.economics.hardware import HOURS_PER_MONTH
from alma.core.economics.purchase import bought
from alma.core.economics.workload_model import (
    WEB,
    Availability,
    TierSize,
    Workload,
    WorkloadModel,
    WorkloadSizing,
)
from alma.core.model.blueprint import MAX_COUNT, Blueprint, Network, Resource, ResourceType, Specs
from alma.core.model.cost import PriceKind
from alma.core.model.errors import InvalidInput
from alma.core.model.sizing import Load
from alma.core.model.units import Port, Size


def size_workload(
    kind: str,
    demand: Demand,
    availability: Availability,
    *,
    model: WorkloadModel,
    capacity: CapacityModel,
) -> WorkloadSizing:
    """Sizes for a kind of work. More load never needs less. Raises InvalidInput naming the kinds there are."""
    word = kind.strip().casefold()
    if word == WEB:
        return _web(demand, availability, model, capacity)
    if word not in model.workloads:
        raise InvalidInput(
            f"there is no kind of work '{kind[:60]}'", hint=f"known are {', '.join(model.kinds)}"
        )
    return _Case(word, model.workloads[word], demand, availability, model, capacity).sizing()


# ── one kind of work ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Case:
    kind: str
    work: Workload
    demand: Demand
    availability: Availability
    model: WorkloadModel
    capacity: CapacityModel

    @property
    def peak_factor(self) -> float:
        return float(self.capacity.traffic.peak_factor.value)

    @property
    def average(self) -> float:
        """Units a second over a whole day."""
        if self.demand.per_second is not None:
            return self.demand.per_second / self.peak_factor
        if self.demand.bytes_per_day is not None:
            return self.demand.bytes_per_day / float(self.work.bytes.value) / SECONDS_PER_DAY
        return _requests(self.demand, self.capacity) * float(self.work.per_request.value)

    @property
    def peak(self) -> float:
        return self.demand.per_second or self.average * self.peak_factor

    @property
    def demand_s(self) -> float:
        return float(self.work.us.value) / 1e6

    @property
    def share(self) -> float:
        return float(self.capacity.traffic.target_utilisation.value)

    @property
    def cores(self) -> int:
        return max(1, math.ceil(round(self.peak * self.demand_s / self.share, 9)))

    @property
    def shape(self) -> tuple[int, int]:
        """How many at work, and the cores of each. What holds data is one machine as long as one can be."""
        sizes = sorted(self.capacity.servers.cores)
        if self.work.cores_each is not None:
            each = int(self.work.cores_each.value)
            return math.ceil(self.cores / each), each
        few = 1 if self.work.holds_data else int(self.capacity.servers.few.value)
        size = next((size for size in sizes if math.ceil(self.cores / size) <= few), sizes[-1])
        return math.ceil(self.cores / size), size

    @property
    def reserve(self) -> int:
        """Machines beside those at work: copies of each of what holds data, spare ones of the rest."""
        plan = self.model.availability[self.availability]
        if self.work.holds_data:
            return self.shape[0] * int(plan.copies.value)
        return int(plan.spare.value)

    @property
    def held_bytes(self) -> float:
        """What is in memory at once, by Little's law."""
        if self.work.held_seconds is None:
            return 0.0
        return self._written * float(self.work.held_seconds.value)

    @property
    def kept_bytes(self) -> float:
        """What lies on disks, by Little's law."""
        if self.work.kept_days is None:
            return 0.0
        return self._written * float(self.work.kept_days.value) * SECONDS_PER_DAY

    @property
    def _written(self) -> float:
        """Bytes a second that stay, on average."""
        share = self.work.written_share
        return self.average * float(self.work.bytes.value) * float(share.value if share else 1)

    def sizing(self) -> WorkloadSizing:
        count, size = self.shape
        _within(count + self.reserve, f"machines for the {self.kind}")
        wait = percentile_wait(self.peak, self.demand_s, count * size)
        return WorkloadSizing(
            workload=self.kind,
            availability=self.availability,
            tiers=tuple(self.tiers()),
            per_second=round(self.peak, 3),
            waiting_ms=round(wait * 1000, 3),
            egress_gb_month=round(
                self.average * float(self.work.bytes.value) * 730 * 3600 / 1e9, 3
            ),
            working=tuple(self.working(wait)),
            assumptions=tuple(self.assumptions()),
        )

    def tiers(self) -> Iterator[TierSize]:
        count, size = self.shape
        disk = _gigabytes(self.kept_bytes / count / 1e9 * 1.25, least=20)
        yield TierSize(
            name=self.kind,
            type=self.work.type,
            software=self.work.software,
            count=count + self.reserve,
            cpu=size,
            memory=_gigabytes(self.memory_gb, least=1),
            disk=Size("40GB") if self.work.store else disk,
            network_mbit=self.mbit,
        )
        if self.work.store:
            yield TierSize(
                name=f"{self.kind}-data",
                type=ResourceType.OBJECT_STORE,
                count=1,
                cpu=2,
                memory=Size("4GB"),
                disk=disk,
                network_mbit=self.mbit,
            )

    @property
    def memory_gb(self) -> float:
        """GB of one machine."""
        count, size = self.shape
        per_core = self.work.memory_gb_per_core
        own = float(self.work.memory_gb.value) + (float(per_core.value) * size if per_core else 0)
        return own + self.held_bytes * 1.25 / 1e9 / count

    @property
    def mbit(self) -> float:
        return round(self.peak * float(self.work.bytes.value) * 8 / 1e6, 3)

    # ── words ────────────────────────────────────────────────────────────────────────────────────

    def working(self, wait: float) -> Iterator[str]:
        work, unit = self.work, _plural(self.work.unit)
        yield from _arriving(self.demand, self.capacity, work, self.average, self.peak)
        busy = self.peak * self.demand_s
        yield (
            f"a {work.unit} takes {_told(float(work.us.value))} µs of a core; {_told(self.peak)}/s × "
            f"{_told(float(work.us.value))} µs = {_told(busy)} cores busy; ÷ {_told(self.share * 100)} % = "
            f"{_told(busy / self.share)}, so {_cores(self.cores)}"
        )
        count, size = self.shape
        kind = "copies" if work.holds_data else "spare"
        yield f"{count} × {size} vCPU at work + {self.reserve} {kind} = {count + self.reserve} machines"
        if self.held_bytes:
            assert work.held_seconds is not None
            yield (
                f"in memory: {_told(self._written / 1e6)} MB/s added × {_told(float(work.held_seconds.value))} s = "
                f"{_told(self.held_bytes / 1e9)} GB, and a quarter on top"
            )
        if self.kept_bytes:
            assert work.kept_days is not None
            yield (
                f"on disks: {_told(self._written / 1e6)} MB/s added × {_told(float(work.kept_days.value))} days = "
                f"{_told(self.kept_bytes / 1e9)} GB, and a quarter on top"
            )
        yield (
            f"network: {_told(self.peak)}/s × {_told(float(work.bytes.value))} bytes × 8 = {_told(self.mbit)} Mbit/s"
        )
        yield (
            f"waiting (Erlang C, {_cores(count * size)} {_told(busy / (count * size) * 100)} % busy): "
            f"95 of 100 {unit} wait at most {_told(wait * 1000)} ms"
        )

    def assumptions(self) -> Iterator[str]:
        for name, figure in self.work.figures():
            yield f"{name.replace('_', ' ')} {shown(figure.value)}: {_kind(figure)}{figure.source}"
        plan = self.model.availability[self.availability]
        used = plan.copies if self.work.holds_data else plan.spare
        yield f"{shown(used.value)} beside each at work: {_kind(used)}{used.source}"
        yield from _traffic(self.demand, self.capacity)


def _requests(demand: Demand, capacity: CapacityModel) -> float:
    """Requests of people a second, over a whole day."""
    traffic = capacity.traffic
    daily = (demand.users or 0) * float(traffic.daily_active_share.value)
    visits = daily * float(traffic.sessions_per_day.value)
    return visits * float(traffic.requests_per_session.value) / SECONDS_PER_DAY


def _arriving(
    demand: Demand, capacity: CapacityModel, work: Workload, average: float, peak: float
) -> Iterator[str]:
    unit, traffic = _plural(work.unit), capacity.traffic
    if demand.per_second is not None:
        yield f"{_told(peak)} {unit}/s, taken as the busiest time"
        return
    if demand.bytes_per_day is not None:
        yield (
            f"{_told(demand.bytes_per_day / 1e9)} GB a day ÷ {_told(float(work.bytes.value))} bytes ÷ "
            f"{SECONDS_PER_DAY:,} s = {_told(average)} {unit}/s on average"
        )
    else:
        yield (
            f"{demand.users:,} users × {_told(float(traffic.daily_active_share.value) * 100)} % active a day × "
            f"{_told(float(traffic.sessions_per_day.value))} visits × "
            f"{_told(float(traffic.requests_per_session.value))} requests × "
            f"{_told(float(work.per_request.value))} {unit} ÷ {SECONDS_PER_DAY:,} s = "
            f"{_told(average)} {unit}/s on average"
        )
    yield f"× {_told(float(traffic.peak_factor.value))} at the busiest time = {_told(peak)} {unit}/s"


def _traffic(demand: Demand, capacity: CapacityModel) -> Iterator[str]:
    people = ("daily_active_share", "sessions_per_day", "requests_per_session")
    names = (*(people if demand.users else ()), "peak_factor", "target_utilisation")
    for name in names:
        figure: Figure = getattr(capacity.traffic, name)
        yield f"{name.replace('_', ' ')} {shown(figure.value)}: {_kind(figure)}{figure.source}"


# ── web applications ─────────────────────────────────────────────────────────────────────────────


def _load(demand: Demand) -> Load:
    """The load that a demand is. Raises InvalidInput for more than sizes are known for."""
    try:
        return Load(users=demand.users, requests_per_second=demand.per_second)
    except ValidationError:
        raise InvalidInput(
            "a load of that size is more than can be sized for",
            hint="at most ten billion users, or ten million requests a second",
        ) from None


def _within(count: int, what: str) -> None:
    """Raises InvalidInput for more than one resource can have: such a load is many systems, not one."""
    if count > MAX_COUNT:
        raise InvalidInput(
            f"a load of that size takes {count:,} {what}: more than one system has",
            hint=f"divide it: one resource has at most {MAX_COUNT:,}",
        )


def _web(
    demand: Demand, availability: Availability, model: WorkloadModel, capacity: CapacityModel
) -> WorkloadSizing:
    """Servers and a database by the model of capacity, a balancer in front of them, and what availability adds."""
    response = float(model.balancer.response_bytes.value)
    peak_factor = float(capacity.traffic.peak_factor.value)
    if demand.bytes_per_day is not None:
        average = demand.bytes_per_day / response / SECONDS_PER_DAY
        demand = Demand(per_second=average * peak_factor)
    found = size_for(_load(demand), model=capacity)
    plan, usual = model.availability[availability], model.availability[Availability.STANDARD]
    extra, copies = int(plan.spare.value - usual.spare.value), int(plan.copies.value)
    _within(found.app_servers + extra, "application servers")
    peak = found.requests_per_second
    mbit = round(peak * response * 8 / 1e6, 3)
    share = float(capacity.traffic.target_utilisation.value)
    balancers = 1 + min(copies, 1)
    busy = peak * float(model.balancer.us.value) / 1e6
    cores = max(1, math.ceil(round(busy / share, 9)))
    tiers = (
        TierSize(name="balancer", type=ResourceType.LOAD_BALANCER, count=balancers, cpu=cores,
                 memory=Size("1GB"), network_mbit=mbit),
        TierSize(name="web", type=ResourceType.VM, count=found.app_servers + max(extra, 0),
                 cpu=found.app_cpu, memory=found.app_memory, disk=Size("20GB"), network_mbit=mbit),
        TierSize(name="database", type=ResourceType.DATABASE, software="postgresql", count=1 + copies,
                 cpu=found.database_cpu, memory=found.database_memory, disk=Size("50GB"),
                 network_mbit=round(mbit / 10, 3)),
    )  # fmt: skip
    working = [
        *found.working,
        (
            f"balancer: {_told(peak)}/s × {_told(float(model.balancer.us.value))} µs = {_told(busy)} cores busy; "
            f"÷ {_told(share * 100)} % = {_told(busy / share)}, so {cores}; {balancers} of them"
        ),
        f"{availability} availability: {max(extra, 0)} more servers, {copies} more databases",
        f"network: {_told(peak)}/s × {_told(response / 1000)} kB × 8 = {_told(mbit)} Mbit/s",
    ]
    figures = (model.balancer.us, model.balancer.response_bytes, plan.spare, plan.copies)
    assumed = [f"{shown(figure.value)}: {_kind(figure)}{figure.source}" for figure in figures]
    return WorkloadSizing(
        workload=WEB,
        availability=availability,
        tiers=tiers,
        per_second=peak,
        waiting_ms=found.waiting_ms,
        egress_gb_month=_month(peak / peak_factor * response),
        working=tuple(working),
        assumptions=(
            *found.assumptions,
            *assumed,
            "the database's disk is not derived: 50GB to begin with",
        ),
        sensitivity=found.sensitivity,
    )


# ── a blueprint of it ────────────────────────────────────────────────────────────────────────────


def blueprint_of(sizing: WorkloadSizing) -> Blueprint:
    """The sizes as a blueprint, to be priced, checked and changed like any other; what leaves for the internet stands
    with its first resource."""
    front = any(tier.type is ResourceType.LOAD_BALANCER for tier in sizing.tiers)
    servers = tuple(tier.name for tier in sizing.tiers if tier.type is ResourceType.VM)
    balanced = servers if front else ()
    resources = tuple(
        Resource(
            name=tier.name,
            type=tier.type,
            engine=tier.software,
            image="debian:12" if tier.type is ResourceType.VM else None,
            count=tier.count,
            specs=Specs(cpu=tier.cpu, memory=tier.memory, disk=tier.disk),
            network=Network(ports=(Port(80),)) if tier.name in balanced else Network(),
            backends=balanced if tier.type is ResourceType.LOAD_BALANCER else (),
        )
        for tier in sizing.tiers
    )
    if sizing.egress_gb_month:
        first, *others = resources
        resources = (bought(first, egress_gb=sizing.egress_gb_month), *others)
    return Blueprint(name=f"{sizing.workload}-sizing", resources=resources)


def _month(bytes_per_second: float) -> float:
    """GB in a month."""
    return round(bytes_per_second * float(HOURS_PER_MONTH) * 3600 / 1e9, 3)


def _gigabytes(amount: float, *, least: int) -> Size:
    """Whole GB."""
    return Size(f"{max(math.ceil(round(amount, 6)), least)}GB")


def _cores(count: int) -> str:
    return f"{count:,} core{'' if count == 1 else 's'}"


def _plural(unit: str) -> str:
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def _kind(figure: Figure) -> str:
    return "assumption, " if figure.kind is PriceKind.ASSUMPTION else ""


def _told(value: float) -> str:
    """Three digits that count, and whole numbers from a hundred on."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return shown(Decimal(f"{value:.{digits}f}"))
