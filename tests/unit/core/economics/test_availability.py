"""Availability by arithmetic that a person can check; one more machine never makes it less."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alma.config import load_availability
from alma.core.economics.availability import (
    AvailabilityModel,
    Layer,
    at_least,
    availability_of,
    series,
    together,
)

MODEL = load_availability()


def changed(**values: Any) -> AvailabilityModel:
    return AvailabilityModel.model_validate({**MODEL.model_dump(mode="json"), **values})


def test_in_a_row_shares_are_multiplied_and_side_by_side_what_is_missing_is() -> None:
    assert series([0.99, 0.98]) == pytest.approx(0.9702)
    assert at_least(1, 2, 0.99) == pytest.approx(1 - 0.01**2)
    # two of three: 0.9³ + 3 · 0.9² · 0.1 = 0.729 + 0.243
    assert at_least(2, 3, 0.9) == pytest.approx(0.972)


def test_failures_that_take_all_limit_what_a_second_one_brings() -> None:
    # 1 % away, a tenth of it together: (1 - 0.009²) · (1 - 0.001)
    assert together(1, 2, 0.99, 0.1) == pytest.approx((1 - 0.009**2) * 0.999)
    assert together(1, 1, 0.99, 0.1) == pytest.approx(0.99)
    assert together(1, 2, 0.99, 0) == pytest.approx(at_least(1, 2, 0.99))


def test_one_server_and_one_database_of_ones_own_worked_by_hand() -> None:
    # site 8760/(8760+4); host 17520/(17520+8), software 2160/(2160+0.5): both for the server and for the database
    site, host, software = 8760 / 8764, 17_520 / 17_528, 2160 / 2160.5
    found = availability_of(
        [Layer("application", 1), Layer("database", 1)], model=MODEL, cloud=False
    )
    assert found.share == pytest.approx(site * (host * software) ** 2)
    assert found.hours_away_a_year == pytest.approx((1 - found.share) * 8766, abs=0.01)
    assert found.working[-1].startswith(
        "all in a row: 99.9544 % × 99.9312 % × 99.9312 % = 99.8169 %"
    )
    assert found.weakest == "application"


def test_a_standby_that_somebody_has_to_promote_costs_the_time_until_then() -> None:
    usual = availability_of([Layer("database", 2)], model=MODEL, cloud=True)
    promoted = availability_of([Layer("database", 2, promoted=True)], model=MODEL, cloud=True)
    alone = availability_of([Layer("database", 1)], model=MODEL, cloud=True)
    assert alone.share <= promoted.share < usual.share


@given(
    needed=st.integers(1, 6), spare=st.integers(0, 4), promoted=st.booleans(), cloud=st.booleans(),
    common=st.floats(0, 1),
)  # fmt: skip
def test_one_more_machine_never_makes_it_less(
    needed: int, spare: int, promoted: bool, cloud: bool, common: float
) -> None:
    share = {"value": common, "kind": "assumption", "source": "a test"}
    model = changed(common_share=share)
    before, after = (
        availability_of(
            [Layer("x", needed + extra, needed, promoted)], model=model, cloud=cloud
        ).share
        for extra in (spare, spare + 1)
    )
    assert after >= before - 1e-12


def test_one_more_layer_is_never_better() -> None:
    few = availability_of([Layer("a", 2)], model=MODEL, cloud=False)
    assert (
        availability_of([Layer("a", 2), Layer("b", 3)], model=MODEL, cloud=False).share < few.share
    )


@pytest.mark.parametrize(
    "wrong", [{"common_share": {"value": 2, "kind": "assumption", "source": "x"}}]
)
def test_figures_with_which_nothing_can_be_worked_out_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        changed(**wrong)
