"""What all answers share: pages, links, and how failures look in the API's description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from pydantic import ConfigDict, Field

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Diagnostic

PREFIX = "/api/v1"

Item = TypeVar("Item")


class Page(Frozen, Generic[Item]):
    """A part of a list. `total` counts all there are, whatever `skip` and `limit`."""

    items: Sequence[Item]
    total: int
    skip: int = 0
    limit: int
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; null on the last."
    )


class Listed(Frozen):
    """What a list that is whole unless a page is asked for says beside its items."""

    total: int = Field(description="How many there are, on this page and on all others.")
    next_cursor: str | None = Field(
        default=None, description="Send it as `cursor` for the next page; null on the last."
    )


class ErrorBody(Frozen):
    """How every failure looks. `errors` are lines for people, `diagnostics` the same for programs; facts of the
    failure, such as a deployment's id, stand beside them."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "example": {
                "detail": "Invalid blueprint format",
                "code": "blueprint_invalid",
                "hint": None,
                "errors": ["resources.0.specs.memory: invalid format"],
                "diagnostics": [
                    {
                        "severity": "error",
                        "code": "invalid_size",
                        "path": "resources.0.specs.memory",
                        "message": "invalid format",
                        "hint": "write a number and a unit, such as 512MiB or 8GB",
                        "line": 1,
                        "column": 84,
                    }
                ],
                "request_id": "5f0c9a3e8f7b4c0b9a3d1e2f4a5b6c7d",
            }
        },
    )

    detail: str
    code: str = Field(description="Stable, for programs.")
    hint: str | None = Field(description="What to do next.")
    errors: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    request_id: str


ANY_FAILURE = "Any failure: `code` says which, `hint` what to do."
_FAILURES: Mapping[int, str] = {
    400: "Malformed",
    401: "Nobody, or somebody unknown, asks",
    403: "The caller is known, and lacks the permission",
    404: "There is no such thing, or not for this caller",
    409: "The present state does not allow it: see `code` and `hint`",
    412: "`If-Match` names a revision or version that is no longer the newest",
    413: "The body is larger than the server reads",
    415: "The body is packed (`Content-Encoding`), and is not unpacked",
    422: "The request can't be taken as it is; `errors` says why, line by line",
    429: "Too often: `Retry-After` says when to try again",
    502: "The engine answered with a failure",
    503: "The engine or the database can't be reached: try again later",
}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Those statuses for a route's description."""
    return {status: {"model": ErrorBody, "description": _FAILURES[status]} for status in statuses}


def stream_failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The same for a route that answers with a stream: FastAPI would take its failures for streams, too."""
    body = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
    told: dict[int | str, str] = {status: _FAILURES[status] for status in statuses}
    told["default"] = ANY_FAILURE
    return {status: {"description": text, "content": body} for status, text in told.items()}
