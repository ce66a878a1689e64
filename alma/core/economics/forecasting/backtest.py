"""How each method would have done: forecasts from moments of the past, held against what came then.

Rolling origin: from each of several moments, with only what was known until then. The method is the one with the least
error over all tests, and intervals are made of its errors. What is told of it is harder: in each test the method and
the width of its interval come from the other tests, so that nothing is judged by what it was chosen with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alma.core.economics.forecasting.methods import NAIVE, Method, methods
from alma.core.economics.forecasting.series import Mask, Series, Values

MOST_TESTS = 8
NEWEST = 10_000
"""So many values, the newest, are learned from."""
_MARGIN = 0.98
_CLEARLY = 0.95
"""A method is said to be better than the naive one only when its error is smaller by this much in the harder test."""


@dataclass(frozen=True)
class Tested:
    """What the tests found. `errors` is by method, test and step: what came less what was said, NaN where nothing was
    measured. `chosen` and `honest` are indexes of methods: the one to use, and for each test the one by the others."""

    methods: tuple[Method, ...]
    origins: tuple[int, ...]
    errors: NDArray[np.float64]
    chosen: int
    honest: tuple[int, ...]
    scale: float

    @property
    def steps(self) -> int:
        """How many steps ahead were tested."""
        return int(self.errors.shape[2])

    @property
    def mean_errors(self) -> Values:
        """Mean absolute error of each method over all tests."""
        return _mean_absolute(self.errors)

    @property
    def error(self) -> float:
        """Mean absolute error of choosing by the other tests."""
        return float(np.nanmean(np.abs(self._honest_errors)))

    @property
    def naive_error(self) -> float:
        """The same of saying that nothing will change."""
        return float(self.mean_errors[0])

    @property
    def _honest_errors(self) -> Values:
        return self.errors[list(self.honest), range(len(self.origins))]

    def spread(self, confidence: float) -> Spread:
        """How wide intervals of the chosen method have to be."""
        return Spread.of(self.errors[self.chosen], confidence)

    def coverage(self, confidence: float) -> float | None:
        """The share of values within an interval that the other tests made; None with fewer than three tests."""
        if len(self.origins) < 3:
            return None
        inside = np.concatenate(
            [self._inside(test, confidence) for test in range(len(self.origins))]
        )
        return float(inside.mean()) if len(inside) else None

    def _inside(self, test: int, confidence: float) -> Mask:
        mine = self.errors[self.honest[test]]
        others = Spread.of(np.delete(mine, test, axis=0), confidence)
        found = mine[test]
        measured = np.isfinite(found)
        return np.asarray(np.abs(found[measured]) <= others.widths(self.steps)[measured] + 1e-12)


@dataclass(frozen=True)
class Spread:
    """Half the width of an interval, step by step; beyond the steps that were tested it grows with the root of time."""

    sigma: Values
    factor: float

    @classmethod
    def of(cls, errors: Values, confidence: float) -> Spread:
        """From errors by test and step. The width never shrinks with time; how many of them are needed is counted in
        the errors themselves, so no bell curve is assumed."""
        with np.errstate(invalid="ignore"):
            squared = np.where(np.isfinite(errors), errors**2, 0.0).sum(axis=0)
        seen = np.isfinite(errors).sum(axis=0)
        running = np.cumsum(squared) / np.maximum(np.cumsum(seen), 1)
        each = np.where(seen > 0, squared / np.maximum(seen, 1), running)
        sigma = np.sqrt(np.maximum.accumulate((each + running) / 2))
        safe = np.where(sigma > 0, sigma, 1.0)
        ratios = np.sort((np.abs(errors) / safe)[np.isfinite(errors)])
        rank = min(math.ceil((len(ratios) + 1) * confidence), len(ratios)) - 1
        return cls(sigma, float(ratios[rank]) if len(ratios) else 0.0)

    def widths(self, ahead: int) -> Values:
        """Half the width for each of the next steps."""
        tested = len(self.sigma)
        steps = np.arange(1, ahead + 1)
        known = self.sigma[np.minimum(steps, tested) - 1]
        return np.asarray(known * np.sqrt(np.maximum(steps / tested, 1.0)) * self.factor, float)


def back_test(series: Series, ahead: int) -> Tested:
    """Tests every method on the newest part of a series, up to `ahead` steps where the history is long enough."""
    values, observed = series.values[-NEWEST:], series.observed[-NEWEST:]
    steps = max(1, min(ahead, len(values) // 4))
    origins = _origins(observed, steps, series.seasons)
    tried = tuple(m for m in methods(series.seasons) if m.least <= origins[0])
    errors = np.full((len(tried), len(origins), steps), np.nan)
    for test, origin in enumerate(origins):
        came = np.where(observed[origin : origin + steps], values[origin : origin + steps], np.nan)
        for number, method in enumerate(tried):
            errors[number, test] = came - method.forecast(values[:origin], steps)
    honest = tuple(_best(np.delete(errors, test, axis=1)) for test in range(len(origins)))
    scale = float(np.mean(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
    found = Tested(tried, origins, errors, _best(errors), honest, scale)
    return _unless_worse(found)


def _origins(observed: Mask, steps: int, seasons: Sequence[int]) -> tuple[int, ...]:
    """Moments in the newer half, evenly apart, after each of which something was measured; late enough that the
    longest season that can be tested was seen twice before."""
    count = len(observed)
    last = count - steps
    learned = max((2 * s for s in seasons if 2 * s <= last - 2), default=0)
    first = max(count // 2, min(3, last), learned)
    even = np.unique(
        np.linspace(first, last, min(MOST_TESTS, last - first + 1)).round().astype(int)
    )
    return tuple(int(o) for o in even if observed[o : o + steps].any()) or (count - steps,)


def _best(errors: NDArray[np.float64]) -> int:
    """The method with the least error; the naive one unless another is clearly better."""
    if not errors.shape[1]:
        return 0
    means = _mean_absolute(errors)
    best = int(np.argmin(means))
    return best if means[best] < _MARGIN * means[0] else 0


def _mean_absolute(errors: NDArray[np.float64]) -> Values:
    return np.asarray(np.nanmean(np.abs(errors), axis=(1, 2)), float)


def _unless_worse(found: Tested) -> Tested:
    """The naive one after all, judged by its own errors, where choosing did worse than not choosing."""
    if found.methods[found.chosen].name != NAIVE and found.error < _CLEARLY * found.naive_error:
        return found
    return Tested(
        found.methods, found.origins, found.errors, 0, (0,) * len(found.origins), found.scale
    )
