"""From what was said to a request, and from a person's word on it to its run: the acts of a conversation.

Each act is what the person would do by hand with requests, under the same rules, and as that person: a conversation has
no rights of its own. An approval counts for the plan that this conversation showed and for no other. Every act may be
repeated after a crash: what it made is found by the turn that asked for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.vocabulary.defaults import listed
from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.conversation import Intent, Interpretation, TurnPlace
from alma.core.model.cost import Estimate
from alma.core.model.council import CouncilReport
from alma.core.model.errors import NotFound, PlanStale
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.plan import Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.ports import Repositories, Transaction
from alma.core.services.council_words import council_words
from alma.core.services.estimates import Estimates
from alma.core.services.iprs import IPRs
from alma.core.services.plan_words import faults, nothing, summary
from alma.core.services.plans import Plans
from alma.core.services.requested import (
    OPEN,
    alive_stacks,
    draft_of,
    last_request,
    meant,
    mentions_of,
    ran,
    request_for,
    shown_digest,
    spoken_past,
    superseded,
    waiting,
)

_SHOWN = 8
_UNDECIDED = OPEN | {IPRState.FAILED}
# How many differences are told.
_TOLD = 3
_KINDS = {
    Intent.DEPLOY: PlanKind.DEPLOY,
    Intent.ROLLBACK: PlanKind.DEPLOY,
    Intent.DESTROY: PlanKind.DESTROY,
}


@dataclass(frozen=True)
class Proposed:
    """What an act came to. `request` is the one it is about, with the plan that was shown; `plan` one that is not in
    a request yet, and `council` what was said of it. `ready`: the request may run as it is. `decided`: it was approved
    or rejected as wished."""

    text: str
    plan: Plan | None = None
    council: CouncilReport | None = None
    title: str = ""
    request: IPR | None = None
    deployment_id: str | None = None
    engine_chosen: bool = False
    ready: bool = False
    decided: bool = False


class Proposals:
    """What a person's words do with requests."""

    def __init__(
        self, *, repositories: Repositories, plans: Plans, iprs: IPRs, estimates: Estimates
    ) -> None:
        self._repositories = repositories
        self._estimates = estimates
        self._plans = plans
        self._iprs = iprs

    # ── propose ──────────────────────────────────────────────────────────────────────────────────

    async def plan(
        self,
        principal: Principal,
        place: TurnPlace,
        act: Intent,
        reading: Interpretation,
        *,
        decided: bool = False,
    ) -> Proposed:
        """What would be done, as a plan; or the request that is there for it; or, in words, why none is needed.
        `decided`: the same message has decided on a request, and means that one. Raises what planning raises."""
        principal.require(Permission.IPR_READ)
        target = await asyncio.to_thread(self._target, principal, place, act, reading, decided)
        if isinstance(target, Proposed):
            return target
        # A plan of a conversation is for the request that follows it: who can't open that needs none.
        principal.require(Permission.PLAN, Permission.IPR_OPEN)
        chosen = reading.engine is not None
        plan = await self._plans.make(principal, target, claim=True)
        if plan.blocked:
            blueprint = await asyncio.to_thread(self._planned, principal, plan)
            why = faults(plan.diagnostics, blueprint)
            return Proposed(
                f"{plan.blueprint_name} can't be planned on {target.engine}: {why}. Change that first."
            )
        if not plan.effective:
            return Proposed(nothing(plan))
        verb = {Intent.DESTROY: "Remove", Intent.ROLLBACK: "Roll back"}.get(act, "Deploy")
        title = f"{verb} {plan.blueprint_name}"
        return Proposed(summary(plan), plan=plan, title=title, engine_chosen=chosen)

    def _target(
        self,
        principal: Principal,
        place: TurnPlace,
        act: Intent,
        reading: Interpretation,
        decided: bool,
    ) -> Target | Proposed:
        with self._repositories.read() as transaction:
            mentions = mentions_of(transaction, place)
            wanted = meant(
                transaction, principal, place, reading, act=act, mentions=mentions, decided=decided
            )
            if wanted is not None:
                return _standing(wanted, self._told(transaction, principal, wanted))
            revision = draft_of(transaction, principal, place.turn)
            target = (
                self._removal(transaction, principal, revision, reading)
                if act is Intent.DESTROY
                else self._landing(principal, revision, reading)
            )
            if isinstance(target, Proposed):
                return target
            found = request_for(transaction, principal, mentions, target)
            if found is not None:
                return _standing(found, self._told(transaction, principal, found))
        return target

    def _landing(
        self, principal: Principal, revision: Revision | None, reading: Interpretation
    ) -> Target | Proposed:
        if revision is None or not revision.blueprint.resources:
            return Proposed("There is no draft in this conversation yet that could be deployed.")
        engine = self._plans.engine_for(principal.project, revision.blueprint, reading.engine)
        return Target(blueprint_id=revision.id, revision=revision.number, engine=engine)

    def _removal(
        self,
        transaction: Transaction,
        principal: Principal,
        revision: Revision | None,
        reading: Interpretation,
    ) -> Target | Proposed:
        alive = alive_stacks(transaction, principal, revision, reading)
        if not alive:
            return Proposed("Nothing of it is deployed, so there is nothing to remove.")
        if len(alive) > 1:
            where = listed([f"{s.ref.name} on {s.ref.engine}" for s in alive], shown=_SHOWN)
            return Proposed(f"Several are deployed: {where}. Which one shall be removed?")
        stack = alive[0]
        latest = transaction.blueprints.latest(stack.blueprint_id, project=principal.project)
        return Target(
            blueprint_id=stack.blueprint_id,
            revision=latest.number,
            engine=stack.ref.engine,
            kind=PlanKind.DESTROY,
        )

    async def examine(self, principal: Principal, plan: Plan) -> CouncilReport:
        """What the council says of a plan that is to be asked for."""
        principal.require(Permission.PLAN)
        return await self._iprs.examine(principal, plan)

    async def open(self, principal: Principal, turn_id: str, proposed: Proposed) -> Proposed:
        """Opens the request, once for each turn however often this is called, and withdraws the one that it takes the
        place of: opened in the same conversation by the same person, and not decided yet."""
        principal.require(Permission.IPR_OPEN)
        return await asyncio.to_thread(self._open, principal, turn_id, proposed)

    def _open(self, principal: Principal, turn_id: str, proposed: Proposed) -> Proposed:
        assert proposed.plan is not None
        with self._repositories.write() as transaction:
            place = transaction.conversations.turn(turn_id, lock=True)
            opened, instead = (place.turn.answer.get(name) for name in ("opened", "instead"))
            if isinstance(opened, int):
                ipr = transaction.iprs.get(opened, project=principal.project)
                earlier = instead if isinstance(instead, int) else None
                return _proposed(ipr, earlier, self._told(transaction, principal, ipr))
            assert proposed.council is not None
            earlier = superseded(transaction, principal, place, proposed.plan)
            if earlier is not None:
                self._iprs.withdraw(transaction, principal, earlier)
            ipr = self._iprs.add(
                transaction,
                principal,
                title=proposed.title,
                description=f"Asked for in conversation {place.conversation_id}.",
                plan=proposed.plan,
                engine_chosen=proposed.engine_chosen,
                council=proposed.council,
            )
            transaction.conversations.update_turn(
                place.turn.model_copy(
                    update={
                        "ipr_id": ipr.id,
                        "plan_digest": ipr.plan.digest,
                        "answer": {**place.turn.answer, "opened": ipr.id, "instead": earlier},
                    }
                )
            )
            told = self._told(transaction, principal, ipr)
        return _proposed(ipr, earlier, told)

    # ── decide ───────────────────────────────────────────────────────────────────────────────────

    def decide(
        self,
        principal: Principal,
        place: TurnPlace,
        act: Intent,
        reading: Interpretation,
        *,
        goes_on: bool = False,
    ) -> Proposed:
        """Approves or rejects the request that was named, or else the last one of the conversation. A plan that this
        conversation has not shown, or that is not what is spoken of now, is shown first. `goes_on`: the message asks
        for more, which is done next. Raises what
        reviewing raises, NotFound."""
        principal.require(Permission.IPR_APPROVE, Permission.IPR_READ)
        with self._repositories.read() as transaction:
            mentions = mentions_of(transaction, place)
            id_ = reading.ipr_id or last_request(mentions)
            if id_ is None:
                drafted = act is Intent.APPROVE and place.turn.blueprint_id is not None
                return Proposed(_which(waiting(transaction, principal, most=_SHOWN), drafted))
            ipr = transaction.iprs.get(id_, project=principal.project)
            told = self._told(transaction, principal, ipr)
            past = None if reading.ipr_id else spoken_past(transaction, place, mentions, id_)
        action = ReviewAction.APPROVE if act is Intent.APPROVE else ReviewAction.REJECT
        shown = shown_digest(mentions, id_)
        unseen = shown != ipr.plan.digest and ipr.state in _UNDECIDED
        if action is ReviewAction.APPROVE and unseen:
            moved = "has another plan now" if shown else "was not shown here yet"
            text = (
                f"The plan of request {id_} {moved}: {told} "
                f"Say it again to approve exactly this plan."
            )
            return Proposed(text, request=ipr)
        decided = _decided(ipr, principal, action)
        aside = None if decided else past
        if action is ReviewAction.APPROVE and aside is not None:
            text = (
                f"Request {id_} ({ipr.title}) waits for approval, and {aside}. {told} "
                f"Say it again to approve this plan."
            )
            return Proposed(text, request=ipr)
        if not decided:
            ipr = self._iprs.review(
                principal, id_, action=action, plan_digest=ipr.plan.digest, comments=_COMMENT
            )
        if action is ReviewAction.APPROVE and ipr.state is IPRState.PENDING:
            waits = self._iprs.approvals(principal, ipr).told
            return Proposed(
                f"Your approval of request {id_} is recorded. It needs {waits}.", request=ipr
            )
        done = "approved" if action is ReviewAction.APPROVE else "rejected"
        unstarted = action is ReviewAction.APPROVE and not goes_on
        follows = " Say deploy to start it." if unstarted else ""
        return Proposed(f"Request {id_} is {done}.{follows}", request=ipr, decided=True)

    # ── deploy ───────────────────────────────────────────────────────────────────────────────────

    async def deploy(self, principal: Principal, ipr_id: int, *, ran: str | None) -> Proposed:
        """Queues the approved request's run, and tells which of one that runs already. `ran` is the request's run
        before this was asked for: another one is this one. A plan that moved since it was approved is made anew, and
        waits for approval. Raises what deploying raises."""
        principal.require(Permission.DEPLOY, Permission.IPR_READ)
        ipr = await asyncio.to_thread(self._iprs.get, principal, ipr_id)
        running = ipr.deployment_id
        if running is None or (running == ran and ipr.state not in _STARTED):
            try:
                running = (await self._iprs.deploy(principal, ipr_id)).id
            except PlanStale as error:
                return await self._planned_again(principal, ipr, error)
        text = f"Request {ipr_id} ({ipr.title}) is under way on {ipr.plan.target.engine}."
        return Proposed(text, request=ipr, deployment_id=running)

    async def shown_again(self, principal: Principal, ipr_id: int, stale: PlanStale) -> Proposed:
        """A request whose plan is not what would be done any more, with the plan that would."""
        principal.require(Permission.PLAN, Permission.IPR_READ)
        ipr = await asyncio.to_thread(self._iprs.get, principal, ipr_id)
        return await self._planned_again(principal, ipr, stale)

    async def _planned_again(self, principal: Principal, ipr: IPR, stale: PlanStale) -> Proposed:
        moved = await self._iprs.replan(principal, ipr.id)
        plan = await asyncio.to_thread(self._told_of, principal, moved)
        differences = stale.details.get("differences")
        found = [str(item) for item in differences] if isinstance(differences, list) else []
        why = f" ({'; '.join(found[:_TOLD])})" if found else ""
        since = "approved" if ipr.approval else "planned"
        text = f"What request {ipr.id} would do has changed since it was {since}{why}. {_shows(moved, plan)}"
        return Proposed(text, request=moved)

    # ── tell ─────────────────────────────────────────────────────────────────────────────────────

    def _told_of(self, principal: Principal, ipr: IPR) -> str:
        with self._repositories.read() as transaction:
            return self._told(transaction, principal, ipr)

    def _told(self, transaction: Transaction, principal: Principal, ipr: IPR) -> str:
        """What the request's plan would do, what is paid afterwards, and what the council says of it: what an approval
        is of."""
        told = summary(ipr.plan, self._paid(transaction, principal, ipr.plan))
        return " ".join(part for part in (told, council_words(ipr.council)) if part)

    def _paid(self, transaction: Transaction, principal: Principal, plan: Plan) -> Estimate | None:
        """What the planned revision costs; None where nothing is left to pay for."""
        if plan.target.kind is PlanKind.DESTROY:
            return None
        try:
            blueprint = transaction.blueprints.revision(
                plan.target.blueprint_id, plan.target.revision, project=principal.project
            ).blueprint
        except NotFound:
            return None  # deleted since: the request is left with its plan
        return self._estimates.estimate(blueprint)

    def _planned(self, principal: Principal, plan: Plan) -> Blueprint:
        with self._repositories.read() as transaction:
            return transaction.blueprints.revision(
                plan.target.blueprint_id, plan.target.revision, project=principal.project
            ).blueprint

    def previous(
        self, transaction: Transaction, principal: Principal, revision: Revision, number: int | None
    ) -> Revision | None:
        """The revision to go back to: the one named, else what ran before what runs now. Raises NotFound."""
        principal.require(Permission.BLUEPRINT_READ)
        if number is not None:
            return transaction.blueprints.revision(revision.id, number, project=principal.project)
        # What never ran is no way back; a draft that differs from what runs goes back to what runs.
        earlier = ran(transaction, principal, revision.id)
        return next((found for found in earlier if found.digest != revision.digest), None)


