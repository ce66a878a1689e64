"""Blueprints: nothing is overwritten, so that every plan can be traced to the words it was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    bindparam,
    func,
    insert,
    select,
    update,
)

from alma.core.model.base import digest_of
from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.errors import Overtaken
from alma.db import tables
from alma.db.columns import named_engine
from alma.db.repository import Repository, columns_of, missing, noun, page

_blueprint = tables.blueprint.c
_revision = tables.revision.c
_LATEST = (_revision.id == _blueprint.id) & (_revision.number == _blueprint.latest)
_COLUMNS = columns_of(tables.revision, Revision)


class Blueprints(Repository):
    """`BlueprintRepository` in SQL.

    A deleted blueprint is NotFound, except that `revision` still answers: plans name revisions, and a stack must be
    plannable to nothing after its blueprint is gone.
    """

    def add(
        self, blueprint: Blueprint, *, project: str, origins: Mapping[str, Origin], by: str
    ) -> Revision:
        row = {
            "project": project,
            "name": blueprint.name,
            "latest": 1,
            "created_at": self._now(),
        }
        made = self._execute(insert(tables.blueprint).returning(_blueprint.id), row)
        return self._add(made.scalar_one(), 1, blueprint, origins=origins, by=by)

    def add_revision(
        self,
        id_: int,
        blueprint: Blueprint,
        *,
        project: str,
        origins: Mapping[str, Origin],
        by: str,
        expected: int | None,
    ) -> Revision:
        """The latest revision as it is, when the blueprint says the same as that one."""
        latest = self._locked(id_, project=project, expected=expected)
        if latest.digest == _digest(blueprint):
            return latest
        number = latest.number + 1
        change = update(tables.blueprint).where(_blueprint.id == id_)
        self._execute(change.values(latest=number, name=blueprint.name))
        return self._add(id_, number, blueprint, origins=origins, by=by)

    def _add(
        self, id_: int, number: int, blueprint: Blueprint, *, origins: Mapping[str, Origin], by: str
    ) -> Revision:
        made = Revision(
            id=id_,
            number=number,
            blueprint=blueprint,
            origins=origins,
            digest=_digest(blueprint),
            created_at=self._now(),
            created_by=by,
        )
        self._execute(insert(tables.revision), dict(made))
        return made

    def latest(self, id_: int, *, project: str) -> Revision:
        key = {"of_project": project, "of_id": id_}
        return noun(Revision, self._one(_LATEST_OF_ONE, f"blueprint {id_}", key))

    def revision(self, id_: int, number: int, *, project: str) -> Revision:
        statement = (
            select(*_COLUMNS)
            .join(tables.blueprint, _revision.id == _blueprint.id)
            .where(_blueprint.project == project, _blueprint.id == id_, _revision.number == number)
        )
        return noun(Revision, self._one(statement, f"revision {number} of blueprint {id_}"))

    def revisions(self, id_: int, *, project: str) -> Sequence[Revision]:
        statement = (
            select(*_COLUMNS)
            .join(tables.blueprint, _revision.id == _blueprint.id)
            .where(_ours(project), _blueprint.id == id_)
            .order_by(_revision.number.desc())
        )
        found = [noun(Revision, row) for row in self._rows(statement)]
        if not found:
            raise missing(f"blueprint {id_}")
        return found

    def authors(self, id_: int, *, project: str, after: int, upto: int) -> frozenset[str]:
        statement = (
            select(_revision.created_by)
            .distinct()
            .join(tables.blueprint, _revision.id == _blueprint.id)
            .where(_blueprint.project == project, _blueprint.id == id_)
            .where(_revision.number > after, _revision.number <= upto)
        )
        return frozenset(row["created_by"] for row in self._rows(statement))

    def list(
        self,
        *,
        project: str,
        skip: int = 0,
        limit: int = 100,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
        after: int | None = None,
    ) -> Sequence[Revision]:
        statement = _latest(project).order_by(_blueprint.id.desc())
        statement = statement.where(*_fitting(name, search, engine))
        if after is not None:
            statement = statement.where(_blueprint.id < after)
        return [noun(Revision, row) for row in self._rows(page(statement, skip, limit))]

    def count(
        self,
        *,
        project: str,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
    ) -> int:
        statement = select(func.count()).select_from(tables.blueprint).where(_ours(project))
        if engine is not None:
            statement = statement.join(tables.revision, _LATEST)
        statement = statement.where(*_fitting(name, search, engine))
        return int(self._execute(statement).scalar_one())

    def many(self, ids: Sequence[int], *, project: str) -> Sequence[Revision]:
        found = self._rows(_latest(project).where(_blueprint.id.in_(ids)))
        return [noun(Revision, row) for row in found]

    def histories(self, ids: Sequence[int], *, project: str, limit: int) -> Sequence[Revision]:
        nearness = _blueprint.latest - _revision.number
        statement = (
            select(*_COLUMNS)
            .join(tables.blueprint, _revision.id == _blueprint.id)
            .where(_ours(project), _blueprint.id.in_(ids), nearness < limit)
            .order_by(_revision.id, _revision.number.desc())
        )
        return [noun(Revision, row) for row in self._rows(statement)]

    def delete(self, id_: int, *, project: str, expected: int | None = None) -> None:
        self._locked(id_, project=project, expected=expected)
        hide = update(tables.blueprint).where(_blueprint.id == id_)
        self._execute(hide.values(deleted_at=self._now()))

    def _locked(self, id_: int, *, project: str, expected: int | None) -> Revision:
        """The newest revision, which stays that until the transaction's end."""
        lock = _alive(project).where(_blueprint.id == id_).with_for_update(key_share=True)
        self._one(lock, f"blueprint {id_}")
        latest = self.latest(id_, project=project)
        if expected is not None and expected != latest.number:
            raise _moved(id_, latest, expected)
        return latest


def _ours(project: str | BindParameter[str]) -> Any:
    return (_blueprint.project == project) & _blueprint.deleted_at.is_(None)


def _alive(project: str) -> Select[Any]:
    return select(_blueprint.id).where(_ours(project))


def _latest(project: str | BindParameter[str]) -> Select[Any]:
    return select(*_COLUMNS).join(tables.blueprint, _LATEST).where(_ours(project))


def _fitting(
    name: str | None, search: str | None, engine: str | None
) -> Iterator[ColumnElement[bool]]:
    if name is not None:
        yield _blueprint.name == name
    if search is not None:
        yield _blueprint.name.icontains(search, autoescape=True)
    if engine is not None:
        yield named_engine(_revision.blueprint) == engine


# Built once, because building it costs as much as running it, and no statement runs more often.
_LATEST_OF_ONE = _latest(bindparam("of_project")).where(_blueprint.id == bindparam("of_id"))


def _digest(blueprint: Blueprint) -> str:
    # Of the document as written: the same after a round trip and when a later version knows more fields.
    return digest_of(blueprint.dump())


def _moved(id_: int, latest: Revision, expected: int) -> Overtaken:
    return Overtaken(
        f"blueprint {id_} is at revision {latest.number}, not {expected}: "
        f"{latest.created_by} saved it meanwhile",
        hint=f"read revision {latest.number}, make the change on it, and save again",
        details={"blueprint_id": id_, "revision": latest.number, "expected": expected},
    )
