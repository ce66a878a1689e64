"""Joins the limits to the application: from the settings, around whatever answers, and into what operators see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from fastapi import FastAPI
from pydantic import Field
from starlette.types import ASGIApp, Scope

from alma.api.errors import answer_to
from alma.core.model.base import Frozen
from alma.core.services.health import ComponentHealth, HealthReport
from alma.middleware.addresses import networks
from alma.middleware.buckets import WINDOW_SECONDS
from alma.middleware.rate_limit import SUM, Limits, RateLimits, documented
from alma.settings import Settings

if TYPE_CHECKING:
    from alma.core.ports.telemetry import Meters

Around: TypeAlias = Callable[[ASGIApp], ASGIApp]


class LimitView(Frozen):
    """One limit. `burst`: how many requests at once, when none was sent for a while."""

    per_minute: int
    burst: int


class LimitStats(Frozen):
    """The limits, and what this process has seen of their use since it began."""

    enabled: bool
    store: str | None = Field(
        default=None, description="Where requests are counted now: `memory` or `redis`."
    )
    degraded: bool = Field(
        default=False, description="Redis does not answer: each process counts by itself."
    )
    window: int = Field(default=WINDOW_SECONDS, description="Seconds.")
    limits: Mapping[str, LimitView] = Field(default_factory=dict)
    clients: int = Field(default=0, description="Clients of the last minute.")
    counted: int = Field(default=0, description="Requests that were held against a limit.")
    refused: int = 0
    refused_by_endpoint: Mapping[str, int] = Field(default_factory=dict)


def limits_of(settings: Settings) -> Limits | None:
    """The limits of the settings; None when there shall be none."""
    if not settings.rate_limit_enabled:
        return None
    return Limits(
        documented(
            per_minute=settings.rate_limit_rpm,
            burst=settings.rate_limit_burst,
            stream=settings.rate_limit_stream_rpm,
            generation=settings.rate_limit_generation_rpm,
            tools=settings.rate_limit_tools_rpm,
            crud=settings.rate_limit_crud_rpm,
            sign_in=settings.rate_limit_sign_in_rpm,
        ),
        redis_url=settings.redis_url,
        most_clients=settings.rate_limit_clients,
    )


def counted(
    limits: Limits | None,
    settings: Settings,
    *,
    template: Callable[[Scope], str],
    meters: Callable[[], Meters | None],
) -> Around:
    """What puts the limits around an application, such as one that refuses a caller: guessing is limited, too."""
    if limits is None:
        return lambda inner: inner

    def token() -> str | None:
        try:
            return settings.local_token_file.read_text(encoding="ascii").strip()
        except OSError:
            return None

    proxies = networks(settings.trusted_proxies)
    return lambda inner: RateLimits(
        inner,
        limits=limits,
        template=template,
        answer=answer_to,
        meters=meters,
        proxies=proxies,
        local_token=token,
    )


def stats_of(app: FastAPI) -> LimitStats:
    """What there is to say about them."""
    limits: Limits | None = app.state.limits
    if limits is None:
        return LimitStats(enabled=False)
    return LimitStats(
        enabled=True,
        store=limits.store,
        degraded=limits.degraded,
        limits={
            name: LimitView(per_minute=limit.per_minute, burst=limit.burst)
            for name, limit in limits.limits.items()
            if name != SUM
        },
        clients=limits.clients,
        counted=limits.counted,
        refused=limits.refusals.total(),
        refused_by_endpoint=dict(limits.refusals.most_common()),
    )


def with_limits(report: HealthReport, app: FastAPI) -> HealthReport:
    """The report with the limits' Redis, where there is to be one: ALMA works without it, and says so."""
    limits: Limits | None = app.state.limits
    if limits is None or limits.redis_url is None:
        return report
    part = ComponentHealth(
        status="degraded" if limits.degraded else "healthy",
        detail="Redis does not answer: each process counts requests by itself"
        if limits.degraded
        else "requests are counted in Redis",
        latency_ms=0.0,
    )
    worse = "degraded" if limits.degraded and report.status == "healthy" else report.status
    parts = {**report.components, "rate_limits": part}
    return report.model_copy(update={"components": parts, "status": worse})