_STARTED = frozenset({IPRState.DEPLOYING, IPRState.DEPLOYED})
_COMMENT = "said in a conversation"


def _proposed(ipr: IPR, earlier: int | None, told: str) -> Proposed:
    instead = f" in place of {earlier}, which is withdrawn" if earlier else ""
    text = f"I opened request {ipr.id} ({ipr.title}){instead}. {_shows(ipr, told)}"
    return Proposed(text, request=ipr, ready=ipr.state in {IPRState.APPROVED, IPRState.DEPLOYING})


def _shows(ipr: IPR, told: str) -> str:
    """What the request's plan does, as it was told, and what it waits for."""
    if ipr.plan.blocked:
        return f"It can't be planned any more: {faults(ipr.plan.diagnostics)}."
    waits = "It waits for approval: say approve, or reject."
    if ipr.council is not None and ipr.council.shut:
        waits = "It waits."
    if ipr.state is not IPRState.PENDING:
        waits = "It is approved by configuration."
    return f"{told} {waits}"


def _standing(ipr: IPR, told: str) -> Proposed:
    """What a request that is meant comes to: its run, where its approval stands."""
    failed = ipr.state is IPRState.FAILED and ipr.approval is not None
    if ipr.state in {IPRState.APPROVED, IPRState.DEPLOYING} or failed:
        return Proposed("", request=ipr, ready=True)
    if ipr.state is IPRState.PENDING:
        text = f"Request {ipr.id} ({ipr.title}) waits for approval. {told}"
        return Proposed(text, request=ipr)
    return Proposed(f"Request {ipr.id} ({ipr.title}) is {ipr.state}: it can't run any more.")


def _which(requests: Sequence[IPR], drafted: bool) -> str:
    if not requests:
        first = " Say deploy first: that opens one for the draft." if drafted else ""
        return f"No request waits for a decision.{first}"
    names = listed([f"{item.id} ({item.title})" for item in requests], shown=_SHOWN)
    return f"Requests that wait: {names}. Name the one you mean by its number."


def _decided(ipr: IPR, principal: Principal, action: ReviewAction) -> bool:
    """Whether that has been said already, by the same person about the same plan."""
    last = ipr.reviews[-1] if ipr.reviews else None
    return (
        last is not None
        and last.action is action
        and last.principal == principal.person
        and last.plan_digest == ipr.plan.digest
        and ipr.state in {IPRState.APPROVED, IPRState.REJECTED}
    )
