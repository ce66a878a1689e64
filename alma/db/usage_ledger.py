"""The ledger of what language models cost, for those who know no transactions."""

from __future__ import annotations

from alma.core.model.dialogue import Usage
from alma.db.database import Database


class UsageLedger:
    """The `UsageLedger` port over the database; each call is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spent(self, project: str, month: str) -> float:
        """US dollars of a month such as `2026-11`."""
        with self._database.read() as transaction:
            return transaction.model_usage.spent(project, month)

    def record(self, project: str, month: str, *, model: str, usage: Usage) -> None:
        """Durable when it returns. Not to be called within another write of the same thread."""
        with self._database.write() as transaction:
            transaction.model_usage.add(project, month, model=model, usage=usage)
