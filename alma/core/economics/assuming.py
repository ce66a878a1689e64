"""The figures nobody measured, replaced by the caller's own: each by its name, for one calculation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from alma.core.economics.capacity import CapacityModel, Limits, Shapes, Traffic
from alma.core.model.errors import InvalidInput

_SAID = "said by the caller"
_SERVERS = tuple(name for name in Shapes.model_fields if name != "cores")
_STATION = {"cpu_us_per_request": "us", "cpu_us_per_query": "query_us"}
NAMES = (*Traffic.model_fields, *_STATION, *_SERVERS, *(f"{name}_limit" for name in ("memory", "storage", "network")),
         "link_mbit")  # fmt: skip


def assuming(
    model: CapacityModel, changes: Mapping[str, float], *, software: str | None = None
) -> CapacityModel:
    """The model with other figures, by the names of NAMES. Raises InvalidInput naming those there are, and for values
    with which nothing can be computed."""
    if not changes:
        return model
    if unknown := [name for name in changes if _plain(name) not in NAMES]:
        raise InvalidInput(
            f"there is no assumption '{unknown[0][:60]}'", hint=f"known are {', '.join(NAMES)}"
        )
    document: dict[str, Any] = model.model_dump(mode="json")
    station = model.station(software)
    key = next(name for name, known in model.stations.items() if known is station)
    for name, value in changes.items():
        part, field = _place(_plain(name), document, key)
        part[field] = {"value": str(value), "kind": "derived", "source": _SAID}
    try:
        return CapacityModel.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        told = str(first["msg"]).removeprefix("Value error, ")
        raise InvalidInput(
            f"nothing can be computed with these assumptions: {told}",
            hint="shares are between 0 and 1, amounts more than 0",
        ) from None


def _plain(name: str) -> str:
    return name.strip().casefold().replace("-", "_").replace(" ", "_")


def _place(name: str, document: dict[str, Any], station: str) -> tuple[dict[str, Any], str]:
    """Where a figure stands in the model."""
    if name in Traffic.model_fields:
        return document["traffic"], name
    if name in _STATION:
        return document["stations"][station], _STATION[name]
    if name in Shapes.model_fields:
        return document["servers"], name
    field = name.removesuffix("_limit")
    assert field in Limits.model_fields
    return document["limits"], field


def figure_of(model: CapacityModel, name: str) -> float:
    """The value of a figure of traffic or limits, as a number."""
    part = model.traffic if name in Traffic.model_fields else model.limits
    return float(getattr(part, name).value)
