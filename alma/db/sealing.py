"""Every place where a sealed value stands, so that all of them can be counted and encrypted again, some rows at a time.

A repository that begins to keep sealed values is added to `_STORES`; what lives for minutes only, such as a sign-in
under way, is left out: no data key is ever thrown away.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, RowMapping, Table, func, select, tuple_, update

from alma.core.model.connection import ConnectionKey
from alma.core.model.credential import PURPOSE, pepper_name
from alma.core.model.errors import InvalidInput, SecretUnreadable
from alma.core.model.sealing import Resealed, SealedValues, Sealing
from alma.db import tables
from alma.db.access_tables import api_key, refresh_token
from alma.db.audit import AuditLog
from alma.db.connections import place_of_setting
from alma.db.data_keys import DataKeys
from alma.db.keyring import Place, Sealed, said
from alma.db.repository import Repository, Scope
from alma.db.secrets import place_of_secret

Values: TypeAlias = Mapping[Place, str]
_READ_AT_ONCE = 1000


class _SecretRows:
    """Secrets of stacks: one value a row."""

    table = tables.secret
    key = ("stack_id", "name")
    unchanged = "value"

    @staticmethod
    def values(row: RowMapping) -> dict[Place, str]:
        return {place_of_secret(row["stack_id"], row["name"]): row["value"]}

    @staticmethod
    def columns(values: Values) -> dict[str, Any]:
        return {"value": next(iter(values.values()))}


class _ConnectionRows:
    """Settings of engine connections: several values a row, the setting's name last in each place."""

    table = tables.engine_connection
    key = ConnectionKey._fields
    unchanged = "version"

    @staticmethod
    def values(row: RowMapping) -> dict[Place, str]:
        key = ConnectionKey(row["project"], row["engine"], row["name"])
        return {place_of_setting(key, name): text for name, text in row["secrets"].items()}

    @staticmethod
    def columns(values: Values) -> dict[str, Any]:
        return {"secrets": {place[-1]: text for place, text in values.items()}}


_Store: TypeAlias = type[_SecretRows] | type[_ConnectionRows]
_STORES: tuple[_Store, ...] = (_SecretRows, _ConnectionRows)


class _Cursor(NamedTuple):
    """Behind which row to go on."""

    store: int = 0
    key: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str | None) -> _Cursor:
        """Raises InvalidInput for a text that no batch has answered with."""
        try:
            store, *key = json.loads(text) if text else [0]
            if store in range(len(_STORES)) and len(key) in {0, len(_STORES[store].key)}:
                return cls(store, tuple(map(str, key)))
        except (ValueError, TypeError):
            pass
        raise InvalidInput("that is no place to go on from", hint="start without one")

    def __str__(self) -> str:
        return json.dumps([self.store, *self.key], separators=(",", ":"))


