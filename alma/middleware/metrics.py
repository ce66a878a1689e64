"""Counts every request, whatever becomes of it: refused, failed, streamed, or left by its caller.

Stands outside everything that may answer by itself, so that 429s and 500s count like any other status. Labels are
routes' templates and known methods: no caller can make a new one up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.ports.telemetry import Meters

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
LEFT = "499"
"""The status of a request whose caller left before the answer began."""
ACCEPTED, REFUSED = "101", "403"
_STREAM = b"text/event-stream"


class Metrics:
    """ASGI. `meters` gives what counts, None before the application has started; `template` the route of a scope."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        meters: Callable[[], Meters | None],
        template: Callable[[Scope], str],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._app = app
        self._meters = meters
        self._template = template
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        meters = self._meters() if kind in {"http", "websocket"} else None
        if meters is None:
            await self._app(scope, receive, send)
            return
        endpoint = self._template(scope)
        meters.change("active_connections", 1)
        try:
            if kind == "http":
                await self._http(_Answer(meters, endpoint, scope, self._clock), receive, send)
            else:
                await self._websocket(_Socket(meters, endpoint), scope, receive, send)
        finally:
            meters.change("active_connections", -1)

    async def _http(self, answer: _Answer, receive: Receive, send: Send) -> None:
        try:
            await self._app(answer.scope, receive, partial(answer.send, send))
        finally:
            answer.ended()

    async def _websocket(self, socket: _Socket, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, partial(socket.send, send))
        finally:
            socket.ended()


class _Answer:
    """What is seen of one answer on its way out."""

    __slots__ = (
        "_began",
        "_clock",
        "_complete",
        "_counted",
        "_endpoint",
        "_meters",
        "_sent",
        "_status",
        "_stream",
        "scope",
    )

    def __init__(
        self, meters: Meters, endpoint: str, scope: Scope, clock: Callable[[], float]
    ) -> None:
        self.scope = scope
        self._meters = meters
        self._endpoint = endpoint
        self._clock = clock
        self._began = clock()
        self._status: int | None = None
        self._sent = 0
        self._stream = False
        self._complete = False
        self._counted = False

    async def send(self, send: Send, message: Message) -> None:
        if message["type"] == "http.response.body":
            self._sent += len(message.get("body", b""))
            if not message.get("more_body", False):
                self._complete = True
                # Before the last byte: whoever has the answer finds it counted.
                self.ended()
        elif message["type"] == "http.response.start":
            self._status = message["status"]
            self._stream = _is_stream(message)
            if self._stream:
                self._duration()
                self._meters.change("active_streams", 1)
        await send(message)

    def ended(self) -> None:
        if self._counted:
            return
        self._counted = True
        meters, method, endpoint = self._meters, self._method(), self._endpoint
        status = LEFT if self._status is None else str(self._status)
        meters.count("http_requests_total", method=method, endpoint=endpoint, status=status)
        if self._stream:
            meters.change("active_streams", -1)
        else:
            self._duration()
        meters.observe(
            "http_request_size_bytes", _announced(self.scope), method=method, endpoint=endpoint
        )
        meters.observe("http_response_size_bytes", self._sent, method=method, endpoint=endpoint)
        if self._status is not None and not self._complete:
            meters.count("http_disconnects_total", endpoint=endpoint)

    def _duration(self) -> None:
        self._meters.observe(
            "http_request_duration_seconds",
            self._clock() - self._began,
            method=self._method(),
            endpoint=self._endpoint,
        )

    def _method(self) -> str:
        method: str = self.scope["method"]
        return method if method in _METHODS else OTHER


class _Socket:
    """What is seen of one WebSocket: whether it was accepted, and how long it stays."""

    __slots__ = ("_endpoint", "_meters", "_status")

    def __init__(self, meters: Meters, endpoint: str) -> None:
        self._meters = meters
        self._endpoint = endpoint
        self._status: str | None = None

    async def send(self, send: Send, message: Message) -> None:
        if self._status is None:
            self._answered(message)
        await send(message)

    def ended(self) -> None:
        if self._status is None:
            self._count(LEFT)
        elif self._status == ACCEPTED:
            self._meters.change("active_websockets", -1)

    def _answered(self, message: Message) -> None:
        if message["type"] == "websocket.accept":
            self._count(ACCEPTED)
            self._meters.change("active_websockets", 1)
        elif message["type"] == "websocket.close":
            self._count(REFUSED)
        elif message["type"] == "websocket.http.response.start":
            self._count(str(message["status"]))

    def _count(self, status: str) -> None:
        self._status = status
        self._meters.count(
            "http_requests_total", method="GET", endpoint=self._endpoint, status=status
        )


def _is_stream(message: Message) -> bool:
    for name, value in message.get("headers", ()):
        if name == b"content-type":
            return bool(value.startswith(_STREAM))
    return False


def _announced(scope: Scope) -> int:
    """The length that the caller announced; 0 for none: a body in pieces is counted by whoever reads it."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() and len(value) < _DIGITS else 0
    return 0


_DIGITS = 16
