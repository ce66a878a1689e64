"""Conversations as they are kept: whose they are, what was said, and the draft that each turn left behind.

A turn is saved together with the revision it made, in one transaction: there is never an answer about a draft that is
not there. What a message means is decided elsewhere; nothing here touches infrastructure.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from alma.core.language.screening.screen import MAX_MESSAGE
from alma.core.model.access import Permission
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import (
    Conversation,
    ConversationSummary,
    Turn,
    TurnContext,
    TurnPlace,
    TurnState,
)
from alma.core.model.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from alma.core.model.principal import Principal
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.drafting import Draft, Edited, says_where_back
from alma.core.services.noting import note_message, note_revision
from alma.core.services.whoever import whoever

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_MAX_TITLE = 200
_MADE_UP = "conv-made-"
_JUST_BEFORE = timedelta(minutes=30)
# So many turns are looked at for what a message is about.
_LATEST = 12
# So many at first for what undoing goes back to, and so many times as many where they do not say it.
_UNDONE, _FURTHER = 4, 4


class Conversations:
    """Conversations of one person in the caller's project."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        hide: Callable[[str], str] = lambda text: text,
    ) -> None:
        """`hide` replaces what looks like a credential in what people write, before anything is done with it."""
        self._repositories = repositories
        self._clock = clock
        self._hide = hide

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def get(self, principal: Principal, id_: str) -> Conversation:
        """One conversation with all its turns. Raises NotFound, also for somebody else's."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            return _own(transaction, principal, id_, last=None)

    def list(
        self,
        principal: Principal,
        *,
        skip: int = 0,
        limit: int = 100,
        after: tuple[datetime, str] | None = None,
    ) -> tuple[Sequence[ConversationSummary], int]:
        """A page without what was said, the one that moved last first, and how many there are. `after`: when the last
        one of the page before moved, and its id."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            page = transaction.conversations.list(
                project=principal.project,
                principal=principal.id,
                skip=skip,
                limit=limit,
                after=after,
            )
            return page, transaction.conversations.count(
                project=principal.project, principal=principal.id
            )

    def draft(self, principal: Principal, id_: str) -> Draft:
        """The draft as it is now: what others made of the saved blueprint since the last turn is not undone. Raises
        NotFound for somebody else's conversation."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            return self.draft_within(transaction, principal, id_)

    def draft_within(self, transaction: Transaction, principal: Principal, id_: str) -> Draft:
        """The same, as part of the caller's transaction. It knows the latest turns only: a message is about what was
        said just before it, and a conversation may be long."""
        principal.require(Permission.CONVERSATION)
        draft = _left_by(transaction, principal, id_)
        if draft.turns:
            return draft
        return replace(draft, recent=self._recent(transaction, principal, id_))

    def undoable_draft(self, transaction: Transaction, principal: Principal, id_: str) -> Draft:
        """The draft, with as many earlier drafts as undoing has to look at. Raises NotFound."""
        principal.require(Permission.CONVERSATION)
        draft, last = _left_by(transaction, principal, id_), _UNDONE
        while True:
            past = transaction.conversations.drafted(id_, project=principal.project, last=last)
            if len(past) < last or says_where_back(past, draft.blueprint):
                return replace(draft, past=tuple(past))
            last *= _FURTHER

    def quiet_draft(self, principal: Principal, id_: str) -> Draft:
        """The draft, for a message that is answered now. Raises Conflict while an earlier one is, NotFound."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            draft = self.draft_within(transaction, principal, id_)
            _require_quiet(transaction, principal, id_)
            return draft

    def _recent(self, transaction: Transaction, principal: Principal, id_: str) -> Draft | None:
        """What this person spoke of just before without naming a conversation: callers that begin without an id and go
        on with one of their own mean the same draft."""
        latest = transaction.conversations.list(
            project=principal.project, principal=principal.id, limit=2
        )
        before = next((found for found in latest if found.id != id_), None)
        if before is None or not before.id.startswith(_MADE_UP):
            return None
        if self._clock.now() - before.updated_at > _JUST_BEFORE:
            return None
        draft = _left_by(transaction, principal, before.id)
        return draft if draft.blueprint is not None else None

    # ── changing ─────────────────────────────────────────────────────────────────────────────────

    def rename(self, principal: Principal, id_: str, title: str) -> Conversation:
        """Gives it another title. Raises NotFound and InvalidInput."""
        principal.require(Permission.CONVERSATION)
        words = self._hide(" ".join(title.split()))
        if not words or len(words) > _MAX_TITLE:
            raise InvalidInput(
                f"a title has 1 to {_MAX_TITLE} characters, this one {len(words)}",
                hint="say in a few words what the conversation is about",
            )
        with self._repositories.write() as transaction:
            _own(transaction, principal, id_)
            transaction.conversations.rename(id_, words, project=principal.project)
            transaction.audit.add(
                principal, action="conversation.rename", target=f"conversation/{id_}"
            )
            return _own(transaction, principal, id_, last=None)

    def delete(self, principal: Principal, id_: str) -> None:
        """Forgets what was said. Blueprints, requests and what runs stay. Raises NotFound, and Conflict while it is
        being answered."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.write() as transaction:
            _own(transaction, principal, id_)
            _require_quiet(transaction, principal, id_)
            transaction.conversations.delete(id_, project=principal.project)
            transaction.audit.add(
                principal, action="conversation.delete", target=f"conversation/{id_}"
            )

    def begin(self, transaction: Transaction, principal: Principal, id_: str, turn: Turn) -> None:
        """Keeps a message that is answered later, by whoever gets to it. Raises Conflict while another one is, NotFound
        for somebody else's conversation."""
        principal.require(Permission.CONVERSATION)
        transaction.conversations.add_turn(
            id_, turn, project=principal.project, principal=principal.id
        )
        note_message(transaction, principal, id_, turn.id)
        others = set(transaction.conversations.answering(project=principal.project, id_=id_)) - {
            turn.id
        }
        if others:
            raise _busy(id_, min(others))

    def keep(
        self, transaction: Transaction, principal: Principal, id_: str, turn: Turn, *, after: Draft
    ) -> None:
        """Keeps a message with its answer, which is about the conversation as it stood with `after`. Raises Conflict
        when another message came between, NotFound for a conversation that was deleted or is somebody else's."""
        principal.require(Permission.CONVERSATION)
        number = transaction.conversations.add_turn(
            id_, turn, project=principal.project, principal=principal.id
        )
        if number == after.number + 1:
            note_message(transaction, principal, id_, turn.id)
            return
        if number == 1:
            raise _missing(id_)
        raise Conflict(
            f"another message of conversation {id_} came between",
            hint="look at its answer, then say this again",
        )

    def present(self, principal: Principal) -> Principal:
        """The same caller with what it may do now: a message may wait for its answer while roles are taken away. Raises
        Unauthenticated for somebody who is not there any more."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            who = whoever(transaction, principal.id, self._clock.now())
        if who is None:
            raise Unauthenticated(
                f"the access of {principal.id} has ended", hint="sign in again, or get a new key"
            )
        return who.principal(principal.project).model_copy(update={"source": principal.source})

    def require_own(self, principal: Principal, id_: str) -> None:
        """Raises NotFound for somebody else's conversation."""
        principal.require(Permission.CONVERSATION)
        with self._repositories.read() as transaction:
            _own(transaction, principal, id_)

    def last_turn(self, transaction: Transaction, principal: Principal, id_: str) -> Turn | None:
        """The latest message, answered or not. Raises NotFound, also for somebody else's conversation."""
        principal.require(Permission.CONVERSATION)
        return _own(transaction, principal, id_, last=1).last

    def turn(self, turn_id: str) -> TurnPlace:
        """A turn by its id, whosever it is: for those who answer it. Raises NotFound."""
        with self._repositories.read() as transaction:
            return transaction.conversations.turn(turn_id)

    def new_turn(self, message: str, turn_id: str, context: TurnContext | None = None) -> Turn:
        """A message that has no answer yet, without the credentials that stood in it. Raises InvalidInput for one that
        is empty or too long."""
        return Turn(
            id=turn_id,
            state=TurnState.ANSWERING,
            message=self._hide(checked_message(message)),
            context=context or TurnContext(),
            created_at=self._clock.now(),
        )


