"""What an answer that says no tells: Kubernetes' own `Status`, or whatever a proxy on the way put in its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2


@dataclass(frozen=True)
class Cause:
    """One of several reasons: `field` is a path in what was sent."""

    reason: str
    message: str
    field: str


@dataclass(frozen=True)
class Status:
    """An answer that says no. `told`: the API server itself said so; otherwise there is no more than the code. `kind`
    and `name` are of the object that it is about, the kind as the server writes it there (often a plural)."""

    code: int
    told: bool = False
    reason: str = ""
    message: str = ""
    kind: str = ""
    name: str = ""
    causes: tuple[Cause, ...] = ()


def status_of(response: httpx2.Response) -> Status:
    """What the answer says. Its body has been read."""
    try:
        return parsed(response.status_code, response.content)
    except httpx2.ResponseNotRead:
        return Status(response.status_code)


def parsed(code: int, body: bytes | str) -> Status:
    """The same, of a body."""
    try:
        said = json.loads(body)
    except ValueError:
        return Status(code)
    if not isinstance(said, dict) or said.get("kind") != "Status":
        return Status(code)
    return status_in(said, code=code)


def status_in(said: Mapping[str, Any], *, code: int | None = None) -> Status:
    """The same, of a `Status` object; its own code holds where there is no other."""
    own = said.get("code")
    details = said.get("details")
    details = details if isinstance(details, dict) else {}
    return Status(
        code=code if code is not None else own if isinstance(own, int) else 500,
        told=True,
        reason=_text(said, "reason"),
        message=_text(said, "message"),
        kind=_text(details, "kind"),
        name=_text(details, "name"),
        causes=tuple(
            _cause(cause) for cause in details.get("causes") or () if isinstance(cause, dict)
        ),
    )


def _cause(cause: Mapping[str, Any]) -> Cause:
    return Cause(_text(cause, "reason"), _text(cause, "message"), _text(cause, "field"))


def _text(answer: Mapping[str, Any], key: str) -> str:
    value = answer.get(key)
    return value if isinstance(value, str) else ""
