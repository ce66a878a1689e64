"""Work that takes a while, as server-sent events: `progress` on the way, then `complete` with the answer or `error`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from fastapi.sse import format_sse_event
from pydantic import BaseModel

from alma.api.telling import failed
from alma.core.model.errors import AlmaError

Progress = Callable[[str, float | None], None]


async def progress_frames(
    work: Callable[[Progress], Awaitable[BaseModel]],
) -> AsyncGenerator[bytes, None]:
    """The frames, as the work tells of itself, from whichever thread. Who stops listening stops the work."""
    loop, told = asyncio.get_running_loop(), asyncio.Queue[dict[str, Any] | None]()

    def progress(message: str, share: float | None) -> None:
        body = {"type": "progress", "content": message, "share": share}
        loop.call_soon_threadsafe(told.put_nowait, body)

    task = asyncio.ensure_future(work(progress))
    # By the loop as well, so that the end comes after what was told before it.
    task.add_done_callback(lambda _: loop.call_soon(told.put_nowait, None))
    try:
        while (body := await told.get()) is not None:
            yield _frame(body)
        yield _frame(await _ending(task))
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _ending(task: asyncio.Future[BaseModel]) -> dict[str, Any]:
    try:
        answer = await task
    except AlmaError as error:
        return failed(error)
    return {"type": "complete", **json.loads(answer.model_dump_json())}


def _frame(body: dict[str, Any]) -> bytes:
    return format_sse_event(data_str=json.dumps(body, ensure_ascii=False))
