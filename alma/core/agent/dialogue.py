"""The conversation as its edges see it: a message goes in, events come out, and the answer is kept.

A message that changes a draft is answered in this process, in milliseconds and in one transaction. One that asks a
language model, or acts on requests, is kept first and answered by a durable run: if this process dies, another one goes
on. Either way the events are the same, and the answer is in the database before anybody is told that it is complete.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from alma.core.agent.events import completed
from alma.core.agent.live import GRACE_SECONDS, LiveTurn
from alma.core.agent.turns import Parts, TurnStopped, TurnWork, acting, read_offline
from alma.core.model.conversation import (
    ChatAnswer,
    ChatEvent,
    ChatEventType,
    Turn,
    TurnContext,
    TurnPlace,
    TurnState,
)
from alma.core.model.errors import AlmaError, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import DeploymentQueue
from alma.core.services.conversations import checked_id
from alma.core.services.failure import failure_of

# How often the database is asked for an answer that another process works on.
_LOOK_SECONDS = 0.2
_THINKING = ChatEvent(type=ChatEventType.THINKING, content="reading")


class TurnFailed(AlmaError):
    """A message that could not be answered; the reason is the one that was met."""

    code = "turn_failed"
    retryable = True


@dataclass(frozen=True)
class Begun:
    """A turn that is being answered."""

    turn_id: str
    conversation_id: str


class Dialogue:
    """Answers messages. Lives on one event loop."""

    def __init__(
        self, parts: Parts, *, queue: DeploymentQueue, grace: float = GRACE_SECONDS
    ) -> None:
        self._parts = parts
        self._queue = queue
        self._grace = grace
        self._working: set[asyncio.Task[None]] = set()

    # ── a turn ───────────────────────────────────────────────────────────────────────────────────

    async def begin(
        self,
        principal: Principal,
        message: str,
        conversation_id: str | None = None,
        *,
        context: TurnContext | None = None,
    ) -> Begun:
        """Takes a message on and starts to answer it. A conversation id that is not known yet starts a conversation.

        Raises InvalidInput for a message or id that can't be taken, NotFound for somebody else's conversation, Conflict
        while an earlier message of it is being answered."""
        id_ = checked_id(conversation_id)
        turn = self._parts.conversations.new_turn(message, uuid.uuid4().hex, context)
        live = self._parts.live.of(turn.id)
        live.say(_THINKING)
        durable = await asyncio.to_thread(self._taken, principal, id_, turn)
        work = self._watch(live, turn.id) if durable else self._answer(live, principal, id_, turn)
        task = asyncio.create_task(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        return Begun(turn.id, id_)

    def _taken(self, principal: Principal, id_: str, turn: Turn) -> bool:
        """Checks the message, and keeps it where it is answered by a durable run: says whether it is."""
        conversations = self._parts.conversations
        conversations.require_quiet(principal, id_)
        draft = conversations.draft(principal, id_)
        offline, _ = read_offline(self._parts.interpreter, turn.message, draft)
        asks = self._parts.asks_model(principal.project, offline)
        if not asks and not acting(offline):
            return False
        with self._parts.repositories.write() as transaction:
            conversations.begin(transaction, principal, id_, turn)
            self._queue.enqueue_turn(transaction, turn.id, principal)
        return True

    async def _answer(self, live: LiveTurn, principal: Principal, id_: str, turn: Turn) -> None:
        effects = TurnWork(self._parts, principal, id_, turn, fresh=True)
        try:
            await effects.draft(await effects.interpret())
        except AlmaError as error:
            live.fail(error)

    async def _watch(self, live: LiveTurn, turn_id: str) -> None:
        """Tells the end of a turn that a durable run answers, which may be in another process; and stops it when nobody
        listens any more."""
        while not live.ended:
            if live.stopped.is_set() and await asyncio.to_thread(self._stop, turn_id):
                live.fail(TurnStopped(f"turn {turn_id} was stopped"))
                return
            place = await asyncio.to_thread(self._parts.conversations.turn, turn_id)
            if place.turn.state is not TurnState.ANSWERING:
                self._tell_end(live, place)
                return
            await live.wait(_LOOK_SECONDS)

    def _tell_end(self, live: LiveTurn, place: TurnPlace) -> None:
        """The end as the database has it, unless the run told it here already."""
        if live.ended:
            return
        if place.turn.state is TurnState.ANSWERED:
            live.say(completed(place.conversation_id, place.turn))
        else:
            live.fail(_unanswered(place.turn))

    def _stop(self, turn_id: str) -> bool:
        """Gives a turn up that has changed nothing yet. What has begun to act is carried to its end."""
        with self._parts.repositories.write() as transaction:
            turn = transaction.conversations.turn(turn_id, lock=True).turn
            if turn.state is not TurnState.ANSWERING or "drafted" in turn.answer:
                return False
            stopped = turn.model_copy(update={"state": TurnState.STOPPED})
            transaction.conversations.update_turn(stopped)
            return True

    async def follow(
        self, principal: Principal, turn_id: str, *, after: int = 0
    ) -> AsyncGenerator[tuple[int, ChatEvent], None]:
        """The events of a turn after that number, each with its own, to its end: `complete` or `error`.

        Of a turn that this process did not see, only the end is known: it is waited for. Raises NotFound."""
        await asyncio.to_thread(self._require_own, principal, turn_id)
        live = self._parts.live.find(turn_id)
        if live is None:
            live = self._parts.live.of(turn_id)
            task = asyncio.create_task(self._watch(live, turn_id))
            self._working.add(task)
            task.add_done_callback(self._working.discard)
            after = 0
        events = live.follow(after, grace=self._grace)
        try:
            async for numbered in events:
                yield numbered
        finally:
            await events.aclose()

    async def chat(
        self,
        principal: Principal,
        message: str,
        conversation_id: str | None = None,
        *,
        context: TurnContext | None = None,
        patience: float = 55.0,
    ) -> ChatAnswer:
        """Answers one message. What takes longer than `patience` seconds goes on by itself, and the answer so far says
        that it does. Raises what beginning raises, and why the message could not be answered."""
        begun = await self.begin(principal, message, conversation_id, context=context)
        live = self._parts.live.of(begun.turn_id)
        await live.until_end(patience)
        if live.error is not None:
            raise live.error
        return await self.answer(principal, begun)

    async def answer(self, principal: Principal, begun: Begun) -> ChatAnswer:
        """The answer of a turn as it is kept. Raises NotFound."""
        place = await asyncio.to_thread(self._parts.conversations.turn, begun.turn_id)
        if place.project != principal.project:
            raise NotFound(f"turn {begun.turn_id} does not exist")
        return answer_of(place)

    def _require_own(self, principal: Principal, turn_id: str) -> None:
        live = self._parts.live.find(turn_id)
        try:
            place = self._parts.conversations.turn(turn_id)
        except NotFound:
            if live is not None:
                return  # answered in this process, and not saved yet: its id is known to who asked only
            raise
        if place.project != principal.project:
            raise NotFound(f"turn {turn_id} does not exist")
        self._parts.conversations.get(principal, place.conversation_id)

    async def close(self) -> None:
        """Ends what this process works on; what is durable goes on at the next start."""
        for task in tuple(self._working):
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def give_up(self, turn_id: str, error: AlmaError) -> None:
        """Ends a turn that can't be answered, with the reason."""
        await asyncio.to_thread(self._give_up, turn_id, error)
        self._parts.live.of(turn_id).fail(error)

    def _give_up(self, turn_id: str, error: AlmaError) -> None:
        with self._parts.repositories.write() as transaction:
            turn = transaction.conversations.turn(turn_id, lock=True).turn
            if turn.state is not TurnState.ANSWERING:
                return
            stopped = isinstance(error, TurnStopped)
            ended = {
                "state": TurnState.STOPPED if stopped else TurnState.FAILED,
                "response": "" if stopped else f"This could not be answered: {error.message}.",
                "answer": {**turn.answer, "failure": failure_of(error)},
            }
            transaction.conversations.update_turn(turn.model_copy(update=ended))

    def work(self, principal: Principal, turn_id: str) -> TurnWork:
        """What answers a turn that was kept: for a durable run. Raises NotFound."""
        place = self._parts.conversations.turn(turn_id)
        return TurnWork(self._parts, principal, place.conversation_id, place.turn)

    def unanswered(self) -> Sequence[str]:
        """Turns that have no answer yet, of everybody."""
        with self._parts.repositories.read() as transaction:
            return transaction.conversations.answering()


