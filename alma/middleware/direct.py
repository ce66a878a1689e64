"""Leads a request straight to its route, by the table that limits and metrics have asked already.

The framework asks every router and every route before the one that answers, twice over; with some twenty routers that
costs more than reading the database. What the table has no API route for (a page, a mount, a WebSocket, a wrong method,
nothing at all) goes the framework's way, which also knows what to say then.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.middleware.templates import Found

_FOLLOWED = "fastapi.telemetry"


class Direct:
    """ASGI: stands around the framework's router and leaves the scope as that would. `find` is `Templates.find`."""

    def __init__(self, router: ASGIApp, *, find: Callable[[Scope], Found]) -> None:
        self._router = router
        self._find = find

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The framework's own tracing is told of routes by its routing.
        if scope["type"] != "http" or scope.get(_FOLLOWED) is not None:
            await self._router(scope, receive, send)
            return
        found = self._find(scope)
        if found.route is None:
            await self._router(scope, receive, send)
            return
        scope["route"] = found.route.original_route
        scope["endpoint"] = found.route.endpoint
        scope["path_params"] = {**scope.get("path_params", {}), **found.params}
        await found.route.app(scope, receive, send)
