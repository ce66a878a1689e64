"""How long changes take: what past deployments say, by what was done to what; else an assumption, told as one."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from statistics import median
from typing import NamedTuple

from alma.core.model.blueprint import ResourceType
from alma.core.model.plan import Action, Plan
from alma.core.model.rollout import TimeEstimate

# Median and p90 in seconds where nothing of the kind was ever done: orders of magnitude, and labelled as assumed.
ASSUMED: Mapping[Action, tuple[float, float]] = {
    Action.CREATE: (60, 180),
    Action.REPLACE: (90, 240),
    Action.UPDATE: (30, 90),
    Action.DELETE: (15, 45),
    Action.ADOPT: (5, 15),
    Action.RELEASE: (5, 15),
    Action.NO_OP: (0, 0),
}


class StepTime(NamedTuple):
    """How long one past step took, from its beginning to its proof."""

    type: ResourceType
    action: Action
    seconds: float


class Durations:
    """What was measured, by type and action."""

    def __init__(self, times: Iterable[StepTime] = ()) -> None:
        self._times: dict[tuple[ResourceType, Action], list[float]] = defaultdict(list)
        for time in times:
            self._times[time.type, time.action].append(time.seconds)

    @property
    def samples(self) -> int:
        """How many steps it knows."""
        return sum(map(len, self._times.values()))

    def of(self, type_: ResourceType, action: Action) -> TimeEstimate:
        """How long that takes. The p90 is the smallest measured time that nine of ten did not exceed."""
        found = sorted(self._times.get((type_, action), ()))
        if not found:
            usual, long = ASSUMED[action]
            return TimeEstimate(median=usual, p90=long, basis="assumed")
        return TimeEstimate(
            median=round(median(found), 3),
            p90=round(found[math.ceil(0.9 * len(found)) - 1], 3),
            samples=len(found),
            basis="learned",
        )


def timetable(
    plan: Plan, seconds: Mapping[str, float], *, parallel: int
) -> Mapping[str, tuple[float, float]]:
    """When each change begins and ends, in seconds from the beginning, as the executor goes: a change begins once those
    that it waits for are done and one of `parallel` places is free, by address where several may."""
    effective = {change.address: change for change in plan.effective}
    waits = {a: {n for n in c.after if n in effective} for a, c in effective.items()}
    followers: dict[str, list[str]] = defaultdict(list)
    for address, names in waits.items():
        for name in names:
            followers[name].append(address)
    ready = sorted(address for address, names in waits.items() if not names)
    heapq.heapify(ready)
    running: list[tuple[float, str]] = []
    found: dict[str, tuple[float, float]] = {}
    now = 0.0
    while ready or running:
        while ready and len(running) < parallel:
            address = heapq.heappop(ready)
            found[address] = (now, now + seconds[address])
            heapq.heappush(running, (now + seconds[address], address))
        now, done = heapq.heappop(running)
        for address in followers[done]:
            waits[address].discard(done)
            if not waits[address]:
                heapq.heappush(ready, address)
    return found
