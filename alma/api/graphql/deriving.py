"""Makes GraphQL types of the models that REST answers with, so that the two can't tell different things.

A type is derived from the same JSON schema that the OpenAPI description shows, and its values are the very bodies that
REST sends: names, dates, ids and enumerations are the same everywhere. What has no fixed shape is the scalar `JSON`.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Mapping
from enum import Enum, StrEnum
from typing import Any, NewType, TypeVar, cast

import strawberry
from pydantic import BaseModel
from strawberry.scalars import JSON
from strawberry.types.unset import UNSET

T = TypeVar("T")
Schema = Mapping[str, Any]

DateTime = NewType("DateTime", str)
"""A moment as REST writes it."""

_PLAIN: dict[str, Any] = {"string": str, "integer": int, "number": float, "boolean": bool}
_MOMENTS = frozenset({"date-time"})
# A blueprint within something else is a document: what was not written in it is not shown.
_DOCUMENTS = frozenset({"Blueprint", "JsonValue"})

_outputs: dict[str, type] = {}
_inputs: dict[str, type] = {}
_enums: dict[str, type[Enum]] = {}


class Shown(dict[str, Any]):
    """The body that REST would send for a noun, with the noun itself for the fields that need more of it."""

    def __init__(self, body: Mapping[str, Any], noun: Any = None) -> None:
        super().__init__(body)
        self.noun = noun


def shown(kind: type[T], body: Mapping[str, Any] | BaseModel, noun: Any = None) -> T:
    """The value of a field of that type."""
    plain = body.model_dump(mode="json") if isinstance(body, BaseModel) else body
    return cast("T", Shown(plain, noun))


def value_of(root: object, name: str) -> object:
    """What a field without a function of its own answers."""
    return root.get(name) if isinstance(root, Mapping) else getattr(root, name)


def noun(model: type[BaseModel], *, without: frozenset[str] = frozenset()) -> Callable[[T], T]:
    """Gives a class the fields of a model that is shown; those it declares itself stay as they are."""

    def derived(kind: T) -> T:
        cls = cast("type", kind)
        _outputs[model.__name__] = cls
        schema = model.model_json_schema()
        names = set(schema["properties"]) - set(vars(cls)) - without
        _declare(cls, schema, schema.get("$defs", {}), names=names, known=_outputs)
        return cast("T", strawberry.type(cls, description=cls.__doc__))

    return derived


def taken(model: type[BaseModel], *, without: frozenset[str] = frozenset()) -> Callable[[T], T]:
    """Gives a class the fields of a model that is sent; what is left out is left out of the body, too."""

    def derived(kind: T) -> T:
        cls = cast("type", kind)
        schema = model.model_json_schema(by_alias=False)
        told = schema["properties"].items()
        names = {name for name, item in told if not item.get("deprecated")} - without
        _declare(cls, schema, schema.get("$defs", {}), names=names, known=_inputs)
        return cast("T", strawberry.input(cls, description=cls.__doc__))

    return derived


def sent(value: Any) -> Any:
    """An argument as the body that REST would have been sent."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [sent(item) for item in value]
    if hasattr(type(value), "__strawberry_definition__"):
        return {name: sent(item) for name, item in vars(value).items() if item is not UNSET}
    return value


def _declare(
    cls: type, schema: Schema, defs: Schema, *, names: set[str], known: dict[str, type]
) -> None:
    required = schema.get("required", ())
    annotations = dict(vars(cls).get("__annotations__", {}))
    for name, item in schema["properties"].items():
        if name not in names:
            continue
        python = f"{name}_" if keyword.iskeyword(name) else name
        kind = _annotation(item, defs, known)
        optional = name not in required
        annotations[python] = kind | None if optional and not _nullable(kind) else kind
        setattr(cls, python, _field(name, python, item, unset=optional and known is _inputs))
    cls.__annotations__ = annotations


def _field(name: str, python: str, schema: Schema, *, unset: bool) -> Any:
    facts: dict[str, Any] = {"description": schema.get("description")}
    if name != python:
        facts["name"] = name
    if unset:
        facts["default"] = UNSET
    return strawberry.field(**facts)


def _annotation(schema: Schema, defs: Schema, known: dict[str, type]) -> Any:
    if "$ref" in schema:
        return _named(schema["$ref"].rpartition("/")[2], defs, known)
    if "anyOf" in schema:
        return _either(schema["anyOf"], defs, known)
    if "enum" in schema:
        return str
    kind = schema.get("type")
    if kind == "array" and isinstance(schema.get("items"), Mapping) and "prefixItems" not in schema:
        return list[_annotation(schema["items"], defs, known)]  # type: ignore[misc]  # made here
    if kind == "string" and schema.get("format") in _MOMENTS:
        return DateTime
    return _PLAIN.get(str(kind), JSON)


def _either(ways: list[Schema], defs: Schema, known: dict[str, type]) -> Any:
    """One way or null; of several ways only JSON can say which it is."""
    some = [way for way in ways if way.get("type") != "null"]
    kind = _annotation(some[0], defs, known) if len(some) == 1 else JSON
    return kind | None if len(some) < len(ways) and not _nullable(kind) else kind


def _nullable(kind: Any) -> bool:
    return type(None) in getattr(kind, "__args__", ())


def _named(name: str, defs: Schema, known: dict[str, type]) -> Any:
    schema = defs[name]
    if name in _DOCUMENTS:
        return JSON
    if "enum" in schema:
        return enumeration(name, schema["enum"])
    if not schema.get("properties"):
        return _annotation(schema, defs, known)
    if name not in known:
        known[name] = _made(name, schema, defs, known)
    return known[name]


def _made(name: str, schema: Schema, defs: Schema, known: dict[str, type]) -> type:
    """A type of its own for a model within another one."""
    # Until it is made, a model that holds itself is JSON.
    known[name] = cast("type", JSON)
    inputs = known is _inputs
    called = f"{name}Input" if inputs else name.removesuffix("View")
    cls = type(called, (), {"__annotations__": {}})
    _declare(cls, schema, defs, names={*schema["properties"]}, known=known)
    make = strawberry.input if inputs else strawberry.type
    made: type = make(cls, description=schema.get("description"))
    return made


def enumeration(name: str, values: list[str]) -> type[Enum]:
    """The enumeration of those values: the core's own, if it has one."""
    if name not in _enums:
        own = (kind for kind in _descendants(StrEnum) if kind.__name__ == name)
        found = next((kind for kind in own if {*kind} == {*values}), None)
        made: type[Enum] = found or _made_up(name, values)
        _enums[name] = strawberry.enum(made, name=name)
    return _enums[name]


def _made_up(name: str, values: list[str]) -> type[Enum]:
    members = {value: value for value in values}
    return cast("type[Enum]", StrEnum(name, members))


def _descendants(kind: type[Enum]) -> Iterator[type[Enum]]:
    for one in kind.__subclasses__():
        yield one
        yield from _descendants(one)
