"""From what was said to a request, and from a person's word on it to its run: the acts of a conversation.

Each act is what the person would do by hand with requests, under the same rules, and as that person: a conversation has
no rights of its own. An approval counts for the plan that this conversation showed and for no other. Every act may be
repeated after a crash: what it made is found by the turn that asked for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.vocabulary import listed, plural
from alma.core.model.blueprint import Revision
from alma.core.model.conversation import Conversation, Intent, Interpretation, Turn, TurnPlace
from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.plan import Action, Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.model.state import Stack
from alma.core.ports import Repositories, Transaction
from alma.core.services.iprs import IPRs
from alma.core.services.plans import Plans

_SHOWN = 8
_OPEN = frozenset({IPRState.PENDING, IPRState.APPROVED})
_KINDS = {
    Intent.DEPLOY: PlanKind.DEPLOY,
    Intent.ROLLBACK: PlanKind.DEPLOY,
    Intent.DESTROY: PlanKind.DESTROY,
}
_DONE = {
    Action.CREATE: "create",
    Action.UPDATE: "change",
    Action.REPLACE: "replace",
    Action.DELETE: "remove",
    Action.ADOPT: "take over",
    Action.RELEASE: "let go",
}


@dataclass(frozen=True)
class Proposed:
    """What an act came to. `request` is the one it is about, with the plan that was shown; `plan` one that is not in
    a request yet."""

    text: str
    plan: Plan | None = None
    title: str = ""
    request: IPR | None = None
    deployment_id: str | None = None
    engine_chosen: bool = False


class Proposals:
    """What a person's words do with requests."""

    def __init__(self, *, repositories: Repositories, plans: Plans, iprs: IPRs) -> None:
        self._repositories = repositories
        self._plans = plans
        self._iprs = iprs

    # ── propose ──────────────────────────────────────────────────────────────────────────────────

    async def plan(
        self, principal: Principal, place: TurnPlace, act: Intent, reading: Interpretation
    ) -> Proposed:
        """What would be done, as a plan; or, in words, why none is needed. Raises what planning raises."""
        target = await asyncio.to_thread(self._target, principal, place, act, reading)
        if isinstance(target, Proposed):
            return target
        chosen = reading.engine is not None
        plan = await self._plans.make(principal, target, claim=True)
        if plan.blocked:
            faults = [str(item) for item in plan.diagnostics if item.severity == "error"]
            return Proposed(
                f"{plan.blueprint_name} can't be planned on {target.engine}: {'; '.join(faults)}"
            )
        if not plan.effective:
            return Proposed(
                f"{plan.blueprint_name} is on {target.engine} as the draft says: nothing to do."
            )
        verb = {Intent.DESTROY: "Remove", Intent.ROLLBACK: "Take back"}.get(act, "Deploy")
        title = f"{verb} {plan.blueprint_name}"
        return Proposed(summary(plan), plan=plan, title=title, engine_chosen=chosen)

    def _target(
        self, principal: Principal, place: TurnPlace, act: Intent, reading: Interpretation
    ) -> Target | Proposed:
        with self._repositories.read() as transaction:
            conversation = _conversation(transaction, place)
            revision = _draft_of(transaction, principal, place.turn)
            if act is Intent.DESTROY:
                return self._removal(transaction, principal, revision, reading)
            if revision is None or not revision.blueprint.resources:
                return Proposed(
                    "There is no draft in this conversation yet that could be deployed."
                )
            engine = self._plans.engine_for(principal.project, revision.blueprint, reading.engine)
            target = Target(blueprint_id=revision.id, revision=revision.number, engine=engine)
            found = _request_for(transaction, principal, conversation, target)
        return target if found is None else found

    def _removal(
        self,
        transaction: Transaction,
        principal: Principal,
        revision: Revision | None,
        reading: Interpretation,
    ) -> Target | Proposed:
        alive = _alive(transaction, principal, revision, reading)
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

    async def open(self, principal: Principal, turn_id: str, proposed: Proposed) -> Proposed:
        """Opens the request, once for each turn however often this is called, and withdraws the one that it takes the
        place of: opened in the same conversation by the same person, and not decided yet."""
        return await asyncio.to_thread(self._open, principal, turn_id, proposed)

    def _open(self, principal: Principal, turn_id: str, proposed: Proposed) -> Proposed:
        assert proposed.plan is not None
        with self._repositories.write() as transaction:
            place = transaction.conversations.turn(turn_id, lock=True)
            opened = place.turn.answer.get("opened")
            if isinstance(opened, int):
                ipr = transaction.iprs.get(opened, project=principal.project)
                return Proposed(_opened(ipr, None), request=ipr)
            earlier = _superseded(transaction, principal, place, proposed.plan)
            ipr = self._iprs.add(
                transaction,
                principal,
                title=proposed.title,
                description=f"Asked for in conversation {place.conversation_id}.",
                plan=proposed.plan,
                engine_chosen=proposed.engine_chosen,
            )
            transaction.conversations.update_turn(
                place.turn.model_copy(
                    update={
                        "ipr_id": ipr.id,
                        "plan_digest": ipr.plan.digest,
                        "answer": {**place.turn.answer, "opened": ipr.id},
                    }
                )
            )
        if earlier is not None:
            self._iprs.cancel(principal, earlier.id)
        return Proposed(_opened(ipr, earlier), request=ipr)

    # ── decide ───────────────────────────────────────────────────────────────────────────────────

    def decide(
        self, principal: Principal, place: TurnPlace, act: Intent, reading: Interpretation
    ) -> Proposed:
        """Approves or rejects the request that was named, or else the last one of the conversation. A plan that this
        conversation has not shown is shown first. Raises what reviewing raises, NotFound."""
        with self._repositories.read() as transaction:
            conversation = _conversation(transaction, place)
            id_ = reading.ipr_id or _last_request(conversation)
            if id_ is None:
                return Proposed(_waiting(transaction, principal))
            ipr = transaction.iprs.get(id_, project=principal.project)
        action = ReviewAction.APPROVE if act is Intent.APPROVE else ReviewAction.REJECT
        shown = _shown(conversation, id_)
        if action is ReviewAction.APPROVE and shown != ipr.plan.digest and ipr.state in _OPEN:
            moved = "has another plan now" if shown else "was not shown here yet"
            text = (
                f"The plan of request {id_} {moved}: {summary(ipr.plan)} "
                f"Say it again to approve exactly this plan."
            )
            return Proposed(text, request=ipr)
        if not _decided(ipr, principal, action):
            ipr = self._iprs.review(
                principal, id_, action=action, plan_digest=ipr.plan.digest, comments=_COMMENT
            )
        done = "approved" if action is ReviewAction.APPROVE else "rejected"
        follows = " Say deploy to start it." if action is ReviewAction.APPROVE else ""
        return Proposed(f"Request {id_} is {done}.{follows}", request=ipr)

    # ── deploy ───────────────────────────────────────────────────────────────────────────────────

    async def deploy(self, principal: Principal, ipr_id: int) -> Proposed:
        """Queues the approved request's run; of one that runs already, tells which. Raises what deploying raises."""
        ipr = await asyncio.to_thread(self._iprs.get, principal, ipr_id)
        if ipr.state is IPRState.DEPLOYING and ipr.deployment_id:
            running = ipr.deployment_id
        else:
            running = (await self._iprs.deploy(principal, ipr_id)).id
        text = f"Request {ipr_id} is being deployed on {ipr.plan.target.engine}."
        return Proposed(text, request=ipr, deployment_id=running)

    def previous(
        self, transaction: Transaction, principal: Principal, revision: Revision, number: int | None
    ) -> Revision | None:
        """The revision to go back to: the one named, else what ran before what runs now. Raises NotFound."""
        if number is not None:
            return transaction.blueprints.revision(revision.id, number, project=principal.project)
        ran = [
            run.plan.target.revision
            for run in transaction.deployments.list(
                project=principal.project, state=DeploymentState.SUCCEEDED
            )
            if run.plan.target.blueprint_id == revision.id
            and run.plan.target.kind is PlanKind.DEPLOY
        ]
        earlier = [found for found in ran if found != ran[0]]
        # What never ran is no way back; a draft that differs from what runs goes back to what runs.
        candidates = ran[:1] if ran and ran[0] != revision.number else earlier[:1]
        for found in candidates:
            return transaction.blueprints.revision(revision.id, found, project=principal.project)
        return None


