"""JSON schemas as small models can take them: no references, nothing without a bound, nothing that only decorates.

A schema gives a model's answer its form. Meaning is checked afterwards, by the models the schema came from, so what a
decoder may not know (patterns, formats) is left out instead of failing there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_TEXT = 200
MAX_ITEMS = 16
MAX_DEPTH = 12
_DROPPED = frozenset(
    {"$defs", "title", "examples", "default", "pattern", "format", "discriminator"}
)


def bounded(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with references put in place, a longest length for every text and list, and no branch for null: what
    is not required may be left out. What refers to itself ends `MAX_DEPTH` deep, where anything short is taken."""
    return _bounded(schema, schema.get("$defs", {}), 0)


def _bounded(schema: Mapping[str, Any], known: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if depth > MAX_DEPTH:
        return {"type": "string", "maxLength": MAX_TEXT}
    if "$ref" in schema:
        target = known[str(schema["$ref"]).rpartition("/")[2]]
        described = {k: v for k, v in schema.items() if k == "description"}
        return {**_bounded(target, known, depth + 1), **described}
    kept = {
        key: _inner(key, value, known, depth)
        for key, value in schema.items()
        if key not in _DROPPED
    }
    return _with_bounds(_without_null(kept))


def _inner(key: str, value: Any, known: Mapping[str, Any], depth: int) -> Any:
    if key == "properties":
        return {name: _bounded(inner, known, depth + 1) for name, inner in value.items()}
    if key in {"anyOf", "oneOf", "allOf", "prefixItems"}:
        return [_bounded(inner, known, depth + 1) for inner in value]
    if isinstance(value, Mapping):
        return _bounded(value, known, depth + 1)
    return value


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """One alternative is no alternative; several go by the name that every decoder knows."""
    choices = schema.pop("oneOf", None) or schema.pop("anyOf", None) or schema.pop("allOf", None)
    if choices is None:
        return schema
    left = [choice for choice in choices if choice.get("type") != "null"]
    return {**left[0], **schema} if len(left) == 1 else {**schema, "anyOf": left}


def _with_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    if "const" in schema:
        return {"type": "string", "enum": [schema["const"]]}
    if schema.get("type") == "string" and "enum" not in schema:
        return {"maxLength": MAX_TEXT, **schema}
    if schema.get("type") == "array":
        return {"maxItems": MAX_ITEMS, **schema}
    return schema
