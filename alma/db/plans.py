"""Plans: large, never changed, shared by a request and its deployments. Each is stored once, under its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from alma.core.model.plan import Plan
from alma.db import tables
from alma.db.columns import parse, render
from alma.db.repository import Repository


class PlanStore(Repository):
    """Where IPRs and deployments keep their plans; they refer to them by id."""

    def save(self, plan: Plan) -> str:
        """The plan's id, after storing it unless it is there already."""
        document = render(plan)
        id_ = hashlib.sha256(document.encode()).hexdigest()
        row = {"id": id_, "document": document}
        self._execute(self._insert(tables.plan).on_conflict_do_nothing(), row)
        self._scope.plan_cache.put(id_, plan, length=len(document))
        return id_

    def replace(self, id_: str, plan: Plan) -> str:
        """The id to refer to from now on: the same, at no cost, when it is the very plan that was read."""
        return id_ if self._scope.plan_cache.get(id_) is plan else self.save(plan)

    def load(self, ids: Iterable[str]) -> Mapping[str, Plan]:
        """The plans of those ids, each read at most once."""
        cache = self._scope.plan_cache
        wanted = set(ids)
        found = {id_: plan for id_ in wanted if (plan := cache.get(id_)) is not None}
        missing = wanted - found.keys()
        if missing:
            table = tables.plan
            for row in self._rows(select(table).where(table.c.id.in_(missing))):
                plan = found[row["id"]] = parse(Plan, row["document"])
                cache.put(row["id"], plan, length=len(row["document"]))
        return found
