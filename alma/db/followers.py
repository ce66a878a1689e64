"""Which processes have somebody who follows a turn, by the clock they all share.

A mark counts for some seconds and is made again meanwhile: who dies leaves none behind for long. A new one is told to
all processes, so that the one that works on the turn begins to tell it what happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from alma.db import tables
from alma.db.repository import Repository

_follower = tables.turn_follower.c


class Followers(Repository):
    """`FollowerRepository` in SQL."""

    def mark(self, turn_id: str, follower: str, *, seconds: float) -> None:
        now = self._lease_time()
        until = now + timedelta(seconds=seconds)
        table = tables.turn_follower
        again = update(table).where(_of(turn_id, follower)).values(until=until)
        if self._execute(again).rowcount:
            return
        row = {"turn_id": turn_id, "follower": follower, "until": until}
        self._execute(self._insert(table).on_conflict_do_nothing(), row)
        self._execute(delete(table).where(_follower.until < now))
        self._scope.told.add(turn_id)

    def leave(self, turn_id: str, follower: str) -> None:
        self._execute(delete(tables.turn_follower).where(_of(turn_id, follower)))

    def of(self, turn_id: str) -> Sequence[str]:
        there = (_follower.turn_id == turn_id) & (_follower.until >= self._lease_time())
        found = select(_follower.follower).where(there).order_by(_follower.follower)
        return list(self._execute(found).scalars())


def _of(turn_id: str, follower: str) -> Any:
    return (_follower.turn_id == turn_id) & (_follower.follower == follower)
