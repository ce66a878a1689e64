"""What in a history does not fit: far from what was usual at that time of the day and week, by robust measures.

The residual without trend and season, in robust standard deviations (1.4826 times the median absolute deviation, which
is the standard deviation of a bell curve). Robust, so that what is looked for does not hide itself. No detector is
precise on infrastructure: what is found is a place to look at, not a fault.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from alma.core.economics.forecasting.methods import profile_of
from alma.core.economics.forecasting.outlook import Anomaly
from alma.core.economics.forecasting.series import Mask, Series, Values

FAR = 6.0
MOST = 20
_LEAST = 12
_TREND = 25
_SEEN = 5
"""So often a season has to be seen before its median says more than a single value."""
_TO_DEVIATION = 1.4826
_MEAN_TO_DEVIATION = 1.2533


def anomalies(series: Series) -> tuple[Anomaly, ...]:
    """Stretches further away than FAR robust standard deviations, the furthest `MOST` of them in the order of time."""
    if len(series) < _LEAST:
        return ()
    usual = _usual(series)
    away = np.where(series.observed, series.values - usual, 0.0)
    scale = _scale(away[series.observed], series.values)
    scores = away / scale if scale > 0 else np.zeros_like(away)
    found = [_told(series, usual, scores, run) for run in _runs(np.abs(scores) > FAR)]
    worst = sorted(found, key=lambda item: -abs(item.score))[:MOST]
    return tuple(sorted(worst, key=lambda item: item.start))


def _usual(series: Series) -> Values:
    """The running median, and the median profile of each season around it."""
    seasons = [season for season in series.seasons if len(series) >= _SEEN * season]
    longest = max(seasons, default=0)
    width = max(longest + 1 - longest % 2, _TREND) if longest else _TREND
    trend = _running_median(series.values, min(width, len(series) // 2 * 2 - 1))
    usual = trend
    for season in seasons:
        profile = profile_of(series.values - usual, season, np.nanmedian)
        usual = usual + np.resize(profile, len(series))
    return usual


def _running_median(values: Values, width: int) -> Values:
    """Of a window around each value; at the ends, of the nearest whole one."""
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    every = max(1, len(windows) * width // 2_000_000)
    inner = np.median(windows[::every], axis=1)
    at = np.arange(len(inner)) * every + width // 2
    return np.interp(np.arange(len(values)), at, inner)


def _scale(away: Values, values: Values) -> float:
    """The robust standard deviation; where more than half of the values are just as usual, by the mean distance."""
    middle = float(np.median(np.abs(away)))
    mean = float(np.mean(np.abs(away)))
    noise = 1e-9 * float(np.max(np.abs(values)))
    scale = _TO_DEVIATION * middle if middle > noise else _MEAN_TO_DEVIATION * mean
    return scale if scale > noise else 0.0


def _runs(far: Mask) -> Iterator[slice]:
    edges = np.diff(np.concatenate(([0], far.astype(int), [0])))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    for start, end in zip(starts, ends, strict=True):
        yield slice(int(start), int(end))


def _told(series: Series, usual: Values, scores: Values, run: slice) -> Anomaly:
    worst = run.start + int(np.argmax(np.abs(scores[run])))
    return Anomaly(
        start=series.time(run.start),
        end=series.time(run.stop - 1),
        at=series.time(worst),
        value=round(float(series.values[worst]), 6),
        usual=round(float(usual[worst]), 6),
        score=round(float(scores[worst]), 1),
    )