_COMMENT = "said in a conversation"


def summary(plan: Plan) -> str:
    """What a plan would do, in a sentence: how many of what, and by name whatever loses something."""
    counted = [
        f"{number} to {word}"
        for action, word in _DONE.items()
        if (number := sum(change.action is action for change in plan.changes))
    ]
    told = f"On {plan.target.engine}: {', '.join(counted) or 'nothing to do'}."
    if plan.destructive:
        names = listed([change.address for change in plan.destructive], shown=_SHOWN)
        told += f" This destroys what is in {names}."
    warnings = [item for item in plan.diagnostics if item.severity == "warning"]
    if warnings:
        told += f" {plural('warning', len(warnings))}, first: {warnings[0].message}."
    return told


def _opened(ipr: IPR, earlier: IPR | None) -> str:
    instead = f" in place of {earlier.id}, which is withdrawn" if earlier else ""
    waits = (
        "It is approved by configuration."
        if ipr.state is IPRState.APPROVED
        else "It waits for approval: look at its plan, then say approve."
    )
    return f"I opened request {ipr.id} ({ipr.title}){instead}. {summary(ipr.plan)} {waits}"


def _conversation(transaction: Transaction, place: TurnPlace) -> Conversation:
    found = transaction.conversations.get(place.conversation_id, project=place.project)
    if found is None:
        raise NotFound(f"conversation {place.conversation_id} does not exist any more")
    return found


