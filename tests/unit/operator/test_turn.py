"""Conditions change when something changes and not before, and each change is told once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import BlueprintInvalid, EngineUnavailable
from alma.operator.documents import BlueprintStatus
from alma.operator.names import Kind, Phase, Truth
from alma.operator.seen import SeenBlueprint
from alma.operator.turn import Turn, request_name

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def seen(status: BlueprintStatus | None = None, **more: Any) -> SeenBlueprint:
    given = {"uid": "u", "namespace": "n", "name": "shop", "generation": 3, "spec": {}}
    return SeenBlueprint.model_validate(
        {**given, "annotations": {}, "status": status or BlueprintStatus(), **more}
    )


def turn(status: BlueprintStatus | None = None, *, later: float = 0) -> Turn:
    return Turn(seen(status), {}, START + timedelta(seconds=later))


def test_a_condition_says_since_when_it_is_so_and_for_which_generation() -> None:
    look = turn()
    look.say(Kind.PLANNED, Truth.TRUE, "Planned", "two to create")
    (first,) = look.outcome().status.conditions
    assert first.last_transition_time == "2026-03-01T12:00:00Z"
    assert first.observed_generation == 3

    again = turn(look.outcome().status, later=60)
    again.say(Kind.PLANNED, Truth.TRUE, "Planned", "three to create")
    (same,) = again.outcome().status.conditions
    assert (same.last_transition_time, same.message) == (
        first.last_transition_time,
        "three to create",
    )

    other = turn(again.outcome().status, later=120)
    other.say(Kind.PLANNED, Truth.FALSE, "Blocked")
    assert other.outcome().status.conditions[0].last_transition_time == "2026-03-01T12:02:00Z"


def test_what_nothing_is_said_of_stays_as_it_was() -> None:
    look = turn()
    look.say(Kind.DRIFTED, Truth.TRUE, "Drifted", "web is gone")
    look.note(revision=4)
    again = turn(look.outcome().status, later=60)
    again.say(Kind.PLANNED, Truth.TRUE, "Planned")
    status = again.outcome().status
    assert [c.type for c in status.conditions] == [Kind.PLANNED, Kind.DRIFTED]
    assert status.revision == 4


def test_a_reason_is_told_once_and_again_only_when_it_is_another() -> None:
    look = turn()
    look.say(Kind.READY, Truth.FALSE, "AwaitingApproval", "waits")
    look.say(Kind.APPROVED, Truth.FALSE, "AwaitingApproval", "waits")
    (told,) = look.outcome().notices
    assert (told.reason, told.warning) == ("AwaitingApproval", False)

    again = turn(look.outcome().status)
    again.say(Kind.READY, Truth.FALSE, "AwaitingApproval", "still waits")
    assert again.outcome().notices == ()

    failed = turn(look.outcome().status)
    failed.say(Kind.READY, Truth.FALSE, "RolledBack", "web did not start")
    (warning,) = failed.outcome().notices
    assert (warning.reason, warning.warning) == ("RolledBack", True)


def test_drift_is_a_warning_and_its_end_is_none() -> None:
    look = turn()
    look.say(Kind.DRIFTED, Truth.TRUE, "Drifted", "web is gone")
    assert look.outcome().notices[0].warning
    again = turn(look.outcome().status)
    again.say(Kind.DRIFTED, Truth.FALSE, "InStep")
    assert not again.outcome().notices[0].warning


def test_however_much_is_wrong_a_status_stays_small() -> None:
    look = turn()
    faults = [Diagnostic(code="x", path=f"resources.{n}", message="m" * 5_000) for n in range(900)]
    look.invalid(BlueprintInvalid(faults))
    status = look.outcome().status
    assert status.phase is Phase.INVALID
    assert len(status.diagnostics) == 20
    assert "and 880 more" in status.conditions[0].message
    assert len(status.model_dump_json()) < 40_000


def test_what_passes_by_itself_is_no_failure() -> None:
    look = turn()
    look.refused(EngineUnavailable("the engine does not answer", hint="start it"))
    status = look.outcome().status
    assert status.phase is Phase.PENDING
    assert status.conditions[0].reason == "EngineUnavailable"
    assert status.conditions[0].message == "the engine does not answer (start it)"


def test_the_name_of_a_request_fits_however_long_its_blueprint_s_is() -> None:
    assert request_name("shop", 7) == "shop-7"
    long = request_name("a" * 240 + ".b" + "c" * 11, 12_345)
    assert len(long) <= 253
    assert long.endswith("-12345")
