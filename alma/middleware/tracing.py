"""Begins the trace of a request, or goes on with the one that its caller is in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.ports.telemetry import Tracing

# Asked every few seconds by machines: nobody looks for these.
_QUIET = ("/metrics", "/health", "/health/live", "/health/ready")
_SERVER_ERROR = 500


class Traces:
    """ASGI. `tracing` is None while nothing is followed: then this costs a function call."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        tracing: Callable[[], Tracing | None],
        template: Callable[[Scope], str],
    ) -> None:
        self._app = app
        self._tracing = tracing
        self._template = template

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        tracing = self._tracing() if scope["type"] in {"http", "websocket"} else None
        if tracing is None or scope["path"].rstrip("/").endswith(_QUIET):
            return self._app(scope, receive, send)
        return self._followed(tracing, scope, receive, send)

    async def _followed(self, tracing: Tracing, scope: Scope, receive: Receive, send: Send) -> None:

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                _answered(tracing, int(message["status"]))
            await send(message)

        method, route = scope.get("method", "GET"), self._template(scope)
        attributes = {"http.request.method": method, "http.route": route}
        with tracing.span(f"{method} {route}", after=_caller_s(scope), **attributes):
            await self._app(scope, receive, answer)


def _answered(tracing: Tracing, status: int) -> None:
    facts = {"http.response.status_code": str(status)}
    if status >= _SERVER_ERROR:
        facts["error.type"] = str(status)
    tracing.note(**facts)


def _caller_s(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return str(value.decode("latin-1"))
    return None
