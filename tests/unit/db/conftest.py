"""Every test that takes `database` runs on SQLite and on PostgreSQL: the two must not differ in anything it can see."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alma.db.database import Database, open_database
from tests import postgres
from tests.postgres import postgres_server

__all__ = ["postgres_server"]

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclasses.dataclass
class FakeClock:
    """Stands still until it is told to go on."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'alma.db'}"
        return
    server: Path = request.getfixturevalue("postgres_server")
    name = postgres.create_database(server)
    yield postgres.database_url(server, name)
    postgres.drop_database(server, name)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with all tables, to be copied: quicker than migrating for each test."""
    name = postgres.create_database(postgres_server)
    url = postgres.database_url(postgres_server, name)
    database = open_database(url, home=tmp_path_factory.mktemp("home"))
    database.migrate()
    database.close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'alma.db'}"
        return
    server: Path = request.getfixturevalue("postgres_server")
    name = postgres.create_database(server, request.getfixturevalue("migrated_template"))
    yield postgres.database_url(server, name)
    postgres.drop_database(server, name)


@pytest.fixture
def open_again(url: str, tmp_path: Path, clock: FakeClock) -> Iterator[Callable[[], Database]]:
    """Opens the database as another process would: sharing nothing but the file or server and the key."""
    opened: list[Database] = []

    def open_() -> Database:
        opened.append(open_database(url, home=tmp_path, clock=clock))
        return opened[-1]

    yield open_
    for database in opened:
        database.close()


@pytest.fixture
def database(open_again: Callable[[], Database]) -> Database:
    database = open_again()
    database.migrate()
    return database
