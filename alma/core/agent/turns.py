"""The effects of one message up to its draft; `acting.py` has the rest. They are what the state machine of `graph.py`
causes, in process or durably.

Each effect reads what it needs from the database and answers plain JSON, so that any worker can go on where another
one stopped. Each may be repeated: a draft is saved once for its turn.

What acts (a request opened, decided, deployed) follows from the offline reading of the person's own words alone. A
language model can change what is in the draft and what is said, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from dataclasses import dataclass, replace
from typing import TypeVar

from alma.core.agent.acting import TurnActs
from alma.core.agent.effects import DECISIONS, PROPOSALS, Outcome
from alma.core.agent.events import drafted_events, rest_of
from alma.core.agent.live import LiveTurn
from alma.core.agent.parts import Given, Parts, TurnStopped, read_offline
from alma.core.agent.reading import Exchange, Message, Read
from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    HIDDEN,
    ChatEvent,
    Drafted,
    Intent,
    Interpretation,
    Turn,
    TurnState,
)
from alma.core.model.errors import Forbidden, InvalidInput, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import Transaction
from alma.core.services.conversations import save_draft
from alma.core.services.drafting import Draft, Edited
from alma.core.services.replying import next_steps, with_offer

T = TypeVar("T")

_EARLIER = 8


@dataclass(frozen=True)
class _Saved:
    """What became of the draft; `drafted` is None if that was done before."""

    outcome: Outcome
    drafted: Drafted | None = None
    before: Blueprint | None = None


class TurnWork(TurnActs):
    """`TurnEffects` of one turn: of one that was kept, or of one that is `given`, and is not in the database yet. Made
    on the event loop."""

    def __init__(
        self,
        parts: Parts,
        principal: Principal,
        conversation_id: str,
        turn: Turn,
        *,
        given: Given | None = None,
    ) -> None:
        super().__init__(parts, principal, conversation_id, turn)
        self._given = given

    # ── interpret ────────────────────────────────────────────────────────────────────────────────

    async def interpret(self) -> Outcome:
        if self._given is None and self._turn.state is not TurnState.ANSWERING:
            raise TurnStopped(f"turn {self._turn.id} was stopped")
        given = self._given if self._given is not None else await asyncio.to_thread(self._read)
        offline, draft = given.offline, given.draft
        read = Read(interpretation=offline)
        if self._parts.asks_model(self._principal.project, offline):
            read = await self._heard(draft, offline)
        acts = offline.acts or (offline.intent,)
        return {
            "interpretation": read.interpretation.model_dump(mode="json"),
            "acts": [act.value for act in acts],
            "words": read.response,
            "offer": [edit.model_dump(mode="json") for edit in read.offer],
            "opinions": list(read.opinions),
            "consulted": list(read.consulted),
            "model": read.model,
            "usage": read.usage.model_dump(mode="json"),
            "fallback": read.fallback,
            "continues": draft is not given.begun,
        }

    def _read(self) -> Given:
        begun = self._parts.conversations.draft(self._principal, self._conversation_id)
        offline, draft = read_offline(self._parts.interpreter, self._turn.message, begun)
        return Given(begun=begun, draft=draft, offline=offline)

    async def _heard(self, draft: Draft, offline: Interpretation) -> Read:
        assert self._parts.reader is not None
        message = Message(
            text=self._turn.message,
            offline=offline,
            principal=self._principal,
            blueprint=draft.blueprint,
            origins=draft.origins,
            constraints=draft.blueprint.constraints if draft.blueprint else None,
            earlier=tuple(
                Exchange(said=turn.message, answered=turn.response, intent=turn.intent)
                for turn in draft.turns[-_EARLIER:]
            ),
        )
        events = self._parts.reader.read(message)
        try:
            return await _until_stopped(self._follow(events), self._live, self._turn.id)
        finally:
            await events.aclose()

    async def _follow(self, events: AsyncGenerator[ChatEvent | Read, None]) -> Read:
        async for event in events:
            if isinstance(event, Read):
                return event
            self._live.say(event)
        raise AssertionError("a reading has an end")

    # ── draft ────────────────────────────────────────────────────────────────────────────────────

    async def draft(self, reading: Outcome) -> Outcome:
        with self._live.telling():
            saved = await asyncio.to_thread(self._saved, reading)
            if saved.drafted is None:
                return saved.outcome
            for event in drafted_events(saved.drafted, saved.before):
                self._live.say(event)
            if self._turn.state is TurnState.ANSWERED:
                self._live.complete(self._conversation_id, self._turn)
        return saved.outcome

    def _saved(self, reading: Outcome) -> _Saved:
        interpretation = Interpretation.model_validate(reading["interpretation"])
        with self._parts.repositories.read() as transaction:
            done = None if self._given else self._done(transaction)
            if done is not None:
                return _Saved(done)
            draft = self._draft(transaction, reading)
            if interpretation.intent is Intent.UNDO:
                draft = self._parts.conversations.undoable_draft(
                    transaction, self._principal, self._conversation_id
                )
            edited = self._edited(transaction, draft, interpretation, reading)
        with self._parts.repositories.write() as transaction:
            done = None if self._given else self._done(transaction, lock=True)
            if done is not None:
                return _Saved(done)
            saved, turn = self._kept(transaction, draft, edited, interpretation, reading)
            self._put(transaction, turn)
        self._given, self._turn = None, turn
        return saved

    def _draft(self, transaction: Transaction, reading: Outcome) -> Draft:
        """What the message is about, as it is now."""
        if self._given is not None:
            return self._given.draft
        draft = self._parts.conversations.draft_within(
            transaction, self._principal, self._conversation_id
        )
        return draft.recent if reading["continues"] and draft.recent else draft

    def _done(self, transaction: Transaction, *, lock: bool = False) -> Outcome | None:
        """What became of the draft when this was done before. Raises TurnStopped."""
        kept = transaction.conversations.turn(self._turn.id, lock=lock).turn
        done = kept.answer.get("drafted")
        if isinstance(done, dict):
            return done
        if kept.state is not TurnState.ANSWERING:
            raise TurnStopped(f"turn {kept.id} was stopped")
        return None

    def _edited(
        self,
        transaction: Transaction,
        draft: Draft,
        interpretation: Interpretation,
        reading: Outcome,
    ) -> Edited:
        if Intent.ROLLBACK.value in reading["acts"] and not interpretation.question:
            return self._gone_back(transaction, draft, interpretation)
        if _change_missed(interpretation, reading):
            return self._parts.drafting.refused(draft, _MISSED)
        edited = self._parts.drafting.edited(draft, interpretation, self._turn.context)
        if edited.blueprint != draft.blueprint:
            try:
                self._principal.require(Permission.BLUEPRINT_WRITE)
            except Forbidden as error:
                return self._parts.drafting.refused(draft, error)
        offer = tuple(
            Interpretation.model_validate({"intent": "change", "edits": reading["offer"]}).edits
        )
        return replace(edited, offer=edited.offer or offer)

    def _gone_back(
        self, transaction: Transaction, draft: Draft, interpretation: Interpretation
    ) -> Edited:
        """The draft as it ran before; where nothing did, as it is."""
        earlier = None
        if draft.revision is not None:
            number = interpretation.revision
            try:
                earlier = self._parts.proposals.previous(
                    transaction, self._principal, draft.revision, number
                )
            except NotFound as error:
                return self._parts.drafting.refused(draft, error)
        return self._parts.drafting.gone_back(draft, earlier)

    def _kept(
        self,
        transaction: Transaction,
        draft: Draft,
        edited: Edited,
        interpretation: Interpretation,
        reading: Outcome,
    ) -> tuple[_Saved, Turn]:
        failed = bool(edited.refused or edited.over or edited.stays or interpretation.question)
        acts = [] if failed else [act for act in reading["acts"] if act in DECISIONS | PROPOSALS]
        revision = save_draft(transaction, self._principal, draft, edited, wanted=bool(acts))
        told = None
        if not acts:
            told = self._parts.replying.told(
                transaction,
                self._principal,
                interpretation,
                edited,
                message=self._turn.message,
                revision=revision,
            )
        edited = with_offer(edited, told)
        drafted = self._parts.replying.drafted(
            self._principal,
            interpretation,
            edited,
            told=told,
            words=reading["words"],
            quiet=bool(acts),
        )
        before = draft.revision
        changed = revision is not None and (before is None or before.digest != revision.digest)
        outcome: Outcome = {
            "blueprint_id": revision.id if revision else None,
            "revision": revision.number if revision else None,
            "changed": changed,
            "failure": "not acted on" if failed else None,
        }
        steps = next_steps(drafted, saved=revision is not None, changed=changed)
        said = drafted.model_copy(
            update={
                "response": _with_what_was_hidden(drafted.response, self._turn.message),
                "opinions": tuple(reading["opinions"]),
                "model": reading["model"],
                "suggested_actions": steps,
            }
        )
        rest = {name: reading[name] for name in ("usage", "consulted", "fallback")}
        turn = self._turn.model_copy(
            update={
                "state": TurnState.ANSWERING if acts else TurnState.ANSWERED,
                "response": said.response,
                "intent": said.intent,
                "blueprint": said.blueprint,
                "origins": said.origins,
                "blueprint_id": outcome["blueprint_id"],
                "suggested_actions": said.suggested_actions,
                "offer": edited.offer,
                "answer": {**rest_of(said), **outcome, **rest, "drafted": outcome},
            }
        )
        return _Saved(outcome, said, draft.blueprint), turn

    def _put(self, transaction: Transaction, turn: Turn) -> None:
        if self._given is None:
            transaction.conversations.update_turn(turn)
            return
        self._parts.conversations.keep(
            transaction, self._principal, self._conversation_id, turn, after=self._given.begun
        )


def _with_what_was_hidden(response: str, message: str) -> str:
    return f"{response} {_HIDDEN}".strip() if HIDDEN in message else response


_HIDDEN = (
    "Your message held what looks like a password or key: it was taken out before anything was done with it or kept. "
    "Credentials belong into the connection of an engine; passwords of services are made where they are needed. If "
    "it was real, replace it: it has been sent."
)
_MISSED = InvalidInput(
    "what should change first was not understood",
    hint="say the change in other words, or ask for the rest alone",
)


def _change_missed(interpretation: Interpretation, reading: Outcome) -> bool:
    """Whether a message wants something and then an act on it, and only the act was understood."""
    acts = set(reading["acts"])
    change = acts & {Intent.CREATE.value, Intent.CHANGE.value, Intent.UNKNOWN.value}
    understood = interpretation.edits or interpretation.question
    return bool(change and acts & (DECISIONS | PROPOSALS)) and not understood


async def _until_stopped(work: Awaitable[T], live: LiveTurn, turn_id: str) -> T:
    """The work's result. Raises TurnStopped, after ending the work, when nobody listens any more."""
    task = asyncio.ensure_future(work)
    stopped = asyncio.ensure_future(live.stopped.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TurnStopped(f"turn {turn_id} was stopped: nobody waits for its answer")
    finally:
        for one in (task, stopped):
            one.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
