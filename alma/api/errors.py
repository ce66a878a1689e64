"""From what went wrong to what the caller gets: one table of statuses, one shape of body, for every failure there is.

    {"detail": "Invalid blueprint format", "code": "blueprint_invalid", "hint": "…",
     "errors": ["resources.0.specs.memory: invalid format"], "diagnostics": [{…}], "request_id": "…", …facts}

| what                                         | status                                                     |
|----------------------------------------------|------------------------------------------------------------|
| can't be taken as it is (InvalidInput)       | 422; larger than allowed 413; packed 415                   |
| does not exist, or not for this caller       | 404                                                        |
| the moment is wrong (Conflict)               | 409: illegal transition, plan moved, stack busy; an        |
|                                              | `If-Match` that no longer holds is 412                     |
| waits for an approval                        | 409: approve it, then send the same again                  |
| not allowed                                  | 401 unknown caller, 403 otherwise                          |
| too often                                    | 429, with Retry-After                                      |
| an engine, model or tool of others failed    | 502: rejected, refused ALMA's credentials, reply lost;     |
|                                              | an identity provider likewise                              |
| a device that signs in has to wait           | 400 with `error` in the words of RFC 8628                  |
| an engine or the database can't be reached,  | 503, with Retry-After; a minute for what lasts             |
| or the server has no place for one more      |                                                            |
| a fault of ALMA's own                        | 500, without any detail of it; the log has it by the id    |
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.api.schemas.common import PREFIX
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import (
    AlmaError,
    ApprovalRequired,
    BlueprintInvalid,
    BodyEncoded,
    Conflict,
    DatabaseUnavailable,
    Denied,
    DeviceLoginError,
    DocumentTooLarge,
    EngineError,
    EngineUnavailable,
    InvalidInput,
    LanguageModelError,
    NotFound,
    Overtaken,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    ToolError,
    ToolUnavailable,
    TooManyConnections,
    Unauthenticated,
)
from alma.core.model.faults import field_hint, worded
from alma.middleware.denials import leave
from alma.middleware.request_id import request_id

logger = logging.getLogger(__name__)

STATUS: Mapping[type[AlmaError], HTTPStatus] = {
    InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    DocumentTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyEncoded: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Denied: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    ApprovalRequired: HTTPStatus.CONFLICT,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    EngineError: HTTPStatus.BAD_GATEWAY,
    EngineUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyConnections: HTTPStatus.SERVICE_UNAVAILABLE,
    DatabaseUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    ToolError: HTTPStatus.BAD_GATEWAY,
    ToolUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    LanguageModelError: HTTPStatus.BAD_GATEWAY,
    DeviceLoginError: HTTPStatus.BAD_REQUEST,
    ProviderError: HTTPStatus.BAD_GATEWAY,
    ProviderUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    AlmaError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""A class that is not here has the status of its nearest ancestor."""

_RETRY_SECONDS = 5
# For what somebody has to mend first.
_LASTING_SECONDS = 60
_METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
_NOUNS = {
    "blueprint_id": "blueprints",
    "ipr_id": "iprs",
    "deployment_id": "deployments",
    "stack_id": "stacks",
}


