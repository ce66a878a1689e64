"""Refusals while the database is away: nobody gets in, and what happened is known when it is back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from alma.core.model.audit import AuditEntry, AuditFilter
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.principal import Source
from alma.core.services.denials import MOST_KINDS, Denials
from alma.db.database import Database, open_database

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Still:
    """A clock that stands still."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    made.migrate()
    yield made
    made.close()


class Away:
    """Whether the database can be written to."""

    def __init__(self, database: Database) -> None:
        self.now = False
        event.listen(database.engine, "begin", self._begun)

    def _begun(self, _connection: object) -> None:
        if self.now:
            raise DatabaseUnavailable("the database does not answer", hint="wait")


@pytest.fixture
def away(database: Database) -> Away:
    return Away(database)


@pytest.fixture
def denials(database: Database) -> Denials:
    return Denials(repositories=database, clock=Still(), now=lambda: 0.0)


def refuse(denials: Denials, target: str) -> None:
    source = Source(address="192.0.2.7", request_id="r-1", client="curl/8")
    denials.note(None, source, action="access.denied", target=target, facts={"code": "forbidden"})


def noted(database: Database) -> list[AuditEntry]:
    with database.read() as transaction:
        return [*reversed(transaction.audit.list(AuditFilter(), limit=1000))]


def test_a_refusal_that_could_not_be_noted_is_noted_with_the_next_one(
    database: Database, denials: Denials, away: Away
) -> None:
    away.now = True
    refuse(denials, "ipr/1")
    away.now = False
    refuse(denials, "ipr/2")

    assert [entry.target for entry in noted(database)] == ["ipr/1", "ipr/2"]


def test_what_was_counted_is_not_lost_at_the_end_of_a_minute_without_a_database(
    database: Database, denials: Denials, away: Away
) -> None:
    for _ in range(3):
        refuse(denials, "ipr/1")
    away.now = True
    denials.close()
    away.now = False
    denials.flush()

    assert [(entry.after or {}).get("repeated") for entry in noted(database)] == [None, 2]


def test_a_long_time_without_a_database_takes_a_bounded_part_of_the_memory(
    database: Database, away: Away
) -> None:
    minute = [0.0]
    denials = Denials(repositories=database, clock=Still(), now=lambda: minute[0])
    away.now = True
    for number in range(5 * MOST_KINDS):
        minute[0] += 61
        refuse(denials, f"ipr/{number}")
    away.now = False
    minute[0] += 61
    denials.flush()

    found = noted(database)
    assert len(found) == MOST_KINDS + 1
    told = [entry for entry in found if entry.action == "access.denied_others"]
    assert [(entry.after or {})["repeated"] for entry in told] == [4 * MOST_KINDS]
