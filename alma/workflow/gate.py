"""Lets the steps that run end, and no other begin: what a worker needs that is to leave without breaking anything off.

A step that is broken off is no loss, for whoever takes the run up does it again and finds what was made. But a guest
that is being cloned is cloned twice as long, and an unknown outcome has to be read first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Gate:
    """Around every step of every run of one worker. Lives on one event loop."""

    def __init__(self) -> None:
        self._inside = 0
        self._closed = False
        self._empty = asyncio.Event()

    @asynccontextmanager
    async def step(self) -> AsyncIterator[None]:
        """The time of one step. Once the gate is closed, it does not begin: whoever wants in waits to be cancelled."""
        if self._closed:
            await asyncio.get_running_loop().create_future()
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    async def close(self, seconds: float) -> bool:
        """Lets nothing in any more, and waits until all inside have come out, at most so long. Whether they have."""
        self._closed = True
        if not self._inside:
            return True
        self._empty.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        return not self._inside

    @property
    def inside(self) -> int:
        """How many steps are under way."""
        return self._inside
