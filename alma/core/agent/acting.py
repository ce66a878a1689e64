"""The acts of one message, and its end: what its words do with requests, in the person's name.

Each act reads what it needs from the database and answers plain JSON. Each may be repeated: a request is opened once
for its turn, a decision taken once, a run queued once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from alma.core.agent.effects import DECISIONS, PROPOSALS, Outcome, Walked
from alma.core.agent.events import ended, sentence
from alma.core.agent.live import LiveTurn
from alma.core.agent.parts import Parts
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    ChatEvent,
    ChatEventType,
    Intent,
    Interpretation,
    Turn,
    TurnPlace,
    TurnState,
)
from alma.core.model.council import CouncilReport
from alma.core.model.errors import AlmaError, Conflict, PlanStale
from alma.core.model.ipr import IPR
from alma.core.model.plan import Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.services.drafting import limit_of
from alma.core.services.failure import failure_of
from alma.core.services.proposals import Proposed


class TurnActs:
    """The second half of `TurnEffects`: of a turn whose draft is saved. Made on the event loop."""

    def __init__(
        self, parts: Parts, principal: Principal, conversation_id: str, turn: Turn
    ) -> None:
        self._parts = parts
        self._principal = principal
        self._conversation_id = conversation_id
        self._turn = turn
        self._live: LiveTurn = parts.live.of(turn.id)

    async def decide(self, reading: Outcome) -> Outcome:
        act = next(Intent(act) for act in reading["acts"] if act in DECISIONS)
        outcome = await self._act(lambda place: self._decided(place, act, reading), "deciding")
        goes_on = outcome["way"] == "plan" and PROPOSALS & set(reading["acts"])
        return {**outcome, "way": "plan" if goes_on else "answer"}

    async def _decided(self, place: TurnPlace, act: Intent, reading: Outcome) -> Proposed:
        read = Interpretation.model_validate(reading["interpretation"])
        proposals = self._parts.proposals
        goes_on = bool(PROPOSALS & set(reading["acts"]))
        try:
            return await asyncio.to_thread(
                proposals.decide, self._principal, place, act, read, goes_on=goes_on
            )
        except PlanStale as stale:
            id_ = stale.details.get("ipr_id")
            if not isinstance(id_, int):
                raise
            return await proposals.shown_again(self._principal, id_, stale)

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
        plan = Plan.model_validate(planned["plan"])
        return await self._act(lambda place: self._examined(plan), "examining", way="open")

    async def _examined(self, plan: Plan) -> Proposed:
        """What the council says of it. Whether it keeps its limits is looked at first: what it may not cost is not even
        asked for."""
        if plan.target.kind is not PlanKind.DESTROY:
            await asyncio.to_thread(self._require_within, plan.target)
        return Proposed("", council=await self._parts.proposals.examine(self._principal, plan))

    def _require_within(self, target: Target) -> None:
        blueprint = self._planned(target)
        estimate, limit = self._parts.drafting.estimate(blueprint), limit_of(blueprint)
        if estimate is None or limit is None or estimate.monthly <= limit:
            return
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
            council=CouncilReport.model_validate(examined["council"]),
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
            "council": proposed.council.model_dump(mode="json") if proposed.council else None,
            "shut": _shut(ipr),
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


def _shut(ipr: IPR | None) -> bool:
    """Whether nobody can approve it as it is."""
    return ipr is not None and ipr.council is not None and ipr.council.shut


def _way(proposed: Proposed) -> str:
    """How the walk goes on after an act."""
    if proposed.decided:
        return "plan"
    if proposed.plan is not None and proposed.request is None:
        return "examine"
    return "deploy" if proposed.ready else "answer"
