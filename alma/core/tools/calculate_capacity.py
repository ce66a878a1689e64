"""Says what a load needs, what a blueprint can carry, and when what there is runs out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from alma.core.economics.assuming import assuming
from alma.core.economics.capacity import SECONDS_PER_DAY
from alma.core.economics.carrying import (
    Carried,
    Concurrency,
    Station,
    Yardstick,
    carried,
    concurrency,
    stations,
)
from alma.core.economics.demand import demand_of
from alma.core.economics.periods import DAY, MONTH, in_words
from alma.core.economics.runway import Growth, Runway, runway, steps
from alma.core.economics.supply import Shortage, Supply, shortages, supply_of
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.errors import InvalidInput
from alma.core.model.sizing import Load, Sizing
from alma.core.tools.capacity_arguments import (
    MOST_RATE,
    MOST_USERS,
    CapacityArguments,
    CurrentMetrics,
    share_of_link,
)
from alma.core.tools.kit import Call
from alma.core.tools.subject import subject_of
from alma.core.tools.tool import Answer, Example, Tool

_ANY_ENGINE = EngineTraits(resource_types=frozenset(ResourceType))


class Step(Frozen):
    """What is needed from a day on."""

    after_days: float
    requests_per_second: float
    needed: str


class CapacityPlan(Answer):
    """What it takes, what there is, and until when that is enough."""

    users: int | None = None
    requests_per_second: float | None = None
    needed: Sizing | None = Field(default=None, description="For the load as it is now.")
    needed_at_horizon: Sizing | None = None
    concurrency: Concurrency | None = None
    enough: bool | None = Field(default=None, description="Whether the blueprint carries the load.")
    missing: tuple[str, ...] = ()
    enough_for_days: float | None = Field(
        default=None, description="Until the load outgrows the blueprint; null: it does not."
    )
    carries: Carried | None = None
    stations: tuple[Station, ...] = ()
    resources: tuple[Runway, ...] = Field(
        default=(), description="When each resource runs out; the first one first."
    )
    steps: tuple[Step, ...] = Field(default=(), description="What to have, and from when on.")
    growth: str | None = None
    working: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    time_horizon: str


async def run(given: CapacityArguments, call: Call) -> CapacityPlan:
    """Raises InvalidInput when there is nothing to work with, for a load that is said twice, and for assumptions that
    are not known; NotFound."""
    blueprint = await _blueprint(given, call)
    return await asyncio.to_thread(_planned, given, call, blueprint)


async def _blueprint(given: CapacityArguments, call: Call) -> Blueprint | None:
    """The one that is meant. Where a load or metrics are said, none is needed."""
    said = given.blueprint is not None or given.blueprint_id is not None
    load = given.expected_users is not None or given.expected_load is not None
    if said or (call.draft is not None and given.current_metrics is None):
        return (await subject_of(given, call)).blueprint
    if load or given.measured:
        return None
    raise InvalidInput(
        "there is nothing to calculate with",
        hint="give expected_users or expected_load, current_metrics with what is in use, or a blueprint",
    )


@dataclass(frozen=True)
class _Case:
    """One calculation: by what it is measured, the load, and how that grows."""

    given: CapacityArguments
    by: Yardstick
    load: Load | None
    growth: Growth

    @property
    def horizon(self) -> float:
        return self.given.time_horizon

    def at(self, seconds: float) -> Load:
        """The load after so much time; what grows beyond all measure stops there."""
        assert self.load is not None
        factor = self.growth.factor(seconds)
        if self.load.requests_per_second is not None:
            rate = min(max(self.load.requests_per_second * factor, 1e-9), MOST_RATE)
            return self.load.model_copy(update={"requests_per_second": rate})
        users = min(max(round((self.load.users or 1) * factor), 1), MOST_USERS)
        return self.load.model_copy(update={"users": users})

    def needed(self, seconds: float) -> Sizing:
        return self.by.size_for(self.at(seconds))


def _planned(given: CapacityArguments, call: Call, blueprint: Blueprint | None) -> CapacityPlan:
    kit = call.kit
    model = assuming(kit.capacity, given.assumptions, software=given.software)
    _known(given.software, tuple(kit.capacity.stations))
    by = Yardstick(model, float(kit.workloads.balancer.us.value), given.software)
    growth = Growth((given.growth_rate or 0) / 100, given.growth_period)
    case = _Case(given, by, _load(given, call), growth)
    found: dict[str, Any] = {"time_horizon": in_words(given.time_horizon), "growth": _grows(given)}
    told: list[str] = []
    for part in (_of_load(case), _of_blueprint(case, blueprint, call), _of_metrics(case)):
        told += part.pop("told", [])
        for key in ("working", "sensitivity", "assumptions"):
            found[key] = (*found.get(key, ()), *part.pop(key, ()))
        found |= part
    assumed = tuple(dict.fromkeys([*_assumed(given), *found.pop("assumptions")]))
    return CapacityPlan(
        summary=" ".join(told), sources=(model.version,), assumptions=assumed, **found
    )


def _known(software: str | None, known: Sequence[str]) -> None:
    if software is not None and software.strip().casefold() not in known:
        raise InvalidInput(
            f"nothing is measured of '{software[:60]}'",
            hint=f"known are {', '.join(known)}; for another one give cpu_us_per_request in assumptions",
        )


def _load(given: CapacityArguments, call: Call) -> Load | None:
    """The load as requests a second or users. Raises InvalidInput where both are said, or it is too much."""
    if given.expected_users is not None and given.expected_load is not None:
        raise InvalidInput(
            "expected_users and expected_load are both given",
            hint="give one of them: each says the load",
        )
    users, rate = given.expected_users, None
    if given.expected_load is not None:
        demand = demand_of(given.expected_load)
        users, rate = demand.users, demand.per_second
        if demand.bytes_per_day is not None:
            size = float(call.kit.workloads.balancer.response_bytes.value)
            peak = float(call.kit.capacity.traffic.peak_factor.value)
            rate = demand.bytes_per_day / size / SECONDS_PER_DAY * peak
    if users is None and rate is None:
        return None
    if (users or 0) > MOST_USERS or (rate or 0) > MOST_RATE:
        raise InvalidInput(
            "so much load is beyond what the model says anything about",
            hint=f"at most {MOST_USERS:,} users or {MOST_RATE:,} requests a second",
        )
    return Load(users=users, requests_per_second=rate, response_ms=given.response_ms)


# ── a load ───────────────────────────────────────────────────────────────────────────────────────


def _of_load(case: _Case) -> dict[str, Any]:
    if case.load is None:
        return {}
    now, later = case.needed(0), case.needed(case.horizon)
    cores = (now.app_servers - int(case.by.model.traffic.spare_servers.value)) * now.app_cpu
    changes = (
        tuple(steps(case.horizon, lambda at: _in_words(case.needed(at))))
        if case.growth.rate
        else ()
    )
    grown = f" In {in_words(case.horizon)}: {_in_words(later)}." if case.growth.rate else ""
    return {
        "users": case.load.users,
        "requests_per_second": now.requests_per_second,
        "needed": now,
        "needed_at_horizon": later if case.growth.rate else None,
        "concurrency": concurrency(now.requests_per_second, cores, now.database_cpu, by=case.by),
        "steps": tuple(
            Step(
                after_days=round(at / DAY, 1),
                requests_per_second=case.needed(at).requests_per_second,
                needed=what,
            )
            for at, what in changes
        ),
        "working": now.working,
        "sensitivity": now.sensitivity,
        "assumptions": now.assumptions,
        "told": [f"{_of(case.load, now)}: {_in_words(now)}.{grown}"],
    }


def _of(load: Load, need: Sizing) -> str:
    if load.users is None:
        return f"For {need.requests_per_second:,g} requests a second"
    return f"For {load.users:,} users, {need.requests_per_second:,.4g} requests a second at the busiest time"


def _in_words(need: Sizing) -> str:
    slow = "" if need.meets_response else ", and the time asked for can't be kept by more servers"
    return (
        f"{need.app_servers} servers with {need.app_cpu} CPU and {need.app_memory}, "
        f"a database with {need.database_cpu} CPU and {need.database_memory}{slow}"
    )


# ── a blueprint ──────────────────────────────────────────────────────────────────────────────────


def _of_blueprint(case: _Case, blueprint: Blueprint | None, call: Call) -> dict[str, Any]:
    if blueprint is None:
        return {}
    instances = call.kit.plans.resolve(blueprint, _ANY_ENGINE).resources
    supply = supply_of(instances)
    need = case.needed(0) if case.load else None
    parts = stations(instances, supply, by=case.by, load=need.requests_per_second if need else None)
    most = carried(parts, supply, by=case.by)
    found: dict[str, Any] = {"carries": most, "stations": parts, "told": [_told(blueprint, most)]}
    if need is None:
        return found
    short = shortages(supply, need)
    return found | {
        "enough": not short and bool(supply.servers),
        "missing": tuple(_missing(short, supply)),
        "enough_for_days": _enough_for(case, most, need),
        "told": [_verdict(blueprint, short, supply), *found["told"]],
    }


def _told(blueprint: Blueprint, most: Carried) -> str:
    return (
        f"{blueprint.name} carries about {most.users:,} users, {most.requests_per_second:,.4g} requests a second at "
        f"the busiest time; its bottleneck: {most.bottleneck} ({most.why})."
    )


def _verdict(blueprint: Blueprint, short: Sequence[Shortage], supply: Supply) -> str:
    if short or not supply.servers:
        return f"{blueprint.name} is too small for it: {'; '.join(_missing(short, supply))}."
    return f"{blueprint.name} is big enough for it."


def _missing(short: Sequence[Shortage], supply: Supply) -> Iterator[str]:
    if not supply.servers:
        yield "nothing in it answers requests"
    for item in short:
        if item.what == "servers":
            yield f"{item.needed} more server(s) of the size that is there"
        else:
            yield f"{item.name} needs {item.needed}{' CPU' if item.what == 'cpu' else ' of memory'}"


def _enough_for(case: _Case, most: Carried, need: Sizing) -> float | None:
    found = case.growth.reaches(need.requests_per_second, most.requests_per_second)
    return None if found is None else round(found / DAY, 1)


# ── what is in use ───────────────────────────────────────────────────────────────────────────────


def _of_metrics(case: _Case) -> dict[str, Any]:
    metrics = case.given.current_metrics
    if metrics is None or not case.given.measured:
        return {}
    found = [
        runway(name, use, limit=limit, growth=case.growth, horizon=case.horizon)
        for name, use, limit in _uses(metrics, case)
    ]
    far = float("inf")
    found.sort(key=lambda item: far if item.limit_in_days is None else item.limit_in_days)
    first = found[0]
    if first.limit_in_days is None:
        told = "Nothing runs out while use does not grow."
    elif first.limit_in_days == 0:
        told = f"{first.resource} is at its limit already ({first.use * 100:.4g} % of {first.limit * 100:.4g} %)."
    else:
        told = f"{first.resource} gets to its limit first, in {first.limit_in_days:,.0f} days."
    limits = case.by.model.limits
    return {
        "resources": tuple(found),
        "told": [told, *(f"{item.resource}: {item.add}." for item in found)],
        "working": tuple(f"{item.resource}: {item.working}" for item in found),
        "assumptions": tuple(
            f"{name} limit {figure.value}: {figure.source}"
            for name, figure in (
                ("cpu", case.by.model.traffic.target_utilisation),
                ("memory", limits.memory),
                ("storage", limits.storage),
                ("network", limits.network),
                ("link", limits.link_mbit),
            )
        ),
    }


def _uses(metrics: CurrentMetrics, case: _Case) -> Iterator[tuple[str, float, float]]:
    limits = case.by.model.limits
    shares = {
        "cpu": (metrics.cpu_usage, case.by.target),
        "memory": (metrics.memory_usage, float(limits.memory.value)),
        "storage": (metrics.storage_usage, float(limits.storage.value)),
    }
    for name, (use, limit) in shares.items():
        if use is not None:
            yield name, use / 100, limit
    if metrics.network_throughput is not None:
        share = share_of_link(metrics.network_throughput, float(limits.link_mbit.value))
        yield "network", share, float(limits.network.value)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _grows(given: CapacityArguments) -> str | None:
    if given.growth_rate is None:
        return None
    return f"{given.growth_rate:g} % every {in_words(given.growth_period)}, compounded"


def _assumed(given: CapacityArguments) -> Iterator[str]:
    if given.growth_rate is None and given.measured:
        yield "no growth: none was said"
    elif given.growth_rate is not None and "growth_period" not in given.model_fields_set:
        yield f"{given.growth_rate:g} % is growth a month, as nobody said of what; growth_period changes it"
    if given.growth_rate is not None and given.growth_period < MONTH / 2:
        yield "growth that compounds faster than monthly rarely lasts"


TOOL = Tool(
    name="calculate_capacity",
    title="Calculate capacity",
    description=(
        "Turns users or requests a second into servers and a database, by the utilisation law, Erlang C and Little's "
        "law with the working shown; says what load a blueprint carries and which part gives out first; and when each "
        "resource that is in use runs out as it grows. Every assumption is listed and can be changed."
    ),
    arguments=CapacityArguments,
    answer=CapacityPlan,
    run=run,
    words=(
        "capacity", "handle", "how many users", "enough for", "run out", "runs out", "big enough", "bottleneck",
        "scale to",
    ),
    examples=(
        Example("A million users", {"expected_users": 1_000_000}),
        Example(
            "When each resource runs out",
            {
                "current_metrics": {"cpu_usage": 45, "memory_usage": 60, "storage_usage": 70,
                                    "network_throughput": 200},
                "growth_rate": 5,
                "time_horizon": "6 months",
            },
        ),
        Example("What the first blueprint carries", {"blueprint_id": 1}),
    ),
    trusted=False,
    tags=frozenset({"capacity"}),
)  # fmt: skip
