"""SQLAlchemy engines with the settings that concurrent writers, and the workflow engine beside them, need."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, ExceptionContext, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from alma.core.model.errors import InvalidInput

# SQLite has one writer at a time, and on a busy machine many may stand before it.
BUSY_SECONDS = 15
CONNECT_SECONDS = 5
POOL_SECONDS = 10
# To a server: at most so many at a time, of which so many are kept.
CONNECTIONS, KEPT_CONNECTIONS = 30, 10
# A frozen process must not hold rows for ever: the server ends a transaction in which nothing happens.
IDLE_TRANSACTION_SECONDS = 20

# A machine that is gone says nothing: after so long its connections count as broken (no effect on local sockets).
_DEAD_PEER = {
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

FILE_GONE = "the database's file was removed or replaced while it was in use"
_FILE = "alma_file"
# On SQLite the workflow engine tries again after errors that say this, and ends the run after any other.
_WAITED_FOR = "as if the database is locked"

_HINT = "write sqlite:////path/to/alma.db or postgresql://user:password@host/database"


def make_engine(url: str, *, connections: int = CONNECTIONS) -> Engine:
    """An engine for a `sqlite:///` file or a `postgresql://` server, of which it uses at most so many connections.
    Connects to nothing yet.

    Raises InvalidInput for any other URL and, naming the extra, when the PostgreSQL driver is not installed.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, connections)
    # The URL itself may hold a password: only its first word is repeated.
    raise InvalidInput(f"ALMA has no use for a {parsed.get_backend_name()} database", hint=_HINT)


def _parsed(url: str) -> URL:
    try:
        # An old spelling that hosting providers still hand out.
        return make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):  # the latter for a port that is no number
        raise InvalidInput("ALMA_DATABASE_URL is no database URL", hint=_HINT) from None


def _sqlite(url: URL) -> Engine:
    if url.database in {None, "", ":memory:"}:
        raise InvalidInput(
            "an SQLite database must be a file: deployments outlive processes", hint=_HINT
        )
    file = Path(str(url.database)).absolute()
    _make_folder(file.parent)
    engine = _sqlite_engine(url, _OneFile(file))
    event.listen(engine, "checkout", _begin_immediate)
    return engine


def _sqlite_engine(url: URL, file: _OneFile) -> Engine:
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        hide_parameters=True,
        pool_size=20,
        max_overflow=80,
        pool_timeout=POOL_SECONDS,
        connect_args={"timeout": BUSY_SECONDS},
        execution_options={_FILE: file},
    )
    event.listen(engine, "do_connect", file.check)
    event.listen(engine, "connect", file.found)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "checkout", file.check)
    event.listen(engine, "handle_error", _wait_for_room)
    return engine


def _wait_for_room(context: ExceptionContext) -> None:
    error = context.original_exception
    # One that is raised here has no code.
    code = getattr(error, "sqlite_errorcode", None) if isinstance(error, sqlite3.Error) else None
    if code is not None and code & 0xFF == sqlite3.SQLITE_FULL:
        error.args = (f"{error} ({_WAITED_FOR})",)


class _OneFile:
    """The file that was opened first. SQLite goes on in one that was removed, and makes a new, empty one where there is
    none: what is written then would be lost with the process, and nobody told."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: tuple[int, int] | None = None

    def found(self, *_: object) -> None:
        """There is a connection to it."""
        self._first = self._first or self._now()

    def check(self, *_: object) -> None:
        """Raises the driver's error when another file, or none, is there now; once the first is back, all goes on."""
        if self._first is not None and self._now() != self._first:
            raise sqlite3.OperationalError(f"{FILE_GONE} ({_WAITED_FOR})")

    def _now(self) -> tuple[int, int] | None:
        try:
            there = self._path.stat()
        except OSError:
            return None
        return there.st_dev, there.st_ino


def make_reader(engine: Engine) -> Engine:
    """An engine for transactions that only read. On SQLite one of its own, whose connections refuse to write: told to
    each once, and not to one and the same at the start and the end of every transaction."""
    if engine.dialect.name != "sqlite":
        return engine
    reader = _sqlite_engine(engine.url, engine.get_execution_options()[_FILE])
    event.listen(reader, "connect", _refuse_writes)
    return reader


def _refuse_writes(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute("PRAGMA query_only = ON")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"the database's folder {folder} can't be made: {error.strerror}",
            hint="name another one in ALMA_HOME or ALMA_DATABASE_URL",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switches a new file over. Unlike everything else this does not wait for another process that does the same."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_immediate(connection: sqlite3.Connection, _record: Any, _proxy: Any) -> None:
    """Whoever writes without beginning a transaction (the workflow engine) takes the write lock at once, because one
    asked for after reading can't be waited for. At each checkout: SQLAlchemy forgets it after an autocommit."""
    connection.isolation_level = "IMMEDIATE"


def _postgresql(url: URL, connections: int) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_size=min(connections, KEPT_CONNECTIONS),
            max_overflow=max(0, connections - KEPT_CONNECTIONS),
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS, **_DEAD_PEER},
        )
    except ImportError as error:
        raise InvalidInput(
            "the driver for PostgreSQL is not installed", hint="pip install 'alma[postgres]'"
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_TRANSACTION_SECONDS}s'")
    # The pool rolls back what it takes back, and would roll back the setting too.
    connection.commit()


def said_by_driver(action: Callable[[], None]) -> str | None:
    """Does it; what the PostgreSQL driver said where that broke off, without what may be secret in it; else None."""
    import psycopg

    try:
        action()
    except psycopg.Error as error:
        return type(error).__name__
    except OSError as error:
        return error.strerror or type(error).__name__
    return None
