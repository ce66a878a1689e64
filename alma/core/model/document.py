"""Reading and writing blueprints: from text or plain values to a checked Blueprint, and back to what people write.

All mistakes are found in one go. A document is read in three steps, each as far as the one before allows: text to plain
values (`plain`, `yaml_reader`), values to the model field by field, and the model as a whole (`checks`). When some
resources have faulty fields, the last step still runs over what is left of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError

from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.checks import check_resources, diagnose
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import BlueprintInvalid, DocumentTooLarge
from alma.core.model.faults import Fault, faults_of
from alma.core.model.plain import (
    MAX_BYTES,
    Location,
    Position,
    check_values,
    dotted,
    json_positions,
    read_json,
    unreadable,
)
from alma.core.model.yaml_writer import write_yaml

__all__ = [
    "MAX_BYTES",
    "SERVER_FIELDS",
    "blueprint_schema",
    "diagnose",
    "dump_yaml",
    "parse_blueprint",
    "parse_text",
    "read_text",
    "read_texts",
]

Format = Literal["auto", "yaml", "json"]

SCHEMA_ID = "urn:alma:schema:blueprint:1.0"
SERVER_FIELDS = frozenset(
    {
        "$schema",
        "id",
        "revision",
        "created_at",
        "updated_at",
        "created_by",
        "digest",
        "origins",
        "warnings",
        "links",
    }
)
"""What the server's answers have beside the blueprint: accepted and dropped, so that an export can be sent back."""


def parse_blueprint(data: object) -> Blueprint:
    """The blueprint that plain values describe. Raises BlueprintInvalid with every error in the document; warnings are
    `diagnose`'s business. What the server adds to its answers (`SERVER_FIELDS`) is dropped."""
    check_values(data)
    if not isinstance(data, Mapping):
        hint = "begin with name: and resources:"
        found = "empty" if data is None else f"a {_kind(data)}"
        raise unreadable("not_a_blueprint", f"a blueprint is a mapping, this is {found}", hint=hint)
    body = {key: value for key, value in data.items() if key not in SERVER_FIELDS}
    try:
        blueprint = Blueprint.model_validate(body)
    except ValidationError as error:
        raise BlueprintInvalid(_all_faults(error, body)) from None
    errors = [item for item in diagnose(blueprint) if item.severity is Severity.ERROR]
    if errors:
        raise BlueprintInvalid(errors)
    return blueprint


def parse_text(
    text: str | bytes, *, format: Format = "auto", max_bytes: int = MAX_BYTES
) -> Blueprint:
    """The blueprint in a YAML or JSON text. As `parse_blueprint`, with line and column in every diagnostic. Raises
    DocumentTooLarge beyond `max_bytes` of UTF-8."""
    decoded = _decode(text, max_bytes)
    noted: dict[Location, Position] = {}
    data, as_json = _values(decoded, format, noted)
    try:
        return parse_blueprint(data)
    except BlueprintInvalid as error:
        places = json_positions(decoded) if as_json else noted
        positions = {dotted(at): place for at, place in places.items()}
        raise BlueprintInvalid(
            [_placed(item, positions) for item in error.diagnostics], hint=error.hint
        ) from None


def read_text(text: str | bytes, *, format: Format = "auto", max_bytes: int = MAX_BYTES) -> Any:
    """The plain values of a YAML 1.2 or JSON text, whatever they mean. `auto` takes what begins with a bracket for
    JSON, and for YAML if it is none. Raises BlueprintInvalid (syntax, with line and column) or DocumentTooLarge."""
    return _values(_decode(text, max_bytes), format)[0]


def read_texts(
    text: str | bytes, *, format: Format = "auto", max_bytes: int = MAX_BYTES
) -> list[Any]:
    """The plain values of every document of a text: several of YAML, one of JSON. Raises like `read_text`."""
    decoded = _decode(text, max_bytes)
    if format == "json" or (format == "auto" and _looks_like_json(decoded)):
        return [_values(decoded, format)[0]]
    from alma.core.model.yaml_reader import read_yaml_documents

    return read_yaml_documents(decoded)


def dump_yaml(blueprint: Blueprint) -> str:
    """The blueprint as the YAML a person would write: nothing unset, amounts as they were written, names first."""
    return write_yaml({"version": blueprint.version, **blueprint.dump()})


