"""One connection for each event loop: an engine serves several, and a connection belongs to the loop that opened it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary


class Session(Protocol):
    """A connection with its state, opened on one event loop."""

    async def close(self) -> None:
        """Gives back the connection."""


S = TypeVar("S", bound=Session)


class Sessions(Generic[S]):
    """The sessions of one engine, each opened when its loop first asks. Safe to use from several threads."""

    def __init__(self, open_: Callable[[], S]) -> None:
        self._open = open_
        self._sessions: WeakKeyDictionary[asyncio.AbstractEventLoop, S] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def here(self) -> S:
        """That of the running loop. Raises what opening one raises."""
        loop = asyncio.get_running_loop()
        with self._lock:
            session = self._sessions.get(loop)
            if session is None:
                session = self._sessions[loop] = self._open()
            return session

    def all(self) -> list[S]:
        """Those that are open."""
        with self._lock:
            return [*self._sessions.values()]

    async def close(self) -> None:
        """Closes those of the other loops too, where these still run. May be called twice."""
        with self._lock:
            sessions, here = dict(self._sessions), asyncio.get_running_loop()
            self._sessions.clear()
        for loop, session in sessions.items():
            if loop is here:
                await session.close()
            elif loop.is_running():
                closing = asyncio.run_coroutine_threadsafe(session.close(), loop)
                await asyncio.wrap_future(closing)
