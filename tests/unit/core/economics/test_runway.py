"""When things run out, by compound growth; faster growth never leaves more time."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from alma.core.economics.periods import DAY, MONTH, in_words, period
from alma.core.economics.runway import Growth, Runway, runway, steps


def found(use: float, rate: float, *, limit: float = 0.8, months: float = 6) -> Runway:
    return runway("disk", use, limit=limit, growth=Growth(rate), horizon=months * MONTH)


def test_what_doubles_each_month_from_a_tenth_is_at_eight_tenths_after_three() -> None:
    item = found(0.1, 1.0)
    assert item.limit_in_days == round(3 * MONTH / DAY, 1)
    assert item.full_in_days == round(math.log2(10) * MONTH / DAY, 1)
    # after six months 6.4 of what there is: eight times as much keeps it at its limit
    assert item.at_horizon == pytest.approx(6.4)
    assert item.times_as_much == pytest.approx(8)
    assert item.add == "before day 91: 700 % more disk lasts until the horizon"


def test_what_is_beyond_its_limit_is_so_now() -> None:
    item = found(0.9, 0.0)
    assert (item.limit_in_days, item.full_in_days) == (0.0, None)
    assert item.add.startswith("now: 13 % more")


def test_what_does_not_grow_or_shrinks_is_never_reached() -> None:
    for rate in (0.0, -0.5):
        item = found(0.5, rate)
        assert (item.limit_in_days, item.times_as_much) == (None, 1.0)
        assert item.add.startswith("nothing")


def test_growth_beyond_all_measure_is_said_to_be_so() -> None:
    assert "no sensible amount" in found(0.5, 10, months=120).add


@given(
    use=st.floats(0, 1), more=st.floats(0, 0.5), rate=st.floats(-0.9, 5), faster=st.floats(0, 2),
    months=st.floats(0.1, 24),
)  # fmt: skip
def test_more_use_or_more_growth_never_leaves_more_time_nor_needs_less(
    use: float, more: float, rate: float, faster: float, months: float
) -> None:
    before = found(use, rate, months=months)
    after = found(min(use + more, 1), rate + faster, months=months)
    far = math.inf
    assert (far if after.limit_in_days is None else after.limit_in_days) <= (
        far if before.limit_in_days is None else before.limit_in_days
    )
    assert after.times_as_much >= before.times_as_much


def test_steps_are_told_when_what_is_needed_changes() -> None:
    told = list(steps(3 * MONTH, lambda at: "two" if at >= 2 * MONTH else "one"))
    assert told == [(0, "one"), (2 * MONTH, "two")]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90 days", 90 * DAY), ("6 months", 6 * MONTH), ("a week", 7 * DAY), ("next quarter", 3 * MONTH), (30, 30 * DAY),
     ("2y", 24 * MONTH), ("24h", DAY), ("six months", 6 * MONTH), ("1.5 years", 18 * MONTH), ("month", MONTH)],
)  # fmt: skip
def test_lengths_of_time_are_read_as_people_write_them(text: object, seconds: float) -> None:
    assert period(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "soon", "0 days", "-3 days", "11 years", "9" * 50, "nan days", True, None]
)
def test_what_is_no_length_of_time_is_refused(text: object) -> None:
    with pytest.raises(PydanticCustomError):
        period(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (90 * DAY, "90 days"),
        (6 * MONTH, "6 months"),
        (24 * MONTH, "2 years"),
        (14 * DAY, "2 weeks"),
    ],
)
def test_lengths_of_time_are_told_in_whole_units(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
