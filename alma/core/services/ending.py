"""How a run ends: in which state, what becomes of its request and its stack, and the last line of its log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from alma.core.model.deployment import ENDED, Deployment, DeploymentState, StepState
from alma.core.model.errors import IllegalTransition
from alma.core.model.event import EventType
from alma.core.model.ipr import IPRState
from alma.core.model.plan import Action, PlanKind
from alma.core.model.state import Observation, ObservedResource, StateRecord
from alma.core.ports import Transaction
from alma.core.services.failure import Failure


def require_unended(transaction: Transaction, id_: str) -> None:
    """Takes the deployment's row, so that its end can't come in between. Raises IllegalTransition after its end."""
    state = transaction.deployments.lock(id_)
    if state in ENDED:
        raise IllegalTransition(
            f"deployment {id_} has ended ({state})",
            hint="nothing of it is left to do",
            details={"deployment_id": id_, "state": state.value},
        )


def concluded(
    deployment: Deployment,
    *,
    failure: Failure | None,
    undone: bool,
    undo_failure: Failure | None,
    seen: Observation | None,
    now: datetime,
) -> Deployment:
    """The deployment as it ends."""
    nested = {"rollback": undo_failure} if undo_failure else {}
    there = seen.resources if seen else ()
    return deployment.model_copy(
        update={
            "state": _end_state(failure, undone, undo_failure),
            "error": None if failure is None else failure | nested,
            "endpoints": {i.address: i.endpoints for i in there if i.endpoints},
            "updated_at": now,
            "finished_at": now,
        }
    )


def _end_state(
    failure: Failure | None, undone: bool, undo_failure: Failure | None
) -> DeploymentState:
    if failure is None:
        return DeploymentState.SUCCEEDED
    if undo_failure is not None:
        return DeploymentState.FAILED
    if failure["code"] == "cancelled":
        return DeploymentState.CANCELLED
    return DeploymentState.ROLLED_BACK if undone else DeploymentState.FAILED


def record_of(deployment_id: str, resource: ObservedResource, now: datetime) -> StateRecord:
    """What is remembered of an object."""
    return StateRecord(
        address=resource.address,
        type=resource.type,
        object_id=resource.object_id,
        properties=resource.properties,
        depends_on=resource.depends_on,
        retain=resource.retain,
        site=resource.site,
        deployment_id=deployment_id,
        updated_at=now,
    )


def write_end(transaction: Transaction, ended: Deployment, seen: Observation | None) -> None:
    """Everything that an end changes, in the caller's transaction."""
    _settle_steps(transaction, ended)
    if ended.state is DeploymentState.SUCCEEDED:
        _settle_stack(transaction, ended)
        if seen is not None:
            _settle_records(transaction, ended, seen)
    transaction.deployments.update(ended)
    transaction.stacks.release(ended.plan.stack.id, holder=ended.id)
    _settle_ipr(transaction, ended)
    _close_log(transaction, ended)


_STEP_AFTER = {StepState.PENDING: StepState.SKIPPED, StepState.RUNNING: StepState.UNKNOWN}
_IPR_AFTER = {
    DeploymentState.SUCCEEDED: IPRState.DEPLOYED,
    DeploymentState.FAILED: IPRState.FAILED,
    DeploymentState.ROLLED_BACK: IPRState.FAILED,
    DeploymentState.CANCELLED: IPRState.CANCELLED,
}


def _settle_steps(transaction: Transaction, ended: Deployment) -> None:
    """Nothing runs any more, whatever the run was able to write down."""
    for before, after in _STEP_AFTER.items():
        transaction.deployments.move_steps(ended.id, before={before}, after=after)


def _settle_stack(transaction: Transaction, ended: Deployment) -> None:
    """The stack's revision is now the plan's; after a destroy nothing is left but what was kept."""
    plan = ended.plan
    if plan.target.kind is PlanKind.DEPLOY:
        transaction.stacks.set_revision(plan.stack.id, plan.target.revision)
        return
    transaction.stacks.set_revision(plan.stack.id, None)
    kept = {change.address for change in plan.changes if change.action is Action.NO_OP}
    stack = transaction.stacks.get(plan.stack.id, project=ended.project)
    for record in stack.records:
        if record.address not in kept:
            transaction.stacks.forget(plan.stack.id, record.address)
    # A kept volume needs its password again; with the last of them gone nothing does.
    if not kept:
        transaction.secrets.forget(plan.stack.id, "")


def _settle_records(transaction: Transaction, ended: Deployment, seen: Observation) -> None:
    """Writes down what was as it should be without this run's doing: the reply of the run that made it was lost. And
    forgets what is neither there nor wanted, and follows what has moved. The rest stays as it is recorded: drift is
    told by it."""
    stack = transaction.stacks.get(ended.plan.stack.id, project=ended.project)
    recorded = {record.address: record for record in stack.records}
    present = {resource.address for resource in seen.resources}
    wanted = {change.address for change in ended.plan.changes if change.desired}
    for resource in seen.resources:
        known = recorded.get(resource.address)
        if known is None:
            found = record_of(ended.id, resource, ended.updated_at)
            transaction.stacks.record(stack.ref.id, found)
        elif known.site != resource.site:
            moved = known.model_copy(update={"site": resource.site})
            transaction.stacks.record(stack.ref.id, moved)
    for address in recorded.keys() - present - wanted:
        transaction.stacks.forget(stack.ref.id, address)


def _settle_ipr(transaction: Transaction, ended: Deployment) -> None:
    ipr = transaction.iprs.get(ended.ipr_id, project=ended.project, lock=True)
    if ipr.state is IPRState.DEPLOYING and ipr.deployment_id == ended.id:
        update = {"state": _IPR_AFTER[ended.state], "updated_at": ended.updated_at}
        transaction.iprs.update(ipr.model_copy(update=update))


def _close_log(transaction: Transaction, ended: Deployment) -> None:
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
