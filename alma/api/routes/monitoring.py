"""Health: for people in detail, for machines in a status code."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from alma.api.deps import Wired
from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen
from alma.core.services.health import HealthReport

router = APIRouter(prefix=f"{PREFIX}/monitoring", tags=["monitoring"])


class Alive(Frozen):
    """The process answers."""

    status: Literal["alive"] = "alive"


@router.get(
    "/health/detailed",
    responses={503: {"model": HealthReport, "description": "A part that is needed is down."}},
)
async def health_detailed(response: Response, alma: Wired) -> HealthReport:
    """Asks the database, the workflow and every engine, now. 200 as long as ALMA can do its work on the default engine
    (`degraded`: another engine is down), 503 otherwise (`unhealthy`)."""
    return _with_status(response, await alma.health.report())


@router.get("/health/live")
async def health_live() -> Alive:
    """Whether to restart the process: asks nothing else."""
    return Alive()


@router.get(
    "/health/ready",
    responses={503: {"model": HealthReport, "description": "Send no requests here for now."}},
)
async def health_ready(response: Response, alma: Wired) -> HealthReport:
    """Whether to send requests here: the database and the workflow, but no engines."""
    return _with_status(response, await alma.health.ready())


def _with_status(response: Response, report: HealthReport) -> HealthReport:
    if report.status == "unhealthy":
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
    return report