def save_draft(
    transaction: Transaction,
    principal: Principal,
    draft: Draft,
    edited: Edited,
    *,
    wanted: bool = False,
) -> Revision | None:
    """The draft's revision after a message: a new one if something is different. One whose blueprint was deleted is
    saved anew when the message changes it, or, as `wanted`, acts on it. Raises Conflict when somebody else changed the
    draft while the message was read, Forbidden for who may not write blueprints."""
    blueprint, there = edited.blueprint, draft.revision
    if edited.back_to is not None:
        return transaction.blueprints.latest(edited.back_to, project=principal.project)
    if blueprint is None or (there is not None and blueprint == there.blueprint):
        return there
    if there is None and (not blueprint.resources or (blueprint == draft.blueprint and not wanted)):
        return None
    principal.require(Permission.BLUEPRINT_WRITE)
    if there is None or edited.copied:
        revision = transaction.blueprints.add(
            blueprint, project=principal.project, origins=edited.origins, by=principal.person
        )
    else:
        revision = transaction.blueprints.add_revision(
            there.id,
            blueprint,
            project=principal.project,
            origins=edited.origins,
            by=principal.person,
            expected=there.number,
        )
    note_revision(transaction, principal, revision)
    return revision


def checked_message(message: str) -> str:
    """The message without blanks around it. Raises InvalidInput when nothing is left, or too much."""
    text = message.strip()
    if not text:
        raise InvalidInput("the message is empty", hint="say what you would like to run")
    if len(text) > MAX_MESSAGE:
        raise InvalidInput(
            f"the message has {len(text)} characters, {MAX_MESSAGE} are read",
            hint="say it in several messages, or send a blueprint",
        )
    return text


