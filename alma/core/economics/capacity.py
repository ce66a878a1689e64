"""From users or requests a second to servers and a database, with the arithmetic for people to check.

The unit is the service demand: the CPU time that one request takes. Sources of the formulas: the utilisation law
(busy cores = arrivals × demand) and Little's law of operational analysis (Denning and Buzen, 1978), and Erlang C for
the waiting time in M/M/c. Everything that nobody measured is listed, with what it would change.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

from pydantic import Field, model_validator

from alma.core.economics.figures import Figure, Given, shown
from alma.core.model.base import Frozen, digest_of
from alma.core.model.cost import PriceKind
from alma.core.model.sizing import Load, Sizing
from alma.core.model.units import Size

SECONDS_PER_DAY = 86_400
_PERCENTILE = 0.95
_BIG_DATABASE = 64  # cores; beyond it one machine is rarely the answer


class Traffic(Frozen):
    """What is assumed of people and their requests; shares of one."""

    daily_active_share: Given
    sessions_per_day: Given
    requests_per_session: Given
    peak_factor: Given
    target_utilisation: Given
    business_logic_factor: Given
    queries_per_request: Given
    spare_servers: Given


class Station(Frozen):
    """What answers requests: microseconds of a core for one request, and of the database's for one query."""

    title: str
    us: Given
    query_us: Given


class Shapes(Frozen):
    """Which servers are offered. `few` is how many work at most before the next bigger size is taken."""

    cores: Annotated[tuple[Annotated[int, Field(gt=0)], ...], Field(min_length=1)]
    few: Given
    memory_gb: Given
    memory_gb_per_core: Given
    database_gb_per_core: Given


class Limits(Frozen):
    """How full things may get, shares of one, and how wide a link is, in Mbit/s. Of processors it is
    `traffic.target_utilisation`."""

    memory: Given
    storage: Given
    network: Given
    link_mbit: Given


class CapacityModel(Frozen):
    """All figures that a sizing rests on. `usual` is the station that is taken when nobody says which."""

    id: str
    traffic: Traffic
    stations: Mapping[str, Station]
    usual: str
    servers: Shapes
    limits: Limits

    @model_validator(mode="after")
    def _usable(self) -> CapacityModel:
        if self.usual not in self.stations:
            raise ValueError(f"there is no station '{self.usual}' to be the usual one")
        if not 0 < self.traffic.target_utilisation.value < 1:
            raise ValueError("traffic.target_utilisation must be a share between 0 and 1")
        for name in ("memory", "storage", "network"):
            if not 0 < getattr(self.limits, name).value <= 1:
                raise ValueError(f"limits.{name} must be a share, more than 0 and at most 1")
        if self.limits.link_mbit.value == 0:
            raise ValueError("limits.link_mbit must be more than 0")
        positive = {
            "servers.few": self.servers.few,
            "traffic.spare_servers": self.traffic.spare_servers,
        }
        if wrong := [name for name, figure in positive.items() if figure.value % 1]:
            raise ValueError(f"{wrong[0]} must be a whole number")
        if any(station.us.value == 0 for station in self.stations.values()):
            raise ValueError("a request takes time on every station")
        return self

    @cached_property
    def version(self) -> str:
        """The model and the digest of everything in it."""
        return f"{self.id}@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"

    def station(self, software: str | None) -> Station:
        """What answers: by its name, else the usual one."""
        return self.stations.get((software or "").casefold(), self.stations[self.usual])


@dataclass(frozen=True)
class _Case:
    """The figures of one calculation, so that one of them can be changed and all the rest done again."""

    users: int | None
    requests: float | None
    response_ms: float | None
    figures: Mapping[str, float]
    shapes: Shapes

    def changed(self, name: str, factor: float) -> _Case:
        figures = {**self.figures, name: self.figures[name] * factor}
        return _Case(self.users, self.requests, self.response_ms, figures, self.shapes)

    @property
    def average(self) -> float:
        """Requests a second over a whole day."""
        f = self.figures
        daily = (self.users or 0) * f["daily_active_share"] * f["sessions_per_day"]
        return daily * f["requests_per_session"] / SECONDS_PER_DAY

    @property
    def peak(self) -> float:
        """Requests a second at the busiest time."""
        return self.requests or self.average * self.figures["peak_factor"]

    @property
    def demand(self) -> float:
        """Seconds of a core for one request."""
        return self.figures["us"] * self.figures["business_logic_factor"] / 1e6

    @property
    def busy(self) -> float:
        return self.peak * self.demand

    @property
    def needed(self) -> int:
        """Cores that work at the peak, as full as they are meant to be at most."""
        return max(1, math.ceil(self.busy / self.figures["target_utilisation"]))

    @property
    def database_busy(self) -> float:
        return self.peak * self.figures["queries_per_request"] * self.figures["query_us"] / 1e6

    @property
    def database_cores(self) -> int:
        return max(1, math.ceil(self.database_busy / self.figures["target_utilisation"]))

    @property
    def reachable(self) -> bool:
        """Whether more servers can help at all: a request's own work takes its time on any of them."""
        return self.response_ms is None or self.demand * 1000 <= self.response_ms

    @cached_property
    def cores(self) -> int:
        """Working cores: as many as the load needs, and as the time asked for needs where that can be had."""
        if self.response_ms is None or not self.reachable:
            return self.needed
        patience = self.response_ms / 1000 - self.demand
        for cores, blocked in _erlang_b(self.busy):
            if cores >= self.needed and _wait(self.busy, cores, blocked, self.demand) <= patience:
                return cores
        raise AssertionError("with enough cores nobody waits")

    @property
    def shape(self) -> tuple[int, int]:
        """How many servers work, and the cores of each: the smallest size with which they stay few."""
        few = float(self.shapes.few.value)
        sizes = sorted(self.shapes.cores)
        size = next((size for size in sizes if math.ceil(self.cores / size) <= few), sizes[-1])
        return math.ceil(self.cores / size), size

    @property
    def servers(self) -> int:
        return self.shape[0] + int(self.figures["spare_servers"])


