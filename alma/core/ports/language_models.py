"""What ALMA asks of language models, and of whoever counts what they cost: the core knows no provider."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from alma.core.model.dialogue import Ask, Partial, Reply, Usage
from alma.core.model.engine import Health


class LanguageModel(Protocol):
    """One model, or a chain of them. Nothing of the core knows which."""

    @property
    def name(self) -> str:
        """`provider:model`, or of a chain the first one's: for people."""

    def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Any number of partial answers as they come in, then exactly one reply. Closing it stops the model's work.
        Raises LanguageModelError when nobody answers within the limits, or the project's budget is used up."""

    async def check(self) -> Health:
        """Whether it can be reached. Does not raise, and costs no tokens."""

    async def close(self) -> None:
        """Gives connections back."""


class UsageLedger(Protocol):
    """What projects have spent on language models, kept through restarts. A month is `2026-11`, in UTC."""

    def spent(self, project: str, month: str) -> float:
        """US dollars; of answers without a known price, nothing."""

    def record(self, project: str, month: str, *, model: str, usage: Usage) -> None:
        """Adds what one attempt took."""
