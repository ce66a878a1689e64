"""An SQLite file that is removed under a running process: SQLite itself goes on in what nobody will ever read again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dbos._utils import retriable_sqlite_exception
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from alma.core.model.access import DEFAULT_PROJECT
from alma.core.model.errors import DatabaseUnavailable
from alma.db.database import Database, open_database
from tests.unit.db.samples import add_blueprint


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "alma.db"


@pytest.fixture
def database(file: Path, tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{file}", home=tmp_path)
    made.migrate()
    yield made
    made.close()


def write(database: Database) -> None:
    with database.write() as transaction:
        add_blueprint(transaction, project=DEFAULT_PROJECT)


def count(database: Database) -> int:
    with database.read() as transaction:
        return transaction.blueprints.count(project=DEFAULT_PROJECT, name=None)


def remove(file: Path) -> None:
    file.rename(file.with_name("away.db"))


def replace(file: Path) -> None:
    copy = file.with_name("copy.db")
    copy.write_bytes(file.read_bytes())
    copy.replace(file)


@pytest.mark.parametrize("meddle", [remove, replace])
@pytest.mark.parametrize("ask", [write, count])
def test_nothing_is_read_from_or_written_to_a_file_that_is_gone(
    database: Database, file: Path, meddle: Callable[[Path], None], ask: Callable[[Database], None]
) -> None:
    write(database)
    count(database)
    meddle(file)

    with pytest.raises(DatabaseUnavailable, match="removed or replaced") as caught:
        ask(database)

    assert caught.value.retryable
    assert "put it back" in str(caught.value.hint)


def test_no_empty_file_is_made_in_place_of_the_one_that_is_gone(
    database: Database, file: Path
) -> None:
    remove(file)

    # Its first connection to read would make one.
    with pytest.raises(DatabaseUnavailable, match="removed or replaced"):
        count(database)

    assert not file.exists()


def test_once_the_file_is_back_everything_goes_on(database: Database, file: Path) -> None:
    write(database)
    remove(file)
    with pytest.raises(DatabaseUnavailable):
        write(database)

    file.with_name("away.db").rename(file)

    write(database)
    assert count(database) == 2


def test_the_end_of_a_process_whose_file_is_gone_is_quiet(database: Database, file: Path) -> None:
    write(database)
    count(database)
    remove(file)

    database.close()

    assert not file.exists()


def test_the_workflow_engine_waits_for_the_file_and_for_room_as_it_does_for_a_lock(
    database: Database, file: Path
) -> None:
    """It would end a run for anything else, and what was deployed until then would be nobody's."""
    more = text("CREATE TABLE more AS SELECT randomblob(1000000) AS bytes")
    with database.engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 1"))
        with pytest.raises(OperationalError) as full:
            connection.execute(more)
    remove(file)
    with pytest.raises(OperationalError) as gone, database.engine.connect():
        pytest.fail("connected")

    assert retriable_sqlite_exception(full.value)
    assert retriable_sqlite_exception(gone.value)
