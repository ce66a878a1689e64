"""Server-sent events: the one log of a deployment as a stream that can be resumed where it broke off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event

from alma.core.model.errors import InvalidInput
from alma.core.model.event import Event

EVENT_STREAM = "text/event-stream"
HEARTBEAT_SECONDS = 15.0
_RETRY_MILLISECONDS = 2000
# Proxies buffer what they can: a stream that comes in one piece is none.
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def stream(events: AsyncGenerator[Event, None]) -> StreamingResponse:
    """The events as `text/event-stream`. Ends when they end."""
    return StreamingResponse(frames(events), media_type=EVENT_STREAM, headers=_HEADERS)


async def frames(
    events: AsyncGenerator[Event, None], *, heartbeat: float = HEARTBEAT_SECONDS
) -> AsyncGenerator[bytes, None]:
    """One frame for each event, its number as `id:`; a comment after every `heartbeat` seconds of silence, so that
    neither side takes a quiet deployment for a dead connection."""
    waiting: asyncio.Task[Event | None] | None = None
    try:
        yield format_sse_event(retry=_RETRY_MILLISECONDS, comment="log follows")
        while True:
            waiting = waiting or asyncio.create_task(_next(events))
            # Waiting for the task and not for the generator: a timeout would otherwise end the generator.
            done, _ = await asyncio.wait({waiting}, timeout=heartbeat)
            if not done:
                yield format_sse_event(comment="still here")
                continue
            event, waiting = waiting.result(), None
            if event is None:
                return
            yield frame(event)
    finally:
        if waiting is not None:
            waiting.cancel()
            await asyncio.wait({waiting})
        await events.aclose()


def frame(event: Event) -> bytes:
    """One event on the wire. Its type is in the data, so that a plain `onmessage` sees all of them."""
    return format_sse_event(data_str=event.model_dump_json(), id=str(event.seq))


async def _next(events: AsyncGenerator[Event, None]) -> Event | None:
    return await anext(events, None)


def position(last_event_id: str | None, after: int) -> int:
    """Where to go on: after what the client saw last, which beats what its URL asks for."""
    if last_event_id is None or not last_event_id.strip():
        return after
    if not last_event_id.strip().isdecimal() or len(last_event_id) > 18:
        raise InvalidInput(
            f"Last-Event-ID is '{last_event_id[:40]}', which is no number of an event",
            hint="send the id of the last event that was received, or none",
        )
    return int(last_event_id)
