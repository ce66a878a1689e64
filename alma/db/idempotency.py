"""Answers that are given again: one row for each key of a caller, without a status for as long as the request runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from alma.core.model.idempotency import Answered, Attempt
from alma.db.access_tables import idempotent_answer
from alma.db.repository import Repository

_row = idempotent_answer.c


class IdempotentAnswers(Repository):
    """`AnswerRepository` in SQL. Of two that begin at once, one insert goes through."""

    def begin(self, *, principal: str, project: str, key: str, request: str) -> Attempt | None:
        row = {"principal": principal, "project": project, "key": key, "request": request}
        statement = self._insert(idempotent_answer).on_conflict_do_nothing().returning(_row.key)
        made = self._execute(statement, row | {"created_at": self._now()}).first()
        if made is not None:
            return None
        found = self._one(select(idempotent_answer).where(_of(principal, project, key)), "answer")
        return Attempt(
            request=found["request"],
            since=found["created_at"],
            answer=None if found["status"] is None else _answer(found),
        )

    def take_over(
        self, *, principal: str, project: str, key: str, request: str, since: datetime
    ) -> bool:
        old = _of(principal, project, key) & (_row.created_at == since)
        anew = {"request": request, "created_at": self._now()}
        anew |= dict.fromkeys(("status", "headers", "body"))
        return self._execute(update(idempotent_answer).where(old).values(anew)).rowcount == 1

    def alive(self, *, principal: str, project: str, key: str) -> None:
        open_ = _of(principal, project, key) & _row.status.is_(None)
        self._execute(update(idempotent_answer).where(open_).values(created_at=self._now()))

    def finish(self, *, principal: str, project: str, key: str, answer: Answered) -> None:
        values = {
            "status": answer.status,
            "headers": [list(header) for header in answer.headers],
            "body": answer.body,
            "created_at": self._now(),
        }
        ours = update(idempotent_answer).where(_of(principal, project, key))
        self._execute(ours.values(values))

    def drop(self, *, principal: str, project: str, key: str) -> None:
        open_ = _of(principal, project, key) & _row.status.is_(None)
        self._execute(delete(idempotent_answer).where(open_))

    def forget(self, before: datetime) -> int:
        old = delete(idempotent_answer).where(_row.created_at < before)
        return int(self._execute(old).rowcount)


def _of(principal: str, project: str, key: str) -> Any:
    return (_row.principal == principal) & (_row.project == project) & (_row.key == key)


def _answer(row: Any) -> Answered:
    headers = tuple((str(name), str(value)) for name, value in row["headers"])
    return Answered(status=row["status"], headers=headers, body=bytes(row["body"]))
