"""From what went wrong to an exit code and two lines: what happened to what, and what to do next.

| exit | codes of the API                                                                            |
|------|---------------------------------------------------------------------------------------------|
| 1    | an engine or a deployment failed, a conflict, a plan that moved, anything not listed below  |
| 2    | the request can't be taken as it is, or names what does not exist                           |
| 4    | unauthenticated, forbidden, approval required, a policy                                     |
| 5    | no answer, busy, too often: the same command may work later                                 |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from http import HTTPStatus
from typing import Any

from alma.cli.advice import advised
from alma.cli.approving import told_missing
from alma.core.model.errors import AlmaError


class ExitCode(IntEnum):
    """What a script learns from a command."""

    DONE = 0
    FAILED = 1
    INVALID = 2
    CHANGES = 3
    DENIED = 4
    UNAVAILABLE = 5
    INTERRUPTED = 130


_BY_CODE: Mapping[str, ExitCode] = {
    "invalid_input": ExitCode.INVALID,
    "invalid_request": ExitCode.INVALID,
    "blueprint_invalid": ExitCode.INVALID,
    "invalid_arguments": ExitCode.INVALID,
    "document_too_large": ExitCode.INVALID,
    "body_encoded": ExitCode.INVALID,
    "not_found": ExitCode.INVALID,
    "denied": ExitCode.DENIED,
    "unauthenticated": ExitCode.DENIED,
    "forbidden": ExitCode.DENIED,
    "approval_required": ExitCode.DENIED,
    "policy_violation": ExitCode.DENIED,
    "rate_limited": ExitCode.UNAVAILABLE,
    "rate_limit_exceeded": ExitCode.UNAVAILABLE,
    "database_unavailable": ExitCode.UNAVAILABLE,
    "too_many_connections": ExitCode.UNAVAILABLE,
    "engine_unavailable": ExitCode.UNAVAILABLE,
    "stack_locked": ExitCode.UNAVAILABLE,
    "tool_unavailable": ExitCode.UNAVAILABLE,
    "unreachable": ExitCode.UNAVAILABLE,
    "home_in_use": ExitCode.UNAVAILABLE,
    "port_in_use": ExitCode.UNAVAILABLE,
}
_BY_STATUS: Mapping[HTTPStatus, ExitCode] = {
    HTTPStatus.BAD_REQUEST: ExitCode.INVALID,
    HTTPStatus.UNAUTHORIZED: ExitCode.DENIED,
    HTTPStatus.FORBIDDEN: ExitCode.DENIED,
    HTTPStatus.NOT_FOUND: ExitCode.INVALID,
    HTTPStatus.METHOD_NOT_ALLOWED: ExitCode.INVALID,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: ExitCode.INVALID,
    HTTPStatus.UNPROCESSABLE_ENTITY: ExitCode.INVALID,
    HTTPStatus.TOO_MANY_REQUESTS: ExitCode.UNAVAILABLE,
    HTTPStatus.SERVICE_UNAVAILABLE: ExitCode.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: ExitCode.UNAVAILABLE,
}


class CliError(Exception):
    """A failure to tell in two lines. `items` are the single faults, where there are several."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        code: str = "error",
        exit_code: ExitCode | None = None,
        items: Sequence[str] = (),
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.exit_code = exit_code or exit_code_of(code)
        self.items = tuple(items)
        self.details = dict(details or {})

    def body(self) -> dict[str, Any]:
        """The shape of the API's errors, for `--json`."""
        return self.details | {
            "detail": self.message,
            "code": self.code,
            "hint": self.hint,
            "errors": list(self.items),
        }


def exit_code_of(code: str, status: int | None = None) -> ExitCode:
    """By the API's code; by the HTTP status for a code nobody here knows."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    known = {item.value: exit_code for item, exit_code in _BY_STATUS.items()}
    return known.get(status or 0, ExitCode.FAILED)


def from_answer(status: int, body: Any, *, doing: str) -> CliError:
    """An error answer as an error. `doing` is told when the answer is not ALMA's."""
    if not isinstance(body, dict) or not isinstance(body.get("detail"), str):
        return CliError(
            f"{doing}: the server answered with HTTP {status} and not in ALMA's words",
            hint="check that the URL is ALMA's and that no proxy stands in between",
            exit_code=exit_code_of("", status),
        )
    code = str(body.get("code") or "error")
    known = {"detail", "code", "hint", "errors"}
    return CliError(
        body["detail"],
        hint=advised(body.get("hint"), code, body),
        code=code,
        exit_code=exit_code_of(code, status),
        items=_items(body),
        details={key: value for key, value in body.items() if key not in known},
    )


def _items(body: Mapping[str, Any]) -> list[str]:
    diagnostics = body.get("diagnostics") or []
    if diagnostics:
        return [diagnostic_line(item) for item in diagnostics]
    if missing := told_missing(body):
        return missing
    return [str(item) for item in (body.get("errors") or body.get("differences") or [])]


def diagnostic_line(item: Mapping[str, Any]) -> str:
    """`line 4, column 7: resources.0.specs.memory: invalid format (write it like 4GB)`."""
    line, column = item.get("line"), item.get("column")
    place = f"line {line}, column {column}: " if line else ""
    path = f"{_place(item['path'])}: " if item.get("path") else ""
    hint = f" ({item['hint']})" if item.get("hint") else ""
    return f"{place}{path}{item['message']}{hint}"


def _place(path: str) -> str:
    """A path in a document as it is; a parameter of the URL by the option it came from."""
    kind, _, name = path.partition(".")
    return f"--{name.replace('_', '-')}" if kind == "query" and name else path


def as_cli_error(error: Exception) -> CliError:
    """Any error this package lets out, in the one shape that is told."""
    if isinstance(error, CliError):
        return error
    if isinstance(error, AlmaError):
        items = [diagnostic_line(d.model_dump()) for d in getattr(error, "diagnostics", ())]
        return CliError(
            error.message, hint=error.hint, code=error.code, items=items, details=error.details
        )
    if isinstance(error, OSError) and error.filename:
        return CliError(f"{error.filename}: {error.strerror}", exit_code=ExitCode.INVALID)
    return CliError(str(error) or type(error).__name__)
