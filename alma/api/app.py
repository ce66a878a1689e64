"""The HTTP application: middleware, routes, and the wired parts for as long as the server runs.

    uvicorn "alma.api.app:create_app" --factory

Importing this imports neither a database driver nor an engine: the composition root is loaded when the server starts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi_offline import FastAPIOffline
from starlette.types import Lifespan, Scope

from alma import __version__
from alma.api.dashboard import BUILT, Dashboard, Files, endpoints
from alma.api.description import FAILURES, GROUPS, SUMMARY, describe, operation_id
from alma.api.errors import UnexpectedErrors, answer_to, install_error_handlers
from alma.api.graphql.mounting import mount as mount_graphql
from alma.api.leaving import Leaving
from alma.api.limits import counted, limits_of
from alma.api.public import UNCROWDED, is_public, is_shown_once
from alma.api.routes import (
    accounts,
    audit,
    auth,
    blueprints,
    conversation,
    council,
    deployments,
    device,
    engines,
    imports,
    iprs,
    keys,
    live,
    models,
    monitoring,
    oidc,
    policies,
    prices,
    projects,
    rendering,
    secrets,
    stacks,
    templates,
    tools,
    welcome,
)
from alma.api.shown import Shown
from alma.core.model.errors import AlmaError
from alma.core.ports.telemetry import Meters, Tracing
from alma.middleware.addresses import is_secure, networks
from alma.middleware.auth import Authentication, Callers
from alma.middleware.body_limit import BodyLimit
from alma.middleware.conditional import Conditional
from alma.middleware.crowding import Crowding
from alma.middleware.denials import Notes, NotesDenials
from alma.middleware.direct import Direct
from alma.middleware.heads import Heads
from alma.middleware.idempotency import Answers, Idempotent
from alma.middleware.metrics import Metrics
from alma.middleware.request_id import HEADER, RequestIds
from alma.middleware.same_origin import SameOrigin
from alma.middleware.security_headers import SecurityHeaders
from alma.middleware.slashes import TrailingSlashes
from alma.middleware.templates import Templates
from alma.middleware.tracing import Traces
from alma.settings import Settings

if TYPE_CHECKING:
    from alma.bootstrap import Alma

logger = logging.getLogger(__name__)

_EXPOSED = [
    HEADER,
    "ETag",
    "Idempotency-Replayed",
    "Idempotency-Stored",
    "Link",
    "Location",
    "Retry-After",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
]


def create_app(alma: Alma | None = None, *, settings: Settings | None = None) -> FastAPI:
    """The application. Its parts are wired and started with the server, and stopped with it; an `alma` that is passed
    in is used instead of wiring a new one, and stopped as well."""
    settings = alma.settings if alma is not None else settings or Settings()
    # The pages of /docs and /redoc are served from here: a machine without a way out can read them, too.
    app = FastAPIOffline(
        title="ALMA",
        version=__version__,
        description=SUMMARY,
        openapi_tags=GROUPS,
        responses=FAILURES,
        generate_unique_id_function=operation_id,
        lifespan=_lifespan(alma, settings),
        redirect_slashes=False,
        # One schema for what is sent and what is shown: an answer can be sent back.
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    app.state.leaving = Leaving()
    app.state.shown = Shown()
    app.state.limits = limits_of(settings)
    install_error_handlers(app)
    _add_middleware(app, settings)
    for noun in (
        welcome,
        blueprints,
        rendering,
        templates,
        conversation,
        tools,
        policies,
        council,
        iprs,
        deployments,
        live,
        stacks,
        engines,
        imports,
        prices,
        models,
        auth,
        oidc,
        device,
        keys,
        accounts,
        projects,
        audit,
        secrets,
        monitoring,
    ):
        app.include_router(noun.router)
    app.include_router(device.api)
    mount_graphql(app, page=settings.debug or settings.graphql_page)
    describe(app)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """From the inside to the outside: what is added last sees a request first."""
    templates, proxies = Templates(app.routes), networks(settings.trusted_proxies)
    template = templates.of
    app.router.middleware_stack = Direct(app.router.middleware_stack, find=templates.find)
    limited = counted(app.state.limits, settings, template=template, meters=lambda: _meters(app))
    app.add_middleware(Conditional)
    app.add_middleware(
        Idempotent, answers=lambda: _answers(app), answer=answer_to, secret=is_shown_once
    )
    if app.state.limits is not None:
        app.add_middleware(limited)
    app.add_middleware(
        Authentication,
        callers=lambda: _callers(app),
        answer=lambda error: limited(answer_to(error)),
        public=is_public,
        proxies=proxies,
    )
    app.add_middleware(
        NotesDenials, notes=lambda: _denials(app), template=template, proxies=proxies
    )
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(TrailingSlashes)
    app.add_middleware(UnexpectedErrors)
    web = settings.web_directory or BUILT
    endpoint: Callable[[Scope], str] = template
    if (web / "index.html").is_file():
        files = Files(web)
        endpoint = endpoints(template, files)
        app.add_middleware(Dashboard, files=files)
    app.add_middleware(Crowding, answer=answer_to, free=UNCROWDED)
    app.add_middleware(
        SameOrigin,
        answer=answer_to,
        origins=settings.api_cors_origins,
        hosts=settings.trusted_hosts,
    )
    if settings.api_cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.api_cors_origins,
            allow_credentials=settings.api_cors_credentials,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
        )
    app.add_middleware(SecurityHeaders, secure=lambda scope: is_secure(scope, proxies))
    app.add_middleware(Metrics, meters=lambda: _meters(app), template=endpoint)
    app.add_middleware(Traces, tracing=lambda: _tracing(app), template=endpoint)
    app.add_middleware(Heads)
    app.add_middleware(RequestIds)


def _meters(app: FastAPI) -> Meters | None:
    alma: Alma | None = getattr(app.state, "alma", None)
    return None if alma is None else alma.telemetry.counting


def _tracing(app: FastAPI) -> Tracing | None:
    alma: Alma | None = getattr(app.state, "alma", None)
    return None if alma is None else alma.telemetry.following


def _denials(app: FastAPI) -> Notes | None:
    alma: Alma | None = getattr(app.state, "alma", None)
    return None if alma is None else alma.denials


def _answers(app: FastAPI) -> Answers | None:
    alma: Alma | None = getattr(app.state, "alma", None)
    return None if alma is None else alma.idempotency


def _callers(app: FastAPI) -> Callers | None:
    alma: Alma | None = getattr(app.state, "alma", None)
    return None if alma is None else alma.authenticator


def _lifespan(given: Alma | None, settings: Settings) -> Lifespan[FastAPI]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        alma = given if given is not None else await asyncio.to_thread(_build, settings)
        app.state.alma = alma
        if (limits := app.state.limits) is not None:
            alma.telemetry.probe(lambda m: m.gauge("rate_limit_clients", limits.clients))
        try:
            await alma.start()
            yield
        except AlmaError as error:
            logger.critical("can't start: %s (%s)", error.message, error.hint or "no hint")
            raise
        finally:
            if app.state.limits is not None:
                await app.state.limits.close()
            await alma.stop()

    return lifespan


def _build(settings: Settings) -> Alma:
    from alma.bootstrap import build

    return build(settings)
