"""What a forecast says: the nouns, without the library that computes them, so that naming them costs nothing."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from alma.core.model.base import Frozen


class Expected(Frozen):
    """One moment to come. Between `lower` and `upper` the value lies with the confidence that was asked for."""

    timestamp: datetime
    value: float
    lower: float
    upper: float


class BackTest(Frozen):
    """How the method would have done: forecasts from moments of the past, against what came.

    `error` and `naive_error` are mean absolute errors in the metric's own unit; `mase` is the error as a multiple of
    the mean change from one step to the next (Hyndman and Koehler, 2006), null where nothing ever changed; `ratio` is
    the error by that of the naive forecast: below 1 is better than saying that nothing will change. In each test the
    method was chosen by the other tests only. `coverage` is the share of values that fell into the interval, worked
    out in the same way.
    """

    tests: int
    steps: int
    error: float
    naive_error: float
    mase: float | None
    naive_mase: float | None
    ratio: float | None
    coverage: float | None
    tried: dict[str, float] = Field(
        description="Mean absolute error of each method that was tried."
    )


class Crossing(Frozen):
    """When a value gets to a threshold. `expected` by the forecast itself, `earliest` by the worse side of the
    interval, `latest` by the better one; null: not within the period."""

    threshold: float
    why: str
    already: bool = False
    expected: datetime | None = None
    earliest: datetime | None = None
    latest: datetime | None = None
    told: str


class Anomaly(Frozen):
    """A stretch that does not fit, and its worst moment. `score` is the distance from what was usual then, in robust
    standard deviations."""

    start: datetime
    end: datetime
    at: datetime
    value: float
    usual: float
    score: float


class MetricForecast(Frozen):
    """The outlook of one metric. `treatment` says what was done to the history before anything was computed."""

    metric: str
    values: int
    step: str
    step_seconds: float
    since: datetime
    until: datetime
    last: float
    treatment: tuple[str, ...]
    method: str
    why: str
    better_than_naive: bool
    back_test: BackTest
    end: Expected = Field(description="At the end of the period.")
    forecast: tuple[Expected, ...]
    shown: str = Field(description="Which of the moments to come are listed.")
    crossings: tuple[Crossing, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    chart: str | None = Field(default=None, description="An SVG picture, where one was asked for.")
