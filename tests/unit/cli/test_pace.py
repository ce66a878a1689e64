"""A pace on the command line is refused before anything is saved when it is none."""

from __future__ import annotations

import pytest

from alma.cli.errors import CliError
from alma.cli.plan import pace_of


@pytest.mark.parametrize(
    ("strategy", "batch", "pace"),
    [
        (None, None, {}),
        ("Rolling", None, {"strategy": "rolling"}),
        ("rolling", 3, {"strategy": "rolling", "batch": 3}),
        (None, 2, {"strategy": "rolling", "batch": 2}),
        ("all_at_once", None, {"strategy": "all-at-once"}),
    ],
)
def test_a_pace_is_as_the_server_takes_it(
    strategy: str | None, batch: int | None, pace: dict[str, object]
) -> None:
    assert pace_of(strategy, batch) == pace


def test_what_one_deployment_can_t_do_is_refused_with_what_can() -> None:
    with pytest.raises(CliError, match="several deployments") as caught:
        pace_of("blue-green", None)
    assert "generate_deployment_plan" in str(caught.value.hint)
    with pytest.raises(CliError, match="no strategy 'slow'") as caught:
        pace_of("slow", None)
    assert "canary" in str(caught.value.hint)
