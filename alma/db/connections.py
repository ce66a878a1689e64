"""How projects reach engines. What is secret of it is encrypted under the keyring, each value for its own place."""

from __future__ import annotations

import builtins
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, delete, select

from alma.core.model.connection import Connection, ConnectionKey, ConnectionSource
from alma.db import tables
from alma.db.data_keys import DataKeys
from alma.db.repository import Repository

_table = tables.engine_connection
_column = _table.c


class EngineConnections(Repository):
    """`ConnectionRepository` in SQL."""

    def versions(self) -> Mapping[ConnectionKey, str]:
        rows = self._rows(select(_column.project, _column.engine, _column.name, _column.version))
        return {_key(row): row["version"] for row in rows}

    def list(self, *, project: str) -> Sequence[Connection]:
        ours = select(_table).where(_column.project == project)
        return [_shown(row) for row in self._rows(ours.order_by(_column.engine, _column.name))]

    def find(self, key: ConnectionKey) -> Connection | None:
        rows = self._rows(select(_table).where(_at(key)))
        return _shown(rows[0]) if rows else None

    def settings(self, key: ConnectionKey) -> Mapping[str, Any]:
        """Raises NotFound, and SecretUnreadable when the keyring lacks the key a secret was encrypted with."""
        row = self._one(select(_table).where(_at(key)), f"connection {key.place}")
        keys = DataKeys(self._scope)
        secrets = {
            name: keys.decrypt(value, place_of_setting(key, name))
            for name, value in row["secrets"].items()
        }
        return {**row["settings"], **secrets}

    def put(
        self,
        key: ConnectionKey,
        *,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        by: str,
    ) -> Connection:
        keys = DataKeys(self._scope)
        sealed = {
            name: keys.encrypt(value, place_of_setting(key, name))
            for name, value in secrets.items()
        }
        row = {
            **key._asdict(),
            "settings": dict(settings),
            "secrets": sealed,
            "version": uuid.uuid4().hex,
            "updated_at": self._now(),
            "updated_by": by,
        }
        statement = self._insert(_table).values(row)
        named = [*ConnectionKey._fields]
        changed = {name: statement.excluded[name] for name in row if name not in named}
        self._execute(statement.on_conflict_do_update(index_elements=named, set_=changed))
        return _shown(row)

    def delete(self, key: ConnectionKey) -> bool:
        return bool(self._execute(delete(_table).where(_at(key))).rowcount)


def _at(key: ConnectionKey) -> ColumnElement[bool]:
    return (
        (_column.project == key.project)
        & (_column.engine == key.engine)
        & (_column.name == key.name)
    )


def _key(row: Mapping[str, Any] | RowMapping) -> ConnectionKey:
    return ConnectionKey(row["project"], row["engine"], row["name"])


def _shown(row: Mapping[str, Any] | RowMapping) -> Connection:
    return Connection(
        engine=_key(row).place,
        source=ConnectionSource.PROJECT,
        settings=row["settings"],
        secrets=tuple(sorted(row["secrets"])),
        updated_at=row["updated_at"],
        updated_by=row["updated_by"],
    )


def place_of_setting(key: ConnectionKey, secret: str) -> builtins.tuple[str, ...]:
    """Where the value stands. It can be decrypted nowhere else: not in another project, nor for another engine."""
    return ("engine_connection", *key, secret)
