"""What a blueprint can carry, part by part, and which part gives out first.

The utilisation law read backwards: a part with c cores, of which a request takes D seconds, is as full as it may be at
c · target / D requests a second, and carries nothing more than c / D. Little's law says how many requests are on their
way at once. Sources as in `capacity`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import Field

from alma.core.economics.capacity import SECONDS_PER_DAY, CapacityModel, mean_wait, size_for
from alma.core.economics.supply import MOST_USERS, Supply, bytes_of, most_users, shortages
from alma.core.model.base import Frozen
from alma.core.model.blueprint import ResourceType
from alma.core.model.sizing import Load, Sizing
from alma.core.model.state import DesiredResource

FRONT, APPLICATION, DATABASE = "load balancer", "application", "database"
_LITTLE_MEMORY = (
    "by processors alone: there is less memory than the model takes for any load, so measure it"
)


@dataclass(frozen=True)
class Yardstick:
    """What loads are measured by: the model, the software that answers, and the balancer's time for one request."""

    model: CapacityModel
    balancer_us: float
    software: str | None = None

    def size_for(self, load: Load) -> Sizing:
        """Sizes for a load, of this software."""
        return size_for(load.model_copy(update={"software": self.software}), model=self.model)

    @property
    def target(self) -> float:
        """How busy a processor may be."""
        return float(self.model.traffic.target_utilisation.value)

    @property
    def per_user(self) -> float:
        """Requests a second at the busiest time that one user stands for."""
        t = self.model.traffic
        daily = t.daily_active_share.value * t.sessions_per_day.value * t.requests_per_session.value
        return float(daily * t.peak_factor.value) / SECONDS_PER_DAY

    @property
    def request(self) -> float:
        """Seconds of a core of the application that one request takes."""
        work, traffic = self.model.station(self.software), self.model.traffic
        return float(work.us.value * traffic.business_logic_factor.value) / 1e6

    @property
    def queries(self) -> float:
        """Seconds of a core of the database that one request takes."""
        work, traffic = self.model.station(self.software), self.model.traffic
        return float(work.query_us.value * traffic.queries_per_request.value) / 1e6


class Station(Frozen):
    """One part on the way of a request. `cores` are those at work, spare servers left out. `per_second` is what
    it carries as full as it may be, `at_most` with nothing left; `use` is how busy it is at the load asked for."""

    name: str
    cores: float
    demand_ms: float = Field(description="Time of a core that one request takes here.")
    per_second: float
    at_most: float
    use: float | None = None


class Concurrency(Frozen):
    """What is on its way at once at the busiest time, by Little's law: so many workers and connections are in use."""

    requests: float
    queries: float
    database_pool: int = Field(
        description="Connections that a database of this size makes good use of."
    )


class Carried(Frozen):
    """The greatest load for which nothing is short, and what is for more."""

    users: int
    requests_per_second: float
    bottleneck: str
    why: str


def stations(
    instances: Sequence[DesiredResource],
    supply: Supply,
    *,
    by: Yardstick,
    load: float | None = None,
) -> tuple[Station, ...]:
    """The parts of a blueprint in the order of a request, at a load in requests a second if one is known."""
    found = []
    for name, cores, demand in _parts(instances, supply, by):
        at_most = cores / demand if demand else math.inf
        found.append(
            Station(
                name=name,
                cores=cores,
                demand_ms=round(demand * 1000, 6),
                per_second=round(at_most * by.target, 3),
                at_most=round(at_most, 3),
                use=round(load * demand / cores, 4) if load is not None and cores else None,
            )
        )
    return tuple(found)


def _parts(
    instances: Sequence[DesiredResource], supply: Supply, by: Yardstick
) -> Iterator[tuple[str, float, float]]:
    fronts = [i for i in instances if i.type is ResourceType.LOAD_BALANCER]
    if fronts:
        # Of several, one takes over from another: the smallest has to carry it all.
        yield FRONT, min(float(i.cpu or 0) for i in fronts), by.balancer_us / 1e6
    yield APPLICATION, supply.at_work * supply.cpu, by.request
    if supply.database is not None:
        yield DATABASE, supply.database_cpu, by.queries


def carried(parts: Sequence[Station], supply: Supply, *, by: Yardstick) -> Carried:
    """The most users, and what is short for more. Of a single server it is said that nobody stands in for it, and what
    it carries is told all the same. Where memory is too small for any load, processors decide, and that is said."""
    if len(supply.servers) == 1:
        return _by_processors(
            parts, by, why="as busy as it may be; nobody stands in for the one server"
        )
    users = most_users(supply, by.size_for)
    if not users and supply.servers:
        return _by_processors(parts, by, why=_LITTLE_MEMORY)
    front = next((part for part in parts if part.name == FRONT), None)
    if front is not None and front.per_second < users * by.per_user:
        users = int(front.per_second / by.per_user)
        name, why = (
            FRONT,
            f"it is as busy as it may be at {front.per_second:,.0f} requests a second",
        )
    else:
        name, why = _first_short(supply, users, by)
    return Carried(
        users=users, requests_per_second=round(users * by.per_user, 3), bottleneck=name, why=why
    )


def _by_processors(parts: Sequence[Station], by: Yardstick, *, why: str) -> Carried:
    """What the processors alone carry."""
    first = min(parts, key=lambda part: part.per_second)
    return Carried(
        users=int(first.per_second / by.per_user),
        requests_per_second=first.per_second,
        bottleneck=first.name,
        why=why,
    )


def _first_short(supply: Supply, users: int, by: Yardstick) -> tuple[str, str]:
    """What is missing for a little more."""
    if not supply.servers:
        return APPLICATION, "nothing in it answers requests"
    more = min(max(users + 2, math.ceil(users * 1.03)), MOST_USERS)
    need = by.size_for(Load(users=more))
    short = shortages(supply, need)
    if not short:
        return "none", "the greatest load that is looked at is carried"
    first = short[0]
    if first.what == "servers":
        return APPLICATION, _why_servers(supply, need)
    scarce = "CPU" if first.what == "cpu" else "memory"
    return DATABASE, f"{first.name} has too little {scarce} for more"


def _why_servers(supply: Supply, need: Sizing) -> str:
    """Cores or memory, whatever of the two a server of theirs has less of."""
    per_core = need.app_memory.bytes / need.app_cpu
    little = supply.memory is not None and bytes_of(supply.memory) < supply.cpu * per_core
    scarce = "memory" if little else "CPU"
    return f"its {len(supply.servers)} servers with one of them away have no more {scarce}"


def concurrency(load: float, cores: int, database_cores: float, *, by: Yardstick) -> Concurrency:
    """Little's law at the busiest time: N = λ · (D + Wq). A pool is twice the cores and one more (the rule of thumb of
    the PostgreSQL wiki)."""
    return Concurrency(
        requests=round(load * (by.request + mean_wait(load, by.request, cores)), 3),
        queries=round(load * by.queries, 3),
        database_pool=math.ceil(database_cores) * 2 + 1,
    )
