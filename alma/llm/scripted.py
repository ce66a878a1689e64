"""A language model that answers from a script: for tests of whatever asks one, and for trying ALMA without one.

It keeps the port's promises like the others: partial answers first, one reply, errors as LanguageModelError, and work
that stops when the answer is closed. It remembers what it was asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field

from alma.core.model.base import Json
from alma.core.model.dialogue import Ask, Partial, Reply, Usage
from alma.core.model.engine import Health
from alma.core.model.errors import LanguageModelError

Document = Mapping[str, Json]


@dataclass(frozen=True)
class Scripted:
    """What happens at one ask, in this order: a wait of `delay` seconds, a wait until `until` is set, `partials`, a
    wait until `then` is set, and last `fault` if there is one, else the reply with `document`."""

    document: Document = field(default_factory=dict)
    partials: tuple[Document, ...] = ()
    fault: LanguageModelError | None = None
    usage: Usage = field(default_factory=lambda: Usage(consumed=10, generated=5))
    delay: float = 0.0
    until: asyncio.Event | None = None
    then: asyncio.Event | None = None


Line = Document | LanguageModelError | Scripted | Callable[[Ask], Document | Scripted]


class ScriptedModel:
    """`LanguageModel` from a script, one line an ask. A line is the document of the reply, the error to raise, a
    `Scripted`, or a function of the ask that gives one.

    Past the last line it raises LanguageModelError, unless `forever` repeats that line. `asks` is what it was asked,
    and `asked` is set at each ask; `stopped` counts answers that were closed before their end. `sleep` is what a delay
    waits with.
    """

    def __init__(
        self,
        script: Iterable[Line] = (),
        *,
        name: str = "scripted:test",
        forever: bool = False,
        available: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lines = list(script)
        self._name = name
        self._forever = forever
        self._available = available
        self._sleep = sleep
        self.asks: list[Ask] = []
        self.asked = asyncio.Event()
        self.stopped = 0
        self.closed = False

    @property
    def name(self) -> str:
        """`scripted:test` unless the test has named it."""
        return self._name

    async def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Plays the next line of the script."""
        self.asks.append(ask)
        self.asked.set()
        line = self._next(ask)
        ended = False
        try:
            if line.delay:
                await self._sleep(line.delay)
            if line.until is not None:
                await line.until.wait()
            for document in line.partials:
                yield Partial(document=document)
            if line.then is not None:
                await line.then.wait()
            ended = True
            if line.fault is not None:
                raise line.fault
            yield Reply(document=line.document, model=self._name, usage=line.usage)
        finally:
            self.stopped += not ended

    async def check(self) -> Health:
        """As the test has said."""
        detail = "scripted" if self._available else "does not answer"
        return Health(engine=self._name, available=self._available, detail=detail)

    async def close(self) -> None:
        """Remembers that it was closed."""
        self.closed = True

    def _next(self, ask: Ask) -> Scripted:
        if not self._lines:
            raise LanguageModelError(f"The script of {self._name} has no more answers")
        last = len(self._lines) == 1
        line = self._lines[0] if last and self._forever else self._lines.pop(0)
        if callable(line):
            line = line(ask)
        if isinstance(line, LanguageModelError):
            return Scripted(fault=line)
        return line if isinstance(line, Scripted) else Scripted(line)