def blueprint_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `parse_blueprint` takes, for editors. Cross-checks go beyond it."""
    schema = Blueprint.model_json_schema(mode="validation")
    properties = {
        "$schema": {"type": "string", "description": "Where an editor finds this schema."},
        **schema.pop("properties"),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "ALMA blueprint",
        "description": schema.pop("description", ""),
        **{key: value for key, value in schema.items() if key != "title"},
        "properties": properties,
    }


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


def _decode(text: str | bytes, max_bytes: int) -> str:
    if len(text) > max_bytes or (isinstance(text, str) and _bytes_of(text) > max_bytes):
        limit = f"{max_bytes / 1_000_000:g} MB"
        raise DocumentTooLarge(
            f"the document is larger than {limit}", hint="split it into several blueprints"
        )
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = text[: error.start]
        at = (before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))
        hint = "save the file as UTF-8"
        raise unreadable("not_utf8", "the document is not UTF-8 text", hint=hint, at=at) from None


def _bytes_of(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _looks_like_json(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "["}


def _yaml(text: str, positions: dict[Location, Position] | None = None) -> Any:
    # Imported here: most of what the server and the CLI read is JSON, and the library takes a while to load.
    from alma.core.model.yaml_reader import read_yaml

    return read_yaml(text, positions=positions)


def _values(
    text: str, format: Format, positions: dict[Location, Position] | None = None
) -> tuple[Any, bool]:
    """The plain values, and whether they were JSON. Of YAML, `positions` are noted on the way: it is too slow to be
    read twice; of JSON, they are found afterwards, if they are needed."""
    if format == "json":
        return read_json(text), True
    if format == "yaml" or not _looks_like_json(text):
        return _yaml(text, positions), False
    try:
        return read_json(text), True
    except BlueprintInvalid as error:
        if error.diagnostics[0].code != "json_syntax":
            raise
        try:
            return _yaml(text, positions), False
        except BlueprintInvalid:
            raise error from None


def _placed(item: Diagnostic, positions: Mapping[str, Position]) -> Diagnostic:
    """The diagnostic with the place of its path, or of the nearest part of it that was written."""
    path = item.path
    while path and path not in positions:
        path = path.rpartition(".")[0]
    line, column = positions.get(path, (1, 1))
    return item.model_copy(update={"line": line, "column": column})


# ── values ───────────────────────────────────────────────────────────────────────────────────────


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "text"
    return "list" if isinstance(value, list | tuple) else "single value"


def _all_faults(error: ValidationError, body: Mapping[str, Any]) -> list[Diagnostic]:
    faults = faults_of(error, body)
    resources = body.get("resources")
    entries = resources if isinstance(resources, list | tuple) else ()
    readable, unread = _salvage(entries, faults)
    crossed = check_resources(readable, unread=unread)
    found = [fault.diagnostic for fault in faults]
    known = {item.path for item in found}
    found += [d for d in crossed if d.severity is Severity.ERROR and d.path not in known]
    return sorted(found, key=_place_in_document)


def _place_in_document(item: Diagnostic) -> tuple[int, int]:
    parts = item.path.split(".", 2)
    if parts[0] != "resources":
        return (0, 0)
    return (1, int(parts[1])) if len(parts) > 1 and parts[1].isdigit() else (1, -1)


def _salvage(
    entries: list[Any] | tuple[Any, ...], faults: list[Fault]
) -> tuple[list[tuple[int, Resource]], list[str]]:
    """What can still be read of the resources: those without their faulty fields; and the names of those that can't."""
    spoilt: dict[int, set[str | int]] = {}
    for fault in faults:
        match fault.location:
            case ("resources", int(index), *rest):
                spoilt.setdefault(index, set()).update(rest[:1] or {"name"})
            case _:
                pass
    readable: list[tuple[int, Resource]] = []
    unread: list[str] = []
    for index, entry in enumerate(entries):
        resource = _read_resource(entry, spoilt.get(index, set()))
        if resource is not None:
            readable.append((index, resource))
        elif isinstance(entry, Mapping) and isinstance(entry.get("name"), str):
            unread.append(entry["name"])
    return readable, unread


def _read_resource(entry: Any, spoilt: set[str | int]) -> Resource | None:
    if not isinstance(entry, Mapping):
        return None
    try:
        return Resource.model_validate({k: v for k, v in entry.items() if k not in spoilt})
    except ValidationError:
        return None
