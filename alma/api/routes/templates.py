"""Templates: found, looked at, and turned into a blueprint that can be saved as it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response

from alma.api.bodies import BodyRoute
from alma.api.deps import Wired
from alma.api.paging import AskedPart, Cursor, Order, Part
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.templates import (
    CategoryList,
    CustomizeBody,
    TemplateList,
    TemplateView,
    category_list,
    template_body,
    template_list,
)
from alma.core.model.blueprint import Blueprint
from alma.core.model.template import Complexity, Template
from alma.core.services.templates import MAX_FOUND

router = APIRouter(prefix=f"{PREFIX}/templates", tags=["templates"], route_class=BodyRoute)

_TEMPLATES = Order[Template, str]("templates", lambda template: template.id, str)
_FOUND = Order[Template, str]("found-templates", lambda template: template.id, str)
Blueprints = Annotated[bool, Query(description="With the blueprint of each.")]
_CATEGORIES = Order[tuple[str, int], str]("categories", lambda item: item[0], str)


@router.get("", response_model_exclude_unset=True)
async def list_templates(
    alma: Wired,
    part: Part,
    category: Annotated[str | None, Query(description="Only of that category.")] = None,
    complexity: Annotated[Complexity | None, Query(description="Only so complex ones.")] = None,
    blueprints: Blueprints = False,
) -> TemplateList:
    """Lists templates."""
    found = part.of(_TEMPLATES, alma.templates.list(category, complexity))
    return template_list(found, blueprints=blueprints)


@router.get("/categories")
async def list_categories(alma: Wired, part: Part) -> CategoryList:
    """The categories, and how many templates each has."""
    return category_list(part.of(_CATEGORIES, alma.templates.categories().items()))


@router.get("/search", responses=failures(422), response_model_exclude_unset=True)
async def search_templates(
    request: Request,
    response: Response,
    alma: Wired,
    query: Annotated[str, Query(max_length=200, description="A few words.")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    cursor: Cursor = None,
    blueprints: Blueprints = False,
) -> TemplateList:
    """Finds templates by a few words, best first; typing errors are forgiven."""
    part = AskedPart(request=request, response=response, limit=limit, cursor=cursor)
    found = part.of(_FOUND, alma.templates.search(query, MAX_FOUND))
    return template_list(found, blueprints=blueprints)


@router.get("/{template_id}", response_model=TemplateView, responses=failures(404))
async def read_template(alma: Wired, template_id: str) -> Response:
    """One template with its blueprint and its parameters."""
    return JSONResponse(template_body(alma.templates.get(template_id)))


@router.post(
    "/{template_id}/customize",
    response_model=Blueprint,
    response_description="A blueprint; send it to POST /api/v1/blueprints as it is.",
    responses=failures(404, 422),
)
def customize_template(
    alma: Wired, template_id: str, body: CustomizeBody | None = None
) -> Response:
    """Turns the template's knobs on a copy. An unknown parameter is an error that lists the known ones."""
    made = alma.templates.customize(template_id, body.parameters if body else None)
    return JSONResponse({"version": made.version, **made.dump()})
