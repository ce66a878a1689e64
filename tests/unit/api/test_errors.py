"""Every class of error has a status, and every failure the same shape."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from alma.api.errors import STATUS, answer_to, body_of, status_of
from alma.core.model import errors
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import (
    AlmaError,
    BlueprintInvalid,
    Conflict,
    DatabaseUnavailable,
    Overtaken,
    PlanStale,
    RateLimited,
)
from alma.db.errors import translated

STATUSES = {
    "InvalidInput": 422,
    "BlueprintInvalid": 422,
    "ArgumentsInvalid": 422,
    "DocumentTooLarge": 413,
    "NotFound": 404,
    "Conflict": 409,
    "IllegalTransition": 409,
    "PlanStale": 409,
    "StackLocked": 409,
    "Denied": 403,
    "Unauthenticated": 401,
    "Forbidden": 403,
    "ApprovalRequired": 409,
    "PolicyViolation": 403,
    "RateLimited": 429,
    "Overtaken": 409,
    "BodyEncoded": 415,
    "DatabaseUnavailable": 503,
    "TooManyConnections": 503,
    "SecretUnreadable": 500,
    "EngineError": 502,
    "EngineUnavailable": 503,
    "EngineAuthFailed": 502,
    "ChangeRejected": 502,
    "OutcomeUnknown": 502,
    "ToolError": 502,
    "ToolUnavailable": 503,
    "LanguageModelError": 502,
    "DeviceLoginError": 400,
    "ProviderError": 502,
    "ProviderUnavailable": 503,
}


def descendants(kind: type[AlmaError]) -> Iterator[type[AlmaError]]:
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
        yield from descendants(child)


def test_every_class_of_error_has_its_status() -> None:
    found = {kind.__name__: int(status_of(kind.__new__(kind))) for kind in descendants(AlmaError)}

    assert found == STATUSES


def test_a_facts_name_never_replaces_a_field_of_the_shape() -> None:
    error = Conflict("busy", hint="wait", details={"detail": "x", "code": "y", "stack": "shop"})

    body = body_of(error)

    assert (body["detail"], body["code"], body["stack"]) == ("busy", "conflict", "shop")


def test_where_the_database_is_stays_within() -> None:
    where = "connection to server at db.internal, port 5432 failed"
    with pytest.raises(DatabaseUnavailable) as raised, translated():
        raise OperationalError("SELECT secret", {}, Exception(where))

    assert where in raised.value.message
    body = json.dumps(body_of(raised.value))
    assert "the database does not answer" in body
    assert "db.internal" not in body
    assert "secret" not in body


def test_a_fault_with_a_path_is_told_by_it_and_one_without_by_its_line() -> None:
    error = BlueprintInvalid(
        [
            Diagnostic(code="a", path="name", message="wrong", line=3, column=1),
            Diagnostic(code="b", message="broken", line=7, column=2),
        ]
    )

    assert body_of(error)["errors"] == ["name: wrong", "broken (line 7, column 2)"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Overtaken("another revision"), 412),
        (Conflict("something runs"), 409),
        (PlanStale("moved"), 409),
    ],
)
def test_only_a_lost_race_fails_a_precondition(error: AlmaError, status: int) -> None:
    assert answer_to(error, conditional=True).status_code == status


def test_whoever_asks_too_often_is_told_when_to_come_back() -> None:
    answer = answer_to(RateLimited("too many", retry_after=1.2))

    assert answer.headers["Retry-After"] == "2"


def test_what_may_pass_by_itself_is_to_be_tried_again_sooner() -> None:
    passing = errors.EngineUnavailable("down")
    lasting = errors.EngineUnavailable("not installed")
    lasting.retryable = False

    assert "Retry-After" in answer_to(passing).headers
    assert int(answer_to(lasting).headers["Retry-After"]) > int(
        answer_to(passing).headers["Retry-After"]
    )


@pytest.mark.parametrize("kind", [k for k, s in STATUS.items() if s in {429, 503}], ids=str)
@pytest.mark.parametrize("retryable", [True, False])
def test_whatever_is_too_much_or_away_says_when_to_come_back(
    kind: type[AlmaError], retryable: bool
) -> None:
    error = kind.__new__(kind)
    AlmaError.__init__(error, "not now")
    error.retryable = retryable
    if isinstance(error, RateLimited):
        error.retry_after = 1.5
    answer = answer_to(error)
    assert answer.status_code in {429, 503}
    assert int(answer.headers["Retry-After"]) >= 1
