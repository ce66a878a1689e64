"""Refresh tokens: one row for each that was ever given, until some time after it has expired."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from alma.core.model.access import RefreshToken
from alma.db.access_tables import refresh_token
from alma.db.repository import Repository, columns_of, noun, plain

_shown = columns_of(refresh_token, RefreshToken)
_token = refresh_token.c


class Sessions(Repository):
    """`SessionRepository` in SQL."""

    def add(self, token: RefreshToken, *, hash_: str) -> None:
        values = plain(token, RefreshToken.model_fields)
        self._execute(refresh_token.insert().values(**values, hash=hash_))

    def find(self, id_: str) -> RefreshToken | None:
        rows = self._rows(select(*_shown).where(_token.id == id_).with_for_update())
        return noun(RefreshToken, rows[0]) if rows else None

    def owner(self, id_: str) -> str | None:
        rows = self._rows(select(_token.account).where(_token.id == id_))
        return rows[0]["account"] if rows else None

    def hash_of(self, id_: str) -> str | None:
        rows = self._rows(select(_token.hash).where(_token.id == id_))
        return rows[0]["hash"] if rows else None

    def use(self, id_: str, at: datetime) -> None:
        self._execute(update(refresh_token).where(_token.id == id_).values(used_at=at))

    def end_family(self, family: str, at: datetime) -> None:
        self._end(_token.family == family, at)

    def end_all(self, account: str, at: datetime) -> None:
        self._end(_token.account == account, at)

    def _end(self, whose: ColumnElement[bool], at: datetime) -> None:
        living = update(refresh_token).where(whose, _token.revoked_at.is_(None))
        self._execute(living.values(revoked_at=at))

    def forget(self, before: datetime) -> int:
        return self._execute(delete(refresh_token).where(_token.expires_at < before)).rowcount
