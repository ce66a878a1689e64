"""From the model library's errors to diagnostics in ALMA's words, each with its path and what to do about it."""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.plain import Location, dotted
from alma.core.model.suggest import did_you_mean, nearest

_MAX_HINTS = 200
_ENV_HINT = "write a text, a number, true or false, or {secret: db-1.password}"


@dataclass(frozen=True)
class Fault:
    """A diagnostic with its place as parts, for those who look into the document themselves."""

    location: Location
    diagnostic: Diagnostic


def faults_of(
    error: ValidationError, body: Any, *, model: type[BaseModel] = Blueprint
) -> list[Fault]:
    """One fault for each place that is wrong. Where a value may be one of several kinds, the library complains once for
    each kind: that is one mistake, and the most specific complaint is kept."""
    grouped: dict[Location, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        grouped.setdefault(_location(detail, body), []).append(detail)
    parents = {at[:-1] for at in grouped}
    faults: list[Fault] = []
    for at, details in grouped.items():
        if len(details) > 1 and at in parents:
            continue
        detail = _most_telling(details)
        hint = len(faults) < _MAX_HINTS
        faults.append(Fault(at, _diagnostic(at, detail, (body, model), hint=hint)))
    return faults


def _location(detail: ErrorDetails, body: Any) -> Location:
    """The place in the document: the library's own path also names the kinds it tried, which nobody wrote."""
    value, found = body, []
    for part in detail["loc"]:
        listed = isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)
        if listed or (isinstance(value, Mapping) and part in value):
            found.append(part)
            value = value[part]
    if detail["type"] == "missing":
        found.append(detail["loc"][-1])
    return tuple(found)


def _most_telling(details: list[ErrorDetails]) -> ErrorDetails:
    own = [detail for detail in details if "hint" in detail.get("ctx", {})]
    return (own or details)[0]


def _diagnostic(
    at: Location, detail: ErrorDetails, source: tuple[Any, type[BaseModel]], *, hint: bool
) -> Diagnostic:
    body, model = source
    context = detail.get("ctx", {})
    kind = detail["type"]
    message, advice = detail["msg"], context.get("hint")
    if kind == "extra_forbidden":
        message, kind = "unknown field", "unknown_field"
        advice = field_hint(at, model) if hint else None
    elif kind == "missing":
        message, kind = "required field is missing", "missing_field"
        advice = _missing_hint(at, body)
    elif kind == "enum":
        message, kind, advice = _choice(at, detail)
    elif "hint" not in context:
        message, advice = _reworded(at, detail)
    return Diagnostic(code=kind, path=dotted(at), message=message, hint=advice)


_TYPE_ALIASES = {
    "bucket": "object_store",
    "db": "database",
    "disk": "volume",
    "docker": "container",
    "k8s": "kubernetes_cluster",
    "lb": "load_balancer",
    "lxc": "container",
    "server": "vm",
}

# ── unknown and missing fields ───────────────────────────────────────────────────────────────────


def field_hint(at: Location, model: Any) -> str | None:
    """Which field was probably meant by the unknown one at this place of a document of that model."""
    return did_you_mean(str(at[-1]), _fields_at(at[:-1], model), shown=24)


def _fields_at(at: Location, model: Any) -> list[str]:
    """The fields a document may have at this place."""
    current = model
    for part in at:
        if not isinstance(part, int):
            models = [m for m in _models_in(current) if part in m.model_fields]
            # A mapping's key is nobody's field: what lies under it is what the mapping holds.
            current = models[0].model_fields[part].annotation if models else current
    return [name for inner in _models_in(current) for name in inner.model_fields]


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in typing.get_args(annotation) for found in _models_in(part)]


def _missing_hint(at: Location, body: Any) -> str:
    """What was probably meant is often there under a near name."""
    value = body
    for part in at[:-1]:
        value = value[part]
    written = [key for key in value if isinstance(key, str)] if isinstance(value, Mapping) else []
    near = nearest(str(at[-1]), written)
    return f"is '{near}' meant to be it?" if near else f"add {at[-1]}:"


def _choice(at: Location, detail: ErrorDetails) -> tuple[str, str, str | None]:
    given = str(detail["input"])[:64]
    if at[-1] != "type":
        words = f"write {detail['ctx']['expected'].replace(chr(39), '')}"
        return f"unknown value '{given}'", "unknown_value", words
    known = list(ResourceType)
    folded = re.sub(r"[\s-]+", "_", given.casefold())
    meant = _TYPE_ALIASES.get(folded) or (folded if folded in known else None)
    hint = f"did you mean '{meant}'?" if meant else did_you_mean(folded, known)
    return f"unknown type '{given}'", "unknown_type", hint


