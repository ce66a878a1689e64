"""A strategy holds back instances that run, and nothing else."""

from __future__ import annotations

import pytest

from alma.core.model.plan import Plan, Strategy
from alma.core.planning.order import waves
from alma.core.planning.strategy import paced
from tests.unit.core.planning.worlds import built, desired, plan

WEB = {"name": "web", "type": "vm", "engine": "nginx", "count": 5}
NEWER = WEB | {"version": "1.28"}


def going(found: Plan, strategy: Strategy, *, batch: int = 1) -> list[list[str]]:
    target = found.target.model_copy(update={"strategy": strategy, "batch": batch})
    return waves(found.model_copy(update={"changes": paced(found.changes, target)}))


def changed(*now: dict[str, object]) -> Plan:
    return plan(desired(*now), built(desired(WEB)))


def test_all_at_once_waits_for_nothing():
    assert going(changed(NEWER), Strategy.ALL_AT_ONCE) == [
        ["web", "web-2", "web-3", "web-4", "web-5"]
    ]


def test_rolling_changes_as_many_at_once_as_are_allowed():
    assert going(changed(NEWER), Strategy.ROLLING) == [
        ["web"],
        ["web-2"],
        ["web-3"],
        ["web-4"],
        ["web-5"],
    ]
    assert going(changed(NEWER), Strategy.ROLLING, batch=2) == [
        ["web", "web-2"],
        ["web-3", "web-4"],
        ["web-5"],
    ]


def test_a_canary_goes_first_and_alone():
    assert going(changed(NEWER), Strategy.CANARY) == [
        ["web"],
        ["web-2", "web-3", "web-4", "web-5"],
    ]


@pytest.mark.parametrize("strategy", [Strategy.ROLLING, Strategy.CANARY])
def test_what_does_not_run_yet_is_not_held_back(strategy: Strategy):
    assert going(plan(desired(WEB)), strategy) == going(plan(desired(WEB)), Strategy.ALL_AT_ONCE)


def test_resources_roll_beside_each_other():
    api = {"name": "api", "type": "vm", "engine": "nginx", "count": 2}
    found = plan(
        desired(NEWER | {"count": 2}, api | {"version": "1.28"}),
        built(desired(WEB | {"count": 2}, api)),
    )
    assert going(found, Strategy.ROLLING) == [["api", "web"], ["api-2", "web-2"]]


def test_an_order_that_the_plan_has_anyway_is_kept():
    """web gives up the port that web-2 of another shape takes: the roll goes the plan's way, and never in a circle."""
    found = changed(NEWER)
    reversed_waits = tuple(
        change.model_copy(update={"after": ("web-2",)}) if change.address == "web" else change
        for change in found.changes
    )
    rolled = going(found.model_copy(update={"changes": reversed_waits}), Strategy.ROLLING)
    flat = [address for wave in rolled for address in wave]
    assert flat.index("web-2") < flat.index("web")
    assert sorted(flat) == ["web", "web-2", "web-3", "web-4", "web-5"]


def test_the_strategy_is_part_of_what_is_approved_only_where_it_changes_the_steps():
    same, rolled = changed(WEB), changed(NEWER)
    assert same.digest == plan(desired(WEB), built(desired(WEB)), strategy=Strategy.ROLLING).digest
    other = plan(desired(NEWER), built(desired(WEB)), strategy=Strategy.ROLLING)
    assert rolled.digest != other.digest
