"""What is read from the audit log, or taken away, in several transactions holds whatever comes between two of them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from alma.core.model.audit import AuditFilter
from alma.core.model.audit_export import check_lines
from alma.core.model.errors import Conflict, DatabaseUnavailable
from alma.core.model.principal import LOCAL
from alma.core.services.auditing import Auditing
from alma.db.audit import place_of_key
from alma.db.database import Database
from alma.db.keyring import Keyring
from tests.unit.db.conftest import FakeClock

DAY = timedelta(days=1)


@pytest.fixture
def noted(database: Database, clock: FakeClock) -> Database:
    """Six entries of the day before yesterday, and one of today."""
    for number in range(7):
        if number == 6:
            clock.advance(2 * DAY.total_seconds())
        with database.write() as transaction:
            transaction.audit.add(LOCAL, action="ipr.approve", target=f"ipr/{number}")
    return database


def auditing(database: Database, clock: FakeClock) -> Auditing:
    return Auditing(
        repositories=database, clock=clock, retention=DAY, exported_at_once=2, pruned_at_once=2
    )


def after(number: int, database: Database) -> Callable[[], None]:
    """Makes the database go away when a further transaction begins than so many. What ends that is returned."""
    left = [number]

    def begun(_connection: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise DatabaseUnavailable("gone", hint="wait")

    event.listen(database.engine, "begin", begun)
    return lambda: event.remove(database.engine, "begin", begun)


def prunings(database: Database) -> int:
    """How many entries are said to have been taken away."""
    with database.read() as transaction:
        found = transaction.audit.list(AuditFilter(action="audit.prune"))
    return sum(int(str((entry.after or {})["entries"])) for entry in found)


def first(database: Database) -> int:
    with database.read() as transaction:
        return transaction.audit.head().kept_from


def test_what_was_taken_away_before_the_database_went_is_noted(
    noted: Database, clock: FakeClock
) -> None:
    back = after(2, noted)
    with pytest.raises(DatabaseUnavailable):
        auditing(noted, clock).retire()
    back()

    assert 1 < first(noted) < 7
    assert prunings(noted) == first(noted) - 1
    auditing(noted, clock).retire()
    assert (first(noted), prunings(noted)) == (7, 6)


def test_an_export_that_retention_overtakes_breaks_off_and_says_why(
    noted: Database, clock: FakeClock
) -> None:
    lines = auditing(noted, clock).export(LOCAL)
    next(lines)
    auditing(noted, clock).retire()

    with pytest.raises(Conflict, match="retention took away"):
        list(lines)


def test_an_export_that_is_ahead_of_retention_is_whole(
    noted: Database, clock: FakeClock, tmp_path: Path
) -> None:
    lines = auditing(noted, clock).export(LOCAL)
    read = [next(lines) for _ in range(8)]
    auditing(noted, clock).retire()
    read += lines

    key = Keyring.open(tmp_path)

    def opened(id_: str, sealed: str) -> bytes:
        return bytes.fromhex(key.decrypt(sealed, place_of_key(id_)))

    report = check_lines(read, opened)
    assert (report.intact, report.entries) == (True, 8)
