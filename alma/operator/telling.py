"""Requests and deployments as people are told of them in a cluster: enough to decide on, and never too much to keep."""

from __future__ import annotations

from typing import Any

from alma.core.language.answering.budget import dollars, signed
from alma.core.model.approvals import Approvals
from alma.core.model.council import CouncilReport
from alma.core.model.deployment import Deployment, StepState
from alma.core.model.ipr import IPR
from alma.core.model.plan import Plan
from alma.core.services.plan_words import summary
from alma.operator.documents import (
    MOST_ITEMS,
    ChangeSummary,
    Counts,
    Decision,
    DeploymentStatus,
    FindingSummary,
    RequestStatus,
    clipped,
)


def request_status(
    ipr: IPR,
    *,
    approvals: Approvals,
    run: Deployment | None = None,
    decision: Decision | None = None,
    public_url: str | None = None,
) -> RequestStatus:
    """What a request would do, and where it stands."""
    plan, council = ipr.plan, ipr.council
    changes = plan.effective
    lost = tuple(change.address for change in plan.destructive)
    return RequestStatus(
        state=ipr.state,
        kind=plan.target.kind,
        engine=plan.target.engine,
        revision=plan.target.revision,
        digest=plan.digest,
        summary=clipped(summary(plan, council.estimate if council else None)),
        counts=_counts(plan),
        changes=tuple(
            ChangeSummary(
                address=change.address,
                action=change.action.value,
                reason=clipped(change.reason, 200),
                destructive=change.destructive,
            )
            for change in sorted(changes, key=lambda change: not change.destructive)[:MOST_ITEMS]
        ),
        changes_left_out=max(0, len(changes) - MOST_ITEMS),
        destructive=_bounded(lost),
        blocked=_blocked(ipr),
        awaits=None if approvals.complete else clipped(approvals.told) or None,
        approved_by=_bounded(tuple(sorted(approvals.by))),
        decision=decision,
        deployment=None if run is None else deployment_status(run),
        links=links(ipr, run, public_url),
        **_council(council),
    )


def _council(council: CouncilReport | None) -> dict[str, Any]:
    if council is None:
        return {}
    shown = council.findings[:MOST_ITEMS]
    estimate = council.estimate
    return {
        "verdict": council.verdict.value,
        "monthly_cost": None if estimate is None else dollars(estimate.monthly),
        "monthly_difference": None if council.delta is None else signed(council.delta),
        "findings": tuple(
            FindingSummary(
                code=found.code,
                severity=found.severity.value,
                path=clipped(found.path, 200),
                message=clipped(found.message, 400),
                gating=found.gating,
            )
            for found in shown
        ),
        "findings_left_out": len(council.findings) - len(shown) + council.omitted,
    }


def _counts(plan: Plan) -> Counts:
    found = plan.count()
    return Counts(**{name: found.get(name, 0) for name in Counts.model_fields})


def _blocked(ipr: IPR) -> tuple[str, ...]:
    """What keeps the plan from running, whoever approves it: errors of the plan, and mandatory rules."""
    errors = [str(item) for item in ipr.plan.diagnostics if item.severity == "error"]
    gating = ipr.council.gating if ipr.council else ()
    return _bounded((*errors, *(f"{found.code}: {found.message}" for found in gating)), most=400)


def _bounded(texts: tuple[str, ...], most: int = 200) -> tuple[str, ...]:
    shown = tuple(clipped(text, most) for text in texts[:MOST_ITEMS])
    left = len(texts) - len(shown)
    return (*shown, f"and {left} more") if left else shown


def deployment_status(run: Deployment) -> DeploymentStatus:
    """How far a run is, and why it failed if it did."""
    done = sum(step.state is StepState.SUCCEEDED for step in run.steps)
    return DeploymentStatus(
        id=run.id, state=run.state.value, steps=len(run.steps), done=done, failed=_failure(run)
    )


def _failure(run: Deployment) -> str | None:
    message = (run.error or {}).get("message")
    if isinstance(message, str):
        return clipped(message)
    return next((clipped(f"{s.address}: {s.error}") for s in run.steps if s.error), None)


def links(ipr: IPR, run: Deployment | None, public_url: str | None) -> dict[str, str]:
    """Where a browser shows more of it; nothing where nobody said under which address ALMA is reached."""
    if public_url is None:
        return {}
    base = public_url.rstrip("/")
    found = {"request": f"{base}/iprs/{ipr.id}"}
    return found | ({"deployment": f"{base}/deployments/{run.id}"} if run else {})
