"""Infrastructure Pull Requests: open, review, deploy, cancel; and the rule that what was approved is what runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from alma.core.model.access import Permission
from alma.core.model.approvals import Approvals
from alma.core.model.council import CouncilReport
from alma.core.model.deployment import Deployment, OnFailure
from alma.core.model.errors import (
    ApprovalRequired,
    Conflict,
    InvalidInput,
)
from alma.core.model.ipr import IPR, IPRState, Review, ReviewAction, Whose
from alma.core.model.plan import Pace, Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.model.version import require_unchanged
from alma.core.planning.strategy import at_pace, going, pace_of
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.deploying import Deploying
from alma.core.services.noting import note_decided, note_moved, note_opened
from alma.core.services.plans import Plans
from alma.core.services.reviewing import AUTO_APPROVER, STATE_AFTER, ReviewRules
from alma.core.services.scrutiny import Scrutiny

_AS_PLANNED = Pace()


class IPRs:
    """The requests of the caller's project."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        plans: Plans,
        deploying: Deploying,
        scrutiny: Scrutiny,
        clock: Clock,
        rules: ReviewRules,
    ) -> None:
        self._repositories = repositories
        self._plans = plans
        self._clock = clock
        self._rules = rules
        self._deploying = deploying
        self._scrutiny = scrutiny

    # ── open and look ────────────────────────────────────────────────────────────────────────────

    async def open(
        self,
        principal: Principal,
        *,
        title: str,
        blueprint_id: int,
        description: str = "",
        engine: str | None = None,
        kind: PlanKind = PlanKind.DEPLOY,
        volumes: bool = False,
        adopt: Mapping[str, str] | None = None,
        pace: Pace = _AS_PLANNED,
    ) -> IPR:
        """Plans the blueprint's newest revision and asks for its approval. `engine` None takes the blueprint's or the
        default one. `adopt` names, by address, what is there already; `pace` says how fast what runs is changed. Raises
        NotFound, InvalidInput, EngineError."""
        principal.require(Permission.IPR_OPEN, Permission.PLAN)
        target = await self._plans.target(
            principal,
            blueprint_id,
            engine=engine,
            kind=kind,
            volumes=volumes,
            adopt=adopt,
            pace=pace,
        )
        plan = await self._plans.make(principal, target, claim=True)
        council = await self.examine(principal, plan)

        def opened() -> IPR:
            with self._repositories.write() as transaction:
                return self.add(
                    transaction,
                    principal,
                    title=title,
                    description=description,
                    plan=plan,
                    engine_chosen=engine is not None,
                    council=council,
                )

        return await asyncio.to_thread(opened)

    async def examine(self, principal: Principal, plan: Plan) -> CouncilReport:
        """What the council says of a plan: what its request is opened with."""
        principal.require(Permission.PLAN)
        return await self._scrutiny.examine(principal, plan)

    def add(
        self,
        transaction: Transaction,
        principal: Principal,
        *,
        title: str,
        description: str,
        plan: Plan,
        engine_chosen: bool,
        council: CouncilReport,
    ) -> IPR:
        """Asks for the approval of a plan that was made and examined, as part of the caller's transaction. Approval by
        configuration stops at the gate like anybody's, and agrees to no waiver that stands in the blueprint itself."""
        principal.require(Permission.IPR_OPEN)
        ipr = transaction.iprs.add(
            project=principal.project,
            title=title,
            description=description,
            author=principal.person,
            plan=plan,
            engine_chosen=engine_chosen,
            council=council,
        )
        note_opened(transaction, principal, ipr)
        passes = not (plan.blocked or council.shut or council.self_waived)
        if not passes or not self._rules.approves_by_itself(transaction, ipr):
            return ipr
        approval = Review(
            action=ReviewAction.APPROVE,
            principal=AUTO_APPROVER,
            comments="approved by configuration",
            plan_digest=plan.digest,
            created_at=self._clock.now(),
        )
        return self._add_review(transaction, principal, ipr, approval)

    def get(self, principal: Principal, id_: int) -> IPR:
        """One request with its plan and reviews. Raises NotFound."""
        principal.require(Permission.IPR_READ)
        with self._repositories.read() as transaction:
            return transaction.iprs.get(id_, project=principal.project)

    def approvals(self, principal: Principal, ipr: IPR) -> Approvals:
        """How many approvals of whom the request's plan needs, and which of those it has count now."""
        principal.require(Permission.IPR_READ)
        with self._repositories.read() as transaction:
            return self._rules.approvals(transaction, ipr)

    def refusal(self, principal: Principal, ipr: IPR) -> str | None:
        """Why the caller's own approval of the request would be refused; None if it would count."""
        principal.require(Permission.IPR_READ)
        with self._repositories.read() as transaction:
            return self._rules.refusal(transaction, principal, ipr)

    def list(
        self,
        principal: Principal,
        *,
        status: IPRState | None = None,
        turn: Whose | None = None,
        skip: int = 0,
        limit: int = 100,
        after: int | None = None,
    ) -> tuple[Sequence[IPR], int]:
        """A page, newest first, and how many there are. `turn`: only what is the caller's, or waits for somebody like
        the caller; `after`: the last request of the page before."""
        principal.require(Permission.IPR_READ)
        with self._repositories.read() as transaction:
            author = not_by = None
            if turn is Whose.MINE:
                author = principal.person
            elif turn is Whose.REVIEW:
                if not principal.may(Permission.IPR_APPROVE) or status not in {None, *_UNDECIDED}:
                    return (), 0
                status = IPRState.PENDING
                if self._rules.leaves_own_out(transaction, principal.project):
                    not_by = principal.person
            iprs, project = transaction.iprs, principal.project
            total = iprs.count(project=project, status=status, author=author, not_by=not_by)
            page = iprs.list(
                project=project,
                status=status,
                author=author,
                not_by=not_by,
                skip=skip,
                limit=limit,
                after=after,
            )
            return page, total

    def update(
        self,
        principal: Principal,
        id_: int,
        *,
        title: str | None = None,
        description: str | None = None,
        expected: str | None = None,
    ) -> IPR:
        """Changes the words of a pending request. Raises Conflict when it is no longer pending, Overtaken unless
        `expected` is still its version."""
        principal.require(Permission.IPR_OPEN)
        with self._repositories.write() as transaction:
            ipr = transaction.iprs.get(id_, project=principal.project, lock=True)
            _require_unchanged(ipr, expected)
            if ipr.state is not IPRState.PENDING:
                raise Conflict(
                    f"IPR {id_} is {ipr.state}",
                    hint="only a pending request can be edited; open a new one",
                )
            changed = ipr.model_copy(
                update={
                    "title": title if title is not None else ipr.title,
                    "description": description if description is not None else ipr.description,
                    "updated_at": self._clock.now(),
                }
            )
            transaction.iprs.update(changed)
            note_moved(transaction, principal, "ipr.edit", ipr, changed)
            return changed

    # ── decide ───────────────────────────────────────────────────────────────────────────────────

    def review(
        self,
        principal: Principal,
        id_: int,
        *,
        action: ReviewAction,
        comments: str = "",
        display: str | None = None,
        plan_digest: str | None = None,
        expected: str | None = None,
    ) -> IPR:
        """Records a review of the plan at hand. With `plan_digest`, refuses when the plan is not the one looked at;
        with `expected`, when anything of the request is not.

        Raises Forbidden for one's own request when a review by someone else is required, PolicyViolation where a
        mandatory rule stands against an approval, PlanStale, IllegalTransition, Overtaken.
        """
        principal.require(Permission.IPR_APPROVE)
        with self._repositories.read() as transaction:
            looked_at = transaction.iprs.get(id_, project=principal.project)
            _require_unchanged(looked_at, expected)
            self._rules.check(transaction, principal, looked_at, action, plan_digest)
        if action is ReviewAction.APPROVE:
            self._scrutiny.require(principal, looked_at)
            plan_digest = looked_at.plan.digest
        with self._repositories.write() as transaction:
            ipr = transaction.iprs.get(id_, project=principal.project, lock=True)
            _require_unchanged(ipr, expected)
            self._rules.check(transaction, principal, ipr, action, plan_digest)
            review = Review(
                action=action,
                principal=principal.person,
                display=display,
                comments=comments,
                plan_digest=ipr.plan.digest,
                self_review=principal.person == ipr.author,
                created_at=self._clock.now(),
            )
            return self._add_review(transaction, principal, ipr, review)

    def _add_review(
        self, transaction: Transaction, principal: Principal, ipr: IPR, review: Review
    ) -> IPR:
        transaction.iprs.add_review(ipr.id, review)
        said = ipr.model_copy(update={"reviews": (*ipr.reviews, review)})
        changed = said.model_copy(
            update={
                "state": self._state_after(transaction, said, review.action),
                "updated_at": self._clock.now(),
            }
        )
        transaction.iprs.update(changed)
        note_decided(transaction, principal, ipr.state, changed)
        return changed

    def _state_after(self, transaction: Transaction, ipr: IPR, action: ReviewAction) -> IPRState:
        """An approval that others have to follow leaves the request waiting for them."""
        if action is not ReviewAction.APPROVE or self._rules.approvals(transaction, ipr).complete:
            return STATE_AFTER[action]
        return IPRState.FAILED if ipr.state is IPRState.FAILED else IPRState.PENDING

    def cancel(self, principal: Principal, id_: int, *, expected: str | None = None) -> IPR:
        """Withdraws a pending or approved request; one that is deploying is cancelled through its deployment. Raises
        Overtaken unless `expected` is still its version."""
        principal.require(Permission.IPR_CANCEL)
        with self._repositories.write() as transaction:
            return self.withdraw(transaction, principal, id_, expected=expected)

    def withdraw(
        self,
        transaction: Transaction,
        principal: Principal,
        id_: int,
        *,
        expected: str | None = None,
    ) -> IPR:
        """The same, as part of the caller's transaction."""
        principal.require(Permission.IPR_CANCEL)
        ipr = transaction.iprs.get(id_, project=principal.project, lock=True)
        _require_unchanged(ipr, expected)
        if ipr.state is IPRState.DEPLOYING:
            raise Conflict(
                f"IPR {id_} is deploying",
                hint=f"cancel deployment {ipr.deployment_id} instead",
                details={"deployment_id": ipr.deployment_id},
            )
        ipr.require(IPRState.CANCELLED)
        changed = ipr.model_copy(
            update={"state": IPRState.CANCELLED, "updated_at": self._clock.now()}
        )
        transaction.iprs.update(changed)
        note_moved(transaction, principal, "ipr.cancel", ipr, changed)
        return changed

    async def replan(
        self,
        principal: Principal,
        id_: int,
        *,
        engine: str | None = None,
        pace: Pace = _AS_PLANNED,
        expected: str | None = None,
    ) -> IPR:
        """Plans again, from the blueprint's newest revision and what runs now; approvals of another plan lapse. What is
        not asked for otherwise stays: the engine, and the pace. Raises Overtaken unless `expected` is its version, also
        when it is another by the time the plan is there."""
        principal.require(Permission.PLAN, Permission.IPR_READ)
        ipr = await asyncio.to_thread(self.get, principal, id_)
        _require_unchanged(ipr, expected)
        if ipr.state not in _OPEN:
            ipr.require(IPRState.PENDING)
        old = ipr.plan.target
        if engine is not None:
            _require_same_place(ipr, self._plans.engine_for_name(principal.project, engine))
        target = await self._plans.target(
            principal,
            old.blueprint_id,
            engine=engine or old.engine,
            kind=old.kind,
            volumes=old.volumes,
            adopt=old.adopt,
            pace=pace_of(at_pace(old, pace)),
        )
        made = await self._plans.make(principal, target, claim=True, earlier=ipr.plan)
        plan = made.model_copy(update={"steered_by": _steered_by(principal, ipr.plan, target)})
        council = await self.examine(principal, plan)
        return await asyncio.to_thread(
            self._replace_plan,
            principal,
            ipr,
            plan,
            council,
            engine_chosen=engine is not None,
            expected=expected,
        )

    def _replace_plan(
        self,
        principal: Principal,
        ipr: IPR,
        plan: Plan,
        council: CouncilReport,
        *,
        engine_chosen: bool,
        expected: str | None,
    ) -> IPR:
        with self._repositories.write() as transaction:
            now = transaction.iprs.get(ipr.id, project=principal.project, lock=True)
            _require_unchanged(now, expected)
            if now.state not in _OPEN:
                now.require(IPRState.PENDING)
            still = now.approval is not None and plan.digest == now.plan.digest
            changed = now.model_copy(
                update={
                    "plan": plan,
                    "council": council,
                    "state": now.state if still else IPRState.PENDING,
                    "updated_at": self._clock.now(),
                    "engine_chosen": engine_chosen or now.engine_chosen,
                }
            )
            transaction.iprs.update(changed)
            note_moved(transaction, principal, "ipr.replan", now, changed)
            return changed

    # ── deploy ───────────────────────────────────────────────────────────────────────────────────

    async def deploy(
        self,
        principal: Principal,
        id_: int,
        *,
        engine: str | None = None,
        pace: Pace = _AS_PLANNED,
        on_failure: OnFailure = OnFailure.ROLL_BACK,
        expected: str | None = None,
    ) -> Deployment:
        """Queues the approved plan. Raises ApprovalRequired, PolicyViolation where a mandatory rule stands against it,
        PlanStale with the differences, StackLocked, Conflict, Overtaken unless `expected` is its version.

        An engine or a pace other than the planned one is another plan. Where the caller may approve alone, naming it
        here is that approval and is recorded as such, unless something would be destroyed or the blueprint has a newer
        revision; otherwise it needs a review.
        """
        principal.require(Permission.DEPLOY, Permission.IPR_READ)
        ipr = await asyncio.to_thread(self.get, principal, id_)
        _require_unchanged(ipr, expected)
        if ipr.state is not IPRState.PENDING:
            ipr.require(IPRState.DEPLOYING)
        wanted = ipr.plan.target.engine
        if engine:
            wanted = self._plans.engine_for_name(principal.project, engine)
        target = at_pace(ipr.plan.target, pace)
        if (wanted, target) != (ipr.plan.target.engine, ipr.plan.target):
            ipr = await self._move(principal, ipr, wanted, pace, expected)
        await asyncio.to_thread(self._require_approval, principal, ipr)
        await self._scrutiny.required(principal, ipr)
        return await self._deploying.deploy(
            principal,
            ipr,
            on_failure,
            allowed=lambda within, now: self._require_as_seen(
                within, principal, now, None if expected is None else ipr.version
            ),
        )

    def _require_as_seen(
        self, transaction: Transaction, principal: Principal, ipr: IPR, expected: str | None
    ) -> None:
        _require_unchanged(ipr, expected)
        self._rules.require_approval(transaction, principal, ipr)

    def _require_approval(self, principal: Principal, ipr: IPR) -> None:
        with self._repositories.read() as transaction:
            self._rules.require_approval(transaction, principal, ipr)

    async def _move(
        self, principal: Principal, ipr: IPR, engine: str, pace: Pace, expected: str | None
    ) -> IPR:
        """The request with its plan for that engine at that pace, approved. Raises ApprovalRequired."""
        before = ipr.plan.target
        elsewhere = engine != before.engine
        moved = await self.replan(
            principal,
            ipr.id,
            engine=engine if elsewhere else None,
            pace=pace,
            expected=expected,
        )
        if moved.plan.digest == ipr.plan.digest:
            return moved  # Nothing that runs is changed, so there is nothing to be slow with.
        after = moved.plan.target
        was, now = (before.engine, engine) if elsewhere else (going(before), going(after))
        alone = await asyncio.to_thread(self._decides_alone, principal, moved)
        newer = after.revision != before.revision
        if ipr.approval is None or not alone or moved.plan.destructive or newer:
            raise ApprovalRequired(
                f"IPR {ipr.id} was planned for {was}; its plan for {now} needs an approval of its own",
                hint="the new plan is on the request now: review it, then deploy it",
                details={"ipr_id": ipr.id, "plan_digest": moved.plan.digest},
            )
        return await asyncio.to_thread(
            self.review,
            principal,
            ipr.id,
            action=ReviewAction.APPROVE,
            comments=f"{now} named at deployment",
            plan_digest=moved.plan.digest,
        )

    def _decides_alone(self, principal: Principal, ipr: IPR) -> bool:
        with self._repositories.read() as transaction:
            return self._rules.decides_alone(transaction, principal, ipr)

    async def dry_run(
        self,
        principal: Principal,
        id_: int,
        *,
        engine: str | None = None,
        pace: Pace = _AS_PLANNED,
        expected: str | None = None,
    ) -> Plan:
        """The plan as it would be now, on the request's engine or another, at its pace or another; nothing is
        stored. Raises Overtaken unless `expected` is the request's version."""
        principal.require(Permission.PLAN, Permission.IPR_READ)
        ipr = await asyncio.to_thread(self.get, principal, id_)
        _require_unchanged(ipr, expected)
        target: Target = at_pace(ipr.plan.target, pace)
        if engine is not None:
            place = self._plans.engine_for_name(principal.project, engine)
            _require_same_place(ipr, place)
            target = target.model_copy(update={"engine": place})
        return await self._plans.make(principal, target, earlier=ipr.plan)


def _require_unchanged(ipr: IPR, expected: str | None) -> None:
    require_unchanged(f"IPR {ipr.id}", ipr.version, expected, ipr_id=ipr.id)


def _steered_by(principal: Principal, before: Plan, target: Target) -> tuple[str, ...]:
    """Where something is to run, and how fast, is part of what people approve: who changes that has a hand in it."""
    same = target.model_copy(update={"revision": before.target.revision}) == before.target
    return tuple(sorted({*before.steered_by, *(() if same else (principal.person,))}))


def _require_same_place(ipr: IPR, place: str) -> None:
    """What is there already is there only: under the same id another place has something else."""
    target = ipr.plan.target
    if target.adopt and place != target.engine:
        raise InvalidInput(
            f"IPR {ipr.id} imports what is on {target.engine}, so it can't go to {place}",
            hint=f"import from {place} with a request of its own",
        )


_UNDECIDED = frozenset({IPRState.PENDING})
_OPEN = frozenset({IPRState.PENDING, IPRState.APPROVED, IPRState.FAILED})
