"""Several models as one: the first that answers is taken, and all of them together have so much time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.engine import Health
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.llm.faults import Kind, ModelFault, kind_of
from alma.llm.wrapper import Wrapper

logger = logging.getLogger(__name__)


class Chain:
    """Asks the next model when one fails before its first partial answer. What began with one model ends with it, or
    fails: words of two models are never mixed."""

    def __init__(self, models: Sequence[LanguageModel]) -> None:
        self._models = tuple(models)

    @property
    def name(self) -> str:
        """The first one's."""
        return self._models[0].name

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Raises the one fault there was, or one that names what happened to each model."""
        faults: list[LanguageModelError] = []
        for model in self._models:
            begun = False
            try:
                async with aclosing(model.answer(ask)) as items:
                    async for item in items:
                        begun = True
                        yield item
                return
            except LanguageModelError as error:
                if begun:
                    raise
                faults.append(error)
                logger.warning("no answer to %s: %s", ask.purpose, error.message)
        raise _together(faults)

    async def check(self) -> Health:
        """Available when one of them is; says what is wrong with each of the others."""
        found = await asyncio.gather(*(model.check() for model in self._models))
        working = [health for health in found if health.available]
        problems = tuple(health.detail for health in found if not health.available)
        detail = f"{working[0].engine} answers" if working else "; ".join(problems)
        return Health(engine=self.name, available=bool(working), detail=detail, problems=problems)

    async def close(self) -> None:
        """Closes each, even if one before it fails."""
        async with AsyncExitStack() as closing:
            for model in self._models:
                closing.push_async_callback(model.close)


def _together(faults: Sequence[LanguageModelError]) -> LanguageModelError:
    if len(faults) == 1:
        return faults[0]
    error = ModelFault(
        f"None of {len(faults)} language models answered: "
        + "; ".join(fault.message for fault in faults),
        kind=kind_of(faults[0]),
        hint=faults[0].hint,
    )
    error.retryable = any(fault.retryable for fault in faults)
    return error


class Timed(Wrapper):
    """Ends an answer that has not come after so many seconds, retries and other models included."""

    def __init__(self, inner: LanguageModel, seconds: float) -> None:
        super().__init__(inner)
        self._seconds = seconds

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Raises ModelFault when the time is over. The time that the reader takes between two items counts, too."""
        deadline = asyncio.get_running_loop().time() + self._seconds
        async with aclosing(self.inner.answer(ask)) as items:
            while True:
                try:
                    async with asyncio.timeout_at(deadline):
                        item = await anext(items, None)
                except TimeoutError:
                    raise ModelFault(
                        f"{self.name} did not answer within {self._seconds:g} s",
                        kind=Kind.SLOW,
                        hint="try again, or raise the setting timeout_seconds",
                    ) from None
                if item is None:
                    return
                yield item
