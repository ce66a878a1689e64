"""Stacks: what lives where, whether it works, and how it goes away again."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Response
from starlette.status import HTTP_201_CREATED

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.paging import Order, Part, part_page
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.iprs import IPRView, ipr_view
from alma.api.schemas.stacks import (
    DestroyBody,
    StackSummary,
    StackView,
    Verification,
    stack_summary,
    stack_view,
    verification,
)
from alma.core.model.plan import PlanKind
from alma.core.model.state import Stack

router = APIRouter(prefix=f"{PREFIX}/stacks", tags=["stacks"], route_class=BodyRoute)

_BY_NAME = Order[Stack, tuple[str, str]](
    "stacks", lambda stack: (stack.ref.name, stack.ref.engine), tuple[str, str], sorted="up"
)


@router.get("")
def list_stacks(
    alma: Wired,
    caller: Caller,
    part: Part,
    blueprint_id: Annotated[int | None, Query(description="Only that blueprint's.")] = None,
) -> Page[StackSummary]:
    """Lists stacks, as recorded."""
    found = part.of(_BY_NAME, alma.stacks.list(caller, blueprint_id=blueprint_id))
    return part_page(part, found, stack_summary)


@router.get("/{stack_id}", responses=failures(404))
async def read_stack(alma: Wired, caller: Caller, stack_id: str) -> StackView:
    """One stack, as recorded and as its engine sees it now. An engine that is down is an answer, not a failure."""
    return stack_view(await alma.stacks.status(caller, stack_id))


@router.post("/{stack_id}/verify", responses=failures(404, 502, 503))
async def verify_stack(alma: Wired, caller: Caller, stack_id: str) -> Verification:
    """Asks every workload whether it does its work, now."""
    return verification(await alma.stacks.verify(caller, stack_id))


@router.post(
    "/{stack_id}/destroy",
    status_code=HTTP_201_CREATED,
    response_description="A request that waits for its approval; Location names it.",
    responses=failures(404, 422, 502, 503),
)
async def destroy_stack(
    response: Response, alma: Wired, caller: Caller, stack_id: str, body: DestroyBody | None = None
) -> IPRView:
    """Opens a request to remove everything of a stack; volumes stay unless they are asked for."""
    body = body or DestroyBody()
    stack = await asyncio.to_thread(alma.stacks.get, caller, stack_id)
    ipr = await alma.iprs.open(
        caller,
        title=body.title or f"Destroy stack {stack.ref.name}",
        description=body.description,
        blueprint_id=stack.blueprint_id,
        engine=stack.ref.engine,
        kind=PlanKind.DESTROY,
        volumes=body.volumes,
    )
    response.headers["Location"] = f"{PREFIX}/iprs/{ipr.id}"
    return ipr_view(ipr)
