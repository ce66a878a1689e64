"""Finds out who is calling, once for each request, before anything else is done for it.

What needs no caller is in one list (`public`); everything else is refused here, so that a route that was wired wrongly
is shut and not open. `principal_of` refuses once more, for whatever is reached around this middleware.

Who was seen a moment ago costs no waiting; anybody else is looked up in a thread, since that asks the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.core.model.credential import Credential
from alma.core.model.errors import AlmaError, InvalidInput, Unauthenticated
from alma.core.model.principal import Principal, Source
from alma.middleware.addresses import Networks, client_address
from alma.middleware.request_id import called_by, request_id

STATE = "alma.principal"
REFUSAL = "alma.refusal"
AGAIN = "alma.again"
"""Where the scope has what asks anew who is calling: for connections that outlive a key."""
PROJECT_HEADER = "X-ALMA-Project"

SUBPROTOCOL = "alma"
"""What a WebSocket speaks. A browser, which can send no headers, offers it with `alma.bearer.<token>` beside it."""
_BEARER_PROTOCOL = "alma.bearer."
_LONGEST_NAME = 200
_ALIVE = "/api/v1/monitoring/health/live"
"""Asked whether the process stands still: it must not wait for a database to say who asks."""


class Callers(Protocol):
    """Who knows callers. `at_once` answers without waiting: a Principal, None for nobody, or a mark (an Enum) that says
    to `look_up`, which may wait and raises AlmaError for whoever gets no further."""

    def at_once(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | Enum | None: ...

    def look_up(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | None: ...


class Authentication:
    """ASGI: puts the principal into the scope, or answers why there is none. On public paths there is None, and what
    was wrong is kept for a route that wants a caller after all."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        callers: Callable[[], Callers | None],
        answer: Callable[[AlmaError], ASGIApp],
        public: Callable[[str], bool],
        proxies: Networks = (),
    ) -> None:
        self._app = app
        self._callers = callers
        self._answer = answer
        self._public = public
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        scope[STATE] = scope[REFUSAL] = None
        scope[AGAIN] = partial(self._principal, scope)
        try:
            scope[STATE] = found = await self._principal(scope)
            called_by(found.id if found is not None else None)
        except AlmaError as error:
            scope[REFUSAL] = error
        if scope[STATE] is None and not self._public(scope["path"]):
            await self._answer(scope[REFUSAL] or _nobody())(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _principal(self, scope: Scope) -> Principal | None:
        callers = self._callers()
        if callers is None or scope["path"] == _ALIVE:
            return None
        credential, project, client = _shown(scope)
        source = Source.model_construct(
            address=client_address(scope, self._proxies), request_id=request_id(), client=client
        )
        found = callers.at_once(credential, project, source)
        if isinstance(found, Enum):
            return await asyncio.to_thread(callers.look_up, credential, project, source)
        return found


def _shown(scope: Scope) -> tuple[str | None, str | None, str | None]:
    """The credential, the project and the program's name that a request came with."""
    bearer = key = project = client = protocols = None
    streams = scope["type"] == "websocket"
    for name, value in scope["headers"]:
        if name == b"authorization":
            bearer = _only(bearer, _bearer(value))
        elif name == b"x-api-key":
            key = _only(key, value.decode("latin-1").strip())
        elif name == b"x-alma-project":
            project = _only(project, value.decode("latin-1").strip())
        elif name == b"user-agent":
            client = value[:_LONGEST_NAME].decode("latin-1")
        elif name == b"sec-websocket-protocol":
            protocols = value.decode("latin-1")
        elif name == b"accept" and b"text/event-stream" in value:
            streams = True
    query = scope["query_string"]
    if project is None and b"project=" in query:
        project = _asked(query, "project")
    credential = bearer or key or None
    if credential is None and streams:
        credential = _of_a_browser(query, protocols)
    return credential, project or None, client


def _only(before: str | None, now: str | None) -> str | None:
    """What a header says that comes once. Of two, whatever stands in front may have looked at the other one."""
    if before is not None and now is not None and before != now:
        raise InvalidInput(
            "this request says in two ways who sends it, or about which project it is",
            hint=f"send Authorization, X-API-Key and {PROJECT_HEADER} once at most",
        )
    return before if now is None else now


def _bearer(value: bytes) -> str | None:
    """None for another scheme: a proxy in front may have one of its own."""
    scheme, _, text = value.decode("latin-1").strip().partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def _of_a_browser(query: bytes, protocols: str | None) -> str | None:
    """A token in the address or the subprotocols, where a browser's page can send no header."""
    for protocol in (protocols or "").split(","):
        if protocol.strip().startswith(_BEARER_PROTOCOL):
            return protocol.strip().removeprefix(_BEARER_PROTOCOL)
    found = _asked(query, "access_token") if b"access_token=" in query else None
    if found is not None and Credential.read(found) is not None:
        raise Unauthenticated(
            "a key does not belong into an address, which others keep and show",
            hint="send it as a header; in an address only a short-lived access token is taken",
        )
    return found


def _asked(query: bytes, name: str) -> str | None:
    try:
        pairs = parse_qsl(query.decode("latin-1"), max_num_fields=100)
    except ValueError:
        raise InvalidInput("the address has too many parameters", hint="send fewer") from None
    return next((value for key, value in pairs if key == name), None)


def principal_of(scope: Scope) -> Principal:
    """Who is calling. Raises Unauthenticated when nobody is known, or what was wrong with what was shown."""
    principal: Principal | None = scope.get(STATE)
    if principal is None:
        raise scope.get(REFUSAL) or _nobody()
    return principal


def _nobody() -> Unauthenticated:
    return Unauthenticated(
        "this needs a caller who is known",
        hint="send an API key or a token: Authorization: Bearer <key>, or X-API-Key: <key>",
    )


def caller_of(scope: Any) -> Principal | None:
    """Who is calling, None for nobody: for what tells strangers less."""
    found: Principal | None = scope.get(STATE)
    return found
