"""Keys of programs: of each its keyed hash, never the key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal, select, update

from alma.core.model.access import ApiKey
from alma.db.access_tables import api_key
from alma.db.repository import Repository, columns_of, noun, page, plain

_shown = columns_of(api_key, ApiKey)


class ApiKeys(Repository):
    """`ApiKeyRepository` in SQL."""

    def add(self, key: ApiKey, *, hash_: str) -> None:
        values = plain(key, ApiKey.model_fields)
        values["permissions"] = sorted(values["permissions"])
        self._execute(api_key.insert().values(**values, hash=hash_))

    def find(self, id_: str) -> ApiKey | None:
        rows = self._rows(select(*_shown).where(api_key.c.id == id_))
        return noun(ApiKey, rows[0]) if rows else None

    def hash_of(self, id_: str) -> str | None:
        rows = self._rows(select(api_key.c.hash).where(api_key.c.id == id_))
        return rows[0]["hash"] if rows else None

    def set_hash(self, id_: str, hash_: str) -> None:
        self._execute(update(api_key).where(api_key.c.id == id_).values(hash=hash_))

    def list(
        self,
        *,
        owner: str | None = None,
        project: str | None = None,
        after: str | None = None,
        skip: int = 0,
        limit: int,
    ) -> Sequence[ApiKey]:
        asked = select(*_shown).where(*_whose(owner, project), api_key.c.id > (after or ""))
        rows = self._rows(page(asked.order_by(api_key.c.id), skip, limit))
        return [noun(ApiKey, row) for row in rows]

    def count(self, *, owner: str | None = None, project: str | None = None) -> int:
        asked = select(func.count()).select_from(api_key).where(*_whose(owner, project))
        found: int = self._execute(asked).scalar_one()
        return found

    def revoke(self, id_: str, at: datetime) -> None:
        first = func.coalesce(api_key.c.revoked_at, at)
        self._execute(update(api_key).where(api_key.c.id == id_).values(revoked_at=first))

    def used(self, moments: Mapping[str, datetime]) -> None:
        for id_, at in moments.items():
            self._execute(update(api_key).where(api_key.c.id == id_).values(last_used_at=at))

    def any(self) -> bool:
        return bool(self._rows(select(literal(1)).select_from(api_key).limit(1)))


def _whose(owner: str | None, project: str | None) -> Iterator[ColumnElement[bool]]:
    if owner is not None:
        yield api_key.c.owner == owner
    if project is not None:
        yield api_key.c.project == project