def size_for(load: Load, *, model: CapacityModel) -> Sizing:
    """Sizes for a load. More load never gives less: neither fewer cores in all nor a smaller database. Users without
    requests are turned into requests by the model's assumptions. Deterministic."""
    station = model.station(load.software)
    case = _Case(
        users=load.users if load.requests_per_second is None else None,
        requests=load.requests_per_second,
        response_ms=load.response_ms,
        figures={name: float(figure.value) for name, figure in _figures(model, station).items()},
        shapes=model.servers,
    )
    working, size = case.shape
    base, per_core = model.servers.memory_gb.value, model.servers.memory_gb_per_core.value
    database_gb = case.database_cores * model.servers.database_gb_per_core.value
    return Sizing(
        app_servers=case.servers,
        app_cpu=size,
        app_memory=Size(f"{shown(base + size * per_core).replace(',', '')}GB"),
        database_cpu=case.database_cores,
        database_memory=Size(f"{shown(database_gb).replace(',', '')}GB"),
        requests_per_second=round(case.peak, 3),
        waiting_ms=round(percentile_wait(case.peak, case.demand, working * size) * 1000, 3),
        meets_response=case.reachable,
        working=tuple(_working(case, station, model)),
        assumptions=tuple(_assumptions(case, station, model)),
        sensitivity=tuple(_sensitivity(case)),
    )


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────


def _erlang_b(offered: float) -> Iterator[tuple[int, float]]:
    """Erlang B for 1, 2, 3 … servers and an offered load: B(k) = a·B(k-1) / (k + a·B(k-1)), from B(0) = 1."""
    blocked, servers = 1.0, 0
    while True:
        servers += 1
        blocked = offered * blocked / (servers + offered * blocked)
        yield servers, blocked


def _wait(offered: float, servers: int, blocked: float, demand: float) -> float:
    """The p95 of the waiting time in seconds, from Erlang B; infinite where servers are fewer than the load."""
    if offered >= servers:
        return math.inf
    waits = blocked / (
        1 - offered / servers * (1 - blocked)
    )  # Erlang C: the share that waits at all
    if waits <= 1 - _PERCENTILE:
        return 0.0
    return demand / (servers - offered) * math.log(waits / (1 - _PERCENTILE))


def percentile_wait(arrivals: float, demand: float, servers: int) -> float:
    """What 95 of 100 requests wait at most, in seconds, before one of these servers takes them: Erlang C (M/M/c), for
    arrivals a second that each take `demand` seconds. Infinite when the servers can't keep up."""
    offered = arrivals * demand
    for count, blocked in _erlang_b(offered):
        if count == servers:
            return _wait(offered, servers, blocked, demand)
    raise AssertionError("there are as many servers as one counts to")


def mean_wait(arrivals: float, demand: float, servers: int) -> float:
    """What a request waits on average, in seconds: Erlang C, Wq = Pw · D / (c - a). Infinite when the servers can't
    keep up."""
    offered = arrivals * demand
    if offered >= servers:
        return math.inf
    blocked = next(blocked for count, blocked in _erlang_b(offered) if count == servers)
    waits = blocked / (1 - offered / servers * (1 - blocked))
    return waits * demand / (servers - offered)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _figures(model: CapacityModel, station: Station) -> dict[str, Figure]:
    traffic = {name: getattr(model.traffic, name) for name in Traffic.model_fields}
    return {**traffic, "us": station.us, "query_us": station.query_us}


