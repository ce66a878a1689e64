"""From an approved request to a queued run: what was approved is what runs, one run at a time on a stack."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.access import Permission
from alma.core.model.deployment import Deployment, DeploymentState, OnFailure, Step
from alma.core.model.errors import PlanStale, StackLocked
from alma.core.model.event import EventType
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import Plan
from alma.core.model.principal import Principal, system
from alma.core.model.state import StackRef
from alma.core.planning.compare import differences
from alma.core.ports import Clock, DeploymentQueue, EventBus, Repositories, Transaction
from alma.core.ports.telemetry import Meters, NoMeters
from alma.core.services.journal import LEASE_SECONDS
from alma.core.services.noting import note_started
from alma.core.services.plans import Plans

Allowed = Callable[[Transaction, IPR], None]
"""Raises, within the transaction, what stands against the request's run."""


class Deploying:
    """Queues requests whose approval has been checked."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        plans: Plans,
        queue: DeploymentQueue,
        bus: EventBus,
        clock: Clock,
        meters: Meters | None = None,
    ) -> None:
        self._repositories = repositories
        self._meters = meters or NoMeters()
        self._plans = plans
        self._queue = queue
        self._bus = bus
        self._clock = clock

    async def deploy(
        self, principal: Principal, ipr: IPR, on_failure: OnFailure, *, allowed: Allowed
    ) -> Deployment:
        """Queues the plan if it still is what would be done, and `allowed` in the transaction that queues it. Raises
        PlanStale with the differences, StackLocked, Conflict when the request moved meanwhile, NotFound when its
        blueprint was deleted."""
        principal.require(Permission.DEPLOY)
        # What a running deployment changes moves the plan, too: that it runs is the reason worth telling.
        await asyncio.to_thread(self._refuse_if_busy, ipr)
        now = await self._plans.make(
            system(principal.id, principal.project), ipr.plan.target, earlier=ipr.plan
        )
        refuse_if_moved(ipr.plan, now, ipr_id=ipr.id)
        return await asyncio.to_thread(self._enqueue, principal, ipr, on_failure, allowed)

    def _refuse_if_busy(self, ipr: IPR) -> None:
        with self._repositories.read() as transaction:
            _require_free(transaction, ipr.plan.stack)

    def _enqueue(
        self, principal: Principal, ipr: IPR, on_failure: OnFailure, allowed: Allowed
    ) -> Deployment:
        with self._repositories.write() as transaction:
            current = transaction.iprs.get(ipr.id, project=principal.project, lock=True)
            current.require(IPRState.DEPLOYING)
            if (current.plan.digest, current.reviews) != (ipr.plan.digest, ipr.reviews):
                raise PlanStale(
                    f"IPR {ipr.id} got another plan or review meanwhile", hint="look at it again"
                )
            # Somebody may have lost the role that an approval rests on while the plan was made again.
            allowed(transaction, current)
            moment = self._moment(transaction, current.plan.stack)
            deployment = _queued(principal, current, on_failure, moment)
            # Of two who want the stack at once one waits here for the other, and then sees that it is busy.
            transaction.stacks.acquire(
                current.plan.stack.id, holder=deployment.id, seconds=LEASE_SECONDS
            )
            _require_free(transaction, current.plan.stack)
            self._store(transaction, deployment, current)
            note_started(transaction, principal, deployment)
            return deployment

    def _store(self, transaction: Transaction, deployment: Deployment, ipr: IPR) -> None:
        plan = deployment.plan
        transaction.deployments.add(deployment)
        started = {
            "state": IPRState.DEPLOYING,
            "deployment_id": deployment.id,
            "updated_at": deployment.created_at,
        }
        transaction.iprs.update(ipr.model_copy(update=started))
        transaction.deployments.append_event(
            deployment.id,
            EventType.STATUS_CHANGE,
            f"queued {plural('change', len(plan.effective))} on {plan.target.engine}",
            data={"state": deployment.state.value},
        )
        self._queue.enqueue(transaction, deployment.id)
        transaction.after_commit(lambda: self._bus.notify(deployment.id))
        transaction.after_commit(
            lambda: self._meters.count(
                "deployment_operations_total",
                engine=plan.target.kind_of_engine,
                status=deployment.state.value,
            )
        )

    def _moment(self, transaction: Transaction, stack: StackRef) -> datetime:
        """Now; and later than the stack's last deployment, also when the clock was set back: an undo goes back to the
        newest one that succeeded."""
        last = transaction.deployments.last_queued(stack_id=stack.id)
        now = self._clock.now()
        return max(now, last + timedelta(microseconds=1)) if last else now


def _queued(principal: Principal, ipr: IPR, on_failure: OnFailure, moment: datetime) -> Deployment:
    id_ = str(uuid.uuid4())
    steps = tuple(
        Step(address=change.address, action=change.action, key=f"{id_}:{change.address}")
        for change in ipr.plan.effective
    )
    return Deployment(
        id=id_,
        project=ipr.project,
        ipr_id=ipr.id,
        plan=ipr.plan,
        state=DeploymentState.QUEUED,
        started_by=principal.id,
        on_failure=on_failure,
        steps=steps,
        created_at=moment,
        updated_at=moment,
    )


def _require_free(transaction: Transaction, stack: StackRef) -> None:
    for id_ in transaction.deployments.unended(stack_id=stack.id):
        running = transaction.deployments.get(id_)
        raise StackLocked(
            f"stack '{stack.name}' is busy with deployment {running.id} ({running.state})",
            hint="wait until it has ended, or cancel it",
            details={"deployment_id": running.id, "ipr_id": running.ipr_id},
        )


def refuse_if_moved(approved: Plan, now: Plan, *, ipr_id: int) -> None:
    """Raises PlanStale with every difference when the plan that would run is not the one that was approved, or may not
    run any more."""
    faults = [str(item) for item in now.diagnostics if item.severity == "error"]
    moved = [*differences(approved, now), *faults]
    if moved:
        raise PlanStale(
            f"the plan for stack '{approved.stack.name}' is not the one that was approved",
            hint="replan the request, look at the difference and have it approved",
            details={
                "ipr_id": ipr_id,
                "differences": moved,
                "approved_digest": approved.digest,
                "present_digest": now.digest,
            },
        )
