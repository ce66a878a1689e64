"""Imports: taking what runs already into a stack. Like every change, it waits for an approval."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.status import HTTP_201_CREATED

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.imports import ImportCreate
from alma.api.schemas.iprs import IPRView, ipr_view

router = APIRouter(prefix=f"{PREFIX}/imports", tags=["imports"], route_class=BodyRoute)


@router.post(
    "",
    status_code=HTTP_201_CREATED,
    response_description="A request that waits for its approval; Location names it.",
    responses=failures(404, 409, 422, 502, 503),
)
async def open_import(
    response: Response, alma: Wired, caller: Caller, body: ImportCreate
) -> IPRView:
    """Describes what is there in a blueprint and opens a request to adopt it. Its plan changes nothing of it; where the
    blueprint does not describe it exactly, the plan says so and can't run."""
    ipr = await alma.importing.open(
        caller,
        engine=body.engine,
        wishes=body.wishes(),
        name=body.name,
        blueprint_id=body.blueprint_id,
        title=body.title,
        description=body.description,
    )
    response.headers["Location"] = f"{PREFIX}/iprs/{ipr.id}"
    return ipr_view(ipr)
