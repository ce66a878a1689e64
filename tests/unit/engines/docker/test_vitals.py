"""Well, not yet well, or beyond help: and in words why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alma.engines.docker import vitals


def _inspected(state: dict[str, Any], *, restarts: int = 0, memory: int = 0) -> dict[str, Any]:
    return {"State": state, "RestartCount": restarts, "HostConfig": {"Memory": memory}}


RUNNING = {"Status": "running"}
STARTING = {"Status": "running", "Health": {"Status": "starting"}}
UNHEALTHY = {"Status": "running", "Health": {"Status": "unhealthy"}}
HEALTHY = {"Status": "running", "Health": {"Status": "healthy"}}
EXITED = {"Status": "exited", "ExitCode": 1}
RESTARTING = {"Status": "restarting", "ExitCode": 1}


@pytest.mark.parametrize(
    ("state", "restarts", "well", "beyond_help"),
    [
        (RUNNING, 0, True, False),
        (HEALTHY, 0, True, False),
        (STARTING, 0, False, False),
        (UNHEALTHY, 0, False, True),
        (EXITED, 0, False, True),
        (RESTARTING, 1, False, False),
        (RESTARTING, 3, False, True),
        ({"Status": "created"}, 0, False, False),
    ],
)
def test_it_is_known_when_to_wait_and_when_not(
    state: dict[str, Any], restarts: int, well: bool, beyond_help: bool
) -> None:
    inspected = _inspected(state, restarts=restarts)
    assert vitals.is_well(inspected) is well
    assert vitals.is_beyond_help(inspected) is beyond_help


def test_what_has_ended_before_has_to_stay_longer_to_count_as_up() -> None:
    assert vitals.has_to_stay(_inspected(RUNNING)) < vitals.has_to_stay(
        _inspected(RUNNING, restarts=1)
    )


def test_age_is_never_overstated() -> None:
    started = (datetime.now(UTC) - timedelta(seconds=60)).isoformat()
    age = vitals.age(_inspected({"Status": "running", "StartedAt": started}))
    assert 55 < age <= 60
    assert vitals.age(_inspected(RUNNING)) == 0


@pytest.mark.parametrize(
    ("inspected", "words"),
    [
        (_inspected(EXITED), ["exited", "exit code 1"]),
        (_inspected(UNHEALTHY), ["running and unhealthy"]),
        (_inspected(RESTARTING, restarts=4), ["restarting", "restarted 4 times"]),
        (_inspected({"Status": "exited", "ExitCode": 137, "OOMKilled": True}), ["specs.memory"]),
        (_inspected({"Status": "exited", "ExitCode": 137}, memory=1), ["most likely"]),
        (_inspected({**EXITED, "Error": "no such device"}), ["no such device"]),
    ],
)
def test_how_it_ended_is_said_in_words(inspected: dict[str, Any], words: list[str]) -> None:
    said = "; ".join(vitals.state(inspected))
    assert [word for word in words if word not in said] == []


def test_being_killed_without_a_limit_is_not_blamed_on_memory() -> None:
    said = vitals.state(_inspected({"Status": "exited", "ExitCode": 137}))
    assert "memory" not in " ".join(said)


def test_the_last_health_check_is_quoted() -> None:
    log = [{"ExitCode": 0, "Output": "fine"}, {"ExitCode": 4, "Output": "no such\n table\n"}]
    (said,) = vitals.last_probe({"Health": {"Log": log}})
    assert said == "its health check ended with 4: no such table"
    assert vitals.last_probe({"Status": "running"}) == []
