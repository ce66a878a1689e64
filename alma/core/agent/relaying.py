"""Carries what is said of a turn from the process that answers it to those where somebody follows.

What is carried may be lost, and each piece says where it belongs: who hears it tells it in its order, once, or not at
all. The answer itself is in the database, and its end makes up for every word that was lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from alma.core.agent.live import LAST, LiveTurn
from alma.core.model.conversation import ChatEvent
from alma.core.model.errors import AlmaError

# A notification of PostgreSQL has less than 8,000 bytes, and what is sealed grows by a third.
MOST_BYTES = 5_000
# Words come one by one from a model: so many seconds of them go together.
GATHER_SECONDS = 0.1

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some events of a turn, the first one being the one of that index; None for one that is too large to be carried.
    `before` names the run in which they were said."""

    turn_id: str
    before: int
    first: int
    events: tuple[ChatEvent | None, ...]

    @classmethod
    def read(cls, text: str) -> Piece | None:
        """What was carried; None for a text of another version's."""
        try:
            turn_id, before, first, events = json.loads(text)
            found = tuple(None if one is None else ChatEvent.model_validate(one) for one in events)
            return cls(str(turn_id), int(before), int(first), found)
        except (ValueError, TypeError, ValidationError):
            return None


def pieces(turn_id: str, live: LiveTurn, first: int) -> Iterator[str]:
    """The events from that one on as texts, none of them too long."""
    held: list[str] = []
    for index, event in enumerate(live.events[first:], first):
        text = _text(event)
        if held and sum(map(_bytes, held)) + _bytes(text) > MOST_BYTES:
            yield _piece(turn_id, live.before, index - len(held), held)
            held = []
        held.append(text)
    if held:
        yield _piece(turn_id, live.before, len(live.events) - len(held), held)


def _text(event: ChatEvent) -> str:
    if event.type in LAST:
        # Who follows gets the end from the database.
        event = ChatEvent(type=event.type)
    text = event.model_dump_json(exclude_defaults=True)
    return text if _bytes(text) <= MOST_BYTES else "null"


def _piece(turn_id: str, before: int, first: int, events: Sequence[str]) -> str:
    return f"[{json.dumps(turn_id)},{before},{first},[{','.join(events)}]]"


def _bytes(text: str) -> int:
    return len(text.encode()) + 1


class Relay:
    """Tells one turn that is answered here, for as long as somebody follows it elsewhere."""

    def __init__(self, turn_id: str, live: LiveTurn, tell: Callable[[Sequence[str]], None]) -> None:
        """`tell` may wait for the database."""
        self._turn_id = turn_id
        self._live = live
        self._tell = tell
        self._told = 0
        self._known: frozenset[str] = frozenset()
        self._again = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def follow(self, followers: Collection[str]) -> None:
        """Who follows elsewhere by now. Somebody new is told everything; the others know it already."""
        new = frozenset(followers) - self._known
        self._known = frozenset(followers)
        if new:
            self._told = 0
            self._again.set()
            if self._task is None:
                self._task = asyncio.create_task(self._run())

    def close(self) -> None:
        """Tells no more."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        while not (self._live.ended and self._told >= len(self._live.events)):
            await self._more()
            if not self._known:
                self._told = len(self._live.events)
                continue
            await asyncio.sleep(GATHER_SECONDS)
            texts = list(pieces(self._turn_id, self._live, self._told))
            self._told = len(self._live.events)
            try:
                await asyncio.to_thread(self._tell, texts)
            except AlmaError as error:
                logger.warning("turn %s is not told elsewhere: %s", self._turn_id, error.message)

    async def _more(self) -> None:
        """Until there is something to tell."""
        self._again.clear()
        waits = [
            asyncio.ensure_future(self._live.grown(self._told)),
            asyncio.ensure_future(self._again.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
