from collections.abc import Sequence

from alma.db.database import Database
from tests.unit.db.conftest import FakeClock


def beat(database: Database, id_: str) -> None:
    with database.write() as transaction:
        transaction.executors.beat(id_)


def alive(database: Database) -> Sequence[str]:
    with database.read() as transaction:
        return transaction.executors.alive(seconds=10)


def test_who_beats_is_alive_and_who_stops_is_not(database: Database, clock: FakeClock) -> None:
    for id_ in ("b", "a"):
        beat(database, id_)
    assert alive(database) == ["a", "b"]

    clock.advance(6)
    beat(database, "a")
    clock.advance(6)

    assert alive(database) == ["a"]


def test_who_ends_in_order_is_forgotten_at_once(database: Database) -> None:
    beat(database, "a")

    with database.write() as transaction:
        transaction.executors.forget("a")

    assert alive(database) == []


def test_without_a_clock_of_its_own_the_database_tells_the_time(
    url: str, database: Database
) -> None:
    unclocked = Database(database.engine, keyring=database._keyring)
    beat(unclocked, "a")

    assert alive(unclocked) == ["a"]
