"""Blueprints: saved, revised, planned. A body may be JSON or YAML; an answer is JSON unless YAML is asked for."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from alma.api.bodies import YAML, BodyRoute, Sent, wants_yaml
from alma.api.conditional import IfMatch, expected_revision
from alma.api.deps import Alma, Caller, Wired
from alma.api.paging import Order, Paging, Part, part_page
from alma.api.schemas.blueprints import (
    EXAMPLE,
    YAML_EXAMPLE,
    BlueprintDeploy,
    BlueprintView,
    ConversionView,
    RevisionSummary,
    Validation,
    blueprint_body,
    blueprint_links,
    conversion_view,
    revision_summary,
    validation,
)
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.iprs import EngineChoice, IPRView, ipr_view
from alma.api.schemas.plans import DryRun, PlanView, plan_view
from alma.core.model.blueprint import Revision
from alma.core.model.document import blueprint_schema, diagnose, dump_yaml
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plan import Pace, Strategy
from alma.core.model.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/blueprints", tags=["blueprints"], route_class=BodyRoute)

_NEWEST = Order[Revision, int]("blueprints", lambda revision: revision.id, int)
_LATEST = Order[Revision, int]("revisions", lambda revision: revision.number, int, sorted="down")

DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A blueprint as JSON (whatever the Content-Type says) or YAML.",
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Blueprint"},
                "example": EXAMPLE,
            },
            YAML: {
                "schema": {"$ref": "#/components/schemas/Blueprint"},
                "example": YAML_EXAMPLE,
            },
        },
    }
}
_FOREIGN: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file as it is, whatever the Content-Type says.",
        "content": {
            YAML: {
                "schema": {
                    "anyOf": [{"$ref": "#/components/schemas/Blueprint"}, {"type": "object"}]
                },
                "example": "services:\n  web: {image: 'nginx:1.28', ports: ['80:80']}\n",
            },
        },
    }
}
_SHOWN: dict[int | str, dict[str, Any]] = {
    200: {"description": "The blueprint.", "content": {YAML: {"example": YAML_EXAMPLE}}}
}
Format = Annotated[Literal["json", "yaml"] | None, Query(description="Beats the Accept header.")]


@router.post(
    "",
    status_code=HTTP_201_CREATED,
    response_model=BlueprintView,
    response_description="The blueprint as saved, with its id; Location names it.",
    responses=failures(413, 422),
    openapi_extra=DOCUMENT,
)
def create_blueprint(alma: Wired, caller: Caller, sent: Sent) -> Response:
    """Saves a new blueprint. All that is wrong with it is said at once."""
    made = alma.blueprints.create(caller, sent.blueprint())
    return _answer(alma, caller, made, status=HTTP_201_CREATED, location=True)


@router.get(
    "", response_description="The newest revision of each, newest blueprint first; no warnings."
)
def list_blueprints(
    alma: Wired,
    caller: Caller,
    paging: Paging,
    name: Annotated[str | None, Query(description="Exactly this name.")] = None,
    search: Annotated[
        str | None, Query(max_length=100, description="A part of the name, in any case.")
    ] = None,
    engine: Annotated[
        str | None, Query(max_length=64, description="Only those that name this engine.")
    ] = None,
) -> Page[BlueprintView]:
    """Lists blueprints."""
    found, total = alma.blueprints.list(
        caller,
        skip=paging.skip,
        limit=paging.most,
        name=name,
        search=search or None,
        engine=engine or None,
        after=paging.after(_NEWEST),
    )
    cut = paging.cut(_NEWEST, found)
    body = {
        "items": [blueprint_body(item, warnings=False) for item in cut.items],
        "total": total,
        "skip": paging.skip,
        "limit": paging.limit,
        "next_cursor": cut.next,
    }
    # The same as a Page, without building models.
    return JSONResponse(body, headers=paging.links(cut.next))  # type: ignore[return-value]


@router.get("/schema", response_description="JSON Schema, draft 2020-12.")
def read_schema() -> dict[str, Any]:
    """What a blueprint may contain, for editors."""
    return blueprint_schema()


@router.post(
    "/validate",
    response_description="Everything there is to say; an invalid document is an answer, too.",
    responses=failures(413),
    openapi_extra=DOCUMENT,
)
def validate_blueprint(alma: Wired, caller: Caller, sent: Sent) -> Validation:
    """Looks at a document without saving it."""
    try:
        blueprint = sent.blueprint()
    except BlueprintInvalid as error:
        return validation(error.diagnostics, valid=False)
    return validation(
        [*diagnose(blueprint), *alma.plans.landing(caller.project, blueprint)], valid=True
    )


@router.post(
    "/plan",
    response_description="The plan. Nobody can approve it: open a request for that.",
    responses=failures(413, 422, 502, 503),
    openapi_extra=DOCUMENT,
)
async def plan_document(
    alma: Wired,
    caller: Caller,
    sent: Sent,
    engine: Annotated[
        str | None, Query(max_length=64, description="As the blueprint says if unset.")
    ] = None,
    strategy: Annotated[
        Strategy | None, Query(description="How fast what runs is changed; all-at-once if unset.")
    ] = None,
    batch: Annotated[
        int | None, Query(ge=1, le=1000, description="rolling: how many of each resource at once.")
    ] = None,
) -> PlanView:
    """What deploying a document would do, against what runs of the blueprint of that name. Saves nothing."""
    blueprint = await asyncio.to_thread(sent.blueprint)
    pace = Pace(strategy=strategy, batch=batch)
    return plan_view(await alma.plans.preview(caller, blueprint, engine=engine, pace=pace))


@router.post(
    "/convert",
    response_model=ConversionView,
    response_description="The blueprint, and what became of every object and attribute; as YAML the blueprint alone.",
    responses=failures(413, 422),
    openapi_extra=_FOREIGN,
)
def convert_document(
    request: Request,
    alma: Wired,
    caller: Caller,
    sent: Sent,
    source: Annotated[
        str | None,
        Query(alias="from", max_length=32, description="compose, kubernetes, terraform or auto."),
    ] = None,
    name: Annotated[
        str, Query(max_length=100, description="What to call it, where the source does not say.")
    ] = "",
    format: Format = None,
) -> Response:
    """Makes a blueprint of a compose file, Kubernetes manifests or a Terraform state. Saves nothing."""
    made = alma.converting.convert(sent.content, form=source, name=name, max_bytes=sent.max_bytes)
    if _yaml_wanted(request, format):
        return Response(dump_yaml(made.blueprint), media_type=YAML, headers={"Vary": "Accept"})
    return JSONResponse(conversion_view(made).model_dump(mode="json"), headers={"Vary": "Accept"})


@router.get("/{blueprint_id}", response_model=BlueprintView, responses={**_SHOWN, **failures(404)})
def read_blueprint(
    request: Request,
    alma: Wired,
    caller: Caller,
    blueprint_id: int,
    revision: Annotated[int | None, Query(ge=1, description="The newest if unset.")] = None,
    format: Format = None,
) -> Response:
    """One blueprint. ETag is its revision."""
    found = alma.blueprints.get(caller, blueprint_id, revision=revision)
    return _shown(request, alma, caller, found, format)


@router.put(
    "/{blueprint_id}",
    response_model=BlueprintView,
    response_description="The newest revision; the one before if nothing is different.",
    responses=failures(404, 409, 412, 413, 422),
    openapi_extra=DOCUMENT,
)
def update_blueprint(
    alma: Wired, caller: Caller, blueprint_id: int, sent: Sent, if_match: IfMatch = None
) -> Response:
    """Saves a further revision. Refused when `If-Match`, or the `revision` in the body, is no longer the newest one:
    nobody's change is overwritten unseen."""
    blueprint = sent.blueprint()
    expected = expected_revision(if_match) or _revision_of(sent.value())
    saved = alma.blueprints.update(caller, blueprint_id, blueprint, expected=expected)
    return _answer(alma, caller, saved)