class SealedSecrets(Repository):
    """`SealingRepository` in SQL."""

    def __init__(self, scope: Scope, audit: AuditLog) -> None:
        super().__init__(scope)
        self._audit = audit

    @property
    def _keys(self) -> DataKeys:
        return DataKeys(self._scope)

    def status(self) -> Sealing:
        keyring, keys = self._scope.keyring, self._keys.list()
        counted = Counter(Sealed.of(text, place).key_id for place, text in self._all_values())
        known, current = {key.id for key in keys}, self._keys.current()
        credentials = self._credentials()
        direct = {key_id for key_id in counted if key_id not in known}
        needed = {key.master for key in keys} | direct | {item.key for item in credentials}
        return Sealing(
            masters=keyring.ids,
            extensible=keyring.extensible,
            data_keys=tuple(keys),
            values=tuple(SealedValues(key=key, values=n) for key, n in sorted(counted.items())),
            stale=sum(n for key, n in counted.items() if key != current),
            credentials=credentials,
            needed=tuple(sorted(needed)),
            droppable=tuple(id_ for id_ in keyring.ids[1:] if id_ not in needed),
        )

    def _credentials(self) -> tuple[SealedValues, ...]:
        """How many credentials that still open something hang on each master key itself."""
        names = self._scope.keyring.derived_by_id(PURPOSE)
        counted = {id_: self._living(pepper_name(key)) for id_, key in names.items()}
        return tuple(SealedValues(key=id_, values=n) for id_, n in sorted(counted.items()) if n)

    def _living(self, pepper: str) -> int:
        number = 0
        for table, living in _credentials_at(self._now()):
            made = table.c.hash.startswith(f"{pepper}:", autoescape=True)
            rows = select(func.count()).select_from(table).where(made, *living)
            number += self._execute(rows).scalar_one()
        return number

    def rotate(self, *, master: bool, data_key: bool) -> int:
        """Seals the data keys under the current master key, a new one if asked for. Answers how many were under
        another. Raises InvalidInput where the master keys are not ALMA's to change, SecretUnreadable."""
        if master:
            self._scope.keyring.extend()
        rewrapped = self._keys.rewrap()
        if data_key or self._keys.current() is None:
            self._audit.bind_with(self._keys.add())
        return rewrapped

    def reseal(self, *, limit: int, after: str | None) -> Resealed:
        """Looks at up to `limit` rows and encrypts again what is not under the current data key."""
        cursor = _Cursor.of(after)
        store = _STORES[cursor.store]
        rows = self._page(store, cursor.key, limit)
        done = [self._reseal_row(store, row) for row in rows]
        return Resealed(
            resealed=sum(n for n, _ in done),
            unreadable=tuple(place for _, places in done for place in places),
            after=_next(cursor, store, rows, limit),
        )

    def _reseal_row(self, store: _Store, row: RowMapping) -> tuple[int, list[str]]:
        values, unreadable, resealed = store.values(row), [], 0
        for place, text in values.items():
            if not self._keys.is_stale(text):
                continue
            try:
                values[place] = self._keys.encrypt(self._keys.decrypt(text, place), place)
                resealed += 1
            except SecretUnreadable:
                unreadable.append(said((*place, "")))
        if resealed and not self._put(store, row, values):
            # Somebody saved it anew meanwhile, under the current key.
            resealed = 0
        return resealed, unreadable

    def _put(self, store: _Store, row: RowMapping, values: Values) -> bool:
        here = [store.table.c[name] == row[name] for name in (*store.key, store.unchanged)]
        changed = update(store.table).where(*here).values(store.columns(values))
        return bool(self._execute(changed).rowcount)

    def _page(self, store: _Store, after: tuple[str, ...], limit: int) -> Sequence[RowMapping]:
        columns = [store.table.c[name] for name in store.key]
        behind = [_behind(store.table, store.key, after)] if after else []
        return self._rows(select(store.table).where(*behind).order_by(*columns).limit(limit))

    def _all_values(self) -> Iterator[tuple[Place, str]]:
        for store in _STORES:
            after: tuple[str, ...] = ()
            while rows := self._page(store, after, _READ_AT_ONCE):
                for row in rows:
                    yield from store.values(row).items()
                after = _key_of(store, rows[-1])


def _credentials_at(now: datetime) -> Iterator[tuple[Table, Sequence[ColumnElement[bool]]]]:
    """Where keyed hashes of credentials stand, and which of them can open something."""
    key, token = api_key.c, refresh_token.c
    unending = key.expires_at.is_(None) | (key.expires_at > now)
    yield api_key, (key.revoked_at.is_(None), unending)
    used = token.used_at.is_(None)
    yield refresh_token, (token.revoked_at.is_(None), used, token.expires_at > now)


def _behind(table: Table, key: Sequence[str], after: tuple[str, ...]) -> ColumnElement[bool]:
    return tuple_(*(table.c[name] for name in key)) > tuple_(*after)


def _key_of(store: _Store, row: RowMapping) -> tuple[str, ...]:
    return tuple(row[name] for name in store.key)


def _next(cursor: _Cursor, store: _Store, rows: Sequence[RowMapping], limit: int) -> str | None:
    if len(rows) == limit:
        return str(_Cursor(cursor.store, _key_of(store, rows[-1])))
    if cursor.store + 1 < len(_STORES):
        return str(_Cursor(cursor.store + 1))
    return None
