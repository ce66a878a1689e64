"""The effects of one message: what the state machine of `graph.py` causes, in process or durably.

Each effect reads what it needs from the database and answers plain JSON, so that any worker can go on where another
one stopped. Each may be repeated: a draft is saved once for its turn, a request opened once, a decision taken once.

What acts (a request opened, decided, deployed) follows from the offline reading of the person's own words alone. A
language model can change what is in the draft and what is said, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from alma.core.agent.effects import DECISIONS, PROPOSALS, Outcome, Walked
from alma.core.agent.events import drafted_events, ended, rest_of, sentence
from alma.core.agent.live import LiveTurn, LiveTurns
from alma.core.agent.reading import Exchange, Message, Read, Reader
from alma.core.language.consent import agrees, refers_back
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    ChatEvent,
    ChatEventType,
    Drafted,
    Intent,
    Interpretation,
    Turn,
    TurnPlace,
    TurnState,
)
from alma.core.model.errors import AlmaError, Conflict, InvalidInput, NotFound
from alma.core.model.plan import Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.ports import Repositories, Transaction
from alma.core.services.conversations import Conversations, save_draft
from alma.core.services.drafting import Draft, Drafting, Edited, limit_of
from alma.core.services.failure import failure_of
from alma.core.services.proposals import Proposals, Proposed
from alma.core.services.replying import Replying, next_steps, with_offer

T = TypeVar("T")

_EARLIER = 8


class TurnStopped(Conflict):
    """Whoever asked went away: the turn ends without an answer, and nothing of it is kept but the message."""

    code = "turn_stopped"


@dataclass(frozen=True)
class Parts:
    """What turns are made with; one set serves all. `reader` is None where no language model is configured; `use` says
    when a project wants its model asked: `always`, `when_unsure`, or None for never."""

    repositories: Repositories
    conversations: Conversations
    interpreter: Interpreter
    drafting: Drafting
    replying: Replying
    proposals: Proposals
    live: LiveTurns
    reader: Reader | None = None
    use: Callable[[str], str | None] = lambda project: "always"

    def asks_model(self, project: str, offline: Interpretation) -> bool:
        """Whether a model reads this message, too: not where it has no say, and where the project wants it only when
        the offline reading is unsure, only then."""
        if self.reader is None or acting(offline) or offline.intent is Intent.UNDO:
            return False
        unsure = bool(offline.question or offline.unused) or offline.intent is Intent.UNKNOWN
        wanted = self.use(project)
        return wanted == "always" or (wanted == "when_unsure" and unsure)


@dataclass(frozen=True)
class Given:
    """What a message that is answered at once was read as: `begun` is where its conversation stood, `draft` what it is
    about. Nothing of it is kept yet: its draft is saved with it."""

    begun: Draft
    draft: Draft
    offline: Interpretation


@dataclass(frozen=True)
class _Saved:
    """What became of the draft; `drafted` is None if that was done before."""

    outcome: Outcome
    drafted: Drafted | None = None
    before: Blueprint | None = None


class TurnWork:
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
        self._parts = parts
        self._principal = principal
        self._conversation_id = conversation_id
        self._turn = turn
        self._given = given
        self._live: LiveTurn = parts.live.of(turn.id)

    # ── interpret ────────────────────────────────────────────────────────────────────────────────

    async def interpret(self) -> Outcome:
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
                draft = self._parts.conversations.whole_draft(
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

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────

    async def decide(self, reading: Outcome) -> Outcome:
        act = next(Intent(act) for act in reading["acts"] if act in DECISIONS)
        outcome = await self._act(lambda place: self._decided(place, act, reading), "deciding")
        goes_on = outcome["way"] == "plan" and PROPOSALS & set(reading["acts"])
        return {**outcome, "way": "plan" if goes_on else "answer"}

    async def _decided(self, place: TurnPlace, act: Intent, reading: Outcome) -> Proposed:
        read = Interpretation.model_validate(reading["interpretation"])
        proposals = self._parts.proposals
        goes_on = bool(PROPOSALS & set(reading["acts"]))
        return await asyncio.to_thread(
            proposals.decide, self._principal, place, act, read, goes_on=goes_on
        )

    async def plan(self, reading: Outcome) -> Outcome:
        act = next(Intent(act) for act in reading["acts"] if act in PROPOSALS)
        read = Interpretation.model_validate(reading["interpretation"])
        decided = bool(DECISIONS & set(reading["acts"]))
        return await self._act(
            lambda place: self._parts.proposals.plan(
                self._principal, place, act, read, decided=decided
            ),
            "planning",
        )

    async def examine(self, planned: Outcome) -> Outcome:
        target = Plan.model_validate(planned["plan"]).target
        return await self._act(lambda place: self._examined(target), "examining", way="open")

    async def _examined(self, target: Target) -> Proposed:
        """Whether what is planned keeps its limits: what it may not cost is not even asked for."""
        if target.kind is PlanKind.DESTROY:
            return Proposed("")
        blueprint = await asyncio.to_thread(self._planned, target)
        estimate, limit = self._parts.drafting.estimate(blueprint), limit_of(blueprint)
        if estimate is None or limit is None or estimate.monthly <= limit:
            return Proposed("")
        raise Conflict(
            f"the draft would cost about ${estimate.monthly:,.0f} a month, and its limit is ${limit:,.0f}",
            hint="make it smaller, or raise the limit",
        )

    def _planned(self, target: Target) -> Blueprint:
        with self._parts.repositories.read() as transaction:
            return transaction.blueprints.revision(
                target.blueprint_id, target.revision, project=self._principal.project
            ).blueprint

    async def open(self, planned: Outcome, examined: Outcome) -> Outcome:
        proposed = Proposed(
            planned["text"],
            plan=Plan.model_validate(planned["plan"]),
            title=planned["title"],
            engine_chosen=planned["engine_chosen"],
        )
        return await self._act(
            lambda place: self._parts.proposals.open(self._principal, place.turn.id, proposed),
            "opening the request",
        )

    async def deploy(self, request: Outcome) -> Outcome:
        return await self._act(
            lambda place: self._parts.proposals.deploy(
                self._principal, request["ipr_id"], ran=request["ran"]
            ),
            "starting the deployment",
        )

    async def _act(
        self,
        act: Callable[[TurnPlace], Awaitable[Proposed]],
        doing: str,
        *,
        way: str | None = None,
    ) -> Outcome:
        """What an act came to, as JSON. What can't be done is an answer like others."""
        self._live.say(ChatEvent(type=ChatEventType.PROGRESS, content=doing))
        place = await asyncio.to_thread(self._parts.conversations.turn, self._turn.id)
        try:
            proposed = await act(place)
        except AlmaError as error:
            hint = f" {sentence(error.hint)}" if error.hint else ""
            return {
                "way": "answer",
                "text": f"That can't be done: {error.message}.{hint}",
                "failure": failure_of(error),
            }
        ipr = proposed.request
        return {
            "way": way or _way(proposed),
            "text": proposed.text,
            "plan": proposed.plan.model_dump(mode="json") if proposed.plan else None,
            "title": proposed.title,
            "engine_chosen": proposed.engine_chosen,
            "ipr_id": ipr.id if ipr else None,
            "plan_digest": ipr.plan.digest if ipr else None,
            "deployment_id": proposed.deployment_id,
            "ran": ipr.deployment_id if ipr else None,
        }

    # ── answer ───────────────────────────────────────────────────────────────────────────────────

    async def answer(self, state: Walked) -> Outcome:
        with self._live.telling():
            turn = await asyncio.to_thread(self._answered, state)
            if turn is not None:
                self._live.complete(self._conversation_id, turn)
        return {"turn_id": self._turn.id}

    def _answered(self, state: Walked) -> Turn | None:
        with self._parts.repositories.write() as transaction:
            turn = transaction.conversations.turn(self._turn.id, lock=True).turn
            if turn.state is not TurnState.ANSWERING:
                return None
            told = ended(turn, state)
            transaction.conversations.update_turn(told)
            return told


