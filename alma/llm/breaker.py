"""Leaves an endpoint alone that fails again and again, so that nobody waits for it in vain.

Closed, everything passes. After so many failures in a row it opens: asks are refused at once. When it has rested, one
ask is let through as a probe: its answer closes the breaker, its failure opens it again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.llm.faults import Kind, ModelFault, passing
from alma.llm.wrapper import Wrapper

FAILURES = 5
REST_SECONDS = 30.0


class Breaker(Wrapper):
    """Opens after `failures` in a row, for `rest` seconds by `clock` (monotonic). Only trouble of the endpoint counts:
    a question that it does not take says nothing about it."""

    def __init__(
        self,
        inner: LanguageModel,
        *,
        failures: int = FAILURES,
        rest: float = REST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._allowed = failures
        self._rest = rest
        self._clock = clock
        self._failed = 0
        self._opened: float | None = None
        self._probing = False
        self._lock = threading.Lock()  # asked from several event loops

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The inner one's answer, unless it rests."""
        probe = self._admit()
        try:
            async with aclosing(self.inner.answer(ask)) as items:
                async for item in items:
                    if isinstance(item, Reply):
                        self._worked()
                    yield item
        except LanguageModelError as error:
            if passing(error):
                self._broke()
            else:
                self._worked()
            raise
        finally:
            if probe:
                self._probing = False

    def _admit(self) -> bool:
        """Whether this ask is the probe. Raises ModelFault when it can't be asked."""
        with self._lock:
            if self._opened is None:
                return False
            left = self._opened + self._rest - self._clock()
            if left > 0 or self._probing:
                raise ModelFault(
                    f"{self.name} failed {self._failed} times in a row and is left alone for a while",
                    kind=Kind.RESTING,
                    hint="it is tried again by itself",
                    retry_after=max(left, 1.0),
                )
            self._probing = True
            return True

    def _worked(self) -> None:
        with self._lock:
            self._failed, self._opened = 0, None

    def _broke(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._allowed:
                self._opened = self._clock()
