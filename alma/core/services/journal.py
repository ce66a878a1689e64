"""Writes down what a deployment intends, did and failed to do: steps, state records and the event log, together.

One method, one transaction. All of them may be called again with the same arguments after a crash: a step is
overwritten with the same words, and a line of the log is written `once`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.model.deployment import Check, Deployment, DeploymentState, StepState
from alma.core.model.engine import Outcome
from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    EngineError,
    OutcomeUnknown,
    StackLocked,
)
from alma.core.model.event import EventType
from alma.core.model.ipr import IPRState
from alma.core.model.plan import Action, Change, Plan, PlanKind
from alma.core.model.state import ObservedResource, StackRef, StateRecord
from alma.core.ports import Clock, EventBus, Repositories, Transaction

LEASE_SECONDS = 900.0

# What the workflow remembers of a failure: JSON, so that it survives the process.
Failure = dict[str, Any]


def failure_of(error: AlmaError) -> Failure:
    """An error as JSON, for the workflow's memory, the deployment and its events."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": error.details,
    }


class Journal:
    """The written side of deployments."""

    def __init__(self, *, repositories: Repositories, bus: EventBus, clock: Clock) -> None:
        self._repositories = repositories
        self._bus = bus
        self._clock = clock

    def load(self, id_: str) -> Deployment:
        """The deployment as it stands."""
        with self._repositories.read() as transaction:
            return transaction.deployments.get(id_)

    def start(self, id_: str) -> Failure | None:
        """Takes the stack's lease and marks the run as started, or says who holds the stack."""
        with self._repositories.write() as transaction:
            deployment = transaction.deployments.get(id_)
            stack = deployment.plan.stack
            if transaction.stacks.acquire(stack.id, holder=id_, seconds=LEASE_SECONDS):
                self._move(transaction, deployment, DeploymentState.RUNNING, "started")
                return None
            holder = transaction.stacks.holder(stack.id)
            return failure_of(
                StackLocked(
                    f"stack '{stack.name}' is held by deployment {holder}",
                    hint="wait until it has ended",
                )
            )

    def enter(self, id_: str, state: DeploymentState, message: str) -> None:
        """Moves the run on. Entering a state again changes nothing."""
        with self._repositories.write() as transaction:
            self._move(transaction, transaction.deployments.get(id_), state, message)

    def skips(self, id_: str, address: str) -> bool:
        """Whether a change is not to be started: cancelled, and nothing of it can have happened.

        A step whose intent is recorded may have done something: it is finished first, then undone if need be.
        """
        with self._repositories.read() as transaction:
            if not transaction.deployments.cancel_requested(id_):
                return False
            return transaction.deployments.step(id_, address).state is StepState.PENDING

    def intend(self, deployment: Deployment, change: Change, key: str) -> None:
        """Before the engine is called: what is about to be done. Renews the lease."""
        with self._repositories.write() as transaction:
            transaction.stacks.acquire(
                deployment.plan.stack.id, holder=deployment.id, seconds=LEASE_SECONDS
            )
            if not _undoing(key):
                step = transaction.deployments.step(deployment.id, change.address)
                self._put(
                    transaction,
                    deployment,
                    change,
                    state=StepState.RUNNING,
                    attempts=step.attempts + 1,
                    started_at=step.started_at or self._clock.now(),
                )
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:started",
                message=f"{change.action} {change.type} {change.address}",
                data={"state": StepState.RUNNING.value, "undo": _undoing(key)},
            )

    def made(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        """As soon as the engine has answered, before anybody asks whether it works: what exists now."""
        stack = deployment.plan.stack
        with self._repositories.write() as transaction:
            for warning in outcome.warnings:
                self._line(
                    transaction,
                    deployment.id,
                    change,
                    f"{key}:warning:{warning}",
                    type_=EventType.LOG,
                    message=warning,
                    data={"level": "warning"},
                )
            if outcome.resource is None:
                transaction.stacks.forget(stack.id, change.address)
                return
            transaction.stacks.record(stack.id, self._record(deployment, change, outcome.resource))
            if not _undoing(key):
                self._put(transaction, deployment, change, object_id=outcome.resource.object_id)

    def _record(
        self, deployment: Deployment, change: Change, resource: ObservedResource
    ) -> StateRecord:
        return StateRecord(
            address=change.address,
            type=resource.type,
            object_id=resource.object_id,
            properties=resource.properties,
            depends_on=resource.depends_on,
            retain=resource.retain,
            deployment_id=deployment.id,
            updated_at=self._clock.now(),
        )

    def finish(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        """After the change is done and proved."""
        state = StepState.ROLLED_BACK if _undoing(key) else StepState.SUCCEEDED
        data: dict[str, Any] = {"state": state.value, "adopted": outcome.adopted}
        if outcome.resource is not None:
            data["object_id"] = outcome.resource.object_id
            data["endpoints"] = list(outcome.resource.endpoints)
        with self._repositories.write() as transaction:
            self._put(transaction, deployment, change, state=state, finished_at=self._clock.now())
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:done",
                message=f"{_PAST[change.action]} {change.type} {change.address}",
                data=data,
            )

    def fail(self, deployment: Deployment, change: Change, key: str, error: EngineError) -> None:
        """After the engine has refused for good, or nobody knows what it did."""
        state = StepState.UNKNOWN if isinstance(error, OutcomeUnknown) else StepState.FAILED
        with self._repositories.write() as transaction:
            if not _undoing(key):
                self._put(
                    transaction,
                    deployment,
                    change,
                    state=state,
                    error=error.message,
                    finished_at=self._clock.now(),
                )
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:failed",
                type_=EventType.ERROR,
                message=f"{change.action} {change.type} {change.address} failed: {error.message}",
                data={"state": state.value, "code": error.code, "hint": error.hint},
            )

    def checks(self, id_: str, checks: Sequence[Check]) -> None:
        """Stores the proofs and writes each into the log."""
        with self._repositories.write() as transaction:
            deployment = transaction.deployments.get(id_)
            transaction.deployments.update(deployment.model_copy(update={"checks": tuple(checks)}))
            for number, check in enumerate(checks):
                sign = "verified" if check.passed else "not verified"
                transaction.deployments.append_event(
                    id_,
                    EventType.LOG if check.passed else EventType.ERROR,
                    f"{sign} {check.address}: {check.name}: {check.detail}",
                    address=check.address,
                    data=check.model_dump(mode="json"),
                    once=f"check:{number}",
                )
            transaction.after_commit(lambda: self._bus.notify(id_))

    def note(
        self,
        id_: str,
        message: str,
        *,
        address: str | None = None,
        data: Mapping[str, Any] | None = None,
        once: str | None = None,
    ) -> None:
        """A line in the log that changes nothing else."""
        with self._repositories.write() as transaction:
            transaction.deployments.append_event(
                id_, EventType.LOG, message, address=address, data=data, once=once
            )
            transaction.after_commit(lambda: self._bus.notify(id_))

    def secret(self, stack: StackRef, plan: Plan, name: str) -> str:
        """A secret's value: made the first time it is needed, the same at every later attempt and deployment."""
        owner, _, short = name.rpartition(".")
        desired = next((c.desired for c in plan.changes if c.address == owner and c.desired), None)
        length = desired.secrets.get(short) if desired else None
        with self._repositories.write() as transaction:
            if length is not None:
                return transaction.secrets.ensure(stack.id, name, length=length)
            value = transaction.secrets.get(stack.id, name)
        if value is None:
            raise ChangeRejected(
                f"there is no secret '{name}' in stack '{stack.name}'",
                hint="refer to a generated secret as <resource>.<secret>, such as db-1.password",
            )
        return value

    def conclude(
        self,
        id_: str,
        *,
        failure: Failure | None,
        undone: bool,
        undo_failure: Failure | None,
        endpoints: Mapping[str, tuple[str, ...]],
    ) -> str:
        """Writes the end of the run, of its request and of its lease in one transaction. Answers the state."""
        with self._repositories.write() as transaction:
            deployment = transaction.deployments.get(id_)
            if deployment.ended:
                return deployment.state.value
            state = _end_state(deployment, failure, undone, undo_failure)
            self._settle_steps(transaction, deployment)
            if failure is None:
                _settle_stack(transaction, deployment)
            error = None if failure is None else failure | _nested(undo_failure)
            now = self._clock.now()
            ended = deployment.model_copy(
                update={
                    "state": state,
                    "error": error,
                    "endpoints": dict(endpoints),
                    "updated_at": now,
                    "finished_at": now,
                }
            )
            transaction.deployments.update(ended)
            transaction.stacks.release(deployment.plan.stack.id, holder=id_)
            self._settle_ipr(transaction, ended)
            self._close_log(transaction, ended)
            return state.value

    def _settle_steps(self, transaction: Transaction, deployment: Deployment) -> None:
        for step in deployment.steps:
            if step.state is StepState.PENDING:
                skipped = step.model_copy(update={"state": StepState.SKIPPED})
                transaction.deployments.put_step(deployment.id, skipped)

    def _settle_ipr(self, transaction: Transaction, ended: Deployment) -> None:
        ipr = transaction.iprs.get(ended.ipr_id, project=ended.project, lock=True)
        if ipr.state is IPRState.DEPLOYING and ipr.deployment_id == ended.id:
            transaction.iprs.update(
                ipr.model_copy(
                    update={"state": _IPR_AFTER[ended.state], "updated_at": ended.updated_at}
                )
            )

    def _close_log(self, transaction: Transaction, ended: Deployment) -> None:
        data: dict[str, Any] = {
            "state": ended.state.value,
            "endpoints": {address: list(found) for address, found in ended.endpoints.items()},
        }
        words = "done"
        if ended.error is not None:
            data["error"] = dict(ended.error)
            words = f"{ended.state.value.replace('_', ' ')}: {ended.error['message']}"
        transaction.deployments.append_event(
            ended.id, EventType.COMPLETE, words, data=data, once="complete"
        )
        transaction.after_commit(lambda: self._bus.notify(ended.id))

    def _put(
        self, transaction: Transaction, deployment: Deployment, change: Change, **changes: Any
    ) -> None:
        step = transaction.deployments.step(deployment.id, change.address)
        transaction.deployments.put_step(deployment.id, step.model_copy(update=changes))

    def _move(
        self, transaction: Transaction, deployment: Deployment, state: DeploymentState, message: str
    ) -> None:
        if deployment.state is state:
            return
        deployment.require(state)
        transaction.deployments.update(
            deployment.model_copy(update={"state": state, "updated_at": self._clock.now()})
        )
        transaction.deployments.append_event(
            deployment.id,
            EventType.STATUS_CHANGE,
            message,
            data={"state": state.value},
            once=f"state:{state.value}",
        )
        transaction.after_commit(lambda: self._bus.notify(deployment.id))

    def _line(
        self,
        transaction: Transaction,
        id_: str,
        change: Change,
        once: str,
        *,
        message: str,
        data: Mapping[str, Any],
        type_: EventType = EventType.PROGRESS,
    ) -> None:
        transaction.deployments.append_event(
            id_,
            type_,
            message,
            address=change.address,
            data={"action": change.action.value, "resource_type": change.type.value, **data},
            once=once,
        )
        transaction.after_commit(lambda: self._bus.notify(id_))


