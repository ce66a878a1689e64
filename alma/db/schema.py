"""Brings a database to the tables of this version, exactly once however many processes start together."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from alma.core.model.errors import DatabaseUnavailable
from alma.db.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number will do, as long as nobody else on the same server uses it for something else.
_ADVISORY_LOCK = 0x414C4D41


def migrate(engine: Engine) -> None:
    """Runs what is missing in one transaction. Costs one query when nothing is.

    Raises DatabaseUnavailable for a database that is ahead of this version, and SQLAlchemy's errors.
    """
    with engine.connect() as connection:
        if current(connection) == HEAD:
            return
    with engine.begin() as connection:
        _lock(connection)
        version = current(connection)
        if version != HEAD:
            _refuse_unknown(version)
            _upgrade(connection)


def current(connection: Connection) -> str | None:
    """The migration that the database is at, None for a new one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar()
    return version


def _lock(connection: Connection) -> None:
    """Makes others wait until this transaction ends."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})


def _refuse_unknown(version: str | None) -> None:
    known = {path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")}
    if version is None or version in known:
        return
    trouble = DatabaseUnavailable(
        f"the database is at version {version}, and this ALMA knows only up to {HEAD}",
        hint="start the newer ALMA that wrote it, or restore a backup made before it did",
    )
    trouble.retryable = False
    raise trouble


def _upgrade(connection: Connection) -> None:
    # Loaded here: it costs more than everything else at a start, and mostly there is nothing to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
