"""Wakes readers of the event log within one process. The log itself is in the database; this carries no data."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress


class LocalBus:
    """The `EventBus` port for one process. Any thread may notify; each subscriber waits on its own loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = {}

    def notify(self, deployment_id: str) -> None:
        with self._lock:
            waiting = tuple(self._waiting.get(deployment_id, ()))
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    @contextmanager
    def subscribe(self, deployment_id: str) -> Iterator[Callable[[float], Awaitable[None]]]:
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._waiting.setdefault(deployment_id, set()).add(entry)
        try:
            yield _waiter(entry[1])
        finally:
            with self._lock:
                self._waiting[deployment_id].discard(entry)
                if not self._waiting[deployment_id]:
                    del self._waiting[deployment_id]


def _waiter(event: asyncio.Event) -> Callable[[float], Awaitable[None]]:
    async def wait(seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        event.clear()

    return wait
