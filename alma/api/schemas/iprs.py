"""Infrastructure Pull Requests as they are sent and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ConfigDict, Field

from alma.api.schemas.common import PREFIX
from alma.api.schemas.deployments import DeploymentView, deployment_view
from alma.api.schemas.plans import Paced, PlanView, plan_view
from alma.core.model.approvals import Approvals
from alma.core.model.base import Frozen, Json
from alma.core.model.council import CouncilReport
from alma.core.model.deployment import Deployment, OnFailure
from alma.core.model.event import Event
from alma.core.model.ipr import IPR, ChangesSummary, IPRState, Review, ReviewAction
from alma.core.model.plan import PlanKind


class IPRCreate(Paced):
    """Asks for the approval of a blueprint's newest revision."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "title": "Put the shop's front end online",
                "description": "First release, two web servers behind a load balancer",
                "blueprint_id": 1,
            }
        }
    )

    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)
    blueprint_id: int = Field(ge=1)
    engine: str | None = Field(
        default=None, max_length=64, description="The blueprint's own or the default one if unset."
    )
    changes_summary: Json = Field(
        default=None, deprecated=True, description="Not believed: it is computed from the plan."
    )


class IPREdit(Frozen):
    """New words for a request that is still pending."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"description": "First release; two web servers are enough"}}
    )

    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str | None = Field(default=None, max_length=10_000)


class ReviewBody(Frozen):
    """A reviewer's word on the plan at hand."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"action": "approve", "comments": "sizes are right"}}
    )

    action: ReviewAction
    comments: str = Field(default="", max_length=10_000)
    reviewer: str | None = Field(
        default=None,
        max_length=200,
        description="How to show the reviewer. Who reviewed is whoever is authenticated.",
    )
    plan_digest: str | None = Field(
        default=None, description="The plan that was looked at; 409 if it is another by now."
    )


class DeployBody(Paced):
    """How to run the approved plan."""

    model_config = ConfigDict(json_schema_extra={"example": {"engine": "docker", "dry_run": False}})

    engine: str | None = Field(
        default=None,
        max_length=64,
        description="The planned one if unset; another, or another pace, needs a new plan.",
    )
    dry_run: bool = Field(default=False, description="Only say what would be done now.")
    on_failure: OnFailure = OnFailure.ROLL_BACK


class EngineChoice(Paced):
    """Which engine and which pace, if not those that were chosen already."""

    model_config = ConfigDict(json_schema_extra={"example": {"engine": "docker"}})

    engine: str | None = Field(default=None, max_length=64)


class IPRSummary(Frozen):
    """A request to let one plan run."""

    id: int
    title: str
    description: str
    status: IPRState
    author: str
    kind: PlanKind
    blueprint_id: int
    revision: int
    engine: str
    stack: str
    changes_summary: ChangesSummary
    destructive: int = Field(
        description="Of how many addresses data or a running service goes away."
    )
    blocked: bool = Field(description="Whether an error of the plan forbids to run it.")
    plan_digest: str
    approved: bool = Field(
        description="Whether everybody who has to has approved exactly this plan."
    )
    deployment_id: str | None
    version: str = Field(
        description="What a change may name as the one it was made on: `If-Match`, or `expected` in GraphQL."
    )
    created_at: datetime
    updated_at: datetime
    links: Mapping[str, str]


class NeedView(Frozen):
    """One rule that fits the request; without any, one approval is enough."""

    engine: str | None
    environment: str | None
    approvals: int
    approvers: tuple[str, ...]
    given_by: tuple[str, ...]
    missing: int


class ApprovalsView(Frozen):
    """Whether people have agreed to exactly this plan. `held_by` have asked for changes of it; `missing` says in words
    what it waits for."""

    complete: bool
    missing: str
    held_by: tuple[str, ...]
    refused: str | None = Field(
        default=None, description="Why the caller's own approval is refused; null: it would count."
    )
    needs: tuple[NeedView, ...]


class IPRView(IPRSummary):
    """The same with the plan, the reviews, and the last run with the end of its log."""

    plan: PlanView
    council: CouncilReport | None = Field(
        description="What Architect, SecOps and FinOps say of the plan."
    )
    reviews: tuple[Review, ...]
    approvals: ApprovalsView | None = Field(
        default=None, description="How many approvals of whom it needs, and which count now."
    )
    deployment: DeploymentView | None = None
    log: Sequence[Event] = Field(default=(), description="The end of the deployment's log.")


def _links(ipr: IPR) -> dict[str, str]:
    base = f"{PREFIX}/iprs/{ipr.id}"
    links = {
        "self": base,
        "review": f"{base}/review",
        "deploy": f"{base}/deploy",
        "blueprint": f"{PREFIX}/blueprints/{ipr.plan.target.blueprint_id}",
        "stack": f"{PREFIX}/stacks/{ipr.plan.stack.id}",
    }
    if ipr.deployment_id is not None:
        links["deployment"] = f"{PREFIX}/deployments/{ipr.deployment_id}"
        links["events"] = f"{PREFIX}/deployments/{ipr.deployment_id}/events"
    return links


def _summary(ipr: IPR) -> dict[str, object]:
    target = ipr.plan.target
    return {
        "id": ipr.id,
        "title": ipr.title,
        "description": ipr.description,
        "status": ipr.state,
        "author": ipr.author,
        "kind": target.kind,
        "blueprint_id": target.blueprint_id,
        "revision": target.revision,
        "engine": target.engine,
        "stack": ipr.plan.stack.name,
        "changes_summary": ipr.changes_summary(),
        "destructive": len(ipr.plan.destructive),
        "blocked": ipr.plan.blocked,
        "plan_digest": ipr.plan.digest,
        "approved": ipr.approval is not None and ipr.state is not IPRState.PENDING,
        "deployment_id": ipr.deployment_id,
        "version": ipr.version,
        "created_at": ipr.created_at,
        "updated_at": ipr.updated_at,
        "links": _links(ipr),
    }


def ipr_summary(ipr: IPR) -> IPRSummary:
    """The request for a list."""
    return IPRSummary.model_validate(_summary(ipr))


def _approvals(found: Approvals, refused: str | None) -> ApprovalsView:
    needs = [
        {**need.rule.model_dump(), "given_by": need.given_by, "missing": need.missing}
        for need in found.needs
    ]
    return ApprovalsView.model_validate(
        {
            "complete": found.complete,
            "missing": found.told,
            "held_by": found.held_by,
            "refused": refused,
            "needs": needs,
        }
    )


def ipr_view(
    ipr: IPR,
    deployment: Deployment | None = None,
    log: Sequence[Event] = (),
    *,
    approvals: Approvals | None = None,
    refused: str | None = None,
) -> IPRView:
    """The request in full."""
    more = {
        "plan": plan_view(ipr.plan),
        "council": ipr.council,
        "reviews": ipr.reviews,
        "deployment": deployment_view(deployment) if deployment else None,
        "log": log,
        "approvals": None if approvals is None else _approvals(approvals, refused),
    }
    return IPRView.model_validate(_summary(ipr) | more)
