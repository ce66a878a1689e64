"""What is said while a turn is answered, kept for those who listen and for those who come back.

One process only, and nothing that has to last: the answer itself is in the database. A listener that lost its
connection goes on after the last event it saw; a turn that nobody listens to any more is stopped after a grace period.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from alma.core.model.conversation import ChatEvent, ChatEventType
from alma.core.model.errors import AlmaError

KEPT_TURNS = 256
GRACE_SECONDS = 3.0

_LAST = frozenset({ChatEventType.COMPLETE, ChatEventType.ERROR})


class LiveTurn:
    """The events of one turn so far, in order: the first has number 1."""

    def __init__(self) -> None:
        self.events: list[ChatEvent] = []
        self.ended = False
        self.error: AlmaError | None = None
        self.stopped = asyncio.Event()
        self._more = asyncio.Event()
        self._listeners = 0
        self._leaving: asyncio.TimerHandle | None = None

    def say(self, event: ChatEvent) -> None:
        """Adds an event. What comes after the last one is dropped: a turn has one end."""
        if self.ended:
            return
        self.events.append(event)
        self.ended = event.type in _LAST
        self._wake()

    def fail(self, error: AlmaError) -> None:
        """Ends the turn with an error."""
        if self.ended:
            return
        self.error = error
        hint = {"hint": error.hint} if error.hint else {}
        data = {"code": error.code, "message": error.message, **hint}
        self.say(ChatEvent(type=ChatEventType.ERROR, content=error.message, data=data))

    async def wait(self, seconds: float) -> None:
        """Until something happens here, at most so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._more.wait()

    async def until_end(self, seconds: float) -> None:
        """Until the last event, at most so long. Counts as listening."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), aclosing(self.follow(grace=0.0)) as events:
                async for _ in events:
                    pass

    def _wake(self) -> None:
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def follow(
        self, after: int = 0, *, grace: float = GRACE_SECONDS
    ) -> AsyncGenerator[tuple[int, ChatEvent], None]:
        """The events after that number, each with its own, until the last. Once nobody has followed for `grace`
        seconds, the turn is told to stop."""
        self._arrive()
        try:
            while True:
                more = self._more
                for number in range(after + 1, len(self.events) + 1):
                    yield number, self.events[number - 1]
                    after = number
                if self.ended and after >= len(self.events):
                    return
                if after >= len(self.events):
                    await more.wait()
        finally:
            self._leave(grace)

    def _arrive(self) -> None:
        self._listeners += 1
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _leave(self, grace: float) -> None:
        self._listeners -= 1
        if self._listeners == 0 and not self.ended:
            self._leaving = asyncio.get_running_loop().call_later(grace, self.stopped.set)


class LiveTurns:
    """The turns of this process, those that began last. Lives on one event loop."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, LiveTurn] = OrderedDict()

    def of(self, turn_id: str) -> LiveTurn:
        """The turn's events; begins it if need be."""
        turn = self._turns.setdefault(turn_id, LiveTurn())
        self._turns.move_to_end(turn_id)
        while len(self._turns) > KEPT_TURNS:
            self._turns.popitem(last=False)
        return turn

    def find(self, turn_id: str) -> LiveTurn | None:
        """The turn's events, if it began here and not too long ago."""
        return self._turns.get(turn_id)
