"""When what there is runs out, if use grows by the same share each period, and how much more it takes until a horizon.

Compound growth: use(t) = use(0) · (1 + g)^(t/T), so a limit L is reached at t = T · ln(L / use(0)) / ln(1 + g).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from alma.core.economics.periods import DAY, MONTH
from alma.core.model.base import Frozen

T = TypeVar("T")
FULL = 1.0
_BEYOND = 1e4


@dataclass(frozen=True)
class Growth:
    """`rate` is a share for each `period`, in seconds: 0.2 and a month is 20 % a month, compounded."""

    rate: float
    period: float = MONTH

    def factor(self, seconds: float) -> float:
        """What becomes of one in so much time; beyond what a number can say it is infinite."""
        if self.rate <= -1:
            return 0.0 if seconds > 0 else 1.0
        exponent = seconds / self.period * math.log1p(self.rate)
        return math.exp(exponent) if exponent < 700 else math.inf

    def reaches(self, now: float, limit: float) -> float | None:
        """Seconds until a limit is reached; 0 where it is already, None where it never is."""
        if now >= limit:
            return 0.0
        if self.rate <= 0 or now <= 0:
            return None
        return self.period * math.log(limit / now) / math.log1p(self.rate)


class Runway(Frozen):
    """One resource on its way. Shares of what there is: 0.45 is 45 %. `limit` is how full it may get; times in days,
    None: not while growth goes on like this. `times_as_much` is what it takes at the horizon, of what there is now."""

    resource: str
    use: float
    limit: float
    at_horizon: float
    limit_in_days: float | None
    full_in_days: float | None
    times_as_much: float
    add: str
    working: str


def runway(resource: str, use: float, *, limit: float, growth: Growth, horizon: float) -> Runway:
    """When a resource gets to its limit and is full, and how much of it the horizon takes. More use or more growth
    never gives more time, nor needs less."""
    later = use * growth.factor(horizon)
    at_limit, full = growth.reaches(use, limit), growth.reaches(use, FULL)
    times = max(use, later) / limit
    return Runway(
        resource=resource,
        use=use,
        limit=limit,
        at_horizon=later,
        limit_in_days=_days(at_limit),
        full_in_days=_days(full),
        times_as_much=max(1.0, round(times, 3)),
        add=_add(resource, at_limit, times, horizon),
        working=_working(use, limit, growth, at_limit),
    )


def _days(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds / DAY, 1)


def _add(resource: str, at_limit: float | None, times: float, horizon: float) -> str:
    if at_limit is None or at_limit > horizon:
        return f"nothing: {resource} stays below its limit until the horizon"
    when = "now" if at_limit <= 0 else f"before day {math.floor(at_limit / DAY)}"
    if times > _BEYOND:
        return f"{when}: no sensible amount of {resource} lasts until the horizon at this growth"
    return f"{when}: {math.ceil(round(times * 100, 6)) - 100:,} % more {resource} lasts until the horizon"


def _working(use: float, limit: float, growth: Growth, at_limit: float | None) -> str:
    """The step a person can check."""
    ends = f"{use * 100:.4g} % now, {limit * 100:.4g} % at most"
    if at_limit is None:
        return f"{ends}: without growth it is never reached"
    if at_limit == 0:
        return f"{ends}: it is reached already"
    periods = at_limit / growth.period
    return (
        f"{ends}: ln({limit * 100:.4g} / {use * 100:.4g}) / ln({1 + growth.rate:.6g}) = {periods:.3g} periods of "
        f"{growth.period / DAY:.4g} days = {at_limit / DAY:.1f} days"
    )


def steps(horizon: float, needed: Callable[[float], T]) -> Iterator[tuple[float, T]]:
    """What is needed now, and each month in which that changes, until the horizon: (seconds, what is needed)."""
    count = max(0, math.ceil(horizon / MONTH - 1e-9))
    last: T | None = None
    for month in range(count + 1):
        at = min(month * MONTH, horizon)
        found = needed(at)
        if found != last:
            yield at, found
        last = found
