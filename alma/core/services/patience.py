"""Waits for what comes back by itself: a database that restarts, a busy engine. Bounded, so that a run ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)

FIRST_PAUSE_SECONDS = 0.5
# Pauses double up to ten times the first. So: a minute for an engine, in which a daemon restarts, and an hour for the
# database, which a run can do nothing without.
LONGEST_PAUSE = 10
ATTEMPTS = 15
DATABASE_ATTEMPTS = 720
# Where somebody waits for the answer: some seconds.
ASKING = 5

P = ParamSpec("P")
T = TypeVar("T")


class Patience:
    """How often an engine is tried again, and with which first pause in seconds."""

    def __init__(self, pause: float = FIRST_PAUSE_SECONDS, *, attempts: int = ATTEMPTS) -> None:
        self._pause = pause
        self._attempts = attempts

    async def durably(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls the database in a thread; while it is away, waits for it to come back, within reason: a run must not
        fail, with its work half recorded, because a server restarts."""
        tried = 0
        while True:
            try:
                return await asyncio.to_thread(call, *args, **kwargs)
            except AlmaError as error:
                tried += 1
                if isinstance(error, EngineError) or _is_last(error, tried, DATABASE_ATTEMPTS):
                    raise
            await asyncio.sleep(self._after(tried))

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeats what may succeed later, a bounded number of times, twice as patiently each time. An engine that is
        away in the end, or lets nobody in any more, does not make certain what was unknown before."""
        tried, doubt = 0, None
        while True:
            try:
                return await call()
            except AlmaError as error:
                tried += 1
                doubt = error if isinstance(error, OutcomeUnknown) else doubt
                if _is_last(error, tried, self._attempts):
                    if doubt and _said_nothing(error):
                        raise doubt from error
                    raise
            await asyncio.sleep(self._after(tried))

    def _after(self, tried: int) -> float:
        return self._pause * min(1 << (tried - 1), LONGEST_PAUSE)


def _said_nothing(error: AlmaError) -> bool:
    """Whether nobody has looked at what there is."""
    shut = isinstance(error, EngineAuthFailed) and not isinstance(error, ChangeRejected)
    return shut or isinstance(error, EngineUnavailable)


def _is_last(error: AlmaError, tried: int, attempts: int) -> bool:
    return not error.retryable or tried >= attempts
