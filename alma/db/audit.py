"""What was done: rows that are only ever added, each bound to the one before.

Entries are kept until the transaction ends and are written as its last statements, so that the head of the chain,
which only one can hold at a time, is held for no longer than a commit takes; and so that it is always the last lock
that is taken. If they can't be written, nothing of the transaction is. Every column is a text or a number: what was
bound is exactly what stands there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, RowMapping, Select, delete, func, select, update

from alma.core.model.audit import (
    END_CHANGED,
    AuditDraft,
    AuditEntry,
    AuditFilter,
    AuditHead,
    Outcome,
    draft,
)
from alma.core.model.base import canonical_json
from alma.core.model.errors import AlmaError, Conflict, DatabaseUnavailable, SecretUnreadable
from alma.core.model.principal import Principal
from alma.db.access_tables import audit_entry, audit_head
from alma.db.columns import in_utc
from alma.db.data_keys import DataKeys
from alma.db.repository import Repository, Scope, page

PURPOSE = "audit"
HEADS_EVERY = 1000
"""After so many entries the chain's end is told in the log, which is kept elsewhere."""
_READ_AT_ONCE = 1000
_FACTS = ("before", "after")

_column = audit_entry.c
# Made once: making a statement takes longer than running it.
_ADD = audit_entry.insert()
_HEAD = select(audit_head)
_HELD = _HEAD.with_for_update()
_MOVE = update(audit_head)
_NAMES = tuple(AuditHead.model_fields)
logger = logging.getLogger(__name__)


class AuditLog(Repository):
    """`AuditRepository` in SQL."""

    def __init__(self, scope: Scope, after_commit: Callable[[Callable[[], None]], None]) -> None:
        super().__init__(scope)
        self._after_commit = after_commit
        self._drafts: list[AuditDraft] = []
        self._next_key: str | None = None

    # ── add ──────────────────────────────────────────────────────────────────────────────────────

    def add(
        self,
        principal: Principal,
        *,
        action: str,
        target: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: Outcome = Outcome.ALLOWED,
        installation: bool = False,
    ) -> None:
        self._drafts.append(
            draft(
                principal,
                at=self._now(),
                action=action,
                target=target,
                before=before,
                after=after,
                outcome=outcome,
                installation=installation,
            )
        )

    def put(self, draft: AuditDraft) -> None:
        self._drafts.append(draft)

    def bind_with(self, key_id: str) -> None:
        """From this transaction's entries on, that data key binds."""
        self._next_key = key_id

    def flush(self) -> None:
        """Binds and writes what was noted. Raises DatabaseUnavailable, SecretUnreadable: the transaction must not be
        committed then."""
        drafts, self._drafts = self._drafts, []
        if not drafts:
            return
        head, key_id, key = self._hold()
        if self._next_key is not None:
            key_id, key = self._next_key, self._derived(self._next_key)
        if head.key is not None and not head.holds(self._derived(head.key)):
            logger.critical("the record of the audit log's end was changed behind ALMA's back")
            drafts.insert(0, _end_changed(drafts[0].at, head))
        entries = _bound(drafts, head, key_id, key)
        moved = {"seq": entries[-1].seq, "hash": entries[-1].hash}
        try:
            self._execute(_ADD, [_row(entry) for entry in entries])
            self._move(head.model_copy(update=moved), key_id, key)
        except Conflict as error:
            raise _discontinued() from error
        if head.seq // HEADS_EVERY != entries[-1].seq // HEADS_EVERY:
            self._after_commit(lambda: logger.info("audit head seq=%(seq)s hash=%(hash)s", moved))

    def _hold(self) -> tuple[AuditHead, str, bytes]:
        """The head, which nobody else can move until this transaction ends, and the key to go on with."""
        head = self.head(lock=True)
        keys = DataKeys(self._scope)
        key_id = head.key or keys.ensure()
        return head, key_id, self._derived(key_id)

    def _move(self, head: AuditHead, key_id: str, key: bytes) -> None:
        sealed = head.sealed(key_id=key_id, key=key)
        self._execute(_MOVE, {name: getattr(sealed, name) for name in _NAMES})

    # ── read ─────────────────────────────────────────────────────────────────────────────────────

    def list(
        self,
        wanted: AuditFilter,
        *,
        before: int | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        older = [] if before is None else [_column.seq < before]
        found = select(audit_entry).where(*older, *_fits(wanted)).order_by(_column.seq.desc())
        return [self._shown(row) for row in self._rows(page(found, skip, limit))]

    def count(self, wanted: AuditFilter) -> int:
        rows = select(func.count()).select_from(audit_entry).where(*_fits(wanted))
        number: int = self._execute(rows).scalar_one()
        return number

    def get(self, seq: int, *, project: str | None) -> AuditEntry:
        ours = [] if project is None else [_column.project == project]
        wanted = select(audit_entry).where(_column.seq == seq, *ours)
        return self._shown(self._one(wanted, f"audit entry {seq}"))

    def chain(self, *, after: int = 0) -> Iterator[AuditEntry | int]:
        while rows := self._rows(_behind(after)):
            yield from map(_entry, rows)
            after = rows[-1]["seq"]

    def head(self, *, lock: bool = False) -> AuditHead:
        """Raises DatabaseUnavailable when there is none any more."""
        found = self._rows(_HELD if lock else _HEAD)
        if not found:
            raise _discontinued()
        return AuditHead.model_construct(**{name: found[0][name] for name in _NAMES})

    def key(self, id_: str) -> bytes | None:
        try:
            return self._derived(id_)
        except SecretUnreadable:
            return None

    def sealed_key(self, id_: str) -> str | None:
        key = self.key(id_)
        return None if key is None else self._scope.keyring.encrypt(key.hex(), place_of_key(id_))

    # ── retention ────────────────────────────────────────────────────────────────────────────────

    def prune(self, before: datetime, *, limit: int) -> int:
        head, key_id, key = self._hold()
        first = self._first_since(before, head, limit)
        if first <= head.kept_from:
            return 0
        if head.key is None or not head.holds(key):
            raise Conflict(
                "the record of the audit log's end was changed: nothing is taken away from it",
                hint="check the audit log, and find out who changed it",
            )
        last = self._execute(select(_column.hash).where(_column.seq == first - 1)).scalar()
        if last is None:
            raise Conflict(f"audit entry {first - 1} is gone", hint="check the audit log")
        # In this order: the database lets entries go only once the head says that they are no longer kept.
        kept = {"kept_from": first, "kept_hash": last}
        self._move(head.model_copy(update=kept), key_id, key)
        return self._execute(delete(audit_entry).where(_column.seq < first)).rowcount

    def _first_since(self, before: datetime, head: AuditHead, limit: int) -> int:
        """The first entry to keep."""
        young = select(_column.seq).where(_column.at >= _moment(before)).order_by(_column.seq)
        first: int | None = self._execute(young.limit(1)).scalar()
        return min(first or head.seq, head.seq, head.kept_from + limit)

    def _derived(self, key_id: str) -> bytes:
        # Deriving takes longer than binding does.
        known, name = self._scope.data_keys, f"{PURPOSE}:{key_id}"
        if name not in known:
            known[name] = DataKeys(self._scope).derive(key_id, PURPOSE)
        return known[name]

    def _shown(self, row: RowMapping) -> AuditEntry:
        entry = _entry(row)
        if isinstance(entry, int):
            raise DatabaseUnavailable(
                f"audit entry {entry} can't be read: it is not what ALMA wrote",
                hint="check the audit log: it was changed behind ALMA's back",
            )
        return entry


def place_of_key(key_id: str) -> tuple[str, ...]:
    """Where the key of an exported chain stands."""
    return ("audit key", key_id, "export")


def _bound(
    drafts: Sequence[AuditDraft], head: AuditHead, key_id: str, key: bytes
) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    previous = head.hash
    for seq, item in enumerate(drafts, head.seq + 1):
        entries.append(item.bound(seq, previous, key_id=key_id, key=key))
        previous = entries[-1].hash
    return entries


def _row(entry: AuditEntry) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in AuditEntry.model_fields}
    facts = {name: None if row[name] is None else canonical_json(row[name]) for name in _FACTS}
    return {**row, **facts, "at": _moment(entry.at), "outcome": entry.outcome.value}


