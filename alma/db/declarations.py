"""Declarations: one row for each source, overwritten as it goes on."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from alma.core.model.declaration import Declaration
from alma.db.repository import Repository, noun
from alma.db.tables import declaration

_row = declaration.c


class Declarations(Repository):
    """`DeclarationRepository` in SQL."""

    def find(self, source: str, *, lock: bool = False) -> Declaration | None:
        asked = select(declaration).where(_row.source == source)
        rows = self._rows(asked.with_for_update() if lock else asked)
        return noun(Declaration, rows[0]) if rows else None

    def add(self, declared: Declaration) -> bool:
        statement = self._insert(declaration).on_conflict_do_nothing().returning(_row.source)
        return self._execute(statement, declared.model_dump(mode="json")).first() is not None

    def put(self, declared: Declaration) -> None:
        values = declared.model_dump(mode="json", exclude={"source"})
        self._execute(update(declaration).where(_row.source == declared.source).values(values))

    def list(self, *, project: str) -> Sequence[Declaration]:
        asked = select(declaration).where(_row.project == project).order_by(_row.source)
        return [noun(Declaration, row) for row in self._rows(asked)]
