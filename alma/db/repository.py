"""What all repositories stand on: one connection in one transaction, and the few things that differ by database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Column, Connection, Executable, RowMapping, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult

from alma.core.model.errors import InvalidInput, NotFound
from alma.core.ports import Clock
from alma.db.columns import unreadable
from alma.db.errors import out_of_range, translated
from alma.db.keyring import Keyring
from alma.db.plan_cache import PlanCache

Noun = TypeVar("Noun", bound=BaseModel)
Children: TypeAlias = Mapping[Any, tuple[Noun, ...]]


@dataclass(frozen=True)
class Scope:
    """What a transaction hands to its repositories. `server_time`: leases are counted by the database server's clock,
    because several machines share it. `data_keys`: those that this process has opened.
    `told`: ids of what is written of, for those in other processes who wait for it."""

    connection: Connection
    clock: Clock
    server_time: bool
    keyring: Keyring
    plan_cache: PlanCache
    data_keys: MutableMapping[str, bytes] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


class Repository:
    """Base of the repositories: short-lived, for one transaction, not for several threads."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._connection = scope.connection

    def _execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        try:
            with translated():
                return self._connection.execute(statement, parameters)
        except (OverflowError, UnicodeEncodeError) as error:
            raise out_of_range() from error

    def _insert(self, table: Table) -> postgresql.Insert | sqlite.Insert:
        """An INSERT that can be told what to do on a conflict, which both databases write in the same way."""
        if self._connection.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    def _now(self) -> datetime:
        return self._scope.clock.now()

    def _lease_time(self) -> datetime:
        """Now, by the clock that everybody who shares the database shares."""
        if not self._scope.server_time:
            return self._now()
        moment: datetime = self._execute(select(func.clock_timestamp())).scalar_one()
        return moment

    def _rows(self, statement: Select[Any], parameters: Any = None) -> Sequence[RowMapping]:
        return self._execute(statement, parameters).mappings().all()

    def _one(self, statement: Select[Any], what: str, parameters: Any = None) -> RowMapping:
        row = self._execute(statement, parameters).mappings().one_or_none()
        if row is None:
            raise missing(what)
        return row

    def _grouped(self, statement: Select[Any], parent: str, model: type[Noun]) -> Children[Noun]:
        """The nouns of a statement in its order, by what each row has in column `parent`."""
        found: dict[Any, tuple[Noun, ...]] = {}
        for key, rows in groupby(self._rows(statement), itemgetter(parent)):
            found[key] = tuple(noun(model, row) for row in rows)
        return found


def missing(what: str) -> NotFound:
    """Says that there is none, in the same words whether it never was, was deleted or is another project's."""
    return NotFound(f"{what} does not exist", hint="check the id; a list shows what there is")


def page(statement: Select[Any], skip: int, limit: int) -> Select[Any]:
    """That part of the answer. Raises InvalidInput for negative bounds, which only one of the databases refuses."""
    if skip < 0 or limit < 0:
        raise InvalidInput("skip and limit can't be negative", hint="start with skip=0")
    return statement.offset(skip).limit(limit)


def behind(moment: Column[Any], id_: Column[Any], place: tuple[datetime, str]) -> Any:
    """What comes after a place in an order by time, newest first, then by id from the highest."""
    return (moment < place[0]) | ((moment == place[0]) & (id_ < place[1]))


def columns_of(table: Table, model: type[BaseModel]) -> list[Column[Any]]:
    """The columns named like the noun's fields."""
    return [table.c[name] for name in model.model_fields if name in table.c]


def noun(model: type[Noun], row: RowMapping, **more: Any) -> Noun:
    """The noun of a row with columns named like its fields, and of what is stored elsewhere."""
    values = {name: row[name] for name in model.model_fields if name in row}
    try:
        return model.model_validate(values | more)
    except ValidationError as error:
        raise unreadable(model.__name__.lower()) from error


def plain(model: BaseModel, names: Iterable[str]) -> dict[str, Any]:
    """The noun's fields as column values: JSON-ready, moments as they are."""
    values = model.model_dump(mode="json", include=set(names))
    moments = {
        name: value for name in values if isinstance(value := getattr(model, name), datetime)
    }
    return values | moments
