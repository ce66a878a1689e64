"""Blueprints as files for other tools: for somebody who leaves, and for the pipeline of another tool."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from alma.api.bodies import BodyRoute, Sent
from alma.api.deps import Caller, Wired
from alma.api.routes.blueprints import DOCUMENT
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.rendering import RenderingView, rendering_view

router = APIRouter(prefix=f"{PREFIX}/blueprints", tags=["blueprints"], route_class=BodyRoute)

Engine = Annotated[
    str | None,
    Query(
        max_length=64,
        description="aws, docker, kubernetes or proxmox; as the blueprint says if unset.",
    ),
]
Format = Annotated[
    str | None,
    Query(max_length=32, description="One of the engine's formats; its usual one if unset."),
]


@router.post(
    "/render",
    response_description="The files, and what has to be known about them.",
    responses=failures(413, 422),
    openapi_extra=DOCUMENT,
)
def render_document(
    alma: Wired, caller: Caller, sent: Sent, engine: Engine = None, format: Format = None
) -> RenderingView:
    """Writes a document down for another tool. Saves nothing, and asks no engine."""
    return rendering_view(alma.renderings.document(sent.blueprint(), engine=engine, format=format))


@router.get(
    "/{blueprint_id}/render",
    response_description="The files, and what has to be known about them.",
    responses=failures(404, 422),
)
def render_blueprint(
    alma: Wired,
    caller: Caller,
    blueprint_id: int,
    engine: Engine = None,
    format: Format = None,
    revision: Annotated[int | None, Query(ge=1, description="The newest if unset.")] = None,
) -> RenderingView:
    """Writes a saved blueprint down for another tool: Kubernetes manifests, a compose file, OpenTofu."""
    return rendering_view(
        alma.renderings.saved(caller, blueprint_id, engine=engine, format=format, revision=revision)
    )
