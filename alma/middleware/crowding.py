"""Answers who comes when the server has as many connections as it takes: in ALMA's words, with a moment to come back,
and counted like every answer. The server itself knows that it is full; it leaves a mark on the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.core.model.errors import TooManyConnections
from alma.middleware.security_headers import more_headers

CROWDED = "alma.crowded"
"""In the scope of a request that came when there were too many."""
_CLOSE = (b"connection", b"close")


class Crowding:
    """ASGI: 503 for a request with the mark, and the end of its connection. `free`: paths that are answered all the
    same, since whoever asks there would take no answer for a reason to end the process."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Callable[[TooManyConnections], ASGIApp],
        free: Collection[str],
    ) -> None:
        self._app = app
        self._answer = answer
        self._free = frozenset(free)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if CROWDED not in scope or scope["path"].rstrip("/") in self._free:
            return self._app(scope, receive, send)
        more_headers(scope, [_CLOSE])
        error = TooManyConnections(
            "this server has as many connections as it takes",
            hint="try again in some seconds; whoever runs it may raise ALMA_MAX_CONNECTIONS or add a server",
        )
        return self._answer(error)(scope, receive, send)
