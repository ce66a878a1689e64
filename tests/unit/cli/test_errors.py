"""Scripts live on exit codes, people on two lines: what happened, and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from alma.cli import errors
from alma.cli.errors import CliError, ExitCode, exit_code_of, from_answer
from alma.cli.terminal import report, terminal
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import AlmaError, BlueprintInvalid, EngineUnavailable


def every_kind(kind: type[AlmaError] = AlmaError) -> Iterator[type[AlmaError]]:
    for child in kind.__subclasses__():
        if child.__module__ == "alma.core.model.errors":
            yield child
            yield from every_kind(child)


EXPECTED = {
    ExitCode.INVALID: {
        "invalid_input",
        "blueprint_invalid",
        "invalid_arguments",
        "document_too_large",
        "body_encoded",
        "not_found",
    },
    ExitCode.DENIED: {
        "denied",
        "unauthenticated",
        "forbidden",
        "approval_required",
        "policy_violation",
    },
    ExitCode.UNAVAILABLE: {
        "rate_limited",
        "database_unavailable",
        "too_many_connections",
        "engine_unavailable",
        "stack_locked",
        "tool_unavailable",
    },
}


def test_every_error_of_the_core_has_its_documented_exit_code() -> None:
    by_code = {code: exit_code for exit_code, codes in EXPECTED.items() for code in codes}
    for kind in every_kind():
        assert exit_code_of(kind.code) is by_code.get(kind.code, ExitCode.FAILED), kind


@pytest.mark.parametrize(
    ("status", "exit_code"),
    [(422, 2), (404, 2), (401, 4), (403, 4), (409, 1), (429, 5), (503, 5), (502, 1), (500, 1)],
)
def test_an_unknown_code_goes_by_its_status(status: int, exit_code: int) -> None:
    body = {"detail": "something new", "code": "of_a_later_version"}
    assert from_answer(status, body, doing="GET /").exit_code == exit_code


def test_an_answer_keeps_its_words_its_faults_and_its_facts() -> None:
    body = {
        "detail": "Invalid blueprint format",
        "code": "blueprint_invalid",
        "hint": None,
        "errors": ["resources.0.specs.memory: invalid format"],
        "diagnostics": [
            {
                "path": "resources.0.specs.memory",
                "message": "invalid format",
                "hint": "write it like 4GB",
                "line": 4,
                "column": 15,
            }
        ],
        "request_id": "r-1",
    }
    error = from_answer(422, body, doing="POST /")
    assert error.message == "Invalid blueprint format"
    assert error.items == (
        "line 4, column 15: resources.0.specs.memory: invalid format (write it like 4GB)",
    )
    assert error.body()["request_id"] == "r-1"


def test_a_moved_plan_lists_its_differences() -> None:
    body = {"detail": "moved", "code": "plan_stale", "differences": ["web: create became no-op"]}
    assert from_answer(409, body, doing="POST /").items == ("web: create became no-op",)


@pytest.mark.parametrize("body", [None, [], "<html>", {"message": "gateway"}])
def test_an_answer_that_is_not_almas_is_called_that(body: object) -> None:
    error = from_answer(502, body, doing="GET http://elsewhere/")
    assert "HTTP 502" in error.message
    assert "http://elsewhere/" in error.message
    assert error.hint


def test_a_parameter_of_the_url_is_called_by_the_option_it_came_from() -> None:
    body = {
        "detail": "Invalid request",
        "code": "invalid_request",
        "diagnostics": [{"path": "query.status", "message": "input should be 'pending'"}],
    }
    assert from_answer(422, body, doing="GET /").items == ("--status: input should be 'pending'",)


@pytest.mark.parametrize(
    ("code", "details", "command"),
    [
        ("approval_required", {"ipr_id": 7}, "alma iprs approve 7"),
        ("plan_stale", {"ipr_id": 7}, "alma iprs replan 7"),
        (
            "stack_locked",
            {"deployment_id": "3f2a9c1b-0"},
            "alma deployments logs 3f2a9c1b --follow",
        ),
        ("conflict", {"deployment_id": "3f2a9c1b-0"}, "alma deployments cancel 3f2a9c1b"),
        (
            "illegal_transition",
            {"ipr_id": 7, "state": "deploying", "deployment_id": "3f2a9c1b-0"},
            "alma deployments logs 3f2a9c1b --follow",
        ),
        ("illegal_transition", {"ipr_id": 7, "state": "deployed"}, "alma deploy FILE"),
    ],
)
def test_the_next_step_is_a_command(code: str, details: dict[str, object], command: str) -> None:
    body = {"detail": "no", "code": code, "hint": "do that first", **details}
    assert from_answer(409, body, doing="POST /").hint == f"do that first: {command}"


def test_without_anything_to_name_a_hint_stays_as_it_is() -> None:
    nameless = {"detail": "no", "code": "plan_stale", "hint": "look again"}
    assert from_answer(409, nameless, doing="POST /").hint == "look again"
    wordless = {"detail": "no", "code": "approval_required", "hint": None, "ipr_id": 7}
    assert from_answer(409, wordless, doing="POST /").hint == "alma iprs approve 7"


def test_a_plan_that_lacks_approvals_names_them_and_what_comes_after_them() -> None:
    missing = {"approvals": 1, "approvers": ["role:approver"], "engine": "proxmox", "given_by": []}
    body = {
        "detail": "IPR 7 is pending: its plan is not approved",
        "code": "approval_required",
        "hint": "it needs 1 approval from somebody with the role approver on proxmox",
        "ipr_id": 7,
        "missing": [missing],
        "held_by": ["user:bob"],
    }
    error = from_answer(409, body, doing="POST /")
    assert error.exit_code is ExitCode.DENIED
    assert error.items == (
        "1 approval is missing on proxmox, of role:approver",
        "held up by user:bob, who asked for changes and has not approved since",
    )
    assert error.hint == "they look at it and say `alma iprs approve 7`; then: alma iprs deploy 7"
    assert error.body()["missing"] == [missing]


def test_who_lacks_a_permission_learns_who_may_give_it() -> None:
    body = {
        "detail": "user:bob lacks it",
        "code": "forbidden",
        "hint": "ask",
        "permission": "deployment:start",
        "project": "shop",
    }
    assert from_answer(403, body, doing="POST /").hint == "ask: alma members list --project shop"
    hidden = body | {"permission": "member:read"}
    assert from_answer(403, hidden, doing="POST /").hint == "ask"


def test_an_error_is_told_on_standard_error_with_its_hint(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal(no_color=True)
    code = report(CliError("no answer", hint="start it", code="unreachable", items=["one", "two"]))
    told = capsys.readouterr()
    assert code == ExitCode.UNAVAILABLE
    assert told.out == ""
    assert told.err.splitlines() == ["error: no answer", "  - one", "  - two", "  hint: start it"]


def test_with_json_the_script_gets_the_error_as_its_one_document(
    capsys: pytest.CaptureFixture[str],
) -> None:
    terminal(as_json=True)
    report(CliError("nothing there", code="not_found", details={"name": "x"}))
    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "detail": "nothing there",
        "code": "not_found",
        "hint": None,
        "errors": [],
        "name": "x",
    }
    assert "nothing there" in told.err


def test_the_cores_errors_are_told_in_the_same_shape() -> None:
    error = errors.as_cli_error(EngineUnavailable("docker is down", hint="start it"))
    assert (error.message, error.hint, error.exit_code) == (
        "docker is down",
        "start it",
        ExitCode.UNAVAILABLE,
    )
    fault = Diagnostic(code="x", path="name", message="is missing")
    assert errors.as_cli_error(BlueprintInvalid([fault])).items == ("name: is missing",)


def test_a_files_error_names_the_file() -> None:
    error = errors.as_cli_error(PermissionError(13, "Permission denied", "/root/x.yaml"))
    assert error.message == "/root/x.yaml: Permission denied"
    assert error.exit_code is ExitCode.INVALID
