"""Templates as they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, Field

from alma.api.paging import Portion
from alma.api.schemas.common import PREFIX, Listed
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.template import Complexity, Parameter, Template
from alma.core.services.templates import described


class ParameterView(Frozen):
    """One knob of a template."""

    type: str
    title: str
    description: str
    default: Json
    minimum: Json
    maximum: Json
    choices: tuple[str, ...]
    takes: str = Field(description="What it takes, in a few words.")


class _Described(Frozen):
    """What is said of a template wherever it is shown."""

    id: str
    name: str
    description: str
    category: str
    complexity: Complexity
    tags: tuple[str, ...]
    use_case: str


class TemplateSummary(_Described):
    """A template in a list."""

    resources: int = Field(description="How many resources it has.")
    blueprint: Mapping[str, Json] | None = Field(
        default=None, description="Only with `blueprints=true`: for drawing all of them at once."
    )
    links: Mapping[str, str]


class TemplateView(_Described):
    """The same with its blueprint and its knobs."""

    parameters: Mapping[str, ParameterView]
    blueprint: Blueprint
    links: Mapping[str, str]


class TemplateList(Listed):
    """Templates, in the order of the configuration or best match first."""

    items: Sequence[TemplateSummary]


class Category(Frozen):
    """A category and how many templates it has."""

    name: str
    templates: int


class CategoryList(Listed):
    """All categories, by name."""

    items: Sequence[Category]


class CustomizeBody(Frozen):
    """How to turn the template's knobs; what is left out keeps its default."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"parameters": {"instance_count": 3, "environment": "production"}}
        }
    )

    parameters: Mapping[str, Json] = Field(default_factory=dict)


def template_summary(template: Template) -> TemplateSummary:
    """The template for a list."""
    return TemplateSummary(
        id=template.id,
        name=template.name,
        description=template.description,
        category=template.category,
        complexity=template.complexity,
        tags=template.tags,
        use_case=template.use_case,
        resources=len(template.blueprint.resources),
        links=_links(template.id),
    )


def template_body(template: Template) -> dict[str, Any]:
    """The template in full, its blueprint as a person would write it."""
    shown = template_summary(template).model_dump(mode="json", exclude={"resources"})
    return shown | {
        "parameters": {
            name: _parameter(parameter).model_dump(mode="json")
            for name, parameter in template.parameters.items()
        },
        "blueprint": template.blueprint.dump(),
    }


def category_list(categories: Portion[tuple[str, int]]) -> CategoryList:
    """The categories for whoever filters."""
    shown = [Category(name=name, templates=count) for name, count in categories.items]
    return CategoryList(items=shown, **categories.ends)


def template_list(templates: Portion[Template], *, blueprints: bool = False) -> TemplateList:
    """Some templates; with their blueprints if wanted."""
    shown = [template_summary(item) for item in templates.items]
    if blueprints:
        shown = [
            summary.model_copy(update={"blueprint": item.blueprint.dump()})
            for summary, item in zip(shown, templates.items, strict=True)
        ]
    return TemplateList(items=shown, **templates.ends)


def _parameter(parameter: Parameter) -> ParameterView:
    return ParameterView.model_validate(
        parameter.model_dump(mode="json", exclude={"sets"}) | {"takes": described(parameter)}
    )


def _links(id_: str) -> dict[str, str]:
    base = f"{PREFIX}/templates/{id_}"
    return {"self": base, "customize": f"{base}/customize"}
