"""Measurements become a series of one step, and what was done to them is said."""

from __future__ import annotations

import math

import pytest

from alma.core.economics.forecasting.series import (
    DAY,
    HOUR,
    MONTH,
    Series,
    regular,
    seasons_of,
    told,
)

NAN = math.nan


def made(times: list[float], values: list[float], **given: float) -> Series:
    found = regular(times, values, horizon=given.get("horizon", DAY), most_ahead=1000)
    assert found is not None
    return found


def hours(count: int) -> list[float]:
    return [HOUR * n for n in range(count)]


def test_a_regular_history_is_taken_as_it_is() -> None:
    series = made(hours(5), [1, 2, 3, 4, 5])
    assert (series.step, list(series.values), series.notes) == (HOUR, [1, 2, 3, 4, 5], ())


def test_the_order_of_the_measurements_does_not_matter_and_is_said() -> None:
    series = made([2 * HOUR, 0, 3 * HOUR, HOUR], [3, 1, 4, 2])
    assert list(series.values) == [1, 2, 3, 4]
    assert "out of order" in series.notes[0]


def test_doubles_are_averaged() -> None:
    series = made([0, HOUR, HOUR, 2 * HOUR, 3 * HOUR], [1, 1, 3, 3, 4])
    assert list(series.values) == [1, 2, 3, 4]
    assert series.notes == (
        "1 measurements share their moment with another one, and were averaged",
    )


def test_what_is_no_number_is_left_out_and_the_gap_is_filled_on_a_line_but_not_counted_as_measured() -> (
    None
):
    series = made(hours(6), [0, 1, NAN, 3, math.inf, 5])
    assert list(series.values) == [0, 1, 2, 3, 4, 5]
    assert list(series.observed) == [True, True, False, True, False, True]
    assert "2 of 6 values are missing" in series.notes[0]
    assert "2 of 6 steps have no measurement" in series.notes[1]


def test_what_is_beyond_all_measure_counts_as_missing() -> None:
    series = made(hours(6), [0, 1, 1e300, 3, 4, 5])
    assert list(series.values) == [0, 1, 2, 3, 4, 5]


def test_jittering_steps_are_brought_to_the_usual_one() -> None:
    series = made([0, 3500, 7300, 10_800, 14_300], [1, 2, 3, 4, 5])
    assert series.step == HOUR
    assert list(series.values) == [1, 2, 3, 4, 5]
    assert "uneven" in series.notes[0]


def test_a_long_gap_takes_the_values_of_the_day_before() -> None:
    values = [float(n % 24) for n in range(24 * 8)]
    values[100:106] = [NAN] * 6
    series = made(hours(len(values)), values)
    assert list(series.values) == [float(n % 24) for n in range(24 * 8)]


def test_what_lies_before_a_hole_that_is_too_long_is_left_out() -> None:
    times = [*hours(20), *(HOUR * n for n in range(100, 140))]
    series = made(times, [1.0] * 20 + [5.0] * 40)
    assert set(series.values) == {5.0}
    assert "too long to be bridged" in series.notes[0]


def test_a_long_period_is_looked_at_in_longer_steps() -> None:
    found = regular(
        [60.0 * n for n in range(600)],
        [float(n) for n in range(600)],
        horizon=90 * DAY,
        most_ahead=2500,
    )
    assert found is not None
    assert found.step == HOUR
    assert "averaged over 1 hour" in found.notes[0]


def test_months_are_a_step_though_they_differ_in_length() -> None:
    starts = [0, 31, 59, 90, 120, 151]
    series = made([DAY * day for day in starts], [1, 2, 3, 4, 5, 6], horizon=90 * DAY)
    assert (series.step, list(series.values)) == (MONTH, [1, 2, 3, 4, 5, 6])


def test_fewer_than_four_values_are_no_series() -> None:
    assert regular(hours(5), [1, NAN, 2, NAN, 3], horizon=DAY, most_ahead=10) is None


@pytest.mark.parametrize(
    ("step", "count", "seasons"),
    [
        (HOUR, 400, (24, 168)),
        (HOUR, 100, (24,)),
        (HOUR, 40, ()),
        (300, 288 * 3, (288,)),
        (DAY, 30, (7,)),
        (MONTH, 24, (12,)),
        (7 * HOUR, 1000, (24,)),
    ],
)
def test_seasons_are_a_day_and_a_week_where_they_were_seen_twice(
    step: float, count: int, seasons: tuple[int, ...]
) -> None:
    assert seasons_of(step, count) == seasons


@pytest.mark.parametrize(
    ("seconds", "words"), [(HOUR, "1 hour"), (900, "15 minutes"), (1.5 * DAY, "1.5 days")]
)
def test_steps_are_told_for_people(seconds: float, words: str) -> None:
    assert told(seconds) == words
