"""Waits for what comes back by itself: a database that restarts, a busy engine. Bounded, so that a run ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from alma.core.model.errors import AlmaError, EngineError, EngineUnavailable, OutcomeUnknown

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5
# With pauses of at most five seconds: about two minutes.
DATABASE_ATTEMPTS = 30
LONGEST_PAUSE_SECONDS = 5.0

P = ParamSpec("P")
T = TypeVar("T")


class Patience:
    """How often, and with which first pause in seconds, something is tried again."""

    def __init__(self, pause: float = FIRST_PAUSE_SECONDS) -> None:
        self._pause = pause

    async def durably(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls the database in a thread; while it is away, waits for it to come back, within reason: a run must not
        fail, with its work half recorded, because a server restarts."""
        pause = self._pause
        for _ in range(DATABASE_ATTEMPTS - 1):
            try:
                return await asyncio.to_thread(call, *args, **kwargs)
            except EngineError:
                raise
            except AlmaError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return await asyncio.to_thread(call, *args, **kwargs)

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeats what may succeed later, a bounded number of times, twice as patiently each time. An engine that is
        away in the end does not make certain what was unknown before."""
        pause, left, doubt = self._pause, ATTEMPTS, None
        while True:
            try:
                return await call()
            except AlmaError as error:
                left -= 1
                doubt = error if isinstance(error, OutcomeUnknown) else doubt
                if not left or not error.retryable:
                    if doubt and isinstance(error, EngineUnavailable):
                        raise doubt from error
                    raise
            await asyncio.sleep(pause)
            pause *= 2
