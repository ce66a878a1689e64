"""Imports a provider's adapter at the first ask: who never asks a model never pays for its SDK (more than a second)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.engine import Health
from alma.core.model.errors import LanguageModelError
from alma.core.ports import LanguageModel
from alma.llm.entries import Entry, load, not_installed
from alma.llm.settings import Endpoint


class Lazy:
    """The `LanguageModel` of an endpoint, made when it is needed. An answer is `max_tokens` long at most."""

    def __init__(
        self, endpoint: Endpoint, entry: Entry, *, silence: float, max_tokens: int
    ) -> None:
        self._endpoint = endpoint
        self._entry = entry
        self._silence = silence
        self._max_tokens = max_tokens
        self._model: LanguageModel | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """`provider:model`."""
        return self._endpoint.name

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Raises LanguageModelError, naming the pip extra, when the adapter can't be imported."""
        model = await asyncio.to_thread(self._made)
        short = ask.model_copy(update={"max_tokens": min(ask.max_tokens, self._max_tokens)})
        async with aclosing(model.answer(short)) as items:
            async for item in items:
                yield item

    async def check(self) -> Health:
        """Does not raise: what is not installed is a problem like others."""
        try:
            model = await asyncio.to_thread(self._made)
        except LanguageModelError as error:
            problems = (error.hint or error.message,)
            return Health(
                engine=self.name, available=False, detail=error.message, problems=problems
            )
        return await model.check()

    async def close(self) -> None:
        """Nothing to give back when nobody has asked."""
        if self._model is not None:
            await self._model.close()

    def _made(self) -> LanguageModel:
        with self._lock:
            if self._model is None:
                provider = self._endpoint.provider
                maker = load(provider, self._entry)
                try:
                    self._model = maker(self._endpoint, silence=self._silence)
                except ImportError as error:
                    raise not_installed(provider, self._entry.extra, error) from error
            return self._model
