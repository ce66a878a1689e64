"""Health and metrics: for people in detail, for machines in a status code and in the format of Prometheus."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from starlette.status import HTTP_503_SERVICE_UNAVAILABLE

from alma.api.deps import Caller, Wired
from alma.api.limits import LimitStats, stats_of, with_limits
from alma.api.routing import Route
from alma.api.schemas.common import PREFIX, ErrorBody
from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.errors import NotFound
from alma.core.services.health import HealthReport
from alma.core.services.monitoring import MetricsSummary
from alma.middleware.auth import STATE, principal_of

router = APIRouter(tags=["monitoring"], route_class=Route)

_BASE = f"{PREFIX}/monitoring"


class Alive(Frozen):
    """The process answers."""

    status: Literal["alive"] = "alive"


@router.get(
    "/metrics",
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "All."},
        404: {"model": ErrorBody, "description": "Metrics are switched off."},
    },
    response_class=Response,
)
def metrics(request: Request, alma: Wired) -> Response:
    """Everything that is measured, in the text format of Prometheus, or in OpenMetrics for who asks for that. Takes the
    permission `metrics:read`, unless ALMA_METRICS_OPEN says otherwise."""
    if not alma.settings.metrics_open:
        principal_of(request.scope).require(Permission.METRICS_READ)
    if not alma.settings.metrics_enabled:
        raise NotFound("metrics are switched off here", hint="set ALMA_METRICS_ENABLED=true")
    body, content_type = alma.telemetry.measurements.exposition(request.headers.get("accept", ""))
    return Response(body, headers={"Content-Type": content_type, "Cache-Control": "no-store"})


@router.get(f"{_BASE}/metrics/summary")
def metrics_summary(alma: Wired, caller: Caller) -> MetricsSummary:
    """The last minutes in figures: requests, latencies, errors by class, language models, tools, deployments. `window`
    says which minutes."""
    return alma.monitoring.summary(caller)


@router.get(f"{_BASE}/rate-limit/stats")
async def rate_limit_stats(request: Request, caller: Caller) -> LimitStats:
    """The limits on requests, how many clients there are, and how often one was refused, by route."""
    caller.require(Permission.METRICS_READ)
    return stats_of(request.app)


@router.get(
    f"{_BASE}/health/detailed",
    responses={503: {"model": HealthReport, "description": "A part that is needed is down."}},
)
async def health_detailed(request: Request, response: Response, alma: Wired) -> HealthReport:
    """Asks the database, the workflow and every engine, now. 200 as long as ALMA can do its work on the default engine
    (`degraded`: another engine is down), 503 otherwise (`unhealthy`). Who is not signed in sees that, and no more."""
    report = with_limits(await alma.health.report(), request.app)
    if request.scope.get(STATE) is None:
        report = report.for_strangers()
    return _with_status(response, report)


@router.get(f"{_BASE}/health/live")
async def health_live() -> Alive:
    """Whether to restart the process: asks nothing else."""
    return Alive()


@router.get(
    f"{_BASE}/health/ready",
    responses={503: {"model": HealthReport, "description": "Send no requests here for now."}},
)
@router.get("/health", include_in_schema=False)
async def health_ready(request: Request, response: Response, alma: Wired) -> HealthReport:
    """Whether to send requests here: the database and the workflow, but no engines."""
    report = await alma.health.ready()
    if request.scope.get(STATE) is None:
        report = report.for_strangers()
    return _with_status(response, report)


def _with_status(response: Response, report: HealthReport) -> HealthReport:
    if report.status == "unhealthy":
        response.status_code = HTTP_503_SERVICE_UNAVAILABLE
        response.headers["Retry-After"] = "5"
    return report
