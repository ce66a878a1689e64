"""The ways to forecast that are tried: from "nothing changes" to trends with several seasons.

Each takes a history and says the next values. Sources: the Theta method (Assimakopoulos and Nikolopoulos, 2000) in the
form of Hyndman and Billah (2003), exponential smoothing with a damped trend (Gardner and McKenzie, 1985). Parameters
are the best of a grid by the errors one step ahead, so the same history always gives the same forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from alma.core.economics.forecasting.series import Values

Forecaster = Callable[[Values, int], Values]

NAIVE = "naive"
_SMOOTHED = 500
"""What is older weighs less than a billionth at the smallest weight of the grid."""
_ALPHAS = np.linspace(0.05, 1.0, 20)
_LEVELS, _TRENDS, _DAMPINGS = (
    np.array([0.1, 0.2, 0.4, 0.6, 0.8, 1.0]),
    np.array([0.01, 0.05, 0.1, 0.2, 0.4]),
    np.array([0.8, 0.9, 0.95, 0.98]),
)


@dataclass(frozen=True)
class Method:
    """A way to forecast, and the least number of values it takes."""

    name: str
    forecast: Forecaster
    least: int = 2


def methods(seasons: Sequence[int]) -> tuple[Method, ...]:
    """Everything that is tried of a history with these seasons (in steps); the naive one first."""
    several = tuple(sorted(seasons))
    found = [
        Method(NAIVE, naive, 1),
        *(Method(f"seasonal naive ({s})", partial(seasonal_naive, season=s), s) for s in several),
        Method("drift", drift),
        Method("Theta", theta, 3),
        Method("damped Holt", partial(holt, dampings=_DAMPINGS), 3),
        Method("Holt", partial(holt, dampings=np.array([1.0])), 3),
    ]
    for chosen in dict.fromkeys([*((s,) for s in several), several]):
        if not chosen:
            continue
        label, least = ", ".join(map(str, chosen)), 2 * max(chosen)
        name = "multi-seasonal Theta" if len(chosen) > 1 else "seasonal Theta"
        found.append(Method(f"{name} ({label})", partial(_seasonal, theta, seasons=chosen), least))
    if several:
        damped = partial(holt, dampings=_DAMPINGS)
        label = ", ".join(map(str, several))
        found.append(
            Method(
                f"seasonal damped Holt ({label})",
                partial(_seasonal, damped, seasons=several),
                2 * max(several),
            )
        )
    return tuple(found)


def naive(history: Values, ahead: int) -> Values:
    """It stays as it is."""
    return np.full(ahead, history[-1])


def seasonal_naive(history: Values, ahead: int, *, season: int) -> Values:
    """It is as it was a season before."""
    return np.resize(history[-season:], ahead)


def drift(history: Values, ahead: int) -> Values:
    """It goes on as it went from the first value to the last."""
    slope = (history[-1] - history[0]) / max(len(history) - 1, 1)
    return np.asarray(history[-1] + slope * np.arange(1, ahead + 1), float)


def theta(history: Values, ahead: int) -> Values:
    """Simple exponential smoothing with half the slope of the straight line through the history."""
    count = len(history)
    slope = float(np.polyfit(np.arange(count), history, 1)[0])
    level, alpha = _smoothed(history)
    rest = (1 - (1 - alpha) ** count) / alpha
    return np.asarray(level + slope / 2 * (np.arange(ahead) + rest), float)


def _smoothed(history: Values) -> tuple[float, float]:
    """The last level of simple exponential smoothing and its weight: the best of a grid."""
    history = history[-_SMOOTHED:]
    level = np.full_like(_ALPHAS, history[0])
    squared = np.zeros_like(_ALPHAS)
    for value in history[1:]:
        error = value - level
        squared += error * error
        level = level + _ALPHAS * error
    best = int(np.argmin(squared))
    return float(level[best]), float(_ALPHAS[best])


def holt(history: Values, ahead: int, *, dampings: Values) -> Values:
    """Level and trend, both smoothed; the trend fades by the damping each step."""
    alpha, beta, phi = (a.ravel() for a in np.meshgrid(_LEVELS, _TRENDS, dampings, indexing="ij"))
    history = history[-_SMOOTHED:]
    early = min(len(history) - 1, 10)
    level = np.full_like(alpha, history[0])
    trend = np.full_like(alpha, (history[early] - history[0]) / early)
    squared = np.zeros_like(alpha)
    for value in history[1:]:
        known = level + phi * trend
        error = value - known
        squared += error * error
        level = known + alpha * error
        trend = phi * trend + alpha * beta * error
    best = int(np.argmin(squared))
    fading = np.cumsum(phi[best] ** np.arange(1, ahead + 1))
    return np.asarray(level[best] + fading * trend[best], float)


def _seasonal(inner: Forecaster, history: Values, ahead: int, *, seasons: Sequence[int]) -> Values:
    """Without its seasons, forecast, and with them again."""
    rest, profiles = deseasonalised(history, seasons)
    forecast = inner(rest, ahead)
    slots = np.arange(len(history), len(history) + ahead)
    for profile in profiles:
        forecast = forecast + profile[slots % len(profile)]
    return forecast


def deseasonalised(history: Values, seasons: Sequence[int]) -> tuple[Values, list[Values]]:
    """What is left of a history without its seasons, and the profile of each, the shortest first: the mean distance
    from the running mean of a season, slot by slot, which adds up to nothing."""
    rest, profiles = history.astype(float), []
    for season in sorted(seasons):
        profile = profile_of(rest - running_mean(rest, season), season, np.nanmean)
        profiles.append(profile)
        rest = rest - np.resize(profile, len(rest))
    return rest, profiles


def profile_of(away: Values, season: int, middle: Callable[..., Values]) -> Values:
    """The middle (`numpy.nanmean` or `numpy.nanmedian`) of each slot of a season. Both ends, where nobody knows the
    running mean, don't count where there is enough without them."""
    count = len(away)
    edge = season // 2 if count >= 3 * season else 0
    table = np.full(-(-count // season) * season, np.nan)
    table[edge : count - edge] = away[edge : count - edge]
    profile = middle(table.reshape(-1, season), axis=0)
    return np.asarray(profile - profile.mean(), float)


def running_mean(values: Values, season: int) -> Values:
    """The mean of a whole season around each value; at both ends the nearest whole one, moved along the line there."""
    weights = np.ones(season) / season
    if season % 2 == 0:
        weights = np.concatenate(([0.5], np.ones(season - 1), [0.5])) / season
    half = len(weights) // 2
    if len(values) < len(weights) + 1:
        return np.full(len(values), float(np.mean(values)))
    inner = np.convolve(values, weights, mode="valid")
    slope = (inner[-1] - inner[0]) / max(len(inner) - 1, 1)
    before = inner[0] - slope * np.arange(half, 0, -1)
    after = inner[-1] + slope * np.arange(1, len(values) - half - len(inner) + 1)
    return np.concatenate((before, inner, after))
