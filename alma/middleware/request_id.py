"""Gives every request an id that the answer, the log and an error's body all carry, so that one leads to the others."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Callable
from contextvars import ContextVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.ports.telemetry import TRACE

HEADER = "X-Request-ID"
# As ASGI writes it.
_NAME = HEADER.lower().encode()
# A caller's own id is taken over if it can't forge a line of the log.
_USABLE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
# Unlike anybody else's and no secret: asking the system for each would stop the event loop for other threads.
_ids = random.Random()  # noqa: S311
# Asked every few seconds by machines: not worth a line.
_QUIET = "/health/live"

logger = logging.getLogger("alma.access")
_current: ContextVar[str] = ContextVar("request_id", default="-")
_caller: ContextVar[str | None] = ContextVar("principal", default=None)


def request_id() -> str:
    """The id of the request at hand; `-` outside of one."""
    return _current.get()


def called_by(principal: str | None) -> None:
    """From now on lines of the log about this request name its caller."""
    _caller.set(principal)


class WithRequestId(logging.Filter):
    """Puts `request_id`, `principal` and `trace_id` on every log record, for the formatter."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id()
        record.principal = _caller.get()
        record.trace_id = TRACE.get()
        return True


class RequestIds:
    """ASGI: takes the caller's `X-Request-ID` or makes one, answers with it, and logs one line for each answer."""

    def __init__(self, app: ASGIApp, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        id_ = _given(scope) or f"{_ids.getrandbits(128):032x}"
        shown = (_NAME, id_.encode())
        token, caller = _current.set(id_), _caller.set(None)
        started = self._clock()

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [header for header in message.get("headers", ()) if header[0] != _NAME]
                message["headers"] = [*kept, shown]
                _log(scope, int(message["status"]), self._clock() - started)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            _current.reset(token)
            _caller.reset(caller)


def _given(scope: Scope) -> str | None:
    """The caller's own id, None for none that can be used."""
    for name, value in scope["headers"]:
        if name == _NAME:
            given = str(value.decode("latin-1"))
            return given if _USABLE.fullmatch(given) else None
    return None


def _log(scope: Scope, status: int, seconds: float) -> None:
    level = logging.DEBUG if str(scope["path"]).rstrip("/").endswith(_QUIET) else logging.INFO
    if not logger.isEnabledFor(level):
        return
    # Not the query: it may hold what somebody searched for. repr keeps line breaks out of the log.
    path = repr(scope["path"])[1:-1]
    milliseconds = round(seconds * 1000, 1)
    facts = {"method": scope["method"], "path": path, "status": status, "ms": milliseconds}
    logger.log(level, "%s %s %d %.1f ms", *facts.values(), extra={"facts": facts})
