from pathlib import Path

import pytest
from sqlalchemy import text

from alma.core.model.errors import InvalidInput
from alma.db.engine import make_engine


def test_sqlite_connections_can_share_the_file_with_others(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'sub' / 'alma.db'}")

    with engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }

    engine.dispose()
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 1,
        "busy_timeout": 15_000,
        "foreign_keys": 1,
    }


def test_whoever_begins_no_transaction_takes_the_write_lock_when_writing(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'alma.db'}")
    said: list[str] = []
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE TABLE thing (id INTEGER)"))

    with engine.begin() as connection:
        connection.connection.driver_connection.set_trace_callback(said.append)  # type: ignore[union-attr]
        connection.execute(text("INSERT INTO thing VALUES (1)"))

    engine.dispose()
    assert said[0].strip() == "BEGIN IMMEDIATE"


@pytest.mark.parametrize(
    "url",
    [
        "postgres://ada:secret@db.example/alma",
        "postgresql://ada:secret@db.example/alma",
        "postgresql+psycopg2://ada:secret@db.example/alma",
    ],
)
def test_every_spelling_of_postgresql_means_the_one_driver(url: str) -> None:
    engine = make_engine(url)

    assert engine.url.drivername == "postgresql+psycopg"
    assert engine.url.host == "db.example"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://ada:secret@db.example/alma", "no use for a mysql database"),
        ("sqlite://", "must be a file"),
        ("sqlite:///:memory:", "must be a file"),
        ("secret", "no database URL"),
        ("", "no database URL"),
        ("postgresql://ada:secret@db.example:port/alma", "no database URL"),
    ],
)
def test_any_other_url_is_refused_without_repeating_its_password(url: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        make_engine(url)

    assert "secret" not in caught.value.message
    assert "sqlite:///" in (caught.value.hint or "")


def test_a_folder_that_can_t_be_made_is_refused_and_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidInput, match="file can't be made"):
        make_engine(f"sqlite:///{tmp_path / 'file' / 'alma.db'}")
