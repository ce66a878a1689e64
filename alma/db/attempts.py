"""Attempts to come in, counted for all processes that share a PostgreSQL: whoever guesses at several guesses at one.

A name or an address is kept as a keyed digest only. Who counts holds a lock of the server's on what is counted, so
that of attempts at the same moment each is counted, also the first ones. What says nothing any more is let go of, and
so many rows stay at most: those that matter for longest.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from alma.core.model.credential import DerivedKeys
from alma.core.ports.attempts import Count, Key
from alma.db.access_tables import sign_in_count
from alma.db.repository import Repository, Scope

if TYPE_CHECKING:
    from alma.db.database import Database

PURPOSE = "attempts to sign in"
MOST = 20_000

_count = sign_in_count.c


class SqlAttempts(Repository):
    """`Counting` in one transaction."""

    def __init__(self, scope: Scope, key: bytes) -> None:
        super().__init__(scope)
        self._key = key
        self._found: dict[str, Count] = {}
        self._moment: float | None = None

    @property
    def now(self) -> float:
        if self._moment is None:
            self._moment = self._lease_time().timestamp()
        return self._moment

    def hold(self, keys: Collection[Key]) -> None:
        """Takes and reads them."""
        digests = sorted(self._digest(key) for key in keys)
        if self._connection.dialect.name == "postgresql":
            for digest in digests:
                number = int.from_bytes(bytes.fromhex(digest[:16]), signed=True)
                self._execute(select(func.pg_advisory_xact_lock(number)))
        rows = self._rows(select(sign_in_count).where(_count.key.in_(digests)))
        self._found = {
            row["key"]: Count(row["failures"], row["last_at"].timestamp(), row["until"].timestamp())
            for row in rows
            if row["gone_at"].timestamp() > self.now
        }

    def get(self, key: Key) -> Count | None:
        return self._found.get(self._digest(key))

    def put(self, key: Key, count: Count, *, seconds: float) -> None:
        digest = self._digest(key)
        values = {
            "failures": count.failures,
            "last_at": _moment(count.last),
            "until": _moment(count.until),
            "gone_at": _moment(count.last + seconds),
        }
        statement = self._insert(sign_in_count).values(key=digest, **values)
        self._execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
        self._found[digest] = count

    def drop(self, key: Key) -> None:
        digest = self._digest(key)
        if self._found.pop(digest, None) is not None:
            self._execute(delete(sign_in_count).where(_count.key == digest))

    def forget(self, most: int) -> int:
        """Lets go of what is over, and of what goes next where there is too much."""
        over = delete(sign_in_count).where(_count.gone_at <= _moment(self.now))
        gone = self._execute(over).rowcount
        first = select(_count.gone_at).order_by(_count.gone_at.desc()).offset(most).limit(1)
        bound = self._execute(first).scalar_one_or_none()
        if bound is not None:
            gone += self._execute(delete(sign_in_count).where(_count.gone_at <= bound)).rowcount
        return int(gone)

    def _digest(self, key: Key) -> str:
        whole = b"".join(len(part).to_bytes(4) + part for part in (p.encode() for p in key))
        return hmac.digest(self._key, whole, "sha256").hex()


class SharedCounts:
    """`AttemptCounts` of everybody who shares the database."""

    def __init__(self, database: Database, keys: DerivedKeys, *, most: int = MOST) -> None:
        self._database = database
        self._keys = keys
        self._most = most

    @contextmanager
    def taken(self, keys: Collection[Key]) -> Iterator[SqlAttempts]:
        secret = self._keys.lasting()
        with self._database.write() as transaction:
            attempts = SqlAttempts(transaction.scope, secret)
            attempts.hold(keys)
            yield attempts

    def forget(self) -> int:
        secret = self._keys.lasting()
        with self._database.write() as transaction:
            return SqlAttempts(transaction.scope, secret).forget(self._most)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