def answer_of(place: TurnPlace) -> ChatAnswer:
    """The answer as it was given, from the turn as it is kept."""
    turn = place.turn
    fields = {name: turn.answer[name] for name in _KEPT if name in turn.answer}
    waiting = turn.state is TurnState.ANSWERING
    response = f"{turn.response} {_STILL}".strip() if waiting else turn.response
    return ChatAnswer.model_validate(
        {
            **fields,
            "response": response,
            "intent": turn.intent,
            "blueprint": turn.blueprint,
            "origins": turn.origins,
            "suggested_actions": turn.suggested_actions,
            "offers": bool(turn.offer),
            "conversation_id": place.conversation_id,
            "turn_id": turn.id,
            "state": turn.state,
            "blueprint_id": turn.blueprint_id,
            "ipr_id": turn.ipr_id,
            "plan_digest": turn.plan_digest,
            "deployment_id": turn.deployment_id,
        }
    )


_STILL = "I am still at it: the conversation has the answer when it is there."
_KEPT = frozenset(ChatAnswer.model_fields) - {
    "response", "intent", "blueprint", "origins", "suggested_actions", "offers", "conversation_id", "turn_id", "state",
    "blueprint_id", "ipr_id", "plan_digest", "deployment_id",
}  # fmt: skip


def _unanswered(turn: Turn) -> AlmaError:
    """Why a turn has no answer, as the error it was."""
    if turn.state is TurnState.STOPPED:
        return TurnStopped(f"turn {turn.id} was stopped: nobody waited for its answer")
    failure = turn.answer.get("failure")
    known = failure if isinstance(failure, dict) else {}
    return TurnFailed(
        str(known.get("message") or f"turn {turn.id} could not be answered"),
        hint=str(known["hint"]) if known.get("hint") else "say it again",
    )
