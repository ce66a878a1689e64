"""Server-sent events: what happens, as it happens, in streams that can be resumed where they broke off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import Any

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.types import Receive, Scope, Send

from alma.api.leaving import leaving_of
from alma.api.rechecking import refused
from alma.api.telling import failed
from alma.core.model.access import Permission
from alma.core.model.errors import InvalidInput
from alma.core.model.event import Event

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 2000
# Proxies buffer what they can: a stream that comes in one piece is none.
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}

_closing: set[asyncio.Future[Any]] = set()


class EventStream(StreamingResponse):
    """A stream of frames that ends its source when the reader leaves, and not when the garbage is collected."""

    media_type = EVENT_STREAM

    def __init__(
        self, parts: AsyncGenerator[bytes, None], *, needs: Permission, status_code: int = 200
    ) -> None:
        """`needs`: without it the stream ends, however it was opened."""
        self._needs = needs
        self._cut = Cut()
        self._frames = frames(parts, cut=self._cut)
        super().__init__(self._frames, status_code, headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with leaving_of(scope).told() as leaving:
            watches = [
                asyncio.ensure_future(self._leave_with(leaving)),
                asyncio.ensure_future(self._refuse(scope)),
            ]
            try:
                await super().__call__(scope, receive, send)
            finally:
                for watch in watches:
                    watch.cancel()
                await _to_the_end(self._frames.aclose())

    async def _leave_with(self, leaving: asyncio.Event) -> None:
        """Ends the stream before its end when the server does: the reader goes on with another one."""
        await leaving.wait()
        self._cut.now()

    async def _refuse(self, scope: Scope) -> None:
        """Ends the stream when its reader may not have it any more, and says so."""
        error = await refused(scope, self._needs)
        self._cut.now(format_sse_event(data_str=json.dumps(failed(error), ensure_ascii=False)))


class Cut:
    """The end of a stream that is not its own: perhaps with a last word."""

    def __init__(self) -> None:
        self.made = asyncio.Event()
        self.last: bytes | None = None

    def now(self, last: bytes | None = None) -> None:
        """Ends it. With a last word nothing else is given before it; without, what is there already."""
        self.last = last
        self.made.set()


def stream(events: AsyncGenerator[Event, None]) -> EventStream:
    """The log of a deployment as `text/event-stream`. Ends when it ends."""
    return EventStream(log(events), needs=Permission.DEPLOYMENT_READ)


async def log(events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    """One frame for each event."""
    async with aclosing(events):
        async for event in events:
            yield frame(event)


async def frames(
    parts: AsyncGenerator[bytes, None],
    *,
    heartbeat: float = HEARTBEAT_SECONDS,
    cut: Cut | None = None,
) -> AsyncGenerator[bytes, None]:
    """The parts as they come; a comment after every `heartbeat` seconds of silence, so that neither side takes a quiet
    stream for a dead connection. Ends early with the `cut`."""
    waiting: asyncio.Task[bytes | None] | None = None
    cut = cut or Cut()
    leaving = asyncio.ensure_future(cut.made.wait())
    try:
        yield format_sse_event(retry=_RETRY_MILLISECONDS, comment="events follow")
        while True:
            waiting = waiting or asyncio.create_task(_next(parts))
            # Waiting for the task and not for the generator: a timeout would otherwise end the generator.
            done, _ = await asyncio.wait(
                {waiting, leaving}, timeout=heartbeat, return_when=asyncio.FIRST_COMPLETED
            )
            if cut.last is not None:
                yield cut.last
                return
            if waiting not in done and leaving in done:
                return
            if not done:
                yield format_sse_event(comment="still here")
                continue
            part, waiting = waiting.result(), None
            if part is None:
                return
            yield part
    finally:
        leaving.cancel()
        await _to_the_end(_end(waiting, parts))


async def _end(waiting: asyncio.Task[Any] | None, parts: AsyncGenerator[bytes, None]) -> None:
    if waiting is not None:
        waiting.cancel()
        await asyncio.wait({waiting})
    await parts.aclose()


async def _to_the_end(work: Awaitable[None]) -> None:
    """Does it however often the caller is cancelled meanwhile: a reader that left cancels again and again."""
    future = asyncio.ensure_future(work)
    _closing.add(future)
    future.add_done_callback(_closing.discard)
    await asyncio.shield(future)


def frame(event: Event) -> bytes:
    """One event on the wire. Its type is in the data, so that a plain `onmessage` sees all of them."""
    return format_sse_event(data_str=event.model_dump_json(), id=str(event.seq))


async def _next(parts: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(parts, None)


def position(last_event_id: str | None, after: int) -> int:
    """Where to go on: after what the client saw last, which beats what its URL asks for."""
    if last_event_id is None or not last_event_id.strip():
        return after
    if not _is_number(last_event_id.strip()):
        raise InvalidInput(
            f"Last-Event-ID is '{last_event_id[:40]}', which is no number of an event",
            hint="send the id of the last event that was received, or none",
        )
    return int(last_event_id)


def place(last_event_id: str) -> tuple[str, int]:
    """The turn and the event of it that an id names: `<turn>:<number>`. Raises InvalidInput."""
    turn_id, _, number = last_event_id.strip().partition(":")
    if (
        not turn_id.isalnum()
        or not turn_id.isascii()
        or len(turn_id) > 64
        or not _is_number(number)
    ):
        raise InvalidInput(
            f"Last-Event-ID is '{last_event_id[:80]}', which is no id of an event",
            hint="send the id of the last event that was received, or none",
        )
    return turn_id, int(number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 18
