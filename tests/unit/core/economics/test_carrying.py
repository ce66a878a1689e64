"""What a blueprint carries is the sizing read backwards, and more of anything never carries less."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_capacity, load_catalogue
from alma.core.economics.assuming import NAMES, assuming
from alma.core.economics.capacity import mean_wait, size_for
from alma.core.economics.carrying import Carried, Station, Yardstick, carried, concurrency, stations
from alma.core.economics.supply import shortages, supply_of
from alma.core.model.blueprint import ResourceType
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import EngineTraits
from alma.core.model.errors import InvalidInput
from alma.core.model.sizing import Load
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve

MODEL = load_capacity()
BY = Yardstick(MODEL, 57.9)


def instances(
    *, servers: int = 3, cpu: int = 2, memory: int = 8, database: int = 4, front: bool = False
) -> list[DesiredResource]:
    resources: list[dict[str, Any]] = [
        {"name": "web", "type": "vm", "image": "debian:12", "count": servers,
         "specs": {"cpu": cpu, "memory": f"{memory}GB"}, "network": {"ports": [80]}},
        {"name": "db", "type": "database", "specs": {"cpu": database, "memory": f"{4 * database}GB"}},
    ]  # fmt: skip
    if front:
        resources.append(
            {"name": "lb", "type": "load_balancer", "backends": ["web"], "specs": {"cpu": 1}}
        )
    traits = EngineTraits(resource_types=frozenset(ResourceType))
    blueprint = parse_blueprint({"name": "shop", "resources": resources})
    return list(resolve(blueprint, load_catalogue(), traits).resources)


def most(**what: Any) -> Carried:
    found = instances(**what)
    supply = supply_of(found)
    return carried(stations(found, supply, by=BY), supply, by=BY)


def test_each_part_carries_cores_by_demand_at_the_utilisation_that_is_aimed_for() -> None:
    found = instances(front=True)
    # two of three servers at work: 4 cores ÷ 3.47 ms = 1152.7/s, × 60 %; 4 ÷ 1.46 ms = 2739.7/s; 1 ÷ 57.9 µs
    assert stations(found, supply_of(found), by=BY, load=500) == (
        Station(name="load balancer", cores=1, demand_ms=0.0579, per_second=10_362.694, at_most=17_271.157, use=0.029),
        Station(name="application", cores=4, demand_ms=3.47, per_second=691.643, at_most=1152.738, use=0.4338),
        Station(name="database", cores=4, demand_ms=1.46, per_second=1643.836, at_most=2739.726, use=0.1825),
    )  # fmt: skip


def test_the_most_users_are_those_of_the_part_that_gives_out_first() -> None:
    # 691.6/s at the peak ÷ (0.2 · 1.5 · 30 · 4 / 86,400 = 1/2400 a user) = 1,659,942, found to a hundredth
    found = most()
    assert found.users == pytest.approx(1_659_942, rel=0.01)
    assert found.users <= 1_659_942
    assert found.bottleneck == "application"
    assert most(database=1).bottleneck == "database"


def test_what_carries_more_than_is_looked_at_has_no_bottleneck() -> None:
    quick = Yardstick(assuming(MODEL, {"cpu_us_per_request": 1, "cpu_us_per_query": 1}), 57.9)
    found = instances(servers=20, cpu=64, memory=999, database=1000)
    supply = supply_of(found)
    told = carried(stations(found, supply, by=quick), supply, by=quick)
    assert (told.users, told.bottleneck) == (10**10, "none")


def test_a_single_server_carries_something_and_nobody_stands_in_for_it() -> None:
    found = most(servers=1)
    # 2 cores × 60 % ÷ 3.47 ms = 345.8/s, of which a user is 1/2400
    assert found.users == int(345.821 * 2400)
    assert "nobody stands in" in found.why


def test_where_memory_is_too_small_for_any_load_processors_decide_and_it_is_said() -> None:
    found = most(servers=2, memory=1)
    assert (found.bottleneck, found.users) == ("application", int(345.821 * 2400))
    assert "processors alone" in found.why


@given(users=st.integers(1, 10**8))
@settings(max_examples=25, deadline=None)
def test_the_sizes_for_a_load_carry_that_load(users: int) -> None:
    need = size_for(Load(users=users), model=MODEL)
    traits = EngineTraits(resource_types=frozenset(ResourceType))
    blueprint = parse_blueprint({"name": "s", "resources": [
        {"name": "web", "type": "vm", "image": "debian:12", "count": min(need.app_servers, 900),
         "network": {"ports": [80]},         "specs": {"cpu": need.app_cpu, "memory": str(need.app_memory)}},
        {"name": "db", "type": "database", "specs": {"cpu": need.database_cpu, "memory": str(need.database_memory)}},
    ]})  # fmt: skip
    supply = supply_of(resolve(blueprint, load_catalogue(), traits).resources)
    if need.app_servers <= 900:
        assert not shortages(supply, need)


@given(
    servers=st.integers(2, 6), cpu=st.integers(1, 8), database=st.integers(1, 8),
    more=st.sampled_from(["servers", "cpu", "database"]),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_more_of_anything_never_carries_less(
    servers: int, cpu: int, database: int, more: str
) -> None:
    what = {"servers": servers, "cpu": cpu, "database": database}
    before = most(**what, memory=32)
    after = most(**{**what, more: what[more] + 1}, memory=32)
    assert after.users >= before.users * 0.99  # both are looked for to a hundredth


# ── Little and Erlang ────────────────────────────────────────────────────────────────────────────────


def test_waiting_for_one_server_is_the_formula_of_the_textbook() -> None:
    # M/M/1 half busy: Wq = ρ/(1-ρ)·D = 10 ms; M/M/2 half busy, a = 1: C = 1/3, Wq = C·D/(c-a) = 3.33 ms
    assert mean_wait(50, 0.01, 1) == pytest.approx(0.01)
    assert mean_wait(100, 0.01, 2) == pytest.approx(0.01 / 3)
    assert mean_wait(100, 0.01, 1) == float("inf")


def test_what_is_on_its_way_at_once_is_arrivals_times_time() -> None:
    found = concurrency(100, 1, 2, by=Yardstick(assuming(MODEL, {"business_logic_factor": 10}), 1))
    # a = 0.347; M/M/1: W = D/(1-a) = 3.47 ms / 0.653 = 5.314 ms; 100/s × that
    assert found.requests == pytest.approx(0.531, abs=1e-3)
    assert found.queries == pytest.approx(0.146)
    assert found.database_pool == 5


# ── assumptions ──────────────────────────────────────────────────────────────────────────────────────


def test_an_assumption_that_is_replaced_is_used_and_told_as_the_callers() -> None:
    changed = assuming(MODEL, {"Peak-Factor": 8, "cpu_us_per_request": 100})
    found = size_for(Load(users=1_000_000), model=changed)
    assert found.requests_per_second == pytest.approx(833.333, abs=1e-3)
    assert "peak factor 8: said by the caller" in found.assumptions
    assert "CPU microseconds of a request 100: said by the caller" in found.assumptions


@pytest.mark.parametrize("name", NAMES)
def test_every_assumption_can_be_replaced(name: str) -> None:
    value = 0.5 if "limit" in name or "utilisation" in name or "share" in name else 7
    assert assuming(MODEL, {name: value}).version != MODEL.version


@pytest.mark.parametrize(
    "changes",
    [{"peak": 3}, {"target_utilisation": 1.5}, {"spare_servers": 0.5}, {"peak_factor": -1},
     {"peak_factor": float("nan")},     {"cpu_us_per_request": 0}, {"memory_limit": 0}],
)  # fmt: skip
def test_an_assumption_that_is_unknown_or_can_not_be_is_refused(changes: dict[str, float]) -> None:
    with pytest.raises(InvalidInput) as caught:
        assuming(MODEL, changes)
    assert caught.value.hint
