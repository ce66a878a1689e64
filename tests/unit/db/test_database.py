import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import text

from alma.core.model.errors import Conflict, DatabaseUnavailable, NotFound, SecretUnreadable
from alma.core.model.principal import LOCAL
from alma.db import engine as engines
from alma.db.database import Database, open_database
from alma.db.keyring import KEY_FILE
from tests.unit.db.conftest import FakeClock
from tests.unit.db.samples import PROJECT, add_blueprint, add_ipr, deployment_of


def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    with suppress(NotFound), database.write() as transaction:
        add_blueprint(transaction)
        transaction.blueprints.latest(99, project=PROJECT)

    with database.read() as transaction:
        assert transaction.blueprints.count(project=PROJECT) == 0


def test_actions_run_after_the_commit_in_order_when_others_can_see_it(
    database: Database, open_again: Callable[[], Database]
) -> None:
    seen: list[int] = []
    elsewhere = open_again()

    def look() -> None:
        with elsewhere.write() as transaction:
            seen.append(transaction.blueprints.count(project=PROJECT))
            add_blueprint(transaction)

    with database.write() as transaction:
        add_blueprint(transaction)
        transaction.after_commit(look)
        transaction.after_commit(look)
        assert seen == []

    assert seen == [1, 2]


def test_actions_never_run_after_a_rollback(database: Database) -> None:
    ran: list[str] = []

    with suppress(NotFound), database.write() as transaction:
        transaction.after_commit(lambda: ran.append("no"))
        transaction.iprs.get(99, project=PROJECT)

    assert ran == []


def test_a_reading_transaction_can_not_write(database: Database) -> None:
    with database.read() as transaction, pytest.raises(DatabaseUnavailable) as caught:
        add_blueprint(transaction)

    assert "can't be written to" in caught.value.message
    assert not caught.value.retryable
    # And it spoils nothing for the next user of the connection.
    with database.write() as transaction:
        assert add_blueprint(transaction) == 1


def test_a_reading_transaction_sees_one_moment(
    database: Database, open_again: Callable[[], Database]
) -> None:
    with database.read() as reading:
        before = reading.blueprints.count(project=PROJECT)
        with open_again().write() as writing:
            add_blueprint(writing)
        assert reading.blueprints.count(project=PROJECT) == before

    with database.read() as reading:
        assert reading.blueprints.count(project=PROJECT) == before + 1


def test_what_contradicts_the_rows_is_a_conflict(database: Database) -> None:
    with database.write() as transaction:
        queued = deployment_of(add_ipr(transaction))
        transaction.deployments.add(queued)

    with (
        pytest.raises(Conflict, match="contradicts what is stored") as caught,
        database.write() as transaction,
    ):
        transaction.deployments.add(queued)

    assert "d-1" not in caught.value.message


def test_ping_is_silent_only_when_there_are_tables(empty_url: str, tmp_path: Path) -> None:
    database = open_database(empty_url, home=tmp_path)

    with pytest.raises(DatabaseUnavailable, match="not those of this version") as caught:
        database.ping()

    assert not caught.value.retryable
    database.migrate()
    database.ping()
    database.close()


def test_a_server_that_is_not_there_is_said_to_be_unavailable(tmp_path: Path) -> None:
    url = f"postgresql://alma:hunter2@/alma?host={tmp_path}"
    database = open_database(url, home=tmp_path)

    with pytest.raises(DatabaseUnavailable, match="does not answer") as caught:
        database.ping()

    assert caught.value.retryable
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"


def test_a_file_that_is_no_database_is_said_to_be_unusable(tmp_path: Path) -> None:
    path = tmp_path / "alma.db"
    path.write_bytes(b"not a database, just a long enough text" * 100)
    database = open_database(f"sqlite:///{path}", home=tmp_path)

    with pytest.raises(DatabaseUnavailable, match="file is not a database"):
        database.migrate()

    database.close()


def test_a_writer_that_waits_too_long_is_told_to_try_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.01)
    path = tmp_path / "alma.db"
    database = open_database(f"sqlite:///{path}", home=tmp_path)
    database.migrate()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with (
        pytest.raises(DatabaseUnavailable, match="busy") as caught,
        database.write() as transaction,
    ):
        add_blueprint(transaction)
    with database.read() as transaction:
        assert transaction.blueprints.count(project=PROJECT) == 0

    assert caught.value.retryable
    other.close()
    with database.write() as transaction:
        assert add_blueprint(transaction) == 1
    database.close()


