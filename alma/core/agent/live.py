"""What is said while a turn is answered, kept for those who listen and for those who come back.

One process only, and nothing that has to last: the answer itself is in the database. A listener that lost its
connection goes on after the last event it saw; a turn that nobody listens to any more is stopped after a grace period.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager, suppress

from alma.core.agent.events import Words, completed
from alma.core.model.conversation import ChatEvent, ChatEventType, Turn
from alma.core.model.errors import AlmaError

# So many that have ended are kept for those who come back; those under way always are, up to a bound that only
# turns whose run was lost can reach.
KEPT_TURNS = 256
_MOST_TURNS = 16 * KEPT_TURNS
# A turn has at most about so many events: of a model that says more, the words come in larger pieces.
MANY_EVENTS = 2_000
LARGE_PIECE = 2_000
GRACE_SECONDS = 3.0

_LAST = frozenset({ChatEventType.COMPLETE, ChatEventType.ERROR})


class LiveTurn:
    """The events of one turn so far, in order: the first has the number after `before`, which tells events that this
    process told from those of another one."""

    def __init__(self, before: int = 0) -> None:
        self._before = before
        self.events: list[ChatEvent] = []
        self.error: AlmaError | None = None
        self.stopped = asyncio.Event()
        self._over = asyncio.Event()
        self._words = Words()
        self._held = ""
        self._telling = 0
        self._more = asyncio.Event()
        self._listeners = 0
        self._leaving: asyncio.TimerHandle | None = None

    def say(self, event: ChatEvent) -> None:
        """Adds an event. What comes after the last one is dropped: a turn has one end."""
        if self.ended:
            return
        self._words.hear(event)
        if event.type is ChatEventType.TOKEN and len(self.events) >= MANY_EVENTS:
            self._held += event.content
            if len(self._held) < LARGE_PIECE:
                return
            self._let_out()
        else:
            self._let_out()
            self.events.append(event)
        if event.type in _LAST:
            self._over.set()
        self._wake()

    def _let_out(self) -> None:
        """What was held back, as one event."""
        if self._held:
            self.events.append(ChatEvent(type=ChatEventType.TOKEN, content=self._held))
            self._held = ""

    @property
    def ended(self) -> bool:
        """Whether the last event was said."""
        return self._over.is_set()

    @property
    def being_told(self) -> bool:
        """Whether somebody in this process has saved, or is about to, what he then tells."""
        return self._telling > 0

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Around saving what is told and telling it: meanwhile nobody else tells what is found in the database."""
        self._telling += 1
        try:
            yield
        finally:
            self._telling -= 1

    def complete(self, conversation_id: str, turn: Turn) -> None:
        """Ends the turn with its answer: the words that were not spoken yet, and where it is kept."""
        for event in self._words.missing(turn.response):
            self.say(event)
        self.say(completed(conversation_id, turn))

    def later_than(self, after: int) -> bool:
        """Whether there is, or will be, an event that somebody who saw that number has not seen."""
        return not self.ended or self._seen(after) < len(self.events)

    def _seen(self, after: int) -> int:
        """How many events of this process that is. One who was told elsewhere has seen none of them."""
        seen = after - self._before
        return seen if 0 <= seen <= len(self.events) else 0

    def fail(self, error: AlmaError) -> None:
        """Ends the turn with an error."""
        if self.ended:
            return
        self.error = error
        hint = {"hint": error.hint} if error.hint else {}
        data = {"code": error.code, "message": error.message, **hint}
        self.say(ChatEvent(type=ChatEventType.ERROR, content=error.message, data=data))

    async def rest(self, seconds: float) -> None:
        """Until the end, at most so long. Does not count as listening."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()

    async def until_end(self, seconds: float | None) -> None:
        """Until the last event, at most so long. Counts as listening: who goes away before that stops the turn; who has
        waited for so long lets it go on."""
        self._arrive()
        grace: float | None = 0.0
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            grace = None
        finally:
            self._leave(grace)

    def _wake(self) -> None:
        more, self._more = self._more, asyncio.Event()
        more.set()

    async def follow(
        self, after: int = 0, *, grace: float | None = GRACE_SECONDS
    ) -> AsyncGenerator[tuple[int, ChatEvent], None]:
        """The events after that number, each with its own, until the last. Once nobody has followed for `grace`
        seconds, the turn is told to stop; None lets it go on."""
        self._arrive()
        seen = self._seen(after)
        try:
            while True:
                more = self._more
                while seen < len(self.events):
                    seen += 1
                    yield self._before + seen, self.events[seen - 1]
                if self.ended:
                    return
                await more.wait()
        finally:
            self._leave(grace)

    def _arrive(self) -> None:
        self._listeners += 1
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _leave(self, grace: float | None) -> None:
        self._listeners -= 1
        if self._listeners == 0 and not self.ended and grace is not None:
            self._leaving = asyncio.get_running_loop().call_later(grace, self.stopped.set)


class LiveTurns:
    """The turns of this process, those that began last. Lives on one event loop."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, LiveTurn] = OrderedDict()

    def begin(self, turn_id: str) -> LiveTurn:
        """The events of a turn that begins here, numbered from 1."""
        return self._kept(turn_id, 0)

    def of(self, turn_id: str) -> LiveTurn:
        """The turn's events. One that began elsewhere, or before a restart, is numbered from the milliseconds of now:
        nobody's number of then means an event of now."""
        return self._kept(turn_id, time.time_ns() // 1_000_000)

    def _kept(self, turn_id: str, before: int) -> LiveTurn:
        turn = self._turns.setdefault(turn_id, LiveTurn(before))
        self._turns.move_to_end(turn_id)
        self._forget_old()
        return turn

    def forget(self, turn_id: str) -> None:
        """Drops a turn that never began."""
        self._turns.pop(turn_id, None)

    def _forget_old(self) -> None:
        if len(self._turns) <= KEPT_TURNS:
            return
        over = [id_ for id_, turn in self._turns.items() if turn.ended]
        for id_ in over[:-KEPT_TURNS]:
            del self._turns[id_]
        while len(self._turns) > _MOST_TURNS:
            self._turns.popitem(last=False)

    def find(self, turn_id: str) -> LiveTurn | None:
        """The turn's events, if it began here and not too long ago."""
        return self._turns.get(turn_id)
