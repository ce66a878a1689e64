"""Deployments: watched, cancelled, tried again. They are started through an IPR only."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from starlette.status import HTTP_202_ACCEPTED, HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Limit, Wired
from alma.api.paging import Moment, Order, Paging
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.deployments import (
    DeploymentSummary,
    DeploymentView,
    EventPage,
    Queued,
    deployment_summary,
    deployment_view,
    event_page,
    queued,
)
from alma.api.streams import EVENT_STREAM, position, stream
from alma.core.model.deployment import Deployment, DeploymentState

router = APIRouter(prefix=f"{PREFIX}/deployments", tags=["deployments"], route_class=BodyRoute)

_NEWEST = Order[Deployment, Moment]("deployments", lambda run: (run.created_at, run.id), Moment)


@router.get("", response_description="Newest first, without their steps.")
def list_deployments(
    alma: Wired,
    caller: Caller,
    paging: Paging,
    status: Annotated[DeploymentState | None, Query(description="Only those.")] = None,
    stack_id: Annotated[str | None, Query(description="Only that stack's.")] = None,
) -> Page[DeploymentSummary]:
    """Lists deployments."""
    after = paging.after(_NEWEST)
    found, total = alma.deployments.list(
        caller, state=status, stack_id=stack_id, skip=paging.skip, limit=paging.most, after=after
    )
    return paging.page(_NEWEST, found, total, deployment_summary)


@router.get("/{deployment_id}", responses=failures(404))
def read_deployment(alma: Wired, caller: Caller, deployment_id: str) -> DeploymentView:
    """One deployment with its steps and the proofs that what it made works."""
    return deployment_view(alma.deployments.get(caller, deployment_id))


@router.post(
    "/{deployment_id}/cancel",
    status_code=HTTP_202_ACCEPTED,
    response_description="It stops at the next step boundary; follow its log.",
    responses=failures(404, 409),
)
def cancel_deployment(alma: Wired, caller: Caller, deployment_id: str) -> DeploymentView:
    """Asks a run to stop. What is in flight is finished, then what the run made is undone unless it was to be kept."""
    return deployment_view(alma.deployments.cancel(caller, deployment_id))


@router.post(
    "/{deployment_id}/retry",
    status_code=HTTP_202_ACCEPTED,
    response_description="A new deployment of the same request.",
    responses=failures(404, 409, 502, 503),
)
async def retry_deployment(
    response: Response, alma: Wired, caller: Caller, deployment_id: str
) -> Queued:
    """Deploys the request of a failed deployment again, if its approved plan still is what would be done."""
    failed = await asyncio.to_thread(alma.deployments.get, caller, deployment_id)
    again = await alma.iprs.deploy(caller, failed.ipr_id, on_failure=failed.on_failure)
    response.headers["Location"] = f"{PREFIX}/deployments/{again.id}"
    return queued(again)


@router.get(
    "/{deployment_id}/events",
    response_model=EventPage,
    response_description="A part of the log; or the log as it grows, for `Accept: text/event-stream`.",
    responses={
        200: {
            "content": {
                EVENT_STREAM: {
                    "example": 'id: 1\ndata: {"type":"status_change","deployment_id":"…","seq":1}\n\n'
                }
            }
        },
        204: {"description": "As a stream: everything was given already, nothing more will come."},
        **failures(404, 422),
    },
)
async def read_events(
    request: Request,
    alma: Wired,
    caller: Caller,
    deployment_id: str,
    after: Annotated[int, Query(ge=0, lt=2**63, description="Only later ones.")] = 0,
    limit: Limit = 500,
    stream_: Annotated[
        bool, Query(alias="stream", description="Stream, whatever the Accept header.")
    ] = False,
    last_event_id: Annotated[
        str | None, Header(description="Go on after this one (streams).")
    ] = None,
) -> Response | EventPage:
    """The log of a deployment. A stream ends after the event of type `complete`."""
    deployment = await asyncio.to_thread(alma.deployments.get, caller, deployment_id)
    if not stream_ and EVENT_STREAM not in request.headers.get("accept", ""):
        found = await asyncio.to_thread(
            lambda: alma.deployments.events(caller, deployment_id, after=after, limit=limit)
        )
        return event_page(found, after=after, ended=deployment.ended and len(found) < limit)
    after = position(last_event_id, after)
    if deployment.ended and not await asyncio.to_thread(
        lambda: alma.deployments.events(caller, deployment_id, after=after, limit=1)
    ):
        # The one answer after which a browser's EventSource does not connect again.
        return Response(status_code=HTTP_204_NO_CONTENT)
    return stream(alma.deployments.follow(caller, deployment_id, after=after))
