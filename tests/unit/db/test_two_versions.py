"""Two versions of ALMA on one database, as while servers are upgraded one after the other.

The rule: a migration only adds (expand); what is not used any more is taken away by a later release (contract). So what
the version before writes, and how it reads, goes on working on the newer tables.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData, Table, inspect, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from alma.core.model.errors import DatabaseUnavailable
from alma.db import schema
from alma.db.database import open_database
from alma.db.engine import make_engine
from alma.db.tables import HEAD
from tests.unit.db.conftest import START

BEFORE = "0008"
SAID = Path(__file__).resolve().parents[2] / "cases" / "versions" / BEFORE
MANY = 120


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    made = make_engine(empty_url)
    yield made
    made.dispose()


def migrated_to(engine: Engine, version: str) -> MetaData:
    """The tables as that version knows them."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    found = MetaData()
    found.reflect(engine)
    return found


def test_what_the_version_before_knows_is_still_there_and_as_it_was(engine: Engine) -> None:
    before = migrated_to(engine, BEFORE)
    schema.migrate(engine)
    now = inspect(engine)
    for table in before.tables.values():
        if table.name == "alembic_version":
            continue
        columns = {column["name"]: column for column in now.get_columns(table.name)}
        assert {column.name for column in table.columns} <= columns.keys(), table.name
        new = columns.keys() - {column.name for column in table.columns}
        # The version before does not name a new column when it writes: it needs a value of its own.
        unfilled = {n for n in new if not columns[n]["nullable"] and columns[n]["default"] is None}
        assert not unfilled, f"{table.name}: {unfilled}"


def test_rows_that_the_version_before_writes_are_read_by_this_one_and_the_other_way(
    engine: Engine,
) -> None:
    before = migrated_to(engine, BEFORE)
    schema.migrate(engine)
    executor = before.tables["executor"]
    with engine.begin() as connection:
        connection.execute(executor.insert().values(id="old", beat_at=START))
    now = Table("executor", MetaData(), autoload_with=engine)
    with engine.begin() as connection:
        connection.execute(now.insert().values(id="new", beat_at=START))
        for table in (executor, now):
            found = connection.execute(select(table.c.id).order_by(table.c.id)).scalars()
            assert list(found) == ["new", "old"]


def test_every_statement_of_the_version_before_is_understood(engine: Engine) -> None:
    """What its own tests had it say, as `tests/record_statements.py` wrote it down. The database plans each and runs
    none: every table and column that is named has to be there."""
    schema.migrate(engine)
    said = json.loads((SAID / f"{engine.dialect.name}.json").read_text(encoding="utf-8"))
    assert len(said) > MANY
    refused = {statement: why for statement in said if (why := refusal(engine, statement))}
    assert refused == {}


def test_a_statement_about_what_is_not_there_is_not_understood(engine: Engine) -> None:
    schema.migrate(engine)
    assert refusal(engine, "SELECT deployment.id FROM deployment") == ""
    assert "colour" in refusal(engine, "SELECT deployment.colour FROM deployment")


def refusal(engine: Engine, statement: str) -> str:
    """Why the database can't plan it; nothing where it can. Its values are all unknown."""
    names = set(re.findall(r"%\((\w+)\)s", statement))
    if engine.dialect.name == "postgresql":
        values: Any = dict.fromkeys(names)
    else:
        values = (None,) * statement.count("?")
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql(f"EXPLAIN {statement}", values)
        except SQLAlchemyError as error:
            return str(error)
    return ""


def test_two_that_start_at_once_migrate_once(empty_url: str, tmp_path: Path) -> None:
    errors: list[BaseException] = []

    def start() -> None:
        database = open_database(empty_url, home=tmp_path)
        try:
            database.migrate()
        except DatabaseUnavailable as error:
            errors.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        assert schema.current(connection) == HEAD
    engine.dispose()


def test_a_database_that_a_newer_version_has_upgraded_is_refused_with_what_to_do(
    engine: Engine,
) -> None:
    schema.migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match="knows only up to") as refused:
        schema.migrate(engine)
    assert refused.value.hint
    assert not refused.value.retryable
