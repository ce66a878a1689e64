"""Counts what models do: requests, tokens, time, and money.

It stands directly around each provider, so that every attempt counts, also those that broke off or were not waited for.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Protocol

from alma.core.model.base import Json
from alma.core.model.dialogue import Ask, Partial, Reply, Usage
from alma.core.model.errors import AlmaError, LanguageModelError
from alma.core.ports import Clock, LanguageModel, UsageLedger
from alma.core.ports.telemetry import Meters, NoMeters
from alma.llm.faults import Kind, kind_of
from alma.llm.settings import Endpoint
from alma.llm.tokens import estimated
from alma.llm.wrapper import Wrapper

_MILLION = 1_000_000
# Faults at which a provider has read the question, and counts it.
_CHARGED = frozenset({Kind.SLOW, Kind.UNUSABLE})

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One question to one model. `status` is `success`, `stopped`, or the kind of fault. `seconds` from the question to
    the end."""

    model: str
    purpose: str
    project: str
    status: str
    usage: Usage
    seconds: float


@dataclass(frozen=True)
class Duration:
    """How long answers took: how many there were, and seconds in total."""

    count: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class MeterReading:
    """Everything since the start: requests by purpose and status, tokens and US dollars by model, durations by model
    and purpose."""

    requests: Mapping[tuple[str, str], int]
    consumed: Mapping[str, int]
    generated: Mapping[str, int]
    cost: Mapping[str, float]
    durations: Mapping[tuple[str, str], Duration]


class Counts(Protocol):
    """Takes note of attempts. Called on any event loop; must be quick and must not raise."""

    def attempt(self, attempt: Attempt) -> None: ...


class ModelMeter:
    """Counters in this process; what it counts, operators' `meters` count too."""

    def __init__(self, meters: Meters | None = None) -> None:
        self._meters = meters or NoMeters()
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, str]] = Counter()
        self._consumed: Counter[str] = Counter()
        self._generated: Counter[str] = Counter()
        self._cost: dict[str, float] = {}
        self._durations: dict[tuple[str, str], Duration] = {}

    def attempt(self, attempt: Attempt) -> None:
        """Counts one."""
        model, usage = attempt.model, attempt.usage
        with self._lock:
            self._requests[attempt.purpose, attempt.status] += 1
            self._consumed[model] += usage.consumed
            self._generated[model] += usage.generated
            if usage.cost is not None:
                self._cost[model] = self._cost.get(model, 0.0) + usage.cost
            key = (model, attempt.purpose)
            before = self._durations.get(key, Duration())
            self._durations[key] = Duration(before.count + 1, before.seconds + attempt.seconds)
        self._told(attempt)

    def _told(self, attempt: Attempt) -> None:
        meters, model, usage = self._meters, attempt.model, attempt.usage
        meters.count("llm_requests_total", operation=attempt.purpose, status=attempt.status)
        meters.count("llm_tokens_consumed_total", usage.consumed, model=model)
        meters.count("llm_tokens_generated_total", usage.generated, model=model)
        meters.observe(
            "llm_generation_duration_seconds",
            attempt.seconds,
            model=model,
            operation=attempt.purpose,
        )
        if usage.cost is not None:
            meters.count("llm_cost_dollars_total", usage.cost, model=model)

    def facts(self) -> Mapping[str, Json]:
        """The counters as plain values: requests by how they ended, tokens and dollars by model."""
        now = self.snapshot()
        requests: Counter[str] = Counter()
        for (_, status), number in now.requests.items():
            requests[status] += number
        return {
            "requests": dict(requests),
            "tokens_consumed": dict(now.consumed),
            "tokens_generated": dict(now.generated),
            "cost_usd": dict(now.cost),
        }

    def snapshot(self) -> MeterReading:
        """The counters as they are now."""
        with self._lock:
            return MeterReading(
                requests=dict(self._requests),
                consumed=dict(self._consumed),
                generated=dict(self._generated),
                cost=dict(self._cost),
                durations=dict(self._durations),
            )


class Metered(Wrapper):
    """Counts each attempt into `counts`, and its cost into the project's ledger, by the endpoint's prices."""

    def __init__(
        self,
        inner: LanguageModel,
        endpoint: Endpoint,
        *,
        counts: Counts,
        ledger: UsageLedger | None,
        clock: Clock,
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(inner)
        self._endpoint = endpoint
        self._counts = counts
        self._ledger = ledger
        self._clock = clock
        self._timer = timer

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """The inner one's answer, its usage with the cost."""
        began = self._timer()
        status, usage = "stopped", estimated(ask, None)
        try:
            async with aclosing(self.inner.answer(ask)) as items:
                async for item in items:
                    if isinstance(item, Reply):
                        status, usage = "success", item.usage
                        item = item.model_copy(update={"usage": self._priced(usage)})
                    else:
                        usage = estimated(ask, item.document)
                    yield item
        except LanguageModelError as error:
            status, usage = kind_of(error).value, _charged(error, usage)
            raise
        finally:
            await self._count(ask, status, self._priced(usage), self._timer() - began)

    async def _count(self, ask: Ask, status: str, usage: Usage, seconds: float) -> None:
        self._counts.attempt(Attempt(self.name, ask.purpose, ask.project, status, usage, seconds))
        if self._ledger is None or not (usage.consumed or usage.generated):
            return
        month = f"{self._clock.now():%Y-%m}"
        record = asyncio.to_thread(
            self._ledger.record, ask.project, month, model=self.name, usage=usage
        )
        try:
            # Who asked may be cancelled just now; what was spent is spent.
            await asyncio.shield(record)
        except AlmaError as error:
            logger.warning("what %s took was not recorded: %s", self.name, error.message)

    def _priced(self, usage: Usage) -> Usage:
        price_in, price_out = self._endpoint.price_in, self._endpoint.price_out
        if price_in is None or price_out is None:
            return usage
        cost = (usage.consumed * price_in + usage.generated * price_out) / _MILLION
        return usage.model_copy(update={"cost": cost})


def _charged(error: LanguageModelError, usage: Usage) -> Usage:
    """What a failed attempt took: nothing when it was refused, else what was read and what came."""
    begun = usage.generated > 0
    return usage if begun or kind_of(error) in _CHARGED else Usage()
