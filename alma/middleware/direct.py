"""Leads a request straight to its route, by the table that limits and metrics have asked already.

The framework asks every router and every route before the one that answers, twice over; with some twenty routers that
costs more than reading the database. What the table has no API route for (a page, a mount, a WebSocket, a wrong method,
nothing at all) goes the framework's way, which also knows what to say then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.middleware.templates import Found

_FOLLOWED = "fastapi.telemetry"


class Direct:
    """ASGI: stands around the framework's router and leaves the scope as that would. `find` is `Templates.find`."""

    def __init__(self, router: ASGIApp, *, find: Callable[[Scope], Found]) -> None:
        self._router = router
        self._find = find

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # The framework's own tracing is told of routes by its routing.
        if scope["type"] != "http" or scope.get(_FOLLOWED) is not None:
            return self._router(scope, receive, send)
        found = self._find(scope)
        if found.route is None:
            return self._router(scope, receive, send)
        scope["route"] = found.route.original_route
        scope["endpoint"] = found.route.endpoint
        scope["path_params"] = {**scope.get("path_params", {}), **found.params}
        app: ASGIApp = found.route.app
        return app(scope, receive, send)