def _working(case: _Case, station: Station, model: CapacityModel) -> Iterator[str]:
    """The steps, each a line that a person can check with a pocket calculator."""
    f, peak = case.figures, _number(case.peak)
    if case.requests is None:
        yield (
            f"{case.users:,} users × {_number(f['daily_active_share'] * 100)} % active a day × "
            f"{_number(f['sessions_per_day'])} visits × {_number(f['requests_per_session'])} requests ÷ "
            f"{SECONDS_PER_DAY:,} s = {_number(case.average)} requests/s on average"
        )
        yield f"× {_number(f['peak_factor'])} at the busiest time = {peak} requests/s"
    else:
        yield f"{peak} requests/s, taken as the busiest time"
    yield (
        f"a request takes {_number(f['us'] / 1000)} ms of a core ({station.title}) × "
        f"{_number(f['business_logic_factor'])} for the application's own work = {_number(case.demand * 1000)} ms"
    )
    yield (
        f"{peak}/s × {_number(case.demand * 1000)} ms = {_number(case.busy)} cores busy; "
        f"{_at_most(case.busy, f)}, so {_cores(case.needed)}"
    )
    yield from _servers_working(case)
    yield (
        f"database: {peak}/s × {_number(f['queries_per_request'])} queries × {_number(f['query_us'] / 1000)} ms = "
        f"{_number(case.database_busy)} cores busy; {_at_most(case.database_busy, f)}, "
        f"so {_cores(case.database_cores)}, × {shown(model.servers.database_gb_per_core.value)} GB"
    )


def _servers_working(case: _Case) -> Iterator[str]:
    working, size = case.shape
    if case.cores > case.needed:
        yield f"{_cores(case.cores)} so that 95 of 100 requests are answered in {_number(case.response_ms or 0)} ms"
    if not case.reachable:
        yield (
            f"{_number(case.response_ms or 0)} ms can't be kept by more servers: "
            f"the work itself takes {_number(case.demand * 1000)} ms"
        )
    spare = int(case.figures["spare_servers"])
    yield f"{working} × {size} vCPU at work + {spare} spare = {case.servers} servers"
    wait = percentile_wait(case.peak, case.demand, working * size)
    yield (
        f"waiting (Erlang C, {_cores(working * size)} {_number(case.busy / (working * size) * 100)} % busy): "
        f"95 of 100 requests wait at most {_number(wait * 1000)} ms"
    )


def _assumptions(case: _Case, station: Station, model: CapacityModel) -> Iterator[str]:
    """Every figure that went in, with where it comes from."""
    for name, figure in _figures(model, station).items():
        if name in _used(case) or name == "spare_servers":
            yield f"{_label(name)} {shown(figure.value)}: {_kind(figure)}{figure.source}"
    for name in ("few", "memory_gb", "memory_gb_per_core", "database_gb_per_core"):
        figure = getattr(model.servers, name)
        yield f"{shown(figure.value)} {figure.source} ({figure.kind})"
    if case.database_cores > _BIG_DATABASE:
        yield f"a database of {case.database_cores} cores is more than one machine should carry: cache, or split reads"


def _sensitivity(case: _Case) -> Iterator[str]:
    """What becomes of the sizes when one figure is wrong by two, the heaviest first."""
    measure = "the CPU time of a request" if case.requests else "the requests at the busiest hour"
    yield f"measuring {measure} narrows this most"
    found: dict[tuple[int, str], list[str]] = {}
    for name in _used(case):
        half = name == "target_utilisation"
        other = case.changed(name, 0.5 if half else 2)
        if _sizes(other) != _sizes(case):
            weight = other.cores + other.database_cores
            label = f"{'half' if half else 'twice'} the {_label(name)}"
            found.setdefault((-weight, _sizes(other)), []).append(label)
    if not found:
        yield "none of the assumptions changes the sizes by being wrong by two"
    for (_, sizes), labels in sorted(found.items()):
        yield f"{' or '.join(labels)}: {sizes}"


def _sizes(case: _Case) -> str:
    return f"{case.servers} servers of {case.shape[1]} vCPU, a database of {case.database_cores}"


def _used(case: _Case) -> tuple[str, ...]:
    traffic = ("daily_active_share", "sessions_per_day", "requests_per_session", "peak_factor")
    load = ("us", "business_logic_factor", "query_us", "queries_per_request", "target_utilisation")
    return load if case.requests else (*traffic, *load)


def _at_most(busy: float, figures: Mapping[str, float]) -> str:
    share = figures["target_utilisation"]
    return f"÷ {_number(share * 100)} % = {_number(busy / share)}"


def _label(name: str) -> str:
    named = {"us": "CPU microseconds of a request", "query_us": "CPU microseconds of a query"}
    return named.get(name, name.replace("_", " "))


def _kind(figure: Figure) -> str:
    return "assumption, " if figure.kind is PriceKind.ASSUMPTION else ""


def _cores(count: int) -> str:
    return f"{count:,} core{'' if count == 1 else 's'}"


def _number(value: float) -> str:
    """Two digits that count, and whole numbers from ten on: 0.52, 2.1, 417."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}"
