"""From measurements as they come to a series with one step: what was done to them is said, for it decides the forecast.

Measurements have gaps, doubles, holes where a collector died, and steps that jitter. All methods here need one value a
step. Nothing is left out silently.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86_400.0, 604_800.0
MONTH = 365.25 * DAY / 12
LEAST = 4
"""Fewer values than this can't be tested against anything."""
MOST_SLOTS = 20_000
_BEYOND = 1e100
"""What is greater is no measurement, and can't be squared."""
_STEPS = (
    1, 5, 10, 15, 20, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 20 * MINUTE, 30 * MINUTE,
    HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR, DAY, WEEK, MONTH, 3 * MONTH, 12 * MONTH,
)  # fmt: skip
_NEAR = 0.1
_SHORT_GAP = 3
_LONG_GAP, _LONG_SHARE = 10, 0.1
_NAMES = (
    (12 * MONTH, "year"), (MONTH, "month"), (WEEK, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"),
    (1.0, "second"),
)  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One value a step. `observed` is false where a value was filled in. `start` is in seconds since 1970."""

    start: float
    step: float
    values: Values
    observed: Mask
    seasons: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    def time(self, slot: float) -> datetime:
        """The moment of a slot; those after the last are in the future."""
        return datetime.fromtimestamp(self.start + slot * self.step, tz=UTC)

    def __len__(self) -> int:
        return len(self.values)


def regular(
    times: Sequence[float], values: Sequence[float], *, horizon: float, most_ahead: int
) -> Series | None:
    """The series, with at most `most_ahead` steps in `horizon` seconds; None when too little is left of it. Times are
    seconds since 1970, in any order; what is no finite number counts as missing."""
    notes: list[str] = []
    moments = np.unique(np.asarray(times, float))
    at, found = _clean(np.asarray(times, float), np.asarray(values, float), notes)
    if len(found) < LEAST:
        return None
    step = _step(moments[np.isfinite(moments)], notes)
    wanted = max(step, horizon / most_ahead, (at[-1] - at[0]) / MOST_SLOTS)
    coarse = (
        next((s for s in _STEPS if s >= wanted * (1 - 1e-9)), wanted) if wanted > step else step
    )
    slots, observed = _slotted(at, found, coarse, notes)
    if coarse > step:
        notes.append(
            f"values were averaged over {told(coarse)} each, so that the period has at most {most_ahead:,} steps"
        )
    return _whole(Series(float(at[0]), coarse, slots, observed), notes)


def _clean(at: Values, found: Values, notes: list[str]) -> tuple[Values, Values]:
    """Numbers only, in the order of time, one for each moment."""
    good = np.isfinite(found) & (np.abs(found) < _BEYOND)
    if missing := int((~good).sum()):
        notes.append(
            f"{missing} of {len(found)} values are missing or no number, and were left out"
        )
    at, found = at[good], found[good]
    if np.any(np.diff(at) < 0):
        notes.append("the measurements were out of order, and were sorted by time")
        order = np.argsort(at, kind="stable")
        at, found = at[order], found[order]
    moments, inverse = np.unique(at, return_inverse=True)
    if doubles := len(at) - len(moments):
        notes.append(
            f"{doubles} measurements share their moment with another one, and were averaged"
        )
        found = np.bincount(inverse, weights=found) / np.bincount(inverse)
    return moments, found


def _step(at: Values, notes: list[str]) -> float:
    """The usual distance between two measurements, as a clock has it where it is near."""
    gaps = np.diff(at)
    usual = float(np.median(gaps))
    step = next((s for s in _STEPS if abs(usual - s) <= _NEAR * s), usual)
    if step < MONTH and (uneven := int((np.abs(gaps / step - np.round(gaps / step)) > 0.01).sum())):
        notes.append(
            f"{uneven} of {len(gaps)} steps are uneven; the measurements were brought to one value every {told(step)}"
        )
    return step


def _slotted(at: Values, found: Values, step: float, notes: list[str]) -> tuple[Values, Mask]:
    """One value for each step from the first to the last; what falls into the same one is averaged."""
    slot = np.floor((at - at[0]) / step + 0.5).astype(int)
    count = np.bincount(slot)
    with np.errstate(invalid="ignore"):
        values = np.bincount(slot, weights=found) / count
    return values, count > 0


def _whole(series: Series, notes: list[str]) -> Series | None:
    """Cut where a hole is too long to be bridged, and without gaps."""
    values, observed, start = series.values, series.observed, series.start
    first = _after_the_hole(observed)
    if first:
        notes.append(
            f"a hole before {series.time(first).isoformat()} is too long to be bridged; what is older was left out"
        )
        values, observed, start = values[first:], observed[first:], start + first * series.step
    if int(observed.sum()) < LEAST:
        return None
    seasons = seasons_of(series.step, len(values))
    gaps = int((~observed).sum())
    if gaps:
        notes.append(
            f"{gaps} of {len(values)} steps have no measurement; they were filled in, and count in no test"
        )
    return Series(
        start, series.step, _filled(values, observed, seasons), observed, seasons, tuple(notes)
    )


def _after_the_hole(observed: Mask) -> int:
    """Where the newest stretch without a long hole begins; 0 when it would be too short to stand alone."""
    there = np.flatnonzero(observed)
    holes = np.diff(there) - 1
    long = np.flatnonzero(holes > max(_LONG_GAP, _LONG_SHARE * len(observed)))
    if not len(long):
        return 0
    first = int(there[long[-1] + 1])
    return first if int(observed[first:].sum()) >= 2 * LEAST else 0


def _filled(values: Values, observed: Mask, seasons: tuple[int, ...]) -> Values:
    """Short gaps on a straight line; longer ones as it was at the same time a season before or after, where known."""
    slots = np.arange(len(values))
    filled = np.interp(slots, slots[observed], values[observed])
    for season in sorted(seasons, reverse=True):
        for first, length in _gaps(observed):
            if length <= _SHORT_GAP:
                continue
            for slot in range(first, first + length):
                for other in (slot - season, slot + season):
                    if 0 <= other < len(values) and observed[other]:
                        filled[slot] = values[other]
                        break
    return filled


def _gaps(observed: Mask) -> list[tuple[int, int]]:
    """Where each gap begins, and how long it is."""
    edges = np.diff(np.concatenate(([1], observed.astype(int), [1])))
    starts, ends = np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
    return [(int(start), int(end - start)) for start, end in zip(starts, ends, strict=True)]


def seasons_of(step: float, count: int) -> tuple[int, ...]:
    """How many steps a day and a week (from days on a week, from weeks on a year) have; those that were seen twice."""
    if step < DAY:
        cycles: tuple[float, ...] = (DAY, WEEK)
    elif step < WEEK:
        cycles = (WEEK,)
    else:
        cycles = (12 * MONTH,)
    found = [
        round(cycle / step) for cycle in cycles if abs(cycle / step - round(cycle / step)) < 0.2
    ]
    return tuple(season for season in found if season >= 2 and count >= 2 * season)


def told(seconds: float) -> str:
    """A length of time for people: 1 hour, 15 minutes, 1.5 days."""
    for length, name in _NAMES:
        if seconds >= length * (1 - 1e-9):
            number = seconds / length
            number = (
                round(number)
                if math.isclose(number, round(number), rel_tol=1e-6)
                else round(number, 2)
            )
            return f"{number:g} {name}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
