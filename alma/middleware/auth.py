"""Finds out who is calling, once for each request, before anything else is done for it.

What answers a request without an entry under `STATE` in its scope was reached around this middleware: `principal_of`
then refuses, so that a route that was wired wrongly is shut and not open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.core.model.errors import Unauthenticated
from alma.core.model.principal import Principal

STATE = "alma.principal"

Authenticate = Callable[[Scope], Awaitable[Principal | None]]
"""Who sends the request of a scope: None for nobody, which the routes that need no caller accept. Raises
Unauthenticated for credentials that are wrong."""


class Authentication:
    """ASGI: puts the principal into the scope."""

    def __init__(self, app: ASGIApp, *, authenticate: Authenticate) -> None:
        self._app = app
        self._authenticate = authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            scope[STATE] = await self._authenticate(scope)
        await self._app(scope, receive, send)


def principal_of(scope: Scope) -> Principal:
    """Who is calling. Raises Unauthenticated when nobody is known."""
    principal: Principal | None = scope.get(STATE)
    if principal is None:
        raise Unauthenticated(
            "this needs a caller who is known",
            hint="send an API key or a token: Authorization: Bearer <key>, or X-API-Key: <key>",
        )
    return principal
