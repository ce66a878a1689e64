"""The one place where a database's complaints become ALMA's errors.

Statements, parameters and row contents never get into a message: only what the driver says about the connection does,
and of that the first line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
    SQLAlchemyError,
    StatementError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout

from alma.core.model.errors import AlmaError, Conflict, DatabaseUnavailable, InvalidInput
from alma.db.engine import FILE_GONE

_BUSY = ("database is locked", "database table is locked", "deadlock", "lock timeout", "serialize")
_NO_SCHEMA = (
    "no such table",
    "no such column",
    "has no column",
    "undefinedtable",
    "undefinedcolumn",
)
_READ_ONLY = ("readonly database", "read-only transaction")
_FULL = ("database or disk is full", "no space left", "disk full")


@contextmanager
def translated() -> Iterator[None]:
    """Raises AlmaErrors instead of SQLAlchemy's. Whatever else is raised inside passes."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable(
            "all connections to the database are in use",
            hint="try again; if it stays so, run more processes or shorten what they do",
        ) from error
    except SQLAlchemyError as error:
        raise _explained(error) from error


def _explained(error: SQLAlchemyError) -> AlmaError:
    origin = error.orig if isinstance(error, StatementError) else None
    if isinstance(origin, AlmaError):
        return origin
    if isinstance(error, IntegrityError):
        return Conflict(
            "the change contradicts what is stored",
            hint="something it refers to is gone, or was made twice: read again, then repeat",
        )
    if isinstance(error, DataError):
        return out_of_range()
    return _unavailable(error)


def out_of_range() -> InvalidInput:
    """Says that a value can't be stored at all."""
    return InvalidInput(
        "a value is outside what the database can hold",
        hint="numbers have at most 64 bits, moments lie in the years 1 to 9999 of UTC, texts have no NUL "
        "characters and no halves of surrogate pairs",
    )


def busy() -> DatabaseUnavailable:
    """Says that others kept the database to themselves for too long."""
    return DatabaseUnavailable("the database is busy: another writer holds it", hint="try again")


def _passing(text: str) -> DatabaseUnavailable | None:
    """What ends as it began, without a change to ALMA."""
    if any(word in text for word in _FULL):
        return DatabaseUnavailable("the database's disk is full", hint="make room, then try again")
    if FILE_GONE in text:
        return DatabaseUnavailable(
            FILE_GONE, hint="put it back where it was; to go on with another one, start ALMA again"
        )
    # After the others, which the workflow engine is told as a lock, too.
    return busy() if any(word in text for word in _BUSY) else None


def _unavailable(error: SQLAlchemyError) -> DatabaseUnavailable:
    said, text = _words(error)
    if (passing := _passing(text)) is not None:
        return passing
    if any(word in text for word in _READ_ONLY):
        return _permanent(
            f"the database can't be written to: {said}",
            outwards="the database can't be written to",
            hint="check the permissions of its file, or that the server is no read-only copy",
        )
    if any(word in text for word in _NO_SCHEMA):
        return _permanent(
            "the database's tables are not those of this version",
            hint="start ALMA once with this version: that brings the database up to date",
        )
    if isinstance(error, ProgrammingError) or not isinstance(error, DBAPIError):
        return _permanent(
            f"the database refused a statement: {said}",
            hint="report this: it is a fault in ALMA",
            outwards="the database refused a statement",
        )
    away = DatabaseUnavailable(
        f"the database does not answer: {said}",
        hint="check that it runs and that ALMA_DATABASE_URL is right",
    )
    away.outwards = "the database does not answer"
    return away


def _words(error: SQLAlchemyError) -> tuple[str, str]:
    """The driver's first line for people, and everything there is to search in."""
    origin = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(origin).strip().splitlines() or [type(origin).__name__]
    return lines[0], f"{type(origin).__name__} {origin}".lower()


def _permanent(message: str, *, hint: str, outwards: str | None = None) -> DatabaseUnavailable:
    trouble = DatabaseUnavailable(message, hint=hint)
    trouble.outwards = outwards
    trouble.retryable = False
    return trouble
