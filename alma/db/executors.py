"""Who is alive among the processes that run deployments, by the clock they all share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from alma.db import tables
from alma.db.repository import Repository

_executor = tables.executor.c


class Executors(Repository):
    """`ExecutorRepository` in SQL."""

    def beat(self, id_: str) -> None:
        row = {"id": id_, "beat_at": self._lease_time()}
        statement = self._insert(tables.executor).values(row)
        changed = {"beat_at": statement.excluded.beat_at}
        self._execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed))

    def alive(self, *, seconds: float) -> Sequence[str]:
        recent = _executor.beat_at > self._lease_time() - timedelta(seconds=seconds)
        return list(
            self._execute(select(_executor.id).where(recent).order_by(_executor.id)).scalars()
        )

    def forget(self, id_: str) -> None:
        self._execute(delete(tables.executor).where(_executor.id == id_))
