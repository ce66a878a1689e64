"""Writes down what a deployment intends, did and failed to do: steps, state records and the event log, together.

One method, one transaction. All of them may be called again with the same arguments after a crash: a step is
overwritten with the same words, and a line of the log is written `once`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from alma.core.model.base import digest_of
from alma.core.model.deployment import ENDED, Check, Deployment, DeploymentState, StepState
from alma.core.model.engine import Outcome
from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    IllegalTransition,
    OutcomeUnknown,
    StackLocked,
)
from alma.core.model.event import EventType
from alma.core.model.plan import Action, Change, Plan
from alma.core.model.state import (
    DesiredResource,
    Observation,
    StackRef,
)
from alma.core.ports import Clock, EventBus, Repositories, Transaction
from alma.core.ports.telemetry import Meters, NoMeters
from alma.core.services.ending import concluded, record_of, require_unended, write_end
from alma.core.services.failure import HALTED, Failure, cancelled_before, failure_of, told
from alma.core.services.noting import note_ended

LEASE_SECONDS = 900.0
_LINES_AT_ONCE = 250


class Journal:
    """The written side of deployments."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        bus: EventBus,
        clock: Clock,
        meters: Meters | None = None,
    ) -> None:
        self._repositories = repositories
        self._bus = bus
        self._clock = clock
        self._meters = meters or NoMeters()

    def load(self, id_: str) -> Deployment:
        """The deployment as it stands."""
        with self._repositories.read() as transaction:
            return transaction.deployments.get(id_)

    def start(self, id_: str) -> Failure | None:
        """Takes the stack's lease and marks the run as started; or says who holds the stack, or that somebody asked to
        stop before."""
        with self._unended(id_) as transaction:
            deployment = transaction.deployments.get(id_)
            if deployment.cancel_requested:
                return cancelled_before("it started")
            stack = deployment.plan.stack
            if transaction.stacks.acquire(stack.id, holder=id_, seconds=LEASE_SECONDS):
                self._move(transaction, deployment, DeploymentState.RUNNING, "started")
                return None
            return self._locked(transaction, stack)

    def _locked(self, transaction: Transaction, stack: StackRef) -> Failure:
        holder = transaction.stacks.holder(stack.id)
        message = f"stack '{stack.name}' is held by deployment {holder}"
        return failure_of(StackLocked(message, hint="wait until it has ended"))

    def enter(self, id_: str, state: DeploymentState, message: str) -> None:
        """Moves the run on. Entering a state again changes nothing."""
        with self._unended(id_) as transaction:
            self._move(transaction, transaction.deployments.get(id_), state, message)

    def cancelled(self, id_: str) -> Failure | None:
        """That somebody asked to stop."""
        with self._repositories.read() as transaction:
            asked = transaction.deployments.cancel_requested(id_)
            return cancelled_before("it was verified") if asked else None

    def skips(self, id_: str, address: str) -> Failure | None:
        """Why a change is not to be started: cancelled; or another has failed already, which a run that is walked again
        after a crash may only notice after it came by here. None: it is.

        A step whose intent is recorded may have done something: it is finished first, then undone if need be.
        """
        with self._repositories.read() as transaction:
            if transaction.deployments.step(id_, address).state is not StepState.PENDING:
                return None
            if transaction.deployments.cancel_requested(id_):
                return cancelled_before(f"'{address}'")
            failed = transaction.deployments.failed_step(id_)
        if failed is None:
            return None
        return {"code": HALTED, "message": failed.error or "failed", "address": failed.address}

    def intend(self, deployment: Deployment, change: Change, key: str) -> Failure | None:
        """Before the engine is called: what is about to be done. Renews the lease; or says why it is not to be done:
        the run has gone on without the one who asks, or another holds the stack."""
        stack, undoing = deployment.plan.stack, _undoing(key)
        with self._unended(deployment.id) as transaction:
            state = transaction.deployments.lock(deployment.id)
            if state is not _phase(key):
                return {"code": HALTED, "message": f"deployment {deployment.id} is {state}"}
            if not transaction.stacks.acquire(
                stack.id, holder=deployment.id, seconds=LEASE_SECONDS
            ):
                return self._locked(transaction, stack)
            if not undoing:
                step = transaction.deployments.step(deployment.id, change.address)
                begun = {
                    "state": StepState.RUNNING,
                    "attempts": step.attempts + 1,
                    "started_at": step.started_at or self._clock.now(),
                }
                transaction.deployments.put_step(deployment.id, step.model_copy(update=begun))
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:started",
                message=f"{change.action} {change.type} {change.address}",
                data={"state": StepState.RUNNING.value, "undo": undoing},
            )
        return None

    def keep(
        self, deployment: Deployment, change: Change, key: str, *, name: str, value: str
    ) -> None:
        """A word of the engine's for the next attempt under the same key. Raises IllegalTransition when the run is not
        where this attempt belongs: whoever slept through that must make nothing more."""
        wanted = _phase(key)
        with self._unended(deployment.id) as transaction:
            state = transaction.deployments.lock(deployment.id)
            if state is not wanted:
                raise IllegalTransition(
                    f"deployment {deployment.id} is {state}, and not {wanted} any more",
                    hint="nothing of this attempt is left to do",
                    details={"deployment_id": deployment.id, "state": state.value},
                )
            transaction.deployments.keep(
                deployment.id, change.address, key=key, name=name, value=value
            )

    def kept(self, deployment: Deployment, change: Change, key: str) -> Mapping[str, str]:
        """What attempts under that key have kept."""
        with self._repositories.read() as transaction:
            return transaction.deployments.kept(deployment.id, change.address, key=key)

    def made(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        """As soon as the engine has answered, before anybody asks whether it works: what exists now."""
        stack = deployment.plan.stack
        with self._unended(deployment.id) as transaction:
            for warning in map(told, outcome.warnings):
                self._line(
                    transaction,
                    deployment.id,
                    change,
                    f"{key}:warning:{digest_of(warning)}",
                    type_=EventType.LOG,
                    message=warning,
                    data={"level": "warning"},
                )
            if outcome.resource is None:
                transaction.stacks.forget(stack.id, change.address)
                return
            transaction.stacks.record(
                stack.id, record_of(deployment.id, outcome.resource, self._clock.now())
            )
            if not _undoing(key):
                self._put(transaction, deployment, change, object_id=outcome.resource.object_id)

    def finish(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        """After the change is done and proved."""
        state = StepState.ROLLED_BACK if _undoing(key) else StepState.SUCCEEDED
        data: dict[str, Any] = {"state": state.value, "adopted": outcome.adopted}
        if outcome.resource is not None:
            data["object_id"] = outcome.resource.object_id
            data["endpoints"] = list(outcome.resource.endpoints)
        with self._unended(deployment.id) as transaction:
            self._put(transaction, deployment, change, state=state, finished_at=self._clock.now())
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:done",
                message=f"{_PAST[change.action]} {change.type} {change.address}",
                data=data,
            )

    def fail(self, deployment: Deployment, change: Change, key: str, error: AlmaError) -> None:
        """After the engine has refused for good, or nobody knows what it did."""
        state = StepState.UNKNOWN if isinstance(error, OutcomeUnknown) else StepState.FAILED
        failure = failure_of(error)
        with self._unended(deployment.id) as transaction:
            if not _undoing(key):
                self._put(
                    transaction,
                    deployment,
                    change,
                    state=state,
                    error=failure["message"],
                    finished_at=self._clock.now(),
                )
            self._line(
                transaction,
                deployment.id,
                change,
                f"{key}:failed",
                type_=EventType.ERROR,
                message=f"{change.action} {change.type} {change.address} failed: {failure['message']}",
                data={"state": state.value, "code": failure["code"], "hint": failure["hint"]},
            )

    def broke(self, id_: str, address: str, failure: Failure) -> None:
        """After a fault of ours in the middle of a change: nobody knows how far it got."""
        with self._unended(id_) as transaction:
            step = transaction.deployments.step(id_, address)
            if step.state is StepState.SUCCEEDED:
                return
            update = {"state": StepState.UNKNOWN, "error": failure["message"]}
            transaction.deployments.put_step(id_, step.model_copy(update=update))

    def settle(
        self, deployment: Deployment, addresses: Sequence[str], seen: Observation, *, undone: bool
    ) -> None:
        """After an undo: what is recorded of these addresses is what was seen last, whatever was remembered of them."""
        stack, there = deployment.plan.stack, {item.address: item for item in seen.resources}
        with self._unended(deployment.id) as transaction:
            for address in addresses:
                if address in there:
                    transaction.stacks.record(
                        stack.id, record_of(deployment.id, there[address], self._clock.now())
                    )
                else:
                    transaction.stacks.forget(stack.id, address)
            if undone:
                transaction.deployments.move_steps(
                    deployment.id, before=_SETTLED_BY_UNDOING, after=StepState.ROLLED_BACK
                )

    def checks(self, id_: str, checks: Sequence[Check]) -> None:
        """Stores the proofs and writes each into the log, some at a time: others want to write, too."""
        with self._unended(id_) as transaction:
            deployment = transaction.deployments.get(id_)
            transaction.deployments.update(deployment.model_copy(update={"checks": tuple(checks)}))
        for start in range(0, len(checks), _LINES_AT_ONCE):
            with self._unended(id_) as transaction:
                for number, check in enumerate(checks[start : start + _LINES_AT_ONCE], start):
                    sign = "verified" if check.passed else "not verified"
                    transaction.deployments.append_event(
                        id_,
                        EventType.LOG if check.passed else EventType.ERROR,
                        f"{sign} {check.address}: {check.name}: {check.detail}",
                        address=check.address,
                        data=check.model_dump(mode="json"),
                        once=f"check:{number}:{check.passed}",
                    )

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
        with self._unended(id_) as transaction:
            transaction.deployments.append_event(
                id_, EventType.LOG, told(message), address=address, data=data, once=once
            )

    def notes(
        self, id_: str, lines: Sequence[tuple[str, Mapping[str, Any]]], *, address: str
    ) -> None:
        """Several lines about a resource, each with its data, in their order."""
        with self._unended(id_) as transaction:
            for message, data in lines:
                transaction.deployments.append_event(
                    id_, EventType.LOG, told(message), address=address, data=data
                )

    def secrets(self, stack: StackRef, plan: Plan, names: Sequence[str]) -> Mapping[str, str]:
        """The values of secrets: each is made the first time it is needed, and the same at every later attempt and
        deployment. Raises ChangeRejected when there is none of a name, SecretUnreadable."""
        owners = {name.rpartition(".")[0] for name in names}
        desired = {c.address: c.desired for c in plan.changes if c.desired and c.address in owners}
        with self._repositories.write() as transaction:
            return {name: _secret(transaction, stack, desired, name) for name in names}

    def conclude(
        self,
        id_: str,
        *,
        failure: Failure | None,
        undone: bool,
        undo_failure: Failure | None,
        seen: Observation | None,
    ) -> str:
        """Writes the end of the run, of its request and of its lease in one transaction. Answers the state. `seen` is a
        last look at what there is, after a success."""
        with self._repositories.write() as transaction:
            state = transaction.deployments.lock(id_)
            if state in ENDED:
                return state.value
            deployment = transaction.deployments.get(id_)
            ended = concluded(
                deployment,
                failure=failure,
                undone=undone,
                undo_failure=undo_failure,
                seen=seen,
                now=self._clock.now(),
            )
            write_end(transaction, ended, seen)
            note_ended(transaction, deployment, ended)
            transaction.after_commit(lambda: self._bus.notify(id_))
            transaction.after_commit(lambda: self._counted(ended))
            return ended.state.value

    def _counted(self, ended: Deployment) -> None:
        """Once for each run, whoever ends it: nobody comes here twice (`ENDED` above)."""
        engine = ended.plan.target.kind_of_engine
        took = ended.updated_at - ended.created_at
        self._meters.count("deployment_operations_total", engine=engine, status=ended.state.value)
        self._meters.observe("deployment_duration_seconds", took.total_seconds(), engine=engine)

    def unended(self) -> Sequence[str]:
        """The deployments that have not ended, of all projects."""
        with self._repositories.read() as transaction:
            return transaction.deployments.unended()

    @contextmanager
    def _unended(self, id_: str) -> Iterator[Transaction]:
        """A transaction about a run that goes on, after which its readers wake. Raises IllegalTransition after its end:
        who slept through that and wakes writes nothing more."""
        with self._repositories.write() as transaction:
            require_unended(transaction, id_)
            yield transaction
            transaction.after_commit(lambda: self._bus.notify(id_))

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


_SETTLED_BY_UNDOING = {StepState.RUNNING, StepState.SUCCEEDED, StepState.UNKNOWN}
_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.ADOPT: "adopted",
    Action.RELEASE: "released",
    Action.NO_OP: "left",
}


def _undoing(key: str) -> bool:
    return ":undo:" in key


def _phase(key: str) -> DeploymentState:
    """Where the run stands while a change of that key is made."""
    return DeploymentState.ROLLING_BACK if _undoing(key) else DeploymentState.RUNNING


def _secret(
    transaction: Transaction, stack: StackRef, desired: Mapping[str, DesiredResource], name: str
) -> str:
    owner, _, short = name.rpartition(".")
    length = desired[owner].secrets.get(short) if owner in desired else None
    if length is not None:
        return transaction.secrets.ensure(stack.id, name, length=length)
    value = transaction.secrets.get(stack.id, name)
    if value is None:
        raise ChangeRejected(
            f"there is no secret '{name}' in stack '{stack.name}'",
            hint="refer to a generated secret as <resource>.<secret>, such as db-1.password",
        )
    return value
