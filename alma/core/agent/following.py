"""Who follows a turn, wherever they are: a turn ends with the interest of all, and its words reach them all.

A process where somebody follows leaves a mark with the turn, which counts for some seconds and is made again meanwhile:
a process that dies leaves nobody behind for long. The process that answers looks at the marks, and tells the others
what is said (`relaying.py`). Where a process is alone there is nothing of all this.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from alma.core.agent.live import LiveTurn, LiveTurns
from alma.core.agent.relaying import Piece, Relay
from alma.core.ports import Repositories, Transaction

MARK_SECONDS = 20.0
"""So long after its process died somebody counts as following."""
_RENEW_SECONDS = 5.0
# What is still to come from the process that answers is waited for, once the answer itself is there.
_LATE_SECONDS = 1.0


@dataclass
class _Turn:
    """What this process knows of a turn that it watches. Moments are monotonic seconds."""

    marked_at: float | None = None
    answered_at: float | None = None
    relay: Relay | None = None


class Following:
    """The marks of this process, and those of others. Lives on one event loop."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        live: LiveTurns,
        tell: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        """`tell` says something to all processes, and may wait for the database; None where there are no others."""
        self._repositories = repositories
        self._live = live
        self._tell = tell
        self._me = uuid.uuid4().hex
        self._turns: dict[str, _Turn] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self, transaction: Transaction, turn_id: str) -> None:
        """Whoever says something follows its answer from the first moment on."""
        if self._tell is not None:
            transaction.followers.mark(turn_id, self._me, seconds=MARK_SECONDS)

    async def arrive(self, turn_id: str) -> None:
        """Somebody is about to follow: from now on nobody elsewhere stops the turn."""
        turn = self._turns.get(turn_id)
        if self._tell is not None and turn is not None and turn.marked_at is None:
            await asyncio.to_thread(self._mark, turn_id, turn)

    async def look(self, turn_id: str, live: LiveTurn) -> None:
        """To be called again and again while a turn is watched here. Raises DatabaseUnavailable."""
        if self._tell is None:
            return
        self._loop = asyncio.get_running_loop()
        turn = self._turns.setdefault(turn_id, _Turn())
        old = turn.marked_at is None or time.monotonic() - turn.marked_at > _RENEW_SECONDS
        if live.followed and old:
            await asyncio.to_thread(self._mark, turn_id, turn)
        if live.answered_here:
            others = await asyncio.to_thread(self._others, turn_id)
            turn.relay = turn.relay or Relay(turn_id, live, self._tell)
            turn.relay.follow(others)

    def forget(self, turn_id: str) -> None:
        """The turn is not watched any more: it has ended. What was said of it last is still told."""
        self._turns.pop(turn_id, None)

    def deserted(self, turn_id: str) -> bool:
        """Whether nobody follows anywhere, now that nobody does here. Waits for the database."""
        turn = self._turns.get(turn_id)
        if self._tell is None or turn is None:
            return True
        if turn.marked_at is not None:
            turn.marked_at = None
            with self._repositories.write() as transaction:
                transaction.followers.leave(turn_id, self._me)
        return not self._others(turn_id)

    def followed(self, transaction: Transaction, turn_id: str) -> bool:
        """Whether somebody does in another process, as part of what is decided by it."""
        return self._tell is not None and bool(self._but_here(transaction, turn_id))

    def more_to_come(self, turn_id: str, live: LiveTurn) -> bool:
        """Whether the process that answers is still about to tell what it said before the end."""
        turn = self._turns.get(turn_id)
        if turn is None or live.answered_here or not live.hears or live.heard_end.is_set():
            return False
        turn.answered_at = turn.answered_at or time.monotonic()
        return time.monotonic() - turn.answered_at < _LATE_SECONDS

    def hear(self, text: str) -> None:
        """What another process, or this one, has told. From any thread."""
        if self._loop is not None:
            with suppress(RuntimeError):  # a loop that ends has nobody left to tell
                self._loop.call_soon_threadsafe(self._take, text)

    def _take(self, text: str) -> None:
        piece = Piece.read(text)
        live = self._live.find(piece.turn_id) if piece is not None else None
        if piece is not None and live is not None and piece.turn_id in self._turns:
            live.hear(piece.before, piece.first, piece.events)

    def _mark(self, turn_id: str, turn: _Turn) -> None:
        with self._repositories.write() as transaction:
            transaction.followers.mark(turn_id, self._me, seconds=MARK_SECONDS)
        turn.marked_at = time.monotonic()

    def _others(self, turn_id: str) -> Collection[str]:
        with self._repositories.read() as transaction:
            return self._but_here(transaction, turn_id)

    def _but_here(self, transaction: Transaction, turn_id: str) -> Collection[str]:
        return set(transaction.followers.of(turn_id)) - {self._me}