def _way(proposed: Proposed) -> str:
    """How the walk goes on after an act."""
    if proposed.decided:
        return "plan"
    if proposed.plan is not None and proposed.request is None:
        return "examine"
    return "deploy" if proposed.ready else "answer"


def acting(interpretation: Interpretation) -> tuple[Intent, ...]:
    """What a message wants done with requests, in its order."""
    acts = interpretation.acts or (interpretation.intent,)
    return tuple(act for act in acts if act.value in DECISIONS | PROPOSALS)


def read_offline(
    interpreter: Interpreter, message: str, draft: Draft
) -> tuple[Interpretation, Draft]:
    """A message as it is understood without a model, and the draft that it is about. A plain yes takes what was offered
    last; a change said at the beginning of a conversation is of what the person spoke of just before."""
    if draft.offer and agrees(message):
        taken = Interpretation(
            intent=Intent.CHANGE, edits=draft.offer, understood=("what was offered",)
        )
        return taken, draft
    reading = interpreter.interpret(message, blueprint=draft.blueprint, history=draft.said)
    before = draft.recent
    about = reading.intent is Intent.CHANGE or refers_back(message)
    if before is None or before.blueprint is None or not about:
        return reading, draft
    follows = interpreter.interpret(message, blueprint=before.blueprint, history=before.said)
    if follows.intent is not Intent.CHANGE or not follows.edits or follows.question:
        return reading, draft
    told = f"this is about {before.blueprint.name}, which you spoke of just before"
    return follows.model_copy(update={"assumptions": (told, *follows.assumptions)}), before


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