_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.NO_OP: "left",
}
_IPR_AFTER = {
    DeploymentState.SUCCEEDED: IPRState.DEPLOYED,
    DeploymentState.FAILED: IPRState.FAILED,
    DeploymentState.ROLLED_BACK: IPRState.FAILED,
    DeploymentState.CANCELLED: IPRState.CANCELLED,
}


def _undoing(key: str) -> bool:
    return ":undo:" in key


def _nested(undo_failure: Failure | None) -> dict[str, Any]:
    return {"rollback": undo_failure} if undo_failure else {}


def _end_state(
    deployment: Deployment, failure: Failure | None, undone: bool, undo_failure: Failure | None
) -> DeploymentState:
    if failure is None:
        return DeploymentState.SUCCEEDED
    if undo_failure is not None:
        return DeploymentState.FAILED
    if failure["code"] == "cancelled":
        return DeploymentState.CANCELLED
    return DeploymentState.ROLLED_BACK if undone else DeploymentState.FAILED


def _settle_stack(transaction: Transaction, deployment: Deployment) -> None:
    """The stack's revision is now the plan's; after a destroy nothing is left but what was kept."""
    plan = deployment.plan
    if plan.target.kind is PlanKind.DEPLOY:
        transaction.stacks.set_revision(plan.stack.id, plan.target.revision)
        return
    transaction.stacks.set_revision(plan.stack.id, None)
    kept = {change.address for change in plan.changes if change.action is Action.NO_OP}
    stack = transaction.stacks.get(plan.stack.id, project=deployment.project)
    for record in stack.records:
        if record.address not in kept:
            transaction.stacks.forget(plan.stack.id, record.address)
    # A kept volume needs its password again; with the last of them gone nothing does.
    if not kept:
        transaction.secrets.forget(plan.stack.id, "")
