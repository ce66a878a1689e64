"""Column types that give back what was stored: moments with their zone, and nouns instead of loose JSON.

SQLite has no time zones and neither database knows pydantic, so both are settled here, and repositories never think
of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError
from sqlalchemy import DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.recent import Recent
from alma.db.errors import out_of_range

Noun = TypeVar("Noun", bound=BaseModel)


class Moment(TypeDecorator[datetime]):
    """A point in time. Takes any zone, never a naive one, and gives back UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC; without the zone where the database would drop it anyway. Raises InvalidInput beyond its years."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = in_utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same moment, in UTC whatever the session's zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def in_utc(moment: datetime) -> datetime:
    """The same moment. Raises InvalidInput for the last hours of the year 9999 west of UTC, the first of the year 1
    east of it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise out_of_range() from None


class Document(TypeDecorator[BaseModel]):
    """A noun as JSON text, written and read by pydantic itself: several times faster than going through dicts.

    With `sparse`, only what was set is written, so that a document comes back as its author wrote it. With `recent`,
    the nouns read last stay decoded, up to that many characters of text: for what is listed again and again.
    """

    impl = Text
    cache_ok = True

    def __init__(self, model: type[BaseModel], *, sparse: bool = False, recent: int = 0) -> None:
        super().__init__()
        self.model = model
        self.sparse = sparse
        self.recent = Recent[BaseModel](recent)

    def process_bind_param(self, value: BaseModel | None, dialect: Dialect) -> str | None:
        """The JSON text."""
        if value is None:
            return None
        return render(value, sparse=self.sparse)

    def process_result_value(self, value: str | None, dialect: Dialect) -> BaseModel | None:
        """The noun. Raises DatabaseUnavailable for a text this version can't read."""
        if value is None:
            return None
        known = self.recent.get(value)
        if known is None:
            known = parse(self.model, value)
            self.recent.put(value, known, length=len(value))
        return known


def render(value: BaseModel, *, sparse: bool = False) -> str:
    """The JSON text to store. Raises InvalidInput for texts that are no Unicode."""
    try:
        return value.model_dump_json(exclude_unset=sparse)
    except PydanticSerializationError as error:
        raise out_of_range() from error


def parse(model: type[Noun], text: str) -> Noun:
    """The noun that was stored as `text`. Raises DatabaseUnavailable for one this version of ALMA can't read."""
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise unreadable(model.__name__.lower()) from error


class named_engine(FunctionElement[str]):  # noqa: N801 - reads like the functions of SQL
    """What a stored document says under `engine` itself, and not any of its resources; NULL if nothing."""

    type = Text()
    inherit_cache = True


@compiles(named_engine, "sqlite")
def _in_sqlite(element: named_engine, compiler: SQLCompiler, **kw: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **kw)}, '$.engine')"


@compiles(named_engine, "postgresql")
def _in_postgresql(element: named_engine, compiler: SQLCompiler, **kw: Any) -> str:
    # Not jsonb, which refuses texts that other fields may hold.
    return f"(CAST({compiler.process(element.clauses, **kw)} AS json) ->> 'engine')"


def unreadable(what: str) -> DatabaseUnavailable:
    """Says that something stored does not fit the nouns of this version."""
    trouble = DatabaseUnavailable(
        f"a stored {what} can't be read by this version of ALMA",
        hint="start the version that wrote it, or restore a backup made before the change of version",
    )
    trouble.retryable = False
    return trouble
