"""Infrastructure Pull Requests: opened, reviewed, deployed. The only way to infrastructure."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.status import HTTP_201_CREATED, HTTP_202_ACCEPTED

from alma.api.bodies import BodyRoute
from alma.api.conditional import IfMatch, expected_version, name_state
from alma.api.deps import Alma, Caller, Wired
from alma.api.paging import Order, Paging
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.deployments import Queued, queued
from alma.api.schemas.iprs import (
    DeployBody,
    EngineChoice,
    IPRCreate,
    IPREdit,
    IPRSummary,
    IPRView,
    ReviewBody,
    ipr_summary,
    ipr_view,
)
from alma.api.schemas.plans import DryRun, plan_view
from alma.core.model.access import Permission
from alma.core.model.ipr import IPR, IPRState, Whose
from alma.core.model.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/iprs", tags=["iprs"], route_class=BodyRoute)

_NEWEST = Order[IPR, int]("iprs", lambda ipr: ipr.id, int)


@router.post(
    "",
    status_code=HTTP_201_CREATED,
    response_description="The request with its plan; Location names it.",
    responses=failures(404, 422, 502, 503),
)
async def open_ipr(response: Response, alma: Wired, caller: Caller, body: IPRCreate) -> IPRView:
    """Plans the blueprint's newest revision against what runs now, and asks for the plan's approval."""
    ipr = await alma.iprs.open(
        caller,
        title=body.title,
        description=body.description,
        blueprint_id=body.blueprint_id,
        engine=body.engine,
        pace=body.pace,
    )
    response.headers["Location"] = f"{PREFIX}/iprs/{ipr.id}"
    name_state(response, ipr.version)
    return ipr_view(ipr)


@router.get("", response_description="Newest first, without their plans.")
def list_iprs(
    alma: Wired,
    caller: Caller,
    paging: Paging,
    status: Annotated[IPRState | None, Query(description="Only those.")] = None,
    turn: Annotated[
        Whose | None,
        Query(
            description="mine: only the caller's own; review: only what the caller may decide on."
        ),
    ] = None,
) -> Page[IPRSummary]:
    """Lists requests."""
    after = paging.after(_NEWEST)
    found, total = alma.iprs.list(
        caller, status=status, turn=turn, skip=paging.skip, limit=paging.most, after=after
    )
    return paging.page(_NEWEST, found, total, ipr_summary)


@router.get("/{ipr_id}", responses=failures(404))
def read_ipr(response: Response, alma: Wired, caller: Caller, ipr_id: int) -> IPRView:
    """One request: its plan, its reviews, its last deployment and the end of that one's log. ETag begins with its
    version."""
    return _view(response, alma, caller, alma.iprs.get(caller, ipr_id))


@router.put("/{ipr_id}", responses=failures(404, 409, 412, 422))
def edit_ipr(
    response: Response,
    alma: Wired,
    caller: Caller,
    ipr_id: int,
    body: IPREdit,
    if_match: IfMatch = None,
) -> IPRView:
    """Changes the words of a request that is still pending. Refused, like every call below, when `If-Match` names
    another version than the request has."""
    changed = alma.iprs.update(
        caller,
        ipr_id,
        title=body.title,
        description=body.description,
        expected=expected_version(if_match),
    )
    return _view(response, alma, caller, changed)


@router.delete(
    "/{ipr_id}",
    response_description="The request, cancelled.",
    responses=failures(404, 409, 412, 422),
)
def withdraw_ipr(
    response: Response, alma: Wired, caller: Caller, ipr_id: int, if_match: IfMatch = None
) -> IPRView:
    """Cancels a request that is pending or approved. It stays readable."""
    cancelled = alma.iprs.cancel(caller, ipr_id, expected=expected_version(if_match))
    return _view(response, alma, caller, cancelled)


@router.post("/{ipr_id}/cancel", responses=failures(404, 409, 412, 422))
def cancel_ipr(
    response: Response, alma: Wired, caller: Caller, ipr_id: int, if_match: IfMatch = None
) -> IPRView:
    """The same as DELETE. One that is deploying is cancelled through its deployment."""
    cancelled = alma.iprs.cancel(caller, ipr_id, expected=expected_version(if_match))
    return _view(response, alma, caller, cancelled)


@router.post("/{ipr_id}/review", responses=failures(404, 409, 412, 422))
def review_ipr(
    response: Response,
    alma: Wired,
    caller: Caller,
    ipr_id: int,
    body: ReviewBody,
    if_match: IfMatch = None,
) -> IPRView:
    """Approves, rejects or asks for changes. An approval holds for exactly the plan at hand."""
    reviewed = alma.iprs.review(
        caller,
        ipr_id,
        action=body.action,
        comments=body.comments,
        display=body.reviewer,
        plan_digest=body.plan_digest,
        expected=expected_version(if_match),
    )
    return _view(response, alma, caller, reviewed)


@router.post("/{ipr_id}/replan", responses=failures(404, 409, 412, 422, 502, 503))
async def replan_ipr(
    response: Response,
    alma: Wired,
    caller: Caller,
    ipr_id: int,
    body: EngineChoice | None = None,
    if_match: IfMatch = None,
) -> IPRView:
    """Plans again, from the blueprint's newest revision and what runs now. An approval of another plan lapses."""
    body = body or EngineChoice()
    again = await alma.iprs.replan(
        caller,
        ipr_id,
        engine=body.engine,
        pace=body.pace,
        expected=expected_version(if_match),
    )
    name_state(response, again.version)
    return ipr_view(again)


@router.post(
    "/{ipr_id}/deploy",
    status_code=HTTP_202_ACCEPTED,
    response_description="The deployment is queued; its links lead to its log.",
    responses={
        200: {"model": DryRun, "description": "With `dry_run`: what would be done now."},
        **failures(404, 409, 412, 422, 502, 503),
    },
)
async def deploy_ipr(
    response: Response,
    alma: Wired,
    caller: Caller,
    ipr_id: int,
    body: DeployBody | None = None,
    if_match: IfMatch = None,
) -> Queued:
    """Runs the approved plan, if it still is what would be done. A request that was deployed already is 409, with the
    deployment's id."""
    body, expected = body or DeployBody(), expected_version(if_match)
    if body.dry_run:
        plan = await alma.iprs.dry_run(
            caller, ipr_id, engine=body.engine, pace=body.pace, expected=expected
        )
        return Response(  # type: ignore[return-value]  # the other documented answer
            DryRun(plan=plan_view(plan)).model_dump_json(), media_type="application/json"
        )
    deployment = await alma.iprs.deploy(
        caller,
        ipr_id,
        engine=body.engine,
        pace=body.pace,
        on_failure=body.on_failure,
        expected=expected,
    )
    response.headers["Location"] = f"{PREFIX}/deployments/{deployment.id}"
    return queued(deployment)


def _view(response: Response, alma: Alma, caller: Principal, ipr: IPR) -> IPRView:
    # The log and the approvals that count go on by themselves.
    name_state(response, ipr.version, goes_on=True)
    may_read = caller.may(Permission.IPR_READ)
    stands = alma.iprs.approvals(caller, ipr) if may_read else None
    refused = alma.iprs.refusal(caller, ipr) if may_read else None
    if ipr.deployment_id is None or not caller.may(Permission.DEPLOYMENT_READ):
        return ipr_view(ipr, approvals=stands, refused=refused)
    deployment = alma.deployments.get(caller, ipr.deployment_id)
    log = alma.deployments.last_events(caller, deployment.id)
    return ipr_view(ipr, deployment, log, approvals=stands, refused=refused)
