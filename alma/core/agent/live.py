"""What is said while a turn is answered, kept for those who listen and for those who come back.

One process only, and nothing that has to last: the answer itself is in the database. A listener that lost its
connection goes on after the last event it saw; a turn that nobody has listened to for a while is deserted here. What
another process says is heard in order or not at all (`relaying.py`), under the numbers that it has there.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager, suppress

from alma.core.agent.events import ANEW, Words, completed
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

LAST = frozenset({ChatEventType.COMPLETE, ChatEventType.ERROR})


# Who comes from another process waits so long for what that one has told.
_OTHERS_SECONDS = 1.0


# Numbers of events begin at such a number where the turn did not begin.
_FAR, _FARTHEST = 1 << 32, 1 << 52


class _Heard:
    """How far another process was heard, which answers a turn: the one that does now, and those that died before."""

    def __init__(self) -> None:
        self.before = -1
        self.earlier: set[int] = set()
        self._number = 0
        self._gap = False
        self.ended = False

    def begin(self, before: int) -> None:
        self.earlier.add(self.before)
        self.before, self._number, self._gap = before, 0, False

    def takes(self, index: int, event: ChatEvent | None) -> bool:
        """Whether that event is to be told: not twice, not out of its order, and no end, which the database tells."""
        if index < self._number:
            return False
        self._gap = self._gap or index > self._number or event is None
        self._number = index + 1
        self.ended = self.ended or (event is not None and event.type in LAST)
        if event is None or self.ended:
            return False
        return not (self._gap and event.type is ChatEventType.TOKEN)


class LiveTurn:
    """The events of one turn so far, in order: the first has the number after `before`, which tells events that this
    process told from those of another one. `deserted`: nobody follows here any more; `stopped`: it is given up."""

    def __init__(self, before: int = 0) -> None:
        self.before = before
        self.events: list[ChatEvent] = []
        self._numbers: list[int] = []
        self.error: AlmaError | None = None
        self.deserted = asyncio.Event()
        self.stopped = asyncio.Event()
        self.answered_here = False
        self.heard_end = asyncio.Event()
        self._over = asyncio.Event()
        self._words = Words()
        self._held = ""
        self._telling = 0
        self._more = asyncio.Event()
        self._listeners = 0
        self._leaving: asyncio.TimerHandle | None = None
        self._heard = _Heard()

    def say(self, event: ChatEvent, *, number: int | None = None) -> None:
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
            self._add(event, number)
        if event.type in LAST:
            self._over.set()
        self._wake()

    def _add(self, event: ChatEvent, number: int | None = None) -> None:
        self.events.append(event)
        own = self.before + len(self.events)
        self._numbers.append(own if number is None else number)

    def _let_out(self) -> None:
        """What was held back, as one event."""
        if self._held:
            self._add(ChatEvent(type=ChatEventType.TOKEN, content=self._held))
            self._held = ""

    @property
    def ended(self) -> bool:
        """Whether the last event was said."""
        return self._over.is_set()

    @property
    def followed(self) -> bool:
        """Whether somebody listens here."""
        return self._listeners > 0

    def answer_here(self) -> None:
        """From now on this process answers: what another one had said of the answer before it died is taken back."""
        if self._words.text:
            self.say(ANEW)
        self.answered_here = True

    def hear(self, before: int, first: int, said: Sequence[ChatEvent | None]) -> None:
        """Tells what another process tells: its events from that one on, counted from 0; None for one that was too
        large. After a gap no more words are told: the end tells them all."""
        if self.answered_here or before in self._heard.earlier:
            return
        if self._heard.before != before:
            self._heard.begin(before)
            if self._words.text:
                self.say(ANEW, number=before)
        for index, event in enumerate(said, first):
            if self._heard.takes(index, event) and event is not None:
                self.say(event, number=before + index + 1)
        if self._heard.ended:
            self.heard_end.set()

    @property
    def hears(self) -> bool:
        """Whether another process tells what it says."""
        return self._heard.before >= 0

    async def grown(self, length: int) -> None:
        """Until there are more events than that, or the last one was said."""
        while len(self.events) <= length and not self.ended:
            await self._more.wait()

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
        return not self.ended or (self._seen(after) or 0) < len(self.events)

    def _seen(self, after: int) -> int | None:
        """How many of the events that is; None for the number of an event that is not among them."""
        if after in {0, self.before}:
            return 0
        try:
            return self._numbers.index(after) + 1
        except ValueError:
            return None

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
        """Until the last event, at most so long. Counts as listening: who goes away before that deserts the turn; who
        has waited for so long lets it go on."""
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
        """The events after that number, each with its own, until the last; to somebody who has heard what is not known
        here, all of them anew. Once nobody has followed for `grace` seconds, the turn is deserted; with None never."""
        self._arrive()
        try:
            found = await self._place(after)
            if found is None:
                yield after, ANEW
            seen = found or 0
            while True:
                more = self._more
                while seen < len(self.events):
                    seen += 1
                    yield self._numbers[seen - 1], self.events[seen - 1]
                if self.ended:
                    return
                await more.wait()
        finally:
            self._leave(grace)

    async def _place(self, after: int) -> int | None:
        """How many events somebody has seen, who may have seen them in a process that still tells this one of them."""
        if self._seen(after) is None and not self.events and not self.ended:
            with suppress(TimeoutError):
                async with asyncio.timeout(_OTHERS_SECONDS):
                    await self.grown(0)
        return self._seen(after)

    def _arrive(self) -> None:
        self._listeners += 1
        self.deserted.clear()
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def _leave(self, grace: float | None) -> None:
        self._listeners -= 1
        if self._listeners == 0 and not self.ended and grace is not None:
            self._leaving = asyncio.get_running_loop().call_later(grace, self.deserted.set)


class LiveTurns:
    """The turns of this process, those that began last. Lives on one event loop."""

    def __init__(self) -> None:
        self._turns: OrderedDict[str, LiveTurn] = OrderedDict()

    def begin(self, turn_id: str) -> LiveTurn:
        """The events of a turn that begins here, numbered from 1."""
        return self._kept(turn_id, 0)

    def of(self, turn_id: str) -> LiveTurn:
        """The turn's events. One that began elsewhere, or before a restart, is numbered from anywhere: nobody's number
        of then means an event of now."""
        return self._kept(turn_id, _FAR + secrets.randbelow(_FARTHEST))

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
