"""Asks again where that may help: the provider asked to wait, failed, or could not be reached.

Never after a partial answer was passed on: who reads has begun to show it. Waits grow and are drawn at random from zero
up ("full jitter"), so that many who failed together do not come back together.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.llm.faults import ModelFault, repeatable
from alma.llm.wrapper import Wrapper

_RANDOM = random.SystemRandom()
FIRST_SECONDS = 0.5
LONGEST_SECONDS = 8.0
# A provider that asks for more is left to the next model of the chain.
LONGEST_ASKED_SECONDS = 20.0


class Retrying(Wrapper):
    """Asks up to `retries` times more. `sleep` waits; `jitter` gives a number from 0 to 1."""

    def __init__(
        self,
        inner: LanguageModel,
        retries: int,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = _RANDOM.random,
    ) -> None:
        super().__init__(inner)
        self._retries = retries
        self._sleep = sleep
        self._jitter = jitter

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The first answer that comes, or the last fault."""
        for attempt in range(self._retries + 1):
            begun = False
            try:
                async with aclosing(self.inner.answer(ask)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except LanguageModelError as error:
                wait = self._wait(error, attempt)
                if begun or wait is None:
                    raise
            await self._sleep(wait)

    def _wait(self, error: LanguageModelError, attempt: int) -> float | None:
        """Seconds until the next attempt; None when there is to be none."""
        if attempt >= self._retries or not repeatable(error):
            return None
        asked = error.retry_after if isinstance(error, ModelFault) else None
        longest = min(LONGEST_SECONDS, FIRST_SECONDS * float(2**attempt))
        if asked is None:
            return longest * self._jitter()
        return None if asked > LONGEST_ASKED_SECONDS else asked + FIRST_SECONDS * self._jitter()
