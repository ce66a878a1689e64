"""Conversations: who said what, what was answered, and how the draft stood after each turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    RowMapping,
    Select,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from alma.core.model.conversation import (
    Conversation,
    ConversationSummary,
    Mention,
    Said,
    Turn,
    TurnPlace,
    TurnState,
)
from alma.db import tables
from alma.db.repository import Repository, behind, columns_of, missing, noun, page, plain

_conversation = tables.conversation.c
_turn = tables.turn.c
_CONVERSATION = columns_of(tables.conversation, Conversation)
_TURN = columns_of(tables.turn, Turn)
_SAID = columns_of(tables.turn, Said)
# A message that failed after its draft was saved has left it behind as well.
_DRAFTED = (_turn.state == TurnState.ANSWERED.value) | (
    (_turn.state == TurnState.FAILED.value) & _turn.answer["drafted"].as_string().is_not(None)
)
_TITLE_LENGTH = 80


class Conversations(Repository):
    """`ConversationRepository` in SQL. An id belongs to its project: another project may use the same one."""

    def get(self, id_: str, *, project: str, last: int | None = None) -> Conversation | None:
        rows = self._rows(_conversations(project).where(_conversation.id == id_))
        if not rows:
            return None
        if last == 0:
            return noun(Conversation, rows[0])
        after = 0 if last is None else self.length(id_, project=project) - last
        turns = self._rows(_turns(id_, project).where(_turn.number > after))
        return noun(Conversation, rows[0], turns=[noun(Turn, row) for row in turns])

    def said(self, id_: str, *, project: str, last: int) -> Sequence[Said]:
        return [noun(Said, row) for row in self._latest(_SAID, id_, project, last)]

    def drafted(self, id_: str, *, project: str, last: int) -> Sequence[Turn]:
        return [noun(Turn, row) for row in self._latest(_TURN, id_, project, last)]

    def _latest(
        self, columns: Sequence[Column[Any]], id_: str, project: str, last: int
    ) -> Sequence[RowMapping]:
        """The latest turns that left a draft behind, in their order."""
        ours = select(*columns).where(_of(id_, project), _DRAFTED)
        rows = self._rows(ours.order_by(_turn.number.desc()).limit(last))
        return rows[::-1]

    def mentions(self, id_: str, *, project: str) -> Sequence[Mention]:
        """By an index that has all of it: the turns themselves, with their drafts, are not touched."""
        columns = (_turn.number, _turn.id.label("turn_id"), _turn.ipr_id, _turn.plan_digest)
        ours = select(*columns).where(_of(id_, project), _turn.ipr_id.is_not(None))
        return [noun(Mention, row) for row in self._rows(ours.order_by(_turn.number))]

    def after(self, id_: str, number: int, *, project: str) -> Mapping[str, bool]:
        changed = _turn.answer["changed"].as_boolean().is_(True).label("changed")
        later = select(_turn.id, changed).where(_of(id_, project), _turn.number > number)
        return {row["id"]: bool(row["changed"]) for row in self._rows(later.order_by(_turn.number))}

    def length(self, id_: str, *, project: str) -> int:
        statement = select(func.coalesce(func.max(_turn.number), 0)).where(_of(id_, project))
        return int(self._execute(statement).scalar_one())

    def list(
        self,
        *,
        project: str,
        principal: str | None = None,
        skip: int = 0,
        limit: int = 100,
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[ConversationSummary]:
        """The one that moved last comes first. No turn is read: some carry a whole draft."""
        statement = (
            select(*_CONVERSATION, *_of_turns())
            .where(_conversation.project == project, _whose(principal))
            .order_by(_conversation.updated_at.desc(), _conversation.id.desc())
        )
        if after is not None:
            statement = statement.where(behind(_conversation.updated_at, _conversation.id, after))
        rows = self._rows(page(statement, skip, limit))
        return [noun(ConversationSummary, row) for row in rows]

    def count(self, *, project: str, principal: str | None = None) -> int:
        ours = (_conversation.project == project) & _whose(principal)
        statement = select(func.count()).select_from(tables.conversation).where(ours)
        return int(self._execute(statement).scalar_one())

    def add_turn(self, id_: str, turn: Turn, *, project: str, principal: str) -> int:
        self._start(id_, turn, project=project, principal=principal)
        key = (_conversation.project == project) & (_conversation.id == id_)
        # This takes the row, so that two turns at once get two numbers.
        own = key & (_conversation.principal == principal)
        moved = update(tables.conversation).where(own).values(updated_at=turn.created_at)
        if self._execute(moved).rowcount != 1:
            raise missing(f"conversation {id_}")
        number = self.length(id_, project=project) + 1
        row = _row(turn) | {"project": project, "conversation_id": id_, "number": number}
        self._execute(insert(tables.turn), row)
        return number

    def turn(self, turn_id: str, *, lock: bool = False) -> TurnPlace:
        statement = select(_turn.project, _turn.conversation_id, *_TURN).where(_turn.id == turn_id)
        if lock:
            statement = statement.with_for_update(key_share=True)
        row = self._one(statement, f"turn {turn_id}")
        return TurnPlace(
            project=row["project"],
            conversation_id=row["conversation_id"],
            turn=noun(Turn, row),
        )

    def update_turn(self, turn: Turn) -> None:
        changed = update(tables.turn).where(_turn.id == turn.id).values(_row(turn))
        if self._execute(changed).rowcount != 1:
            raise missing(f"turn {turn.id}")
        self._scope.told.add(turn.id)

    def answering(self, *, project: str | None = None, id_: str | None = None) -> Sequence[str]:
        statement = select(_turn.id).where(_turn.state == TurnState.ANSWERING.value)
        if project is not None:
            statement = statement.where(_of(id_, project))
        return [row["id"] for row in self._rows(statement.order_by(_turn.created_at, _turn.id))]

    def rename(self, id_: str, title: str, *, project: str) -> None:
        key = (_conversation.project == project) & (_conversation.id == id_)
        if self._execute(update(tables.conversation).where(key).values(title=title)).rowcount != 1:
            raise missing(f"conversation {id_}")

    def delete(self, id_: str, *, project: str) -> None:
        self._execute(delete(tables.turn).where(_of(id_, project)))
        key = (_conversation.project == project) & (_conversation.id == id_)
        if self._execute(delete(tables.conversation).where(key)).rowcount != 1:
            raise missing(f"conversation {id_}")

    def _start(self, id_: str, turn: Turn, *, project: str, principal: str) -> None:
        row = {
            "project": project,
            "id": id_,
            "principal": principal,
            "title": _title(turn.message),
            "created_at": turn.created_at,
            "updated_at": turn.created_at,
        }
        self._execute(self._insert(tables.conversation).on_conflict_do_nothing(), row)


def _row(turn: Turn) -> dict[str, Any]:
    """The turn's own columns; the draft goes as its author wrote it."""
    return plain(turn, set(Turn.model_fields) - {"blueprint"}) | {"blueprint": turn.blueprint}


def _turns(id_: str, project: str) -> Select[Any]:
    return select(*_TURN).where(_of(id_, project)).order_by(_turn.number)


def _of(id_: str | None, project: str) -> ColumnElement[bool]:
    return (_turn.project == project) & (_turn.conversation_id == id_)


def _conversations(project: str) -> Select[Any]:
    return select(*_CONVERSATION).where(_conversation.project == project)


def _of_turns() -> list[Any]:
    """How many turns a conversation has, and what its latest left behind."""
    ours = (_turn.project == _conversation.project) & (_turn.conversation_id == _conversation.id)
    count = select(func.count()).select_from(tables.turn).where(ours)
    latest = [
        select(column).where(ours).order_by(_turn.number.desc()).limit(1).scalar_subquery()
        for column in (_turn.blueprint_id, _turn.state)
    ]
    return [
        count.scalar_subquery().label("turns"),
        latest[0].label("blueprint_id"),
        latest[1].label("state"),
    ]


def _whose(principal: str | None) -> Any:
    return true() if principal is None else _conversation.principal == principal


def _title(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _TITLE_LENGTH else line[: _TITLE_LENGTH - 1].rstrip() + "…"
