"""Deployments and their log as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import Field

from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen, Json
from alma.core.model.deployment import Check, Deployment, DeploymentState, OnFailure, Step
from alma.core.model.event import Event
from alma.core.model.plan import PlanKind


class DeploymentSummary(Frozen):
    """One run of one approved plan."""

    id: str
    ipr_id: int
    status: DeploymentState
    kind: PlanKind
    engine: str
    stack_id: str
    stack: str
    blueprint_id: int
    revision: int
    started_by: str
    on_failure: OnFailure
    cancel_requested: bool
    error: Mapping[str, Json] | None = Field(description="Why it failed, and what to do next.")
    endpoints: Mapping[str, tuple[str, ...]] = Field(
        description="Where what it made can be reached."
    )
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None
    links: Mapping[str, str]


class DeploymentView(DeploymentSummary):
    """The same with every step, and the proofs that what was made works."""

    steps: tuple[Step, ...]
    checks: tuple[Check, ...]


class Queued(Frozen):
    """The deployment is on its way; follow `links.stream`."""

    deployment_id: str
    ipr_id: int
    status: DeploymentState
    engine: str
    links: Mapping[str, str]


class EventPage(Frozen):
    """A part of the log. Ask again with `after=<last>` for what has come since; `ended` says that no more will."""

    items: Sequence[Event]
    last: int
    ended: bool


def deployment_links(deployment: Deployment) -> dict[str, str]:
    """Where everything about a deployment is."""
    base = f"{PREFIX}/deployments/{deployment.id}"
    return {
        "self": base,
        "events": f"{base}/events",
        "stream": f"{base}/events?stream=true",
        "cancel": f"{base}/cancel",
        "ipr": f"{PREFIX}/iprs/{deployment.ipr_id}",
        "stack": f"{PREFIX}/stacks/{deployment.plan.stack.id}",
    }


def _summary(deployment: Deployment) -> dict[str, object]:
    plan = deployment.plan
    return {
        "id": deployment.id,
        "ipr_id": deployment.ipr_id,
        "status": deployment.state,
        "kind": plan.target.kind,
        "engine": plan.target.engine,
        "stack_id": plan.stack.id,
        "stack": plan.stack.name,
        "blueprint_id": plan.target.blueprint_id,
        "revision": plan.target.revision,
        "started_by": deployment.started_by,
        "on_failure": deployment.on_failure,
        "cancel_requested": deployment.cancel_requested,
        "error": deployment.error,
        "endpoints": deployment.endpoints,
        "created_at": deployment.created_at,
        "updated_at": deployment.updated_at,
        "finished_at": deployment.finished_at,
        "links": deployment_links(deployment),
    }


def deployment_summary(deployment: Deployment) -> DeploymentSummary:
    """The deployment for a list."""
    return DeploymentSummary.model_validate(_summary(deployment))


def deployment_view(deployment: Deployment) -> DeploymentView:
    """The deployment in full."""
    more = {"steps": deployment.steps, "checks": deployment.checks}
    return DeploymentView.model_validate(_summary(deployment) | more)


def queued(deployment: Deployment) -> Queued:
    """What whoever started it is told."""
    return Queued(
        deployment_id=deployment.id,
        ipr_id=deployment.ipr_id,
        status=deployment.state,
        engine=deployment.plan.target.engine,
        links=deployment_links(deployment),
    )


def event_page(events: Sequence[Event], *, after: int, ended: bool) -> EventPage:
    """A part of the log and where to go on."""
    return EventPage(items=events, last=events[-1].seq if events else after, ended=ended)
