"""What the tests of models share: an ask, draining an answer, clocks that are told the time, a ledger in memory."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from alma.core.model.dialogue import Ask, Part, Partial, Reply, Speaker, Usage
from alma.core.model.errors import DatabaseUnavailable, LanguageModelError
from alma.core.ports import LanguageModel


def ask(text: str = "two web servers", *, project: str = "default", system: str = "Answer.") -> Ask:
    return Ask(
        purpose="interpret",
        system=system,
        parts=(Part(speaker=Speaker.PERSON, text=text),),
        schema_={"type": "object"},
        project=project,
    )


async def drained(model: LanguageModel, question: Ask | None = None) -> list[Partial | Reply]:
    return [item async for item in model.answer(question or ask())]


async def replied(model: LanguageModel, question: Ask | None = None) -> Reply:
    reply = (await drained(model, question))[-1]
    assert isinstance(reply, Reply)
    return reply


async def failed(model: LanguageModel, question: Ask | None = None) -> LanguageModelError:
    with pytest.raises(LanguageModelError) as caught:
        await drained(model, question)
    return caught.value


@dataclass
class Clock:
    """Says the time it was told."""

    time: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.time

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Ledger:
    """The port, in memory; `away` is a database that does not answer."""

    rows: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    recorded: list[tuple[str, str, str, Usage]] = field(default_factory=list)
    away: bool = False

    def spent(self, project: str, month: str) -> float:
        self._answer()
        return self.rows[project, month]

    def record(self, project: str, month: str, *, model: str, usage: Usage) -> None:
        self._answer()
        self.rows[project, month] += usage.cost or 0.0
        self.recorded.append((project, month, model, usage))

    def _answer(self) -> None:
        if self.away:
            raise DatabaseUnavailable("the database does not answer")
