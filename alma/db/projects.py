"""Projects: what nobody outside sees into."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, func, select, update

from alma.core.model.access import Project, ProjectRules
from alma.core.model.errors import Conflict
from alma.db import access_tables as tables
from alma.db.repository import Repository, missing, noun

_project = tables.project.c


class Projects(Repository):
    """`ProjectRepository` in SQL."""

    def add(self, project: Project) -> None:
        statement = self._insert(tables.project).values(_row(project)).on_conflict_do_nothing()
        if self._execute(statement.returning(_project.id)).first() is None:
            raise Conflict(
                f"there is a project '{project.id}' already",
                hint="give it another id; ids of archived projects stay taken",
            )

    def get(self, id_: str, *, lock: bool = False) -> Project:
        statement = select(tables.project).where(_project.id == id_)
        if lock:
            statement = statement.with_for_update()
        return _shown(self._one(statement, f"project '{id_}'"))

    def list(
        self, *, ids: Sequence[str] | None = None, after: str = "", limit: int
    ) -> Sequence[Project]:
        statement = _among(select(tables.project), ids).where(_project.id > after)
        return [_shown(row) for row in self._rows(statement.order_by(_project.id).limit(limit))]

    def count(self, *, ids: Sequence[str] | None = None) -> int:
        statement = _among(select(func.count()).select_from(tables.project), ids)
        return int(self._execute(statement).scalar_one())

    def restricted(self) -> Mapping[str, ProjectRules]:
        """The rules of those that may use some engines only."""
        rows = self._rows(select(_project.id, _project.rules))
        found = {row["id"]: ProjectRules.model_validate(row["rules"]) for row in rows}
        return {id_: rules for id_, rules in found.items() if rules.engines is not None}

    def update(self, project: Project) -> None:
        values = _row(project)
        kept = {name: values[name] for name in ("name", "rules", "archived_at")}
        change = update(tables.project).where(_project.id == project.id).values(kept)
        if not self._execute(change).rowcount:
            raise missing(f"project '{project.id}'")


def _among(statement: Select[Any], ids: Sequence[str] | None) -> Select[Any]:
    return statement if ids is None else statement.where(_project.id.in_(ids))


def _row(project: Project) -> builtins.dict[str, Any]:
    row = {name: getattr(project, name) for name in Project.model_fields}
    return {**row, "rules": project.rules.model_dump(mode="json", exclude_defaults=True)}


def _shown(row: RowMapping) -> Project:
    return noun(Project, row)