@router.delete(
    "/{blueprint_id}",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Gone from all lists; plans that name it still find its revisions.",
    responses=failures(404, 409, 412),
)
def delete_blueprint(
    alma: Wired, caller: Caller, blueprint_id: int, if_match: IfMatch = None
) -> None:
    """Removes a blueprint of which nothing runs any more. Refused when `If-Match` is no longer the newest revision."""
    alma.blueprints.delete(caller, blueprint_id, expected=expected_revision(if_match))


@router.get(
    "/{blueprint_id}/revisions",
    response_description="Newest first.",
    responses=failures(404),
)
def list_revisions(
    alma: Wired, caller: Caller, blueprint_id: int, part: Part
) -> Page[RevisionSummary]:
    """All saved states of a blueprint."""
    found = part.of(_LATEST, alma.blueprints.revisions(caller, blueprint_id))
    return part_page(part, found, revision_summary)


@router.get(
    "/{blueprint_id}/revisions/{number}",
    response_model=BlueprintView,
    responses={**_SHOWN, **failures(404)},
)
def read_revision(
    request: Request,
    alma: Wired,
    caller: Caller,
    blueprint_id: int,
    number: int,
    format: Format = None,
) -> Response:
    """One saved state of a blueprint."""
    found = alma.blueprints.get(caller, blueprint_id, revision=number)
    return _shown(request, alma, caller, found, format)


