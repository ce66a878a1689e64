"""JSON Schema, as pydantic writes it, made a structural schema, as Kubernetes takes it.

Kubernetes knows no references and no alternatives of types: what may be several things is `int-or-string` where it is
just that, else it takes anything and ALMA itself checks it. Defaults stay out, so that an object stays as it was
written.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_ANYTHING: Schema = {"x-kubernetes-preserve-unknown-fields": True}
_INT_OR_STRING: Schema = {"x-kubernetes-int-or-string": True}
_KEPT = (
    "type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf",
    "minItems", "maxItems", "minProperties", "maxProperties", "required",
)  # fmt: skip
# Without a bound of its own a text or list may be as long as the whole object may be.
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}


def structural(model: type[BaseModel]) -> Schema:
    """The schema of what a model takes. Raises ValueError for a model that contains itself, which Kubernetes can't
    describe."""
    schema = model.model_json_schema()
    return _Unfolding(schema.get("$defs", {})).of(schema)


class _Unfolding:
    """Puts definitions in where they are referred to."""

    def __init__(self, definitions: Mapping[str, Schema]) -> None:
        self._definitions = definitions

    def of(self, schema: Mapping[str, Any], inside: tuple[str, ...] = ()) -> Schema:
        found = self._typed(schema, inside)
        if described := schema.get("description"):
            found["description"] = " ".join(str(described).split())
        return found

    def _typed(self, schema: Mapping[str, Any], inside: tuple[str, ...]) -> Schema:
        if "$ref" in schema:
            return self._referred(schema["$ref"], inside)
        if "anyOf" in schema:
            return self._one_of(schema, inside)
        if "const" in schema:
            return {"type": "string", "enum": [schema["const"]]}
        if "type" not in schema:
            return dict(_ANYTHING)
        return self._plain(schema, inside)

    def _referred(self, reference: str, inside: tuple[str, ...]) -> Schema:
        name = reference.rpartition("/")[2]
        if name in inside:
            raise ValueError(f"{name} contains itself")
        return self.of(self._definitions[name], (*inside, name))

    def _one_of(self, schema: Mapping[str, Any], inside: tuple[str, ...]) -> Schema:
        """An alternative of null alone is the other thing, which may then be null."""
        given = [item for item in schema["anyOf"] if item.get("type") != "null"]
        found = self.of(given[0], inside) if len(given) == 1 else self._several(given)
        if len(given) < len(schema["anyOf"]):
            found["nullable"] = True
        return found

    def _several(self, given: list[Mapping[str, Any]]) -> Schema:
        types = {name for item in given for name in self._types(item)}
        return dict(_INT_OR_STRING if types == {"integer", "string"} else _ANYTHING)

    def _types(self, schema: Mapping[str, Any]) -> set[str]:
        if "anyOf" in schema:
            return {name for item in schema["anyOf"] for name in self._types(item)}
        return {str(schema.get("type", "anything"))}

    def _plain(self, schema: Mapping[str, Any], inside: tuple[str, ...]) -> Schema:
        found: Schema = {key: schema[key] for key in _KEPT if key in schema}
        for key, bound in _BOUNDS.items():
            if key in schema:
                found |= {bound: schema[key], key: True}
        if "properties" in schema:
            found["properties"] = {
                name: self.of(inner, inside) for name, inner in schema["properties"].items()
            }
        elif isinstance(values := schema.get("additionalProperties"), Mapping):
            found["additionalProperties"] = self.of(values, inside)
        if "items" in schema:
            found["items"] = self.of(schema["items"], inside)
        return found
