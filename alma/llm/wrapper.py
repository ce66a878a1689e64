"""What every wrapper of a model passes on as it is: a wrapper adds one thing, and says only that one."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.engine import Health
from alma.core.ports import LanguageModel


class Wrapper:
    """A `LanguageModel` around another one."""

    def __init__(self, inner: LanguageModel) -> None:
        self.inner = inner

    @property
    def name(self) -> str:
        """The inner one's."""
        return self.inner.name

    def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The inner one's answer."""
        return self.inner.answer(ask)

    async def check(self) -> Health:
        """The inner one's health."""
        return await self.inner.check()

    async def close(self) -> None:
        """Closes the inner one."""
        await self.inner.close()