def checked_id(conversation_id: str | None) -> str:
    """The conversation's id: the caller's, or a new one. Raises InvalidInput."""
    if conversation_id is None:
        return f"{_MADE_UP}{uuid.uuid4().hex}"
    if not _ID.fullmatch(conversation_id):
        raise InvalidInput(
            "invalid conversation id",
            hint="use at most 128 letters, digits, '-', '_', '.' and ':'",
        )
    return conversation_id


def _left_by(transaction: Transaction, principal: Principal, id_: str) -> Draft:
    """The draft that a conversation's messages left behind; also those that failed after it was saved. Raises NotFound
    for somebody else's."""
    project = principal.project
    found = transaction.conversations.get(id_, project=project, last=0)
    if found is None:
        return Draft(project)
    if found.principal != principal.id:
        raise _missing(id_)
    number = transaction.conversations.length(id_, project=project)
    said = tuple(transaction.conversations.said(id_, project=project, last=_LATEST))
    if not said:
        return Draft(project, number=number)
    # A turn carries a draft of its own, which is only wanted where the saved one is gone.
    left = _latest(transaction, principal, said[-1].blueprint_id)
    there = left or transaction.conversations.drafted(id_, project=project, last=1)[-1]
    return Draft(
        project,
        blueprint=there.blueprint,
        origins=there.origins,
        revision=left,
        turns=said,
        number=number,
    )


def _own(
    transaction: Transaction, principal: Principal, id_: str, *, last: int | None = 0
) -> Conversation:
    """The caller's conversation, with its `last` turns: None for all. Raises NotFound."""
    found = transaction.conversations.get(id_, project=principal.project, last=last)
    if found is None or found.principal != principal.id:
        raise _missing(id_)
    return found


def _require_quiet(transaction: Transaction, principal: Principal, id_: str) -> None:
    busy = transaction.conversations.answering(project=principal.project, id_=id_)
    if busy:
        raise _busy(id_, busy[0])


def _busy(id_: str, turn_id: str) -> Conflict:
    return Conflict(
        f"an earlier message of conversation {id_} is still being answered",
        hint="wait for its answer, then say this again",
        details={"turn_id": turn_id},
    )


def _latest(
    transaction: Transaction, principal: Principal, blueprint_id: int | None
) -> Revision | None:
    if blueprint_id is None:
        return None
    try:
        return transaction.blueprints.latest(blueprint_id, project=principal.project)
    except NotFound:
        return None  # deleted meanwhile: the next change saves the draft anew


def _missing(id_: str) -> NotFound:
    return NotFound(f"conversation {id_} does not exist", hint="a list shows what there is")