def _draft_of(transaction: Transaction, principal: Principal, turn: Turn) -> Revision | None:
    if turn.blueprint_id is None:
        return None
    return transaction.blueprints.latest(turn.blueprint_id, project=principal.project)


def _last_request(conversation: Conversation) -> int | None:
    return next((turn.ipr_id for turn in reversed(conversation.turns) if turn.ipr_id), None)


def _shown(conversation: Conversation, ipr_id: int) -> str | None:
    """The plan of a request that the person has seen here last."""
    seen = (turn.plan_digest for turn in reversed(conversation.turns) if turn.ipr_id == ipr_id)
    return next((digest for digest in seen if digest), None)


def _request_for(
    transaction: Transaction, principal: Principal, conversation: Conversation, target: Target
) -> Proposed | None:
    """What there is to say when this conversation has a request for exactly this target already."""
    id_ = _last_request(conversation)
    if id_ is None:
        return None
    ipr = transaction.iprs.get(id_, project=principal.project)
    if ipr.plan.target != target:
        return None
    match ipr.state:
        case IPRState.APPROVED | IPRState.DEPLOYING:
            return Proposed("", request=ipr)
        case IPRState.PENDING:
            return Proposed(
                f"Request {ipr.id} for exactly this waits for approval. {summary(ipr.plan)}",
                request=ipr,
            )
        case _:
            return None


def _superseded(
    transaction: Transaction, principal: Principal, place: TurnPlace, plan: Plan
) -> IPR | None:
    conversation = _conversation(transaction, place)
    id_ = _last_request(conversation)
    if id_ is None:
        return None
    ipr = transaction.iprs.get(id_, project=principal.project)
    same = ipr.plan.target.blueprint_id == plan.target.blueprint_id
    return ipr if same and ipr.state in _OPEN and ipr.author == principal.id else None


def _decided(ipr: IPR, principal: Principal, action: ReviewAction) -> bool:
    """Whether that has been said already, by the same person about the same plan."""
    last = ipr.reviews[-1] if ipr.reviews else None
    return (
        last is not None
        and last.action is action
        and last.principal == principal.id
        and last.plan_digest == ipr.plan.digest
        and ipr.state in {IPRState.APPROVED, IPRState.REJECTED}
    )


def _alive(
    transaction: Transaction,
    principal: Principal,
    revision: Revision | None,
    reading: Interpretation,
) -> Sequence[Stack]:
    """The stacks that are meant: by name, else those of the draft."""
    blueprint_id = revision.id if revision and reading.stack is None else None
    found = [
        stack
        for stack in transaction.stacks.list(project=principal.project, blueprint_id=blueprint_id)
        if stack.records
    ]
    if reading.stack is not None:
        found = [stack for stack in found if stack.ref.name.casefold() == reading.stack.casefold()]
    elif revision is None:
        found = []
    if reading.engine is not None:
        found = [stack for stack in found if stack.ref.engine == reading.engine]
    return found


def _waiting(transaction: Transaction, principal: Principal) -> str:
    found = transaction.iprs.list(project=principal.project, status=IPRState.PENDING, limit=_SHOWN)
    if not found:
        return "No request waits for a decision."
    names = listed([f"{item.id} ({item.title})" for item in found], shown=_SHOWN)
    return f"Requests that wait: {names}. Name the one you mean by its number."
