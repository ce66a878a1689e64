"""Blueprint templates: a known-good blueprint and the few things about it that people want to turn."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.units import Size


class Complexity(StrEnum):
    """How much there is to run and to know."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Sets(Frozen):
    """Where a parameter's value goes. `resource` is a resource's name, `*` for all of those in `types`, or None for the
    blueprint itself; `path` is dotted (`count`, `specs.memory`, `metadata.environment`)."""

    resource: str | None = None
    types: tuple[str, ...] = ()
    path: str


class Parameter(Frozen):
    """One documented knob. `default` is what the template has without it, None where it has nothing there; the bounds
    of a size are sizes."""

    type: Literal["integer", "number", "string", "boolean", "size"]
    title: str
    description: str = ""
    default: Json = None
    minimum: float | Size | None = None
    maximum: float | Size | None = None
    choices: tuple[str, ...] = ()
    sets: tuple[Sets, ...]


class Template(Frozen):
    """One entry of `config/blueprints.yaml`."""

    id: str = ""
    name: str
    description: str
    category: str
    complexity: Complexity
    tags: tuple[str, ...] = ()
    use_case: str = ""
    parameters: Mapping[str, Parameter] = Field(default_factory=dict)
    blueprint: Blueprint
