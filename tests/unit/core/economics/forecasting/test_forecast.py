"""The outlook: the method that did best, honest intervals, thresholds, anomalies; nothing that is worse than naive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.core.economics.forecasting.anomalies import anomalies
from alma.core.economics.forecasting.backtest import Spread, back_test
from alma.core.economics.forecasting.forecast import Question, forecast
from alma.core.economics.forecasting.outlook import MetricForecast
from alma.core.economics.forecasting.series import DAY, HOUR, Series, regular

START = datetime(2026, 1, 1, tzinfo=UTC)


def outlook(
    values: list[float], *, step: float = DAY, days: float = 30, **asked: object
) -> MetricForecast:
    question = Question(days * DAY, float(str(asked.get("confidence", 0.95))), asked.get("thresholds", {}),  # type: ignore[arg-type]
                        bool(asked.get("drawn")))  # fmt: skip
    times = [START.timestamp() + step * n for n in range(len(values))]
    found = forecast(str(asked.get("name", "cpu")), list(zip(times, values, strict=True)), question)
    assert found is not None
    return found


def noise(count: int, *, seed: int = 3, size: float = 1.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, size, count)


def series(values: np.ndarray, step: float = HOUR) -> Series:
    found = regular(
        [step * n for n in range(len(values))], list(values), horizon=DAY, most_ahead=1000
    )
    assert found is not None
    return found


# ── the choice ───────────────────────────────────────────────────────────────────────────────────────


def test_a_line_goes_on_and_reaches_its_threshold_on_the_day_that_can_be_counted() -> None:
    found = outlook([10.0 + n for n in range(60)], days=90, thresholds={"full": 100})
    assert found.end.value == pytest.approx(10 + 59 + 90)
    (crossing,) = found.crossings
    assert crossing.expected == crossing.earliest == crossing.latest == START + timedelta(days=90)
    assert found.back_test.ratio == 0


def test_a_daily_season_is_forecast_by_a_method_that_knows_it() -> None:
    hour = np.arange(24 * 21)
    wave = 50 + 20 * np.sin(hour * 2 * np.pi / 24)
    found = outlook(list(wave + noise(len(hour))), step=HOUR, days=2)
    assert "24" in found.method or "168" in found.method
    assert found.better_than_naive
    assert found.back_test.ratio is not None
    assert found.back_test.ratio < 0.3
    for item in found.forecast:
        at = (item.timestamp - START) / timedelta(hours=1)
        assert item.value == pytest.approx(50 + 20 * np.sin(at * 2 * np.pi / 24), abs=2.5)


@pytest.mark.parametrize("seed", range(6))
def test_of_a_random_walk_nothing_is_claimed_that_is_not_better_than_naive(seed: int) -> None:
    found = outlook(list(100 + np.cumsum(noise(300, seed=seed))), days=10)
    test = found.back_test
    assert test.ratio is not None
    if found.better_than_naive:
        assert test.error < test.naive_error
    else:
        assert (found.method, test.ratio) == ("naive", 1.0)
        assert found.end.value == pytest.approx(found.last)
        assert "nothing will change" in found.why


@given(st.lists(st.floats(-1e6, 1e6), min_size=4, max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_the_history_the_answer_is_finite_and_never_worse_than_naive(
    values: list[float],
) -> None:
    found = outlook(values)
    assert found.back_test.error <= found.back_test.naive_error
    for item in found.forecast:
        assert item.lower <= item.value <= item.upper
        assert np.isfinite([item.lower, item.value, item.upper]).all()


def test_the_same_history_gives_the_same_answer() -> None:
    values = list(50 + noise(200))
    assert outlook(values, drawn=True) == outlook(values, drawn=True)


def test_what_was_never_negative_is_not_forecast_below_zero() -> None:
    found = outlook([float(n) for n in range(40, 0, -1)], days=90)
    assert found.end.value == found.end.lower == 0


def test_a_constant_stays_and_there_is_nothing_to_be_better_than() -> None:
    found = outlook([50.0] * 40, thresholds={"full": 100})
    assert (found.method, found.end.lower, found.end.upper) == ("naive", 50, 50)
    assert found.back_test.mase is None
    assert found.crossings[0].expected is None
    assert "not reached within the period" in found.crossings[0].told


def test_beyond_what_was_tested_is_said() -> None:
    assert "beyond 10 nothing was tested" in outlook(list(50 + noise(40)), days=90).why


# ── intervals ────────────────────────────────────────────────────────────────────────────────────────


def test_an_interval_is_as_wide_as_the_errors_and_never_narrower_with_time() -> None:
    errors = np.array([[1.0, 2.0], [-1.0, -2.0], [1.0, 2.0]])
    spread = Spread.of(errors, 0.5)
    # mean squares 1 and 4, smoothed by their running mean 2.5 to 1 and 3.25; the 4th of 6 errors is 2/√3.25 of it
    assert list(spread.widths(2)) == pytest.approx([2 / 3.25**0.5, 2.0])
    # beyond the two steps that were tested, by the root of time: 8 steps are twice as wide as 2
    assert spread.widths(8)[7] == pytest.approx(2 * spread.widths(8)[1])
    assert list(spread.widths(9)) == sorted(spread.widths(9))


def test_more_confidence_is_never_a_narrower_interval() -> None:
    values = list(50 + noise(200))
    widths = [outlook(values, confidence=c).end for c in (0.5, 0.8, 0.95, 0.99)]
    spans = [end.upper - end.lower for end in widths]
    assert spans == sorted(spans)
    assert spans[0] < spans[-1]


def test_intervals_hold_about_as_often_as_they_say() -> None:
    """Over many noisy series with a known season, what comes lies in the interval of 90 %."""
    inside, seen = 0, 0
    for seed in range(12):
        hour = np.arange(24 * 15)
        values = 50 + 10 * np.sin(hour * 2 * np.pi / 24) + noise(len(hour), seed=seed, size=2)
        found = outlook(list(values[: 24 * 14]), step=HOUR, days=1, confidence=0.9)
        for item, came in zip(found.forecast, values[24 * 14 :], strict=True):
            seen += 1
            inside += item.lower <= came <= item.upper
    assert 0.84 <= inside / seen <= 0.97


def test_what_the_tests_tell_comes_from_errors_that_can_be_counted_by_hand() -> None:
    # 0 1 0 1 …: each naive forecast of one step is wrong by 1, two steps ahead it is right
    tested = back_test(series(np.array([0.0, 1] * 6), DAY), 1)
    assert tested.naive_error == 1
    assert tested.scale == 1
    assert tested.error <= tested.naive_error


# ── anomalies ────────────────────────────────────────────────────────────────────────────────────────


def test_a_spike_and_an_outage_are_found_in_a_noisy_wave_and_nothing_else() -> None:
    hour = np.arange(24 * 35)
    values = 50 + 20 * np.sin(hour * 2 * np.pi / 24) + noise(len(hour), size=2)
    values[400], values[600:605] = 130, 5
    found = anomalies(series(values))
    at = [(item.start.timestamp() / HOUR, item.end.timestamp() / HOUR) for item in found]
    assert at == [(400, 400), (600, 604)]
    assert found[0].value == 130
    assert found[0].score > 0 > found[1].score


def test_pure_noise_and_a_constant_have_none() -> None:
    assert anomalies(series(noise(500))) == ()
    assert anomalies(series(np.full(100, 7.0))) == ()


def test_one_spike_in_a_constant_is_one() -> None:
    values = np.full(100, 7.0)
    values[50] = 8
    assert [item.value for item in anomalies(series(values))] == [8]


def test_a_value_that_was_filled_in_is_no_anomaly() -> None:
    values = np.full(60, 7.0)
    values[30] = np.nan
    assert anomalies(series(values)) == ()


# ── thresholds and pictures ──────────────────────────────────────────────────────────────────────────


def test_a_threshold_is_reached_from_above_too() -> None:
    found = outlook([100.0 - n for n in range(40)], days=60, thresholds={"the last reserve": 50})
    assert found.crossings[0].expected == START + timedelta(days=50)
    assert "falls to 50" in found.crossings[0].told


def test_where_only_the_interval_reaches_it_no_day_is_promised() -> None:
    found = outlook(list(50 + noise(120, size=3)), days=30, thresholds={"busy": 54})
    (crossing,) = found.crossings
    assert crossing.expected is None
    assert crossing.earliest is not None
    assert "not expected within the period" in crossing.told


def test_a_picture_is_well_formed_and_shows_names_as_text_only() -> None:
    found = outlook(
        list(50 + noise(60)),
        drawn=True,
        name="<script>cpu&</script>",
        thresholds={'"full" <b>': 52},
    )
    assert found.chart is not None
    root = ET.fromstring(found.chart)
    kinds = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert {"svg", "polyline", "polygon", "line", "text"} <= kinds
    assert not kinds & {"script", "b"}
    assert "prefers-color-scheme:dark" in found.chart
