"""Times are learned from steps that ended well, and assumed out loud where there are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import ResourceType
from alma.core.model.plan import Action, Plan, Strategy
from alma.core.planning.durations import ASSUMED, Durations, StepTime, timetable
from tests.unit.core.planning.worlds import built, desired, plan

VM, DB = ResourceType.VM, ResourceType.DATABASE
WEB = {"name": "web", "type": "vm", "engine": "nginx", "count": 5}


def times(type_: ResourceType, action: Action, *seconds: float) -> list[StepTime]:
    return [StepTime(type_, action, each) for each in seconds]


def test_the_median_and_what_nine_of_ten_did_not_exceed() -> None:
    # Sorted 1…10: the middle of 5 and 6, and the ninth.
    found = Durations(times(VM, Action.CREATE, 10, 1, 9, 2, 8, 3, 7, 4, 6, 5)).of(VM, Action.CREATE)
    assert (found.median, found.p90, found.samples, found.basis) == (5.5, 9, 10, "learned")


def test_one_sample_is_all_there_is_to_say() -> None:
    found = Durations(times(VM, Action.UPDATE, 4)).of(VM, Action.UPDATE)
    assert (found.median, found.p90, found.samples) == (4, 4, 1)


def test_what_was_never_done_is_assumed_and_says_so() -> None:
    learned = Durations([*times(VM, Action.CREATE, 5), *times(DB, Action.UPDATE, 7)])
    found = learned.of(DB, Action.CREATE)
    assert (found.median, found.p90) == ASSUMED[Action.CREATE]
    assert (found.samples, found.basis) == (0, "assumed")


@given(st.lists(st.floats(0, 10_000), min_size=1, max_size=40), st.floats(0, 10_000))
def test_a_longer_step_never_makes_the_estimate_shorter(seconds: list[float], more: float) -> None:
    before = Durations(times(VM, Action.CREATE, *seconds)).of(VM, Action.CREATE)
    longer = [*seconds[:-1], seconds[-1] + more]
    after = Durations(times(VM, Action.CREATE, *longer)).of(VM, Action.CREATE)
    assert after.median >= before.median
    assert after.p90 >= before.p90 >= 0


def going(strategy: Strategy) -> Plan:
    return plan(desired(WEB | {"version": "1.28"}), built(desired(WEB)), strategy=strategy)


def test_a_timetable_is_what_the_executor_would_do() -> None:
    seconds = dict.fromkeys(("web", "web-2", "web-3", "web-4", "web-5"), 10.0)
    assert (
        max(end for _, end in timetable(going(Strategy.ALL_AT_ONCE), seconds, parallel=8).values())
        == 10
    )
    # Five of ten seconds each, two at a time: 10, 20, and the fifth ends at 30.
    assert (
        max(end for _, end in timetable(going(Strategy.ALL_AT_ONCE), seconds, parallel=2).values())
        == 30
    )
    assert (
        max(end for _, end in timetable(going(Strategy.ROLLING), seconds, parallel=8).values())
        == 50
    )
    canary = timetable(going(Strategy.CANARY), seconds, parallel=8)
    assert canary["web"] == (0, 10)
    assert {canary[name] for name in ("web-2", "web-3", "web-4", "web-5")} == {(10, 20)}


@pytest.mark.parametrize("strategy", [Strategy.ALL_AT_ONCE, Strategy.ROLLING, Strategy.CANARY])
@given(st.lists(st.floats(0.1, 100), min_size=5, max_size=5), st.integers(1, 6))
def test_nothing_begins_before_what_it_waits_for_has_ended(
    strategy: Strategy, each: list[float], parallel: int
) -> None:
    found = going(strategy)
    names = [change.address for change in found.effective]
    table = timetable(found, dict(zip(names, each, strict=True)), parallel=parallel)
    assert set(table) == set(names)
    for change in found.effective:
        assert all(
            table[name][1] <= table[change.address][0] for name in change.after if name in table
        )
    for begins, _ in table.values():
        assert sum(start <= begins < end for start, end in table.values()) <= parallel
