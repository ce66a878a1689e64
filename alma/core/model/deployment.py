"""One run of one plan, step by step, and the transitions that are legal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.errors import IllegalTransition
from alma.core.model.plan import Action, Plan


class DeploymentState(StrEnum):
    """Where a run stands; the last four are ends. One that is to be cancelled stands where it is until it stops there:
    see `Deployment.cancel_requested`."""

    QUEUED = "queued"
    RUNNING = "running"
    VERIFYING = "verifying"
    ROLLING_BACK = "rolling_back"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ROLLED_BACK = "rolled_back"


ENDED = frozenset(
    {
        DeploymentState.SUCCEEDED,
        DeploymentState.FAILED,
        DeploymentState.CANCELLED,
        DeploymentState.ROLLED_BACK,
    }
)

_S = DeploymentState
DEPLOYMENT_TRANSITIONS: dict[DeploymentState, frozenset[DeploymentState]] = {
    _S.QUEUED: frozenset({_S.RUNNING, _S.CANCELLED, _S.FAILED}),
    _S.RUNNING: frozenset({_S.VERIFYING, _S.ROLLING_BACK, _S.CANCELLED, _S.FAILED}),
    _S.VERIFYING: frozenset({_S.SUCCEEDED, _S.ROLLING_BACK, _S.CANCELLED, _S.FAILED}),
    _S.ROLLING_BACK: frozenset({_S.ROLLED_BACK, _S.FAILED, _S.CANCELLED}),
    **{state: frozenset() for state in ENDED},
}


class StepState(StrEnum):
    """How one change of the plan fares. `unknown`: intent is recorded, the outcome is not."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"
    ROLLED_BACK = "rolled_back"


class Step(Frozen):
    """One change on its way. `key` is the idempotency key the engine gets: the same at every attempt."""

    address: str
    action: Action
    state: StepState = StepState.PENDING
    key: str
    attempts: int = 0
    object_id: str | None = None
    error: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Check(Frozen):
    """One proof that something works, or that it doesn't: what was asked and what came back."""

    address: str
    name: str
    passed: bool
    detail: str


class OnFailure(StrEnum):
    """What to do with what this deployment made when a step fails for good."""

    ROLL_BACK = "roll_back"
    KEEP = "keep"


class Deployment(Frozen):
    """One run of one approved plan."""

    id: str
    project: str = "default"
    ipr_id: int
    plan: Plan
    state: DeploymentState
    started_by: str
    on_failure: OnFailure = OnFailure.ROLL_BACK
    cancel_requested: bool = False
    steps: tuple[Step, ...] = ()
    checks: tuple[Check, ...] = ()
    error: Mapping[str, Json] | None = None
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    endpoints: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def require(self, to: DeploymentState) -> None:
        """Raises IllegalTransition unless the deployment may go from where it stands to `to`."""
        if to not in DEPLOYMENT_TRANSITIONS[self.state]:
            raise IllegalTransition(
                f"Deployment {self.id} is {self.state} and can't become {to}",
                hint="it has ended"
                if self.state in ENDED
                else "wait for it to end, then look again",
                details={"deployment_id": self.id, "state": self.state.value},
            )

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED
