"""Stacks: which blueprint lives where, what was last made of it, and who may touch it now."""

from __future__ import annotations

import builtins
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from alma.core.model.base import slug
from alma.core.model.state import Stack, StackRef, StateRecord
from alma.db import tables
from alma.db.repository import Repository, columns_of, missing, noun, plain

_stack = tables.stack.c
_record = tables.state_record.c
_RECORD = columns_of(tables.state_record, StateRecord)
_KEYS = ["stack_id", "address"]
# Said for each step of a run: put together once, they cost a third less.
_EXISTS = select(_stack.id).where(_stack.id == bindparam("of"))
_TAKE = update(tables.stack).where(
    _stack.id == bindparam("of"),
    or_(
        _stack.lease_holder.is_(None),
        _stack.lease_holder == bindparam("who"),
        _stack.lease_until <= bindparam("now"),
    ),
)


def _upsert(insert: sqlite.Insert | postgresql.Insert) -> sqlite.Insert | postgresql.Insert:
    changed = {name: insert.excluded[name] for name in StateRecord.model_fields}
    return insert.on_conflict_do_update(index_elements=_KEYS, set_=changed)


_RECORDED = {
    "sqlite": _upsert(sqlite.insert(tables.state_record)),
    "postgresql": _upsert(postgresql.insert(tables.state_record)),
}


class Stacks(Repository):
    """`StackRepository` in SQL.

    A lease is one statement on the stack's row, so that of two processes one gets it. What is written by a stack's
    id raises NotFound when there is none.
    """

    def ensure(self, *, blueprint_id: int, blueprint_name: str, engine: str, project: str) -> Stack:
        found = self.find(blueprint_id=blueprint_id, engine=engine, project=project)
        if found is not None:
            return found
        self._require_blueprint(blueprint_id, project)
        for name in _names(blueprint_name, blueprint_id):
            row = {
                "id": str(uuid.uuid4()),
                "project": project,
                "engine": engine,
                "name": name,
                "blueprint_id": blueprint_id,
                "created_at": self._now(),
            }
            # Does nothing when the name is taken, and when somebody else just made this very stack.
            self._execute(self._insert(tables.stack).on_conflict_do_nothing(), row)
            found = self.find(blueprint_id=blueprint_id, engine=engine, project=project)
            if found is not None:
                return found
        raise AssertionError("names never end")

    def _require_blueprint(self, id_: int, project: str) -> None:
        column = tables.blueprint.c
        ours = (column.id == id_) & (column.project == project) & column.deleted_at.is_(None)
        self._one(select(column.id).where(ours), f"blueprint {id_}")

    def find(self, *, blueprint_id: int, engine: str, project: str) -> Stack | None:
        statement = _stacks(project).where(
            _stack.blueprint_id == blueprint_id, _stack.engine == engine
        )
        found = self._load(statement)
        return found[0] if found else None

    def get(self, stack_id: str, *, project: str) -> Stack:
        found = self._load(_stacks(project).where(_stack.id == stack_id))
        if not found:
            raise missing(f"stack {stack_id}")
        return found[0]

    def list(self, *, project: str, blueprint_id: int | None = None) -> Sequence[Stack]:
        """By name, then engine."""
        statement = _stacks(project).order_by(_stack.name, _stack.engine)
        if blueprint_id is not None:
            statement = statement.where(_stack.blueprint_id == blueprint_id)
        return self._load(statement)

    def many(self, ids: Sequence[str], *, project: str) -> Sequence[Stack]:
        return self._load(_stacks(project).where(_stack.id.in_(ids)))

    def of_blueprints(self, ids: Sequence[int], *, project: str) -> Sequence[Stack]:
        of_them = _stacks(project).where(_stack.blueprint_id.in_(ids))
        return self._load(of_them.order_by(_stack.name, _stack.engine))

    def _load(self, statement: Select[Any]) -> builtins.list[Stack]:
        rows = self._rows(statement)
        ids = statement.with_only_columns(_stack.id).order_by(None)
        recorded = select(_record.stack_id, *_RECORD).where(_record.stack_id.in_(ids))
        in_order = recorded.order_by(_record.stack_id, _record.address)
        records = self._grouped(in_order, "stack_id", StateRecord) if rows else {}
        return [
            noun(Stack, row, ref=noun(StackRef, row), records=records.get(row["id"], ()))
            for row in rows
        ]

    def record(self, stack_id: str, record: StateRecord) -> None:
        self._require(stack_id)
        row = plain(record, StateRecord.model_fields) | {"stack_id": stack_id}
        self._execute(_RECORDED[self._connection.dialect.name], row)

    def forget(self, stack_id: str, address: str) -> None:
        gone = (_record.stack_id == stack_id) & (_record.address == address)
        self._execute(delete(tables.state_record).where(gone))

    def set_revision(self, stack_id: str, revision: int | None) -> None:
        change = update(tables.stack).where(_stack.id == stack_id).values(revision=revision)
        if not self._execute(change).rowcount:
            raise missing(f"stack {stack_id}")

    def acquire(self, stack_id: str, *, holder: str, seconds: float) -> bool:
        now = self._lease_time()
        until = now + timedelta(seconds=seconds)
        lease = {"lease_holder": holder, "lease_until": until}
        if self._execute(_TAKE, {"of": stack_id, "who": holder, "now": now, **lease}).rowcount:
            return True
        self._require(stack_id)
        return False

    def release(self, stack_id: str, *, holder: str) -> None:
        """Nothing happens when the lease is another's by now."""
        held = update(tables.stack).where(_stack.id == stack_id, _stack.lease_holder == holder)
        self._execute(held.values(lease_holder=None, lease_until=None))

    def holder(self, stack_id: str) -> str | None:
        running = (_stack.id == stack_id) & (_stack.lease_until > self._lease_time())
        found: str | None = self._execute(select(_stack.lease_holder).where(running)).scalar()
        return found

    def _require(self, stack_id: str) -> None:
        self._one(_EXISTS, f"stack {stack_id}", {"of": stack_id})


def _stacks(project: str) -> Select[Any]:
    return select(tables.stack).where(_stack.project == project)


def _names(blueprint_name: str, blueprint_id: int) -> Iterator[str]:
    """The plain name, then ones that only a strangely named blueprint can have taken."""
    base = slug(blueprint_name)
    yield base
    yield f"{base}-{blueprint_id}"
    yield from (f"{base}-{blueprint_id}-{number}" for number in count(2))
