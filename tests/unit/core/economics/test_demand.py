"""Loads as people say them, and those that nobody has."""

from __future__ import annotations

import pytest

from alma.core.economics.demand import demand_of
from alma.core.model.errors import InvalidInput


@pytest.mark.parametrize(
    "said",
    [
        "999999999999 users",
        "99999999 million users",
        "999999999 billion requests/s",
        "20m rps",
        "9999999 PB/s",
    ],
)
def test_a_load_that_nobody_has_is_refused_before_anything_is_counted(said: str) -> None:
    with pytest.raises(InvalidInput, match="more than can be sized for") as error:
        demand_of(said)
    assert error.value.hint


def test_the_largest_loads_are_still_read() -> None:
    assert demand_of("10000 million users").users == 10**10
    assert demand_of("10m rps").per_second == 10**7
    assert demand_of("1000 PB/day").bytes_per_day == 10**18
