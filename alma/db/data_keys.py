"""Data keys: every secret is encrypted under one, and a master key only ever encrypts data keys.

So a master key is replaced by sealing a few rows again, and the secrets themselves can be encrypted again under a new
data key at leisure: values name their key, and no data key is ever thrown away.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import MutableMapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, func, select, update

from alma.core.model.errors import SecretUnreadable
from alma.core.model.sealing import DataKey
from alma.db.access_tables import data_key
from alma.db.keyring import KEY_BYTES, Keyring, Place, Sealed, derived, seal
from alma.db.purpose_keys import Derived
from alma.db.repository import Repository

FORMAT = "v2"
_FIRST = 0x616C6D61_64617461
"""Held on PostgreSQL while the first data key is made."""
Opened = MutableMapping[str, bytes]
"""Data keys in plain, by their id: what one process has opened already."""

_column = data_key.c


class DataKeys(Repository):
    """`DataKeyRepository` in SQL, and what other repositories encrypt with."""

    # ── values ───────────────────────────────────────────────────────────────────────────────────

    def encrypt(self, value: str, place: Place) -> str:
        """The text to store at `place`, under the current data key; the first value makes the first one."""
        key_id = self.ensure()
        return seal(FORMAT, key_id, self._open(key_id), value, place)

    def decrypt(self, stored: str, place: Place) -> str:
        """The value that was encrypted for `place`, in this format or the one before. Raises SecretUnreadable."""
        sealed = Sealed.of(stored, place)
        if sealed.format != FORMAT:
            return self._keyring.decrypt(stored, place)
        return sealed.open(self._open(sealed.key_id), place)

    def is_stale(self, stored: str) -> bool:
        """Whether a text is not under the current data key."""
        return not stored.startswith(f"{FORMAT}|{self.current()}|")

    def derive(self, key_id: str, purpose: str) -> bytes:
        """32 bytes for one purpose, made from a data key: the same for as long as there is a database."""
        return derived(self._open(key_id), purpose)

    def derive_all(self, purpose: str, *, retired_since: datetime | None = None) -> Derived | None:
        """The keys of a purpose, without those of data keys that were retired before a moment; None while there is no
        data key. Raises SecretUnreadable where one can't be opened."""
        keys = self.list()
        if not keys:
            return None
        young = [
            key
            for key in reversed(keys)
            if not key.retired_at or not retired_since or key.retired_at >= retired_since
        ]
        return Derived(
            lasting=self.lasting(purpose),
            data=tuple(self.derive(key.id, purpose) for key in young),
            masters=tuple(self._keyring.derived_by_id(purpose).values()),
        )

    def lasting(self, purpose: str) -> bytes:
        """A key of a purpose that stays the same for as long as there is a database; made with the first data key."""
        eldest = select(_column.id).order_by(_column.retired_at.is_(None), _column.created_at)
        key_id: str | None = self._execute(eldest.order_by(_column.id).limit(1)).scalar()
        return self.derive(key_id or self.ensure(), f"{purpose}, lasting")

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────

    def current(self) -> str | None:
        """The id of the newest data key, None when there is none yet."""
        newest = select(_column.id).where(_column.retired_at.is_(None))
        found: str | None = self._execute(
            newest.order_by(_column.created_at.desc(), _column.id.desc()).limit(1)
        ).scalar()
        return found

    def check(self) -> None:
        """Raises SecretUnreadable when what is written next can't be sealed, for want of the right master key."""
        found = self.current()
        if found is not None:
            self._open(found)

    def ensure(self) -> str:
        """The id of the current data key. The first is made here: of several who come at once, by one."""
        found = self.current()
        if found is None and self._connection.dialect.name == "postgresql":
            self._execute(select(func.pg_advisory_xact_lock(_FIRST)))
            found = self.current()
        return found or self.add()

    def add(self) -> str:
        """Makes a new data key, which encrypts from now on; the others only decrypt. Answers its id."""
        key_id, key, now = secrets.token_hex(4), os.urandom(KEY_BYTES), self._now()
        last = self._execute(select(func.max(_column.created_at))).scalar()
        if last is not None and now <= last:
            # Another machine's clock is ahead. The eldest stays the eldest: it is what lasting keys come from.
            now = last + timedelta(microseconds=1)
        others = update(data_key).where(_column.retired_at.is_(None))
        self._execute(others.values(retired_at=now))
        row = {"id": key_id, "wrapped": self._wrapped(key_id, key), "created_at": now}
        self._execute(data_key.insert(), row)
        return key_id

    def list(self) -> Sequence[DataKey]:
        """The oldest first, the current one last."""
        newest_last = (_column.retired_at.is_(None), _column.created_at, _column.id)
        rows = self._rows(select(data_key).order_by(*newest_last))
        return [
            DataKey(
                id=row["id"],
                created_at=row["created_at"],
                retired_at=row["retired_at"],
                master=_wrapping(row),
            )
            for row in rows
        ]

    def rewrap(self) -> int:
        """Seals every data key under the current master key. Answers how many were under another one. Raises
        SecretUnreadable when one can't be opened: nothing is changed then."""
        rows = self._rows(select(data_key).with_for_update())
        old = [row for row in rows if _wrapping(row) != self._keyring.current]
        for row in old:
            text = self._wrapped(row["id"], self._unwrapped(row))
            self._execute(update(data_key).where(_column.id == row["id"]).values(wrapped=text))
        return len(old)

    @property
    def _keyring(self) -> Keyring:
        return self._scope.keyring

    def _wrapped(self, key_id: str, key: bytes) -> str:
        return self._keyring.encrypt(base64.b64encode(key).decode(), _place(key_id))

    def _unwrapped(self, row: RowMapping) -> bytes:
        return base64.b64decode(self._keyring.decrypt(row["wrapped"], _place(row["id"])))

    def _open(self, key_id: str) -> bytes:
        """The key, from the database when this process has not met it yet."""
        known = self._scope.data_keys
        if key_id not in known:
            rows = self._rows(select(data_key).where(_column.id == key_id))
            if not rows:
                raise _gone(key_id)
            known[key_id] = self._unwrapped(rows[0])
        return known[key_id]


def _place(key_id: str) -> Place:
    return ("data key", key_id, "wrapped")


def _wrapping(row: RowMapping) -> str:
    return Sealed.of(row["wrapped"], _place(row["id"])).key_id


def _gone(key_id: str) -> SecretUnreadable:
    return SecretUnreadable(
        f"data key {key_id} is not in the database",
        hint="restore the database from a backup; whoever removed it went around ALMA",
        details={"key_id": key_id},
    )
