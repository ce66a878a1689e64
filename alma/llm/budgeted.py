"""Refuses to ask when a project has spent its month's budget.

An answer's cost is known when it is there, so the last one of a month may go over; asks that run at the same time may
each do so once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

from alma.core.model.dialogue import Ask, Partial, Reply
from alma.core.model.errors import AlmaError
from alma.core.ports import Clock, LanguageModel, UsageLedger
from alma.llm.faults import Kind, ModelFault
from alma.llm.wrapper import Wrapper


class Budgeted(Wrapper):
    """At most `budget` US dollars a calendar month (UTC) and project, by what the ledger has."""

    def __init__(
        self, inner: LanguageModel, budget: float, *, ledger: UsageLedger, clock: Clock
    ) -> None:
        super().__init__(inner)
        self._budget = budget
        self._ledger = ledger
        self._clock = clock

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Raises ModelFault when nothing is left, and when nobody can say what is."""
        await asyncio.to_thread(self._refuse_if_spent, ask.project)
        async with aclosing(self.inner.answer(ask)) as items:
            async for item in items:
                yield item

    def _refuse_if_spent(self, project: str) -> None:
        now = self._clock.now()
        try:
            spent = self._ledger.spent(project, f"{now:%Y-%m}")
        except AlmaError as error:
            raise ModelFault(
                f"What project '{project}' has spent on language models can't be read: {error.message}",
                kind=Kind.SPENT,
                hint=error.hint,
            ) from error
        if spent >= self._budget:
            raise ModelFault(
                f"Project '{project}' has spent its budget for language models in {now:%B %Y}: "
                f"${spent:,.2f} of ${self._budget:,.2f}",
                kind=Kind.SPENT,
                hint=f"it starts anew on {_next_month(now)} (UTC); the setting budget raises it",
            )


def _next_month(now: datetime) -> str:
    year, month = (now.year + 1, 1) if now.month == 12 else (now.year, now.month + 1)
    return f"{year}-{month:02}-01"
