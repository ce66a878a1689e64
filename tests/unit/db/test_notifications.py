"""What one process writes, another one hears of: exactly what was committed, also after its connection was cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from alma.core.model.event import EventType
from alma.db import notifications
from alma.db.database import Database, open_database
from tests import postgres
from tests.unit.db.samples import stored_deployment
from tests.waiting import wait_until


class Ear:
    """What was heard, and how often something may have been missed."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.missed = 0

    def miss(self) -> None:
        self.missed += 1


@pytest.fixture
def shared_url(postgres_server: Path, migrated_template: str) -> Iterator[str]:
    name = postgres.create_database(postgres_server, migrated_template)
    yield postgres.database_url(postgres_server, name)
    postgres.drop_database(postgres_server, name)


@pytest.fixture
def writer(shared_url: str, tmp_path: Path) -> Iterator[Database]:
    database = open_database(shared_url, home=tmp_path)
    yield database
    database.close()


@pytest.fixture
def ear(shared_url: str, tmp_path: Path) -> Iterator[Ear]:
    """What another process hears."""
    ear, database = Ear(), open_database(shared_url, home=tmp_path)
    database.listen(ear.heard.append, missed=ear.miss)
    wait_until(lambda: ear.missed, interval=0.01)
    yield ear
    database.close()


def tell(database: Database, key: str) -> None:
    with database.engine.begin() as connection:
        notifications.tell(connection, [key])


def say(database: Database, words: str) -> None:
    with database.write() as transaction:
        transaction.deployments.append_event("d-1", EventType.LOG, words)


def test_a_line_of_the_log_is_heard_in_another_process(writer: Database, ear: Ear) -> None:
    stored_deployment(writer)
    say(writer, "one")
    wait_until(lambda: "d-1" in ear.heard, interval=0.01)


def test_several_lines_of_one_transaction_are_heard_once(writer: Database, ear: Ear) -> None:
    stored_deployment(writer)
    with writer.write() as transaction:
        for words in ("one", "two", "three"):
            transaction.deployments.append_event("d-1", EventType.LOG, words)
    tell(writer, "end")
    wait_until(lambda: "end" in ear.heard, interval=0.01)
    assert ear.heard == ["d-1", "end"]


def test_what_is_rolled_back_is_never_heard(writer: Database, ear: Ear) -> None:
    stored_deployment(writer)
    with suppress(RuntimeError), writer.write() as transaction:
        transaction.deployments.append_event("d-1", EventType.LOG, "never")
        raise RuntimeError
    tell(writer, "end")
    wait_until(lambda: "end" in ear.heard, interval=0.01)
    assert ear.heard == ["end"]


def test_after_its_connection_was_cut_it_is_told_that_it_may_have_missed_something(
    writer: Database, ear: Ear
) -> None:
    stored_deployment(writer)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    with writer.engine.begin() as connection:
        assert connection.execute(text(cut)).rowcount == 1
    wait_until(lambda: ear.missed == 2, interval=0.01)
    say(writer, "after")
    wait_until(lambda: "d-1" in ear.heard, interval=0.01)


def test_on_sqlite_there_is_nobody_to_hear(tmp_path: Path) -> None:
    ear, database = Ear(), open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    database.migrate()
    database.listen(ear.heard.append, missed=ear.miss)
    stored_deployment(database)
    say(database, "one")
    database.close()
    assert (ear.heard, ear.missed) == ([], 0)
