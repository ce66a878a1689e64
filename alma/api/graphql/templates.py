"""Templates: found, looked at, and turned into a document that can be saved as it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import strawberry
from strawberry.scalars import JSON

from alma.api.graphql.context import Info
from alma.api.graphql.deriving import enumeration, noun, shown
from alma.api.graphql.paging import USUAL, After, Connection, First, among, checked
from alma.api.paging import Order
from alma.api.schemas.templates import (
    Category,
    TemplateSummary,
    TemplateView,
    template_body,
    template_summary,
)
from alma.core.model import template as core
from alma.core.model.base import Json
from alma.core.model.errors import InvalidInput
from alma.core.model.template import Complexity

enumeration("Complexity", [*Complexity])
ORDER = Order[core.Template, str]("templates", lambda template: template.id, str)
_LONGEST_QUERY = 200


@noun(TemplateSummary)
class TemplateItem:
    """A template in a list."""


@noun(TemplateView)
class Template:
    """A template with its blueprint and its parameters."""


@noun(Category)
class TemplateCategory:
    """A category and how many templates it has."""


@strawberry.type
class Queries:
    """What is asked about templates."""

    @strawberry.field(description="Templates, in the order of the configuration.")
    async def templates(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        category: str | None = None,
        complexity: Complexity | None = None,
    ) -> Connection[TemplateItem]:
        found = info.context.alma.templates.list(category, complexity)
        return among(found, _item, order=ORDER, first=first, after=after)

    @strawberry.field(description="Templates that a few words describe, best first.")
    async def search_templates(
        self, info: Info, query: str, first: First = 10
    ) -> list[TemplateItem]:
        if len(query) > _LONGEST_QUERY:
            raise InvalidInput(
                "the query is too long", hint=f"{_LONGEST_QUERY} characters are read"
            )
        return [_item(found) for found in info.context.alma.templates.search(query, checked(first))]

    @strawberry.field(description="The categories, by name.")
    async def template_categories(self, info: Info) -> list[TemplateCategory]:
        found = info.context.alma.templates.categories()
        views = (Category(name=name, templates=many) for name, many in found.items())
        return [shown(TemplateCategory, view) for view in views]

    @strawberry.field(description="One template.")
    async def template(self, info: Info, id: str) -> Template:
        return shown(Template, template_body(info.context.alma.templates.get(id)))

    @strawberry.field(description="The document that a template with those parameters gives.")
    async def customized_template(
        self,
        info: Info,
        id: str,
        parameters: JSON | None = None,
    ) -> JSON:
        given: object = parameters if parameters is not None else {}
        if not isinstance(given, Mapping):
            raise InvalidInput("parameters is no object", hint="give names with their values")
        made = info.context.alma.templates.customize(id, cast("Mapping[str, Json]", given))
        return JSON({"version": made.version, **made.dump()})


def _item(found: core.Template) -> TemplateItem:
    return shown(TemplateItem, template_summary(found))