class BodyInvalid(InvalidInput):
    """A request that is not what the route takes; `diagnostics` names every fault found."""

    code = "invalid_request"

    def __init__(
        self,
        diagnostics: Sequence[Diagnostic],
        *,
        message: str = "Invalid request",
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.diagnostics = tuple(diagnostics)


def status_of(error: AlmaError) -> HTTPStatus:
    """The status of an error, by its class or its nearest ancestor in the table."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def told(error: AlmaError) -> str:
    """What the caller is told: the message, without what is the operator's alone."""
    return getattr(error, "outwards", None) or error.message


def body_of(error: AlmaError) -> dict[str, Any]:
    """The answer's body. The error's facts stand beside the fixed fields and never replace one."""
    diagnostics: Sequence[Diagnostic] = getattr(error, "diagnostics", ())
    body = {
        "detail": told(error),
        "code": error.code,
        "hint": error.hint,
        "errors": [line_of(item) for item in diagnostics] or error.details.get("errors", []),
        "diagnostics": [item.model_dump(mode="json") for item in diagnostics],
        "request_id": request_id(),
    }
    facts = {fact: value for fact, value in error.details.items() if fact not in body}
    links = _links(facts)
    return body | facts | ({"links": links} if links else {})


def _links(facts: Mapping[str, Any]) -> dict[str, str]:
    """Where what the failure is about can be looked at, with its own links to what can be done."""
    return {
        fact.removesuffix("_id"): f"{PREFIX}/{noun}/{facts[fact]}"
        for fact, noun in _NOUNS.items()
        if facts.get(fact) is not None
    }


def answer_to(error: AlmaError, *, conditional: bool = False) -> Response:
    """The whole answer. `conditional`: the request was to be done only if nothing had changed meanwhile."""
    status = status_of(error)
    if conditional and isinstance(error, Overtaken):
        status = HTTPStatus.PRECONDITION_FAILED
    return JSONResponse(body_of(error), status_code=status, headers=headers_of(error))


def install_error_handlers(app: FastAPI) -> None:
    """Every failure inside the routing gets the documented shape: ALMA's, FastAPI's and Starlette's."""

    @app.exception_handler(AlmaError)
    async def explained(request: Request, error: AlmaError) -> Response:
        if status_of(error) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.warning("%s: %s", error.code, error.message)
        if isinstance(error, BlueprintInvalid):
            _count_faults(request, error)
        leave(error)
        return answer_to(error, conditional="if-match" in request.headers)

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        body = _body_of(request)
        return answer_to(BodyInvalid([_diagnostic(item, body) for item in error.errors()]))

    @app.exception_handler(HTTPException)
    async def plain(request: Request, error: HTTPException) -> Response:
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers = {"Allow": _allowed(app, request)}
        body = _plain_body(request, HTTPStatus(error.status_code), headers)
        return JSONResponse(body, status_code=error.status_code, headers=headers)


def _count_faults(request: Request, error: BlueprintInvalid) -> None:
    faults = sum(item.severity is Severity.ERROR for item in error.diagnostics)
    meters = request.app.state.alma.telemetry.meters
    meters.count("blueprint_validation_errors_total", faults)


class UnexpectedErrors:
    """ASGI: the API's boundary. What nobody foresaw is logged under the request's id and answered without details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            # Nobody is there to be answered, and nothing of ALMA's broke.
            logger.info("%s %r was not sent to its end", scope["method"], scope["path"])
        except Exception:
            logger.exception("%s %r broke", scope["method"], scope["path"])
            if begun:
                # Half an answer can't be taken back: the server cuts the connection, so that nobody takes it for whole.
                raise
            await _broken()(scope, receive, send)


def _broken() -> Response:
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    body = {
        "detail": "ALMA failed on this request",
        "code": "internal_error",
        "hint": f"the server's log has it under request id {request_id()}",
        "errors": [],
        "diagnostics": [],
        "request_id": request_id(),
    }
    return JSONResponse(body, status_code=status)


def headers_of(error: AlmaError) -> dict[str, str]:
    """What an answer says beside its body: when to try again, how to be known."""
    status = status_of(error)
    if isinstance(error, RateLimited):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_RETRY_SECONDS if error.retryable else _LASTING_SECONDS)}
    if status is HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return {"Accept-Encoding": "identity"}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {}


def line_of(item: Diagnostic) -> str:
    """`path: message`; a fault without a path is told by its line and column."""
    return f"{item.path}: {item.message}" if item.path else str(item)


def _allowed(app: FastAPI, request: Request) -> str:
    """What the path takes: of several routes on it, the framework names the methods of one."""
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    taken = {
        method
        for method, scope in scopes.items()
        for route in app.routes
        if route.matches(scope)[0] is Match.FULL
    }
    return ", ".join(sorted(taken))


def _plain_body(request: Request, status: HTTPStatus, headers: Mapping[str, str]) -> dict[str, Any]:
    path = request.url.path
    detail, hint = status.phrase, None
    if status is HTTPStatus.NOT_FOUND:
        detail, hint = f"there is nothing at {path}", "see /docs for what there is"
    elif status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{path} does not take {request.method}"
        hint = f"it takes {headers['Allow']}"
    return {
        "detail": detail,
        "code": status.phrase.lower().replace(" ", "_"),
        "hint": hint,
        "errors": [],
        "diagnostics": [],
        "request_id": request_id(),
    }


_WORDS = {
    "missing": ("missing_field", "required field is missing"),
    "extra_forbidden": ("unknown_field", "unknown field"),
}


def body_invalid(items: Sequence[Mapping[str, Any]], body: Any) -> BodyInvalid:
    """What is wrong with values that a model did not take: the same words wherever they were sent."""
    return BodyInvalid(
        [_diagnostic({**item, "loc": ("body", *item["loc"])}, body) for item in items]
    )


def _body_of(request: Request) -> Any:
    """What the route takes for a body: a model, or None."""
    field = getattr(request.scope.get("route"), "body_field", None)
    return field.field_info.annotation if field is not None else None


def _diagnostic(item: Mapping[str, Any], body: Any) -> Diagnostic:
    """FastAPI's complaint in our shape: where it was sent is told only if it was not in the body."""
    place, *rest = item["loc"]
    where = [] if place == "body" else [str(place)]
    code, message = _WORDS.get(item["type"]) or (
        item["type"],
        worded(item["type"], item.get("ctx", {})) or item["msg"].removeprefix("Value error, "),
    )
    path = ".".join([*where, *map(str, rest)])
    if not path and code == "missing_field":
        message = "the request has no body"
    hint = field_hint(tuple(rest), body) if code == "unknown_field" and body is not None else None
    return Diagnostic(code=code, path=path, message=message[:1].lower() + message[1:], hint=hint)