def test_a_transaction_inside_another_is_refused_instead_of_waiting_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.01)
    database = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    database.migrate()

    with database.write() as transaction:
        add_blueprint(transaction)
        with pytest.raises(DatabaseUnavailable, match="busy"), database.write():
            pass

    with database.read() as transaction:
        assert transaction.blueprints.count(project=PROJECT) == 1
    database.close()


def test_a_connection_that_the_server_cut_is_replaced(
    database: Database, open_again: Callable[[], Database]
) -> None:
    if database.engine.dialect.name == "sqlite":
        return
    with database.write() as transaction:
        add_blueprint(transaction)
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    with open_again().engine.connect() as connection:
        connection.execute(cut)

    with database.write() as transaction:
        assert add_blueprint(transaction) == 2


def test_moments_keep_their_zone_and_their_microseconds(
    database: Database, clock: FakeClock
) -> None:
    clock.advance(0.123456)
    with database.write() as transaction:
        id_ = add_blueprint(transaction)

    with database.read() as transaction:
        found = transaction.blueprints.latest(id_, project=PROJECT).created_at

    assert found == clock.now()
    assert found.tzinfo is not None
    assert found.isoformat() == "2026-03-01T12:00:00.123456+00:00"


def test_a_row_is_locked_for_others_until_the_transaction_ends(
    database: Database, open_again: Callable[[], Database]
) -> None:
    with database.write() as transaction:
        id_ = add_ipr(transaction).id
    order: list[str] = []
    elsewhere, started = open_again(), threading.Event()

    def second() -> None:
        started.set()
        with elsewhere.write() as transaction:
            title = transaction.iprs.get(id_, project=PROJECT, lock=True).title
            order.append(f"second saw {title}")

    with database.write() as transaction:
        ipr = transaction.iprs.get(id_, project=PROJECT, lock=True)
        thread = threading.Thread(target=second)
        thread.start()
        started.wait(10)
        transaction.iprs.update(ipr.model_copy(update={"title": "changed"}))
        order.append("first wrote")
    thread.join(30)

    assert order == ["first wrote", "second saw changed"]


def queued_runs(database: Database) -> int:
    schema = "" if database.engine.dialect.name == "sqlite" else "dbos."
    with database.engine.connect() as connection:
        return int(
            connection.execute(text(f"SELECT count(*) FROM {schema}workflow_status")).scalar_one()
        )


@pytest.fixture
def client(database: Database) -> Iterator[DBOSClient]:
    """The workflow engine's client on our own connections, its tables made."""
    client = DBOSClient(system_database_engine=database.workflow_engine)
    client._sys_db.run_migrations()
    yield client
    client.destroy()


def test_the_workflow_engines_outbox_joins_the_transaction(
    database: Database, client: DBOSClient
) -> None:
    options: EnqueueOptions = {"queue_name": "deployments", "workflow_name": "run"}

    with suppress(NotFound), database.write() as transaction:
        add_blueprint(transaction)
        client.enqueue_in_transaction(transaction.connection, options, "lost")
        transaction.blueprints.latest(99, project=PROJECT)
    assert queued_runs(database) == 0

    with database.write() as transaction:
        assert transaction.blueprints.count(project=PROJECT) == 0
        client.enqueue_in_transaction(transaction.connection, options, "kept")
        assert add_blueprint(transaction) > 0
    assert queued_runs(database) == 1


def test_ping_tells_a_process_that_was_given_another_key(
    database: Database, url: str, tmp_path: Path, clock: FakeClock
) -> None:
    """Nothing can be changed without the key that the audit log is bound with: such a process is of no use."""
    with database.write() as transaction:
        transaction.audit.add(LOCAL, action="blueprint.create")
    home = tmp_path / "another"
    stranger = open_database(url, home=home, clock=clock)

    with pytest.raises(SecretUnreadable, match="which ALMA was not given"):
        stranger.ping()

    (home / KEY_FILE).write_bytes((tmp_path / KEY_FILE).read_bytes())
    stranger.ping()
    stranger.close()
