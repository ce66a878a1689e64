"""Wakes readers of the event log within one process. The log itself is in the database; this carries no data.

What other processes have written is told here too, by whoever hears of it (`alma/db/notifications.py`).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

_Waiting = tuple[asyncio.AbstractEventLoop, asyncio.Event]


class LocalBus:
    """The `EventBus` port for one process. Any thread may notify; each subscriber waits on its own loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, set[_Waiting]] = {}
        self._watchers: tuple[Callable[[str | None], None], ...] = ()

    def notify(self, deployment_id: str) -> None:
        with self._lock:
            waiting, watchers = tuple(self._waiting.get(deployment_id, ())), self._watchers
        _wake(waiting)
        for watcher in watchers:
            watcher(deployment_id)

    def notify_all(self) -> None:
        """Wakes everybody: what was written meanwhile is not known."""
        with self._lock:
            waiting = [entry for entries in self._waiting.values() for entry in entries]
            watchers = self._watchers
        _wake(waiting)
        for watcher in watchers:
            watcher(None)

    @contextmanager
    def watch(self, told: Callable[[str | None], None]) -> Iterator[None]:
        with self._lock:
            self._watchers = (*self._watchers, told)
        try:
            yield
        finally:
            with self._lock:
                self._watchers = tuple(other for other in self._watchers if other is not told)

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


def _wake(waiting: Iterable[_Waiting]) -> None:
    for loop, event in waiting:
        # A loop that ends while it is told has nobody left to wake.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)


def _waiter(event: asyncio.Event) -> Callable[[float], Awaitable[None]]:
    async def wait(seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        event.clear()

    return wait