def _entry(row: RowMapping) -> AuditEntry | int:
    """The entry of a row; its number when it is none any more."""
    values = dict(row)
    try:
        for name in _FACTS:
            if values[name] is not None:
                values[name] = json.loads(values[name])
        return AuditEntry.model_validate(values)
    except (ValidationError, ValueError, TypeError):
        seq: int = row["seq"]
        return seq


def _fits(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    exact = {"project", "principal", "target", "outcome"}
    given = {name: value for name in exact if (value := getattr(wanted, name)) is not None}
    fits = [_column[name] == str(value) for name, value in given.items()]
    if wanted.action is not None:
        fits.append(_like(wanted.action))
    if wanted.since is not None:
        fits.append(_column.at >= _moment(wanted.since))
    if wanted.until is not None:
        fits.append(_column.at < _moment(wanted.until))
    return fits


def _like(action: str) -> ColumnElement[bool]:
    if action.endswith("."):
        return _column.action.startswith(action, autoescape=True)
    return _column.action == action


def _behind(after: int) -> Select[Any]:
    rows = select(audit_entry).where(_column.seq > after).order_by(_column.seq)
    return rows.limit(_READ_AT_ONCE)


def _moment(at: datetime) -> str:
    """One text for one moment, which sorts like it. Raises InvalidInput beyond the years that there are."""
    return in_utc(at).isoformat(timespec="microseconds")


def _end_changed(at: datetime, head: AuditHead) -> AuditDraft:
    return AuditDraft(
        at=at,
        principal="alma",
        kind="system",
        project=None,
        action=END_CHANGED,
        outcome=Outcome.FAILED,
        before={"seq": head.seq, "hash": head.hash[:64]},
    )


def _discontinued() -> AlmaError:
    trouble = DatabaseUnavailable(
        "the audit log can't be continued, so nothing can be changed: its end does not fit its entries",
        hint="somebody changed it behind ALMA's back: check it, and restore it from a backup",
    )
    trouble.retryable = False
    return trouble
