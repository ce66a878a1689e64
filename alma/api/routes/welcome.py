"""What is at the address people type first."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request

from alma import __version__
from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen

router = APIRouter(tags=["welcome"])


class Welcome(Frozen):
    """Where to go from here."""

    name: str = "ALMA"
    version: str = __version__
    description: str = "Turns words into infrastructure that is planned, reviewed and deployed."
    try_this: str
    links: Mapping[str, str]


@router.get("/")
async def welcome(request: Request) -> Welcome:
    """Says what this is and where everything else is."""
    base = str(request.base_url).rstrip("/")
    message = '{"message": "I need a simple web application with 2 servers and a database"}'
    return Welcome(
        try_this=f"curl -X POST {base}{PREFIX}/conversation/chat -d '{message}'",
        links={
            "documentation": f"{base}/docs",
            "openapi": f"{base}/openapi.json",
            "health": f"{base}{PREFIX}/monitoring/health/detailed",
            "templates": f"{base}{PREFIX}/templates",
            "blueprints": f"{base}{PREFIX}/blueprints",
            "iprs": f"{base}{PREFIX}/iprs",
            "stacks": f"{base}{PREFIX}/stacks",
        },
    )
