"""Each method by hand, on series short enough for it."""

from __future__ import annotations

import numpy as np
import pytest

from alma.core.economics.forecasting.methods import (
    deseasonalised,
    drift,
    holt,
    methods,
    naive,
    running_mean,
    seasonal_naive,
    theta,
)


def test_naive_repeats_the_last_value_and_the_seasonal_one_the_last_season() -> None:
    history = np.array([1.0, 2, 3, 4, 5])
    assert list(naive(history, 2)) == [5, 5]
    assert list(seasonal_naive(history, 4, season=3)) == [3, 4, 5, 3]


def test_drift_goes_on_along_the_line_from_the_first_to_the_last() -> None:
    assert list(drift(np.array([1.0, 9, 5]), 2)) == [7, 9]


def test_theta_on_a_line_is_the_last_value_and_half_the_slope() -> None:
    # alpha 1 follows a line exactly: level 10, slope 2, half of it a step: 10 + 1·(h-1) + 1·(1-0^n)/1
    assert theta(np.array([2.0, 4, 6, 8, 10]), 3) == pytest.approx([11, 12, 13])


def test_holt_without_damping_goes_on_along_a_line_and_with_damping_falls_behind() -> None:
    line = np.arange(20.0)
    assert holt(line, 3, dampings=np.array([1.0])) == pytest.approx([20, 21, 22])
    damped = holt(line, 3, dampings=np.array([0.8]))
    assert list(damped) < [20, 21, 22]
    assert damped[2] - damped[1] < damped[1] - damped[0]


def test_the_running_mean_of_a_season_takes_the_season_out() -> None:
    season = np.resize([0.0, 6, 3], 12)
    assert running_mean(season, 3) == pytest.approx([3.0] * 12)
    # an even season counts its first and last half: (½·1 + 2 + 3 + 4 + ½·5) / 4
    assert running_mean(np.arange(1.0, 9), 4)[2] == pytest.approx(3.0)


def test_a_season_on_a_line_is_found_exactly_and_adds_up_to_nothing() -> None:
    season = np.array([-2.0, 0, 5, -3])
    values = np.arange(24.0) + np.resize(season, 24)
    rest, (profile,) = deseasonalised(values, [4])
    assert profile == pytest.approx(season)
    assert rest == pytest.approx(np.arange(24.0))


def test_day_and_week_are_told_apart() -> None:
    hour = np.arange(24 * 7 * 4)
    values = 100 + 10 * np.sin(hour * 2 * np.pi / 24) + 5 * (hour // 24 % 7 >= 5)
    forecast = {m.name: m for m in methods((24, 168))}["multi-seasonal Theta (24, 168)"].forecast
    ahead = np.arange(len(hour), len(hour) + 168)
    expected = 100 + 10 * np.sin(ahead * 2 * np.pi / 24) + 5 * (ahead // 24 % 7 >= 5)
    assert forecast(values, 168) == pytest.approx(expected, abs=0.2)


def test_methods_follow_the_seasons_and_naive_is_the_first() -> None:
    assert [m.name for m in methods(())] == ["naive", "drift", "Theta", "damped Holt", "Holt"]
    named = [m.name for m in methods((24, 168))]
    assert named[0] == "naive"
    assert {"seasonal naive (24)", "seasonal naive (168)", "seasonal Theta (24)"} <= set(named)
    assert {"multi-seasonal Theta (24, 168)", "seasonal damped Holt (24, 168)"} <= set(named)
