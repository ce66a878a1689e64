"""The council: who sits in it, and what it says of a matter."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.council import (
    CouncilCall,
    CouncilInfo,
    CouncilView,
    council_info,
    council_view,
)

router = APIRouter(prefix=f"{PREFIX}/council", tags=["council"], route_class=BodyRoute)


@router.get("")
def describe_council(caller: Caller) -> CouncilInfo:
    """Who sits in the council, what each looks at, and what findings call for."""
    return council_info()


@router.post(
    "/convene",
    response_description="Findings of all three, their verdict, and where they don't agree.",
    responses=failures(404, 422),
)
async def convene_council(alma: Wired, caller: Caller, body: CouncilCall) -> CouncilView:
    """Lets Architect, SecOps and FinOps examine a blueprint and its plan. Nothing is saved, and nothing is changed."""
    matter = await asyncio.to_thread(body.matter)
    return council_view(await alma.convening.convene(caller, matter))
