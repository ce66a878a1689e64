"""Marks of who follows a turn: they count for a while, are told when they are new, and leave no rows behind."""

from __future__ import annotations

from sqlalchemy import func, select

from alma.db.database import Database
from alma.db.tables import turn_follower
from tests.unit.db.conftest import FakeClock


def mark(database: Database, turn: str, who: str) -> bool:
    """Whether the others are told."""
    with database.write() as transaction:
        transaction.followers.mark(turn, who, seconds=20)
        return turn in transaction.told


def followers(database: Database, turn: str) -> list[str]:
    with database.read() as transaction:
        return list(transaction.followers.of(turn))


def test_a_mark_counts_until_it_is_over_or_taken_back(database: Database, clock: FakeClock) -> None:
    mark(database, "t", "a")
    clock.advance(15)
    mark(database, "t", "b")
    assert followers(database, "t") == ["a", "b"]
    assert followers(database, "other") == []

    clock.advance(10)
    assert followers(database, "t") == ["b"]
    with database.write() as transaction:
        transaction.followers.leave("t", "b")
    assert followers(database, "t") == []


def test_a_mark_that_is_made_again_counts_for_longer_and_is_not_told_again(
    database: Database, clock: FakeClock
) -> None:
    assert mark(database, "t", "a")
    clock.advance(15)
    assert not mark(database, "t", "a")
    clock.advance(15)
    assert followers(database, "t") == ["a"]


def test_marks_that_are_over_leave_with_the_next_one(database: Database, clock: FakeClock) -> None:
    for number in range(5):
        mark(database, f"t{number}", "a")
    clock.advance(60)
    mark(database, "new", "a")
    with database.engine.connect() as connection:
        found = connection.execute(select(func.count()).select_from(turn_follower)).scalar_one()
    assert found == 1
