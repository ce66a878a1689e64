"""Answers that are given again: one row for each key of a caller, without a status for as long as the request runs.

What was answered is sealed, and of what was asked only a keyed digest is kept: either may hold what nobody who reads
the database should learn, such as a password that could be guessed by its digest.
"""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, delete, select, update

from alma.core.model.errors import Conflict
from alma.core.model.idempotency import Answered, Attempt, Run
from alma.db.access_tables import idempotent_answer
from alma.db.data_keys import DataKeys
from alma.db.keyring import Place
from alma.db.repository import Repository

_row = idempotent_answer.c


class IdempotentAnswers(Repository):
    """`AnswerRepository` in SQL. Of two that begin at once, one insert goes through."""

    def begin(
        self, *, principal: str, project: str, key: str, request: str, run: str | None = None
    ) -> Attempt | None:
        keyed = self._keyed(request)
        row = {"principal": principal, "project": project, "key": key, "request": keyed}
        row |= _anew(run)
        statement = self._insert(idempotent_answer).on_conflict_do_nothing().returning(_row.key)
        made = self._execute(statement, row | {"created_at": self._now()}).first()
        if made is not None:
            return None
        found = self._one(select(idempotent_answer).where(_of(principal, project, key)), "answer")
        return Attempt(
            request=request if found["request"] == keyed else found["request"],
            since=found["created_at"],
            answer=None if found["status"] is None else self._opened(found),
            wrote=found["wrote"],
        )

    def take_over(
        self,
        *,
        principal: str,
        project: str,
        key: str,
        request: str,
        since: datetime,
        run: str | None = None,
    ) -> bool:
        old = _of(principal, project, key) & (_row.created_at == since)
        anew = {"request": self._keyed(request), "created_at": self._now(), **_anew(run)}
        anew |= dict.fromkeys(("status", "body"))
        return self._execute(update(idempotent_answer).where(old).values(anew)).rowcount == 1

    def wrote(self, run: Run) -> None:
        ours = _of(run.principal, run.project, run.key)
        noted = update(idempotent_answer).where(ours, _row.run == run.id).values(wrote=True)
        if self._execute(noted).rowcount:
            return
        # One that was let go of has been answered, and what still runs for it may write.
        if self._execute(select(_row.key).where(ours)).first() is not None:
            raise Conflict(
                "this request was given up for dead meanwhile, and is carried out by another attempt",
                hint="send it again with the same key to learn what became of it",
            )

    def alive(self, *, principal: str, project: str, key: str) -> None:
        open_ = _of(principal, project, key) & _row.status.is_(None)
        self._execute(update(idempotent_answer).where(open_).values(created_at=self._now()))

    def finish(self, *, principal: str, project: str, key: str, answer: Answered) -> None:
        values = {
            "status": answer.status,
            "body": self._sealed(answer, _place(principal, project, key)),
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

    def _keyed(self, request: str) -> str:
        key = DataKeys(self._scope).lasting("idempotent requests")
        return hmac.digest(key, request.encode(), "sha256").hex()

    def _sealed(self, answer: Answered, place: Place) -> bytes:
        headers = [list(header) for header in answer.headers]
        whole = [headers, base64.b64encode(answer.body).decode()]
        return DataKeys(self._scope).encrypt(json.dumps(whole), place).encode()

    def _opened(self, row: RowMapping) -> Answered:
        """Raises SecretUnreadable."""
        place = _place(row["principal"], row["project"], row["key"])
        text = DataKeys(self._scope).decrypt(bytes(row["body"]).decode(), place)
        headers, body = json.loads(text)
        return Answered(
            status=row["status"],
            headers=tuple((str(name), str(value)) for name, value in headers),
            body=base64.b64decode(body),
        )


def _anew(run: str | None) -> dict[str, Any]:
    """An attempt that has written nothing yet; without a name, nobody would note what it writes."""
    return {"run": run, "wrote": None if run is None else False}


def _place(principal: str, project: str, key: str) -> Place:
    return ("idempotent answer", principal, project, key, "body")


def _of(principal: str, project: str, key: str) -> Any:
    return (_row.principal == principal) & (_row.project == project) & (_row.key == key)