@router.post("/{blueprint_id}/plan", responses=failures(404, 422, 502, 503))
async def plan_blueprint(
    alma: Wired, caller: Caller, blueprint_id: int, body: EngineChoice | None = None
) -> PlanView:
    """What would be done to make the newest revision true, against what runs now. Changes nothing."""
    body = body or EngineChoice()
    target = await alma.plans.target(caller, blueprint_id, engine=body.engine, pace=body.pace)
    return plan_view(await alma.plans.make(caller, target))


@router.post(
    "/{blueprint_id}/deploy",
    status_code=HTTP_201_CREATED,
    response_description="A request that waits for its approval; Location names it.",
    responses={
        200: {"model": DryRun, "description": "With `dry_run`: the plan."},
        **failures(404, 422, 502, 503),
    },
)
async def deploy_blueprint(
    response: Response,
    alma: Wired,
    caller: Caller,
    blueprint_id: int,
    body: BlueprintDeploy | None = None,
) -> IPRView:
    """Opens an Infrastructure Pull Request for the newest revision: nothing is deployed that nobody approved."""
    body = body or BlueprintDeploy()
    if body.dry_run:
        target = await alma.plans.target(caller, blueprint_id, engine=body.engine, pace=body.pace)
        plan = plan_view(await alma.plans.make(caller, target))
        return Response(  # type: ignore[return-value]  # the other documented answer
            DryRun(plan=plan).model_dump_json(), media_type="application/json"
        )
    ipr = await alma.iprs.open(
        caller,
        title=body.title or f"Deploy blueprint {blueprint_id}",
        description=body.description,
        blueprint_id=blueprint_id,
        engine=body.engine,
        pace=body.pace,
    )
    response.headers["Location"] = f"{PREFIX}/iprs/{ipr.id}"
    return ipr_view(ipr)


def _answer(
    alma: Alma,
    caller: Principal,
    revision: Revision,
    *,
    status: int = 200,
    location: bool = False,
) -> Response:
    headers = _headers(revision)
    if location:
        headers["Location"] = blueprint_links(revision.id)["self"]
    body = blueprint_body(revision, further=alma.plans.landing(caller.project, revision.blueprint))
    return JSONResponse(body, status_code=status, headers=headers)


def _shown(
    request: Request, alma: Alma, caller: Principal, revision: Revision, format: str | None
) -> Response:
    """In the form that was asked for."""
    headers = _headers(revision)
    if _yaml_wanted(request, format):
        return Response(dump_yaml(revision.blueprint), media_type=YAML, headers=headers)
    further = alma.plans.landing(caller.project, revision.blueprint)
    body = request.app.state.shown.body(revision, further)
    return Response(body, media_type="application/json", headers=headers)


def _headers(revision: Revision) -> dict[str, str]:
    return {"ETag": f'"{revision.number}"', "Vary": "Accept"}


def _yaml_wanted(request: Request, format: str | None) -> bool:
    return format == "yaml" or (format is None and wants_yaml(request.headers.get("accept", "")))


def _revision_of(body: Any) -> int | None:
    found = body.get("revision") if isinstance(body, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
