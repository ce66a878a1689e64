"""Conversions as the installation makes them: with its catalogue, its price books and its eye for secrets."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from alma.config import load_catalogue, load_clouds, load_prices
from alma.core.migration.conversion import Conversion
from alma.core.model.diagnostic import Diagnostic
from alma.core.services.converting import Converting
from alma.core.services.estimates import Estimates

FILES = Path(__file__).parent / "files"


@cache
def converting() -> Converting:
    catalogue = load_catalogue()
    return Converting(
        catalogue=catalogue, estimates=Estimates(catalogue, load_prices(), clouds=load_clouds)
    )


def converted(content: Any, **more: Any) -> Conversion:
    """A description, as text or as values."""
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return converting().convert(text, **more)


def resource(made: Conversion, name: str) -> dict[str, Any]:
    """A resource as it would be written."""
    return next(item for item in made.blueprint.dump()["resources"] if item["name"] == name)


def at(made: Conversion, path: str) -> list[Diagnostic]:
    """The remarks at a place of the source."""
    return [item for item in made.remarks if item.path == path]


def everything(made: Conversion) -> str:
    """All that an answer tells, as one text to look for what must not be in it."""
    return made.model_dump_json()
