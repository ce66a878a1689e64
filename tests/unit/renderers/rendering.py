"""Renderings as the installation makes them: with its catalogue and its price books. Documents need no database."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

from ruamel.yaml import YAML

from alma.config import load_catalogue, load_clouds, load_prices, load_templates
from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import parse_blueprint
from alma.core.model.rendering import Rendering
from alma.core.model.template import Template
from alma.core.ports import Repositories
from alma.core.services.blueprints import Blueprints
from alma.core.services.estimates import Estimates
from alma.core.services.rendering import Renderings
from alma.renderers import RENDERERS, RendererRegistry

ENGINES = sorted(RENDERERS)
TEMPLATES = sorted(load_templates())
TARGETS = [
    (engine, format) for engine in ENGINES for format in RendererRegistry().get(engine).formats
]


@cache
def renderings() -> Renderings:
    catalogue = load_catalogue()
    return Renderings(
        renderers=RendererRegistry(),
        blueprints=Blueprints(cast("Repositories", None)),
        catalogue=catalogue,
        estimates=Estimates(catalogue, load_prices(), clouds=load_clouds),
    )


def template(name: str) -> Blueprint:
    entry: Template = load_templates()[name]
    return entry.blueprint


def rendered(what: Any, engine: str, format: str | None = None) -> Rendering:
    """A blueprint, the id of a template, or a list of resources as they would be written."""
    if isinstance(what, str):
        what = template(what)
    if isinstance(what, list):
        what = parse_blueprint({"name": "shop", "resources": what})
    return renderings().document(what, engine=engine, format=format)


def compose(made: Rendering) -> dict[str, Any]:
    """The compose file's values."""
    return cast("dict[str, Any]", YAML(typ="safe").load(made.files[0].content))


def tofu(made: Rendering) -> dict[str, Any]:
    """The OpenTofu file's values."""
    return cast("dict[str, Any]", json.loads(made.files[0].content))


def everything(made: Rendering) -> str:
    return "\n".join(file.content for file in made.files)


def notes(made: Rendering, path: str) -> list[Diagnostic]:
    """The notes on a place and on all below and above it."""
    return [
        note
        for note in made.notes
        if f"{note.path}.".startswith(f"{path}.") or f"{path}.".startswith(f"{note.path}.")
    ]
