"""The conversation as its edges see it: a message goes in, events come out, and the answer is kept.

A message that changes a draft is answered in this process, in milliseconds and in one transaction. One that asks a
language model, or acts on requests, is kept first and answered by a durable run: if this process dies, another one goes
on. Either way the events are the same, and the answer is in the database before anybody is told that it is complete.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

from alma.core.agent.ends import answer_of, told, unanswered
from alma.core.agent.following import Following
from alma.core.agent.live import GRACE_SECONDS, LiveTurn
from alma.core.agent.parts import Given, Parts, TurnStopped, acting, read_offline
from alma.core.agent.turns import TurnWork
from alma.core.model.access import Permission
from alma.core.model.conversation import (
    ChatAnswer,
    ChatEvent,
    ChatEventType,
    Turn,
    TurnContext,
    TurnPlace,
    TurnState,
)
from alma.core.model.errors import AlmaError, DatabaseUnavailable, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import DeploymentQueue, EventBus, Transaction
from alma.core.services.conversations import checked_id
from alma.core.services.failure import InternalFault, failure_of

# How often the database is asked for an answer that another process may work on: at first, and after a while.
_LOOK_SECONDS = 0.2
_LOOK_SECONDS_AT_MOST = 1.0
# What is answered in this process takes milliseconds: the end waits for it.
_END_SECONDS = 5.0
# Whoever stops a turn wants to say something else at once: the answer waits so long for its end.
_STOP_SECONDS = 5.0
logger = logging.getLogger(__name__)

_THINKING = ChatEvent(type=ChatEventType.THINKING, content="reading")


@dataclass(frozen=True)
class Begun:
    """A turn that is being answered. `durable`: it goes on whatever becomes of this process."""

    turn_id: str
    conversation_id: str
    durable: bool = True


class Dialogue:
    """Answers messages. Lives on one event loop."""

    def __init__(
        self,
        parts: Parts,
        *,
        queue: DeploymentQueue,
        bus: EventBus | None = None,
        grace: float = GRACE_SECONDS,
        tell: Callable[[Sequence[str]], None] | None = None,
    ) -> None:
        """`bus` tells of turns that other processes have written of; without one they are looked for. `tell` says to
        other processes what is told of turns here; None where there are none."""
        self.following = Following(repositories=parts.repositories, live=parts.live, tell=tell)
        self._parts = parts
        self._bus = bus
        self._queue = queue
        self._grace = grace
        self._answers: set[asyncio.Task[None]] = set()
        self._watches: set[asyncio.Task[None]] = set()

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
        principal.require(Permission.CONVERSATION)
        id_ = checked_id(conversation_id)
        turn = self._parts.conversations.new_turn(message, uuid.uuid4().hex, context)
        live = self._parts.live.begin(turn.id)
        live.say(_THINKING)
        taking = asyncio.create_task(asyncio.to_thread(self._taken, principal, id_, turn))
        try:
            given = await asyncio.shield(taking)
        except asyncio.CancelledError:
            self._work_on(live, turn.id, self._nobodys(taking, live, turn.id), self._watches)
            raise
        except BaseException:
            self._parts.live.forget(turn.id)
            raise
        if given is None:
            self._work_on(live, turn.id, self._watch(live, turn.id), self._watches)
        else:
            effects = TurnWork(self._parts, principal, id_, turn, given=given)
            self._work_on(live, turn.id, _answered(effects), self._answers)
        return Begun(turn.id, id_, durable=given is None)

    async def _nobodys(
        self, taking: asyncio.Task[Given | None], live: LiveTurn, turn_id: str
    ) -> None:
        """Who said something went away while it was being taken, which can't be taken back: nobody follows it."""
        live.deserted.set()
        try:
            if await taking is None:
                await self._watch(live, turn_id)
        finally:
            self._parts.live.forget(turn_id)

    def _work_on(
        self,
        live: LiveTurn,
        turn_id: str,
        work: Coroutine[Any, Any, None],
        among: set[asyncio.Task[None]],
    ) -> None:
        """The boundary: whoever follows gets an end, whatever the work meets; they would wait for ever."""

        def ended(task: asyncio.Task[None]) -> None:
            among.discard(task)
            error = None if task.cancelled() else task.exception()
            if isinstance(error, AlmaError):
                live.fail(error)
            elif error is not None:
                logger.error("turn %s met a fault of ALMA's own", turn_id, exc_info=error)
                told = f"ALMA failed while answering: {type(error).__name__}"
                live.fail(InternalFault(told, hint="see the server's log"))

        task = asyncio.create_task(work)
        among.add(task)
        task.add_done_callback(ended)

    def _taken(self, principal: Principal, id_: str, turn: Turn) -> Given | None:
        """Checks the message and reads it. Answers what the reading in this process goes on from; None where the
        message is kept, and answered by a durable run."""
        conversations = self._parts.conversations
        begun = conversations.quiet_draft(principal, id_)
        offline, draft = read_offline(self._parts.interpreter, turn.message, begun)
        asks = self._parts.asks_model(principal.project, offline)
        if not asks and not acting(offline):
            return Given(begun=begun, draft=draft, offline=offline)
        with self._parts.repositories.write() as transaction:
            conversations.begin(transaction, principal, id_, turn)
            self.following.begin(transaction, turn.id)
            self._queue.enqueue_turn(transaction, turn.id, principal)
        return None

    async def _watch(self, live: LiveTurn, turn_id: str) -> None:
        """Tells the end of a turn that a durable run answers, which may be in another process; and stops it when nobody
        listens any more."""
        with nullcontext(live.rest) if self._bus is None else self._bus.subscribe(turn_id) as wait:
            try:
                await self._look_until_end(live, turn_id, wait)
            finally:
                self.following.forget(turn_id)

    async def _look_until_end(
        self, live: LiveTurn, turn_id: str, wait: Callable[[float], Awaitable[None]]
    ) -> None:
        pause, settled = _LOOK_SECONDS, False
        while not live.ended:
            try:
                await self.following.look(turn_id, live)
                if live.deserted.is_set() and not settled:
                    settled = await asyncio.to_thread(self._desert, turn_id)
                place = await asyncio.to_thread(self._parts.conversations.turn, turn_id)
                self._tell_end(live, place)
            except DatabaseUnavailable as error:
                logger.warning("turn %s: %s", turn_id, error.message)
            news = [event.wait() for event in (live.deserted, live.heard_end) if not event.is_set()]
            await _first_of(live.rest(pause), wait(pause), *news)
            pause = min(pause * 1.2, _LOOK_SECONDS_AT_MOST)

    def _tell_end(self, live: LiveTurn, place: TurnPlace) -> None:
        """The end, if the database has one, and the run is not just about to tell it here with all that goes before."""
        if place.turn.state is TurnState.ANSWERING or live.being_told:
            return
        if place.turn.state is TurnState.ANSWERED:
            if self.following.more_to_come(place.turn.id, live):
                return
            live.complete(place.conversation_id, place.turn)
            return
        if live.answered_here and not live.stopped.is_set():
            # This process still asks a model: its run ends first, and tells the end itself.
            live.stopped.set()
            return
        live.stopped.set()
        live.fail(unanswered(place.turn))

    def _desert(self, turn_id: str) -> bool:
        """Gives a turn up that nobody follows in any process. Whether there is nothing more to decide."""
        if not self.following.deserted(turn_id):
            return False
        return self._stop(turn_id, unless=self.following.followed)

    def _stop(
        self, turn_id: str, *, unless: Callable[[Transaction, str], bool] | None = None
    ) -> bool:
        """Gives a turn up that has changed nothing yet. What has begun to act is carried to its end. False where it was
        not to be stopped."""
        with self._parts.repositories.write() as transaction:
            turn = transaction.conversations.turn(turn_id, lock=True).turn
            if turn.state is not TurnState.ANSWERING or "drafted" in turn.answer:
                return True
            if unless is not None and unless(transaction, turn_id):
                return False
            stopped = turn.model_copy(update={"state": TurnState.STOPPED})
            transaction.conversations.update_turn(stopped)
            return True

    async def follow(
        self, principal: Principal, turn_id: str, *, after: int = 0
    ) -> AsyncGenerator[tuple[int, ChatEvent], None]:
        """The events of a turn after that number, each with its own, to its end: `complete` or `error`.

        Of a turn that this process did not see, only the end is known: it is waited for. Raises NotFound."""
        principal.require(Permission.CONVERSATION)
        await asyncio.to_thread(self._require_own, principal, turn_id)
        live = self._watched(turn_id)
        await self.following.arrive(turn_id)
        events = live.follow(after, grace=self._grace)
        try:
            async for numbered in events:
                yield numbered
        finally:
            await events.aclose()

    def _watched(self, turn_id: str) -> LiveTurn:
        """What is told of a turn; of one that began elsewhere, from what other processes write of it."""
        live = self._parts.live.find(turn_id)
        if live is None:
            live = self._parts.live.of(turn_id)
            self._work_on(live, turn_id, self._watch(live, turn_id), self._watches)
        return live

    async def stop(self, principal: Principal, turn_id: str) -> None:
        """Gives an answer up as if nobody listened any more: the model's work ends. What has begun to act is carried to
        its end. Raises NotFound."""
        principal.require(Permission.CONVERSATION)
        await asyncio.to_thread(self._require_own, principal, turn_id)
        live = self._parts.live.find(turn_id)
        if live is None:
            await asyncio.to_thread(self._stop, turn_id)
            return
        live.stopped.set()
        with suppress(NotFound):  # what is answered in this process is not there yet
            await asyncio.to_thread(self._stop, turn_id)
        await live.rest(_STOP_SECONDS)

    async def anything_after(self, principal: Principal, turn_id: str, after: int = 0) -> bool:
        """Whether following from there tells anything: not to somebody who has seen the end. Raises NotFound."""
        principal.require(Permission.CONVERSATION)
        await asyncio.to_thread(self._require_own, principal, turn_id)
        live = self._parts.live.find(turn_id)
        return live is None or live.later_than(after)

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
        principal.require(Permission.CONVERSATION)
        begun = await self.begin(principal, message, conversation_id, context=context)
        live = self._parts.live.of(begun.turn_id)
        await live.until_end(patience if begun.durable else None)
        if live.error is not None:
            raise live.error
        return await self.answer(principal, begun.turn_id)

    async def answer(self, principal: Principal, turn_id: str) -> ChatAnswer:
        """The answer of a turn as it is kept. Raises NotFound, also for somebody else's."""
        principal.require(Permission.CONVERSATION)
        return answer_of(await asyncio.to_thread(self._own, principal, turn_id))

    def _require_own(self, principal: Principal, turn_id: str) -> None:
        try:
            place = self._parts.conversations.turn(turn_id)
        except NotFound:
            # What is answered in this process is not saved yet, and its id is known to who asked only.
            if self._parts.live.find(turn_id) is None:
                raise
        else:
            self._require_place(principal, place)

    def _own(self, principal: Principal, turn_id: str) -> TurnPlace:
        place = self._parts.conversations.turn(turn_id)
        self._require_place(principal, place)
        return place

    def _require_place(self, principal: Principal, place: TurnPlace) -> None:
        if place.project != principal.project:
            raise NotFound(
                f"turn {place.turn.id} does not exist",
                hint="check the id; a list shows what there is",
            )
        self._parts.conversations.require_own(principal, place.conversation_id)

    async def close(self) -> None:
        """Ends what this process works on: what it answers by itself is answered first; what is durable goes on at the
        next start."""
        if self._answers:
            await asyncio.wait(self._answers, timeout=_END_SECONDS)
        working = (*self._answers, *self._watches)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    async def give_up(self, turn_id: str, error: AlmaError) -> None:
        """Ends a turn that can't be answered, with the reason."""
        await asyncio.to_thread(self._give_up, turn_id, error)
        self._parts.live.of(turn_id).fail(error)

    def _give_up(self, turn_id: str, error: AlmaError) -> None:
        with self._parts.repositories.write() as transaction:
            turn = transaction.conversations.turn(turn_id, lock=True).turn
            if turn.state is not TurnState.ANSWERING:
                return
            stopped = error.code == TurnStopped.code
            ended = {
                "state": TurnState.STOPPED if stopped else TurnState.FAILED,
                "response": "" if stopped else told(turn, error),
                "answer": {**turn.answer, "failure": failure_of(error)},
            }
            transaction.conversations.update_turn(turn.model_copy(update=ended))

    async def work(self, principal: Principal, turn_id: str) -> TurnWork:
        """What answers a turn that was kept: for a durable run, which hears when another process stops the turn. Raises
        NotFound."""
        principal.require(Permission.CONVERSATION)
        principal = await asyncio.to_thread(self._parts.conversations.present, principal)
        principal.require(Permission.CONVERSATION)
        place = await asyncio.to_thread(self._parts.conversations.turn, turn_id)
        self._watched(turn_id).answer_here()
        return TurnWork(self._parts, principal, place.conversation_id, place.turn)

    def unanswered(self) -> Sequence[str]:
        """Turns that have no answer yet, of everybody."""
        with self._parts.repositories.read() as transaction:
            return transaction.conversations.answering()


async def _first_of(*waits: Awaitable[object]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


async def _answered(effects: TurnWork) -> None:
    """Answers a message in this process: nothing of it is kept before all of it is."""
    await effects.draft(await effects.interpret())