# ── other complaints ─────────────────────────────────────────────────────────────────────────────


def _least(context: Mapping[str, Any]) -> str:
    least = context.get("min_length", 1)
    return "must not be empty" if least == 1 else f"must have at least {least} characters"


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda _: "must be a text",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "decimal_type": lambda _: "must be a number",
    "decimal_parsing": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "tuple_type": lambda _: "must be a list",
    "list_type": lambda _: "must be a list",
    "mapping_type": lambda _: "must be a mapping",
    "dict_type": lambda _: "must be a mapping",
    "model_type": lambda _: "must be a mapping",
    "model_attributes_type": lambda _: "must be a mapping",
    "greater_than_equal": lambda c: f"must be at least {c['ge']}",
    "greater_than": lambda c: f"must be more than {c['gt']:g}",
    "less_than_equal": lambda c: f"must be at most {c['le']}",
    "less_than": lambda c: f"must be less than {c['lt']}",
    "string_too_short": _least,
    "string_too_long": lambda c: f"must have at most {c['max_length']} characters",
    "too_long": lambda c: f"must have at most {c['max_length']} entries",
    "too_short": lambda _: "must not be empty",
    "string_pattern_mismatch": lambda _: "invalid format",
}
_HINTS = {
    "action": "write allow or deny",
    "policies": "write network (open, default-deny) or pod_security (baseline, restricted) below it",
    "path": "write an absolute path such as /var/lib/data",
    "secret": "write the owner and the secret's name, such as db-1.password",
    "resources": "begin each entry with '- name:'",
    "specs": "write cpu, memory and disk below it",
    "network": "write private_ip, public_ip, ports or attach below it",
    "labels": "write each label as 'name: value', both texts",
    "backup": "write true or false, or enabled, schedule and retention_days below it",
    "command": "write a list of texts, such as [sh, -c, run]",
    "count": "write how many are wanted, 1 to 1000",
    "engine": "name what runs or where, or leave it out",
    "gpu": "write how many, or leave it out",
    "image": "write an image such as debian:12, or leave it out",
    "max_monthly_cost": "write an amount of more than 0, or leave it out",
    "mounts": "begin each entry with '- volume:'",
    "retention_days": "write 1 to 3650 days, or leave it out",
    "rules": "begin each entry with '- action:'",
    "vlan": "write a tag from 1 to 4094, or leave it out",
}
# What to do where the field says nothing of its own, by the start of the complaint's type.
_KIND_HINTS = {
    "bool_": "write true or false",
    "decimal_": "write the number in figures",
    "dict_": "write lines of 'key: value' below it",
    "float_": "write the number in figures",
    "greater_": "write a larger number, or leave it out",
    "int_": "write the number in figures",
    "less_": "write a smaller number",
    "list_": "write each entry in a line of its own, after '- '",
    "mapping_": "write lines of 'key: value' below it",
    "model_": "write lines of 'key: value' below it",
    "string_too_long": "shorten it",
    "string_too_short": "write something, or leave it out",
    "too_long": "split it",
    "too_short": "write something, or leave it out",
    "tuple_": "write each entry in a line of its own, after '- '",
}


def _advice(at: Location, kind: str) -> str | None:
    """What to do about a complaint: what the field takes, or else what the complaint itself suggests."""
    field = next((part for part in reversed(at) if isinstance(part, str)), "")
    general = (hint for start, hint in _KIND_HINTS.items() if kind.startswith(start))
    return _HINTS.get(field) or next(general, None)


def worded(kind: str, context: Mapping[str, Any]) -> str | None:
    """One of the library's complaints in ALMA's words; None where the library's own will do."""
    words = _WORDS.get(kind)
    return words(context) if words is not None else None


def _reworded(at: Location, detail: ErrorDetails) -> tuple[str, str | None]:
    if len(at) >= 2 and at[-2] == "env":
        return "must be a single value", _ENV_HINT
    words = _WORDS.get(detail["type"])
    if words is not None:
        message = words(detail.get("ctx", {}))
        hint = _advice(at, detail["type"])
        if (
            hint is None
            and detail["type"] == "string_type"
            and not isinstance(detail["input"], dict | list)
        ):
            hint = f'put it in quotes: "{detail["input"]}"' if detail["input"] is not None else None
        return message, hint
    message = detail["msg"].removeprefix("Value error, ")
    message, _, hint = message.partition(": ")
    return message[:1].lower() + message[1:], hint or None
