"""Infrastructure Pull Requests, with their plan and everything said about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, func, insert, select, update

from alma.core.model.council import CouncilReport
from alma.core.model.ipr import IPR, IPRState, Review
from alma.core.model.plan import Plan
from alma.db import tables
from alma.db.plans import PlanStore
from alma.db.repository import Repository, columns_of, noun, page, plain

_ipr = tables.ipr.c
_review = tables.review.c
_IPR = columns_of(tables.ipr, IPR)
_REVIEW = columns_of(tables.review, Review)
_CHANGEABLE = sorted({column.name for column in _IPR} - {"id", "project", "author", "created_at"})


class IPRs(Repository):
    """`IPRRepository` in SQL."""

    def add(
        self,
        *,
        project: str,
        title: str,
        description: str,
        author: str,
        plan: Plan,
        engine_chosen: bool,
        council: CouncilReport | None = None,
    ) -> IPR:
        now = self._now()
        row = {
            "project": project,
            "title": title,
            "description": description,
            "state": IPRState.PENDING.value,
            "author": author,
            "plan_id": PlanStore(self._scope).save(plan),
            "engine_chosen": engine_chosen,
            "council": council,
            "created_at": now,
            "updated_at": now,
        }
        made = self._execute(insert(tables.ipr).returning(*_IPR), row).mappings().one()
        return noun(IPR, made, plan=plan)

    def get(self, id_: int, *, project: str, lock: bool = False) -> IPR:
        """With `lock`, nobody else changes the request before this transaction ends."""
        statement = _iprs(project).where(_ipr.id == id_)
        if lock:
            statement = statement.with_for_update(key_share=True)
        return self._nouns([self._one(statement, f"IPR {id_}")])[0]

    def list(
        self,
        *,
        project: str,
        status: IPRState | None = None,
        author: str | None = None,
        not_by: str | None = None,
        skip: int = 0,
        limit: int = 100,
        after: int | None = None,
    ) -> Sequence[IPR]:
        statement = _iprs(project).order_by(_ipr.id.desc()).where(*_which(status, author, not_by))
        if after is not None:
            statement = statement.where(_ipr.id < after)
        return self._nouns(self._rows(page(statement, skip, limit)))

    def count(
        self,
        *,
        project: str,
        status: IPRState | None = None,
        author: str | None = None,
        not_by: str | None = None,
    ) -> int:
        statement = select(func.count()).select_from(tables.ipr).where(_ipr.project == project)
        statement = statement.where(*_which(status, author, not_by))
        return int(self._execute(statement).scalar_one())

    def many(self, ids: Sequence[int], *, project: str) -> Sequence[IPR]:
        return self._nouns(self._rows(_iprs(project).where(_ipr.id.in_(ids))))

    def among(
        self, ids: Sequence[int], states: Collection[IPRState], *, project: str
    ) -> AbstractSet[int]:
        wanted = _ipr.id.in_(ids) & _ipr.state.in_(sorted(states))
        found = self._rows(select(_ipr.id).where(_ipr.project == project, wanted))
        return {row["id"] for row in found}

    def update(self, ipr: IPR) -> None:
        ours = (_ipr.id == ipr.id) & (_ipr.project == ipr.project)
        plan_id = self._one(select(_ipr.plan_id).where(ours), f"IPR {ipr.id}")["plan_id"]
        values = plain(ipr, _CHANGEABLE) | {"council": ipr.council}
        values["plan_id"] = PlanStore(self._scope).replace(plan_id, ipr.plan)
        self._execute(update(tables.ipr).where(ours), values)

    def add_review(self, id_: int, review: Review) -> None:
        # Taking the row first gives two reviewers at once two numbers.
        self._one(
            select(_ipr.id).where(_ipr.id == id_).with_for_update(key_share=True), f"IPR {id_}"
        )
        before = select(func.coalesce(func.max(_review.number), 0)).where(_review.ipr_id == id_)
        number = self._execute(before).scalar_one() + 1
        row = plain(review, Review.model_fields) | {"ipr_id": id_, "number": number}
        self._execute(insert(tables.review), row)

    def _nouns(self, rows: Sequence[RowMapping]) -> Sequence[IPR]:
        plans = PlanStore(self._scope).load(row["plan_id"] for row in rows)
        reviews = self._grouped(_reviews([row["id"] for row in rows]), "ipr_id", Review)
        return [
            noun(IPR, row, plan=plans[row["plan_id"]], reviews=reviews.get(row["id"], ()))
            for row in rows
        ]


def _which(
    status: IPRState | None, author: str | None, not_by: str | None
) -> list[ColumnElement[bool]]:
    wanted = []
    if status is not None:
        wanted.append(_ipr.state == status.value)
    if author is not None:
        wanted.append(_ipr.author == author)
    if not_by is not None:
        wanted.append(_ipr.author != not_by)
    return wanted


def _reviews(ids: Sequence[int]) -> Select[Any]:
    statement = select(_review.ipr_id, *_REVIEW).where(_review.ipr_id.in_(ids))
    return statement.order_by(_review.ipr_id, _review.number)


def _iprs(project: str) -> Select[Any]:
    return select(*_IPR, _ipr.plan_id).where(_ipr.project == project)
