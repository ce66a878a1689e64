"""The outlook of one metric: the method that did best on the past, with intervals as wide as its errors were."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from alma.core.economics.forecasting.anomalies import anomalies
from alma.core.economics.forecasting.backtest import NEWEST, Tested, back_test
from alma.core.economics.forecasting.chart import chart
from alma.core.economics.forecasting.methods import NAIVE
from alma.core.economics.forecasting.outlook import BackTest, Crossing, Expected, MetricForecast
from alma.core.economics.forecasting.series import Series, Values, regular, told

MOST_AHEAD = 2_500
SHOWN = 96


@dataclass(frozen=True)
class Question:
    """What is asked of a metric. `horizon` in seconds, `confidence` a share of one, `thresholds` by their reason."""

    horizon: float
    confidence: float
    thresholds: Mapping[str, float] = field(default_factory=dict)
    drawn: bool = False


def forecast(
    metric: str, measured: Sequence[tuple[float, float]], question: Question
) -> MetricForecast | None:
    """The outlook of pairs of seconds since 1970 and a value; None when fewer than four values can be used."""
    series = regular(
        [at for at, _ in measured],
        [value for _, value in measured],
        horizon=question.horizon,
        most_ahead=MOST_AHEAD,
    )
    if series is None:
        return None
    ahead = max(1, math.ceil(question.horizon / series.step - 1e-6))
    tested = back_test(series, ahead)
    band = _Band.of(series, tested, ahead, question.confidence)
    every = max(1, math.ceil(ahead / SHOWN))
    odd = anomalies(series)
    crossings = tuple(
        _crossing(series, band, threshold, why) for why, threshold in question.thresholds.items()
    )
    picture = chart(metric, series, band.rows, odd, question.thresholds) if question.drawn else None
    return MetricForecast(
        metric=metric,
        values=int(series.observed.sum()),
        step=told(series.step),
        step_seconds=series.step,
        since=series.time(0),
        until=series.time(len(series) - 1),
        last=round(float(series.values[-1]), 6),
        treatment=_treatment(series),
        method=tested.methods[tested.chosen].name,
        why=_why(tested, ahead),
        better_than_naive=tested.methods[tested.chosen].name != NAIVE,
        back_test=_back_test(tested, question.confidence),
        end=band.expected(series, ahead - 1),
        forecast=tuple(band.expected(series, i) for i in range(every - 1, ahead, every)),
        shown="every step" if every == 1 else f"one in {every} of {ahead:,} steps",
        crossings=crossings,
        anomalies=odd,
        chart=picture,
    )


@dataclass(frozen=True)
class _Band:
    """The forecast and its interval, step by step."""

    value: Values
    lower: Values
    upper: Values

    @classmethod
    def of(cls, series: Series, tested: Tested, ahead: int, confidence: float) -> _Band:
        """What was never below zero is not forecast below it."""
        value = tested.methods[tested.chosen].forecast(series.values[-NEWEST:], ahead)
        width = tested.spread(confidence).widths(ahead)
        floor = 0.0 if float(series.values.min()) >= 0 else -math.inf
        return cls(*(np.maximum(part, floor) for part in (value, value - width, value + width)))

    @property
    def rows(self) -> tuple[Values, Values, Values]:
        return self.value, self.lower, self.upper

    def expected(self, series: Series, step: int) -> Expected:
        return Expected(
            timestamp=series.time(len(series) + step),
            value=round(float(self.value[step]), 6),
            lower=round(float(self.lower[step]), 6),
            upper=round(float(self.upper[step]), 6),
        )


def _treatment(series: Series) -> tuple[str, ...]:
    if len(series) <= NEWEST:
        return series.notes
    return (
        *series.notes,
        f"the method learns from the newest {NEWEST:,} of {len(series):,} values",
    )


def _why(tested: Tested, ahead: int) -> str:
    """The choice, in words that claim no more than the tests show."""
    tests = f"{len(tested.origins)} forecast(s) from the past, {tested.steps} step(s) ahead each"
    beyond = (
        f"; the period is {ahead:,} steps, beyond {tested.steps} nothing was tested, and the interval grows by a rule"
        if ahead > tested.steps
        else ""
    )
    chosen = tested.methods[tested.chosen].name
    if chosen == NAIVE:
        return (
            f"in {tests}, no method was reliably better than saying that nothing will change, so that is what is said"
            f"{beyond}"
        )
    better = (1 - tested.error / tested.naive_error) * 100
    return f"in {tests}, its errors were the smallest: {better:.0f} % smaller than those of the naive forecast{beyond}"


def _back_test(tested: Tested, confidence: float) -> BackTest:
    coverage, scale, naive = tested.coverage(confidence), tested.scale, tested.naive_error
    return BackTest(
        tests=len(tested.origins),
        steps=tested.steps,
        error=round(tested.error, 6),
        naive_error=round(naive, 6),
        mase=round(tested.error / scale, 4) if scale > 0 else None,
        naive_mase=round(naive / scale, 4) if scale > 0 else None,
        ratio=round(tested.error / naive, 4) if naive > 0 else None,
        coverage=None if coverage is None else round(coverage, 4),
        tried={
            method.name: round(float(error), 6)
            for method, error in zip(tested.methods, tested.mean_errors, strict=True)
        },
    )


# ── thresholds ───────────────────────────────────────────────────────────────────────────────────


def _crossing(series: Series, band: _Band, threshold: float, why: str) -> Crossing:
    """Upwards where the last value is below the threshold, downwards where it is above. On it is beyond it."""
    last = float(series.values[-1])
    rising = last < threshold
    sooner, later = (band.upper, band.lower) if rising else (band.lower, band.upper)
    if last == threshold:
        return Crossing(
            threshold=threshold,
            why=why,
            already=True,
            told=f"the last value is at {threshold:g} ({why})",
        )
    expected, earliest, latest = (
        _first(series, row, threshold, rising=rising) for row in (band.value, sooner, later)
    )
    return Crossing(
        threshold=threshold,
        why=why,
        already=False,
        expected=expected,
        earliest=earliest,
        latest=latest,
        told=_told_crossing(threshold, why, rising=rising, moments=(expected, earliest, latest)),
    )


def _first(series: Series, row: Values, threshold: float, *, rising: bool) -> datetime | None:
    beyond = np.flatnonzero(row >= threshold if rising else row <= threshold)
    return series.time(len(series) + int(beyond[0])) if len(beyond) else None


def _told_crossing(
    threshold: float, why: str, *, rising: bool, moments: tuple[datetime | None, ...]
) -> str:
    expected, earliest, latest = moments
    does = "reaches" if rising else "falls to"
    if expected is None and earliest is None:
        return f"{threshold:g} ({why}) is not reached within the period, not even at the edge of the interval"
    if expected is None and earliest is not None:
        return f"{threshold:g} ({why}) is not expected within the period; at the interval's edge {_day(earliest)}"
    assert expected is not None
    first = f", perhaps from {_day(earliest)} on" if earliest and earliest < expected else ""
    last = f", at the latest by {_day(latest)}" if latest else ", perhaps not within the period"
    return f"{does} {threshold:g} ({why}) about {_day(expected)}{first}{last}"


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M").removesuffix(" 00:00")
