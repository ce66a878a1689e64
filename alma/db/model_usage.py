"""What projects have spent on language models: one row a project, month and model, so that it stays small."""

from __future__ import annotations

from sqlalchemy import func, select

from alma.core.model.dialogue import Usage
from alma.db import tables
from alma.db.repository import Repository

_usage = tables.model_usage.c


class ModelUsage(Repository):
    """The rows, within a transaction."""

    def spent(self, project: str, month: str) -> float:
        """US dollars of all models."""
        ours = (_usage.project == project) & (_usage.month == month)
        total = select(func.coalesce(func.sum(_usage.cost), 0.0)).where(ours)
        return float(self._execute(total).scalar_one())

    def add(self, project: str, month: str, *, model: str, usage: Usage) -> None:
        """One attempt more."""
        row = {
            "project": project,
            "month": month,
            "model": model,
            "requests": 1,
            "consumed": usage.consumed,
            "generated": usage.generated,
            "cost": usage.cost or 0.0,
        }
        statement = self._insert(tables.model_usage).values(row)
        key = ["project", "month", "model"]
        more = {name: _usage[name] + statement.excluded[name] for name in row if name not in key}
        self._execute(statement.on_conflict_do_update(index_elements=key, set_=more))
