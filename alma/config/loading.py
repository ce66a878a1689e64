"""From the configuration files to catalogue, templates, prices and capacity: merged, checked, kept while the process
lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from alma.config.parsed import parsed
from alma.core.economics.availability import AvailabilityModel
from alma.core.economics.capacity import CapacityModel
from alma.core.economics.pricebook import PriceBook
from alma.core.economics.workload_model import WorkloadModel
from alma.core.migration.platforms import PlatformMap
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.document import diagnose, parse_blueprint, read_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.faults import Fault, faults_of
from alma.core.model.software import Catalogue, Software
from alma.core.model.template import Template
from alma.core.policy.lifecycle import Lifecycle

Entries = dict[str, dict[str, Any]]

_Read = TypeVar("_Read", bound=BaseModel)

_HINT = "mend the file, or move it away to use what is shipped"


@cache
def load_catalogue(path: Path | None = None, *, kept: Path | None = None) -> Catalogue:
    """The software catalogue: what is shipped, changed by `path/software.d/*.yaml`. Raises InvalidInput that names
    file, entry and field of every mistake in the first faulty entry. Read once for each path; `kept` is a folder for
    what makes the next process read it sooner."""
    software: Entries = {}
    defaults: dict[str, Any] = {}
    made: dict[str, Software] = {}
    for source, document in _documents("software", path, kept):
        _known_keys(document, {"software", "defaults"}, source)
        changed = _mapping(document, "software", source)
        for id_, entry in changed.items():
            software[id_] = {**software.get(id_, {}), **_entry(entry, id_, source)}
        made |= {id_: _software(software[id_], id_, source) for id_ in changed}
        defaults |= _mapping(document, "defaults", source)
        _check_defaults(defaults, made, source)
        _check_words(made, source)
    return Catalogue(
        software=made, defaults={ResourceType(kind): id_ for kind, id_ in defaults.items()}
    )


@cache
def load_templates(path: Path | None = None, *, kept: Path | None = None) -> Mapping[str, Template]:
    """The blueprint templates by id, in the order of the files: what is shipped, then `path/blueprints.d/*.yaml`.
    Raises InvalidInput like `load_catalogue`; a template's blueprint has to be valid with its defaults."""
    made: dict[str, Template] = {}
    for source, document in _documents("blueprints", path, kept):
        _known_keys(document, {"templates"}, source)
        for id_, entry in _mapping(document, "templates", source).items():
            made[id_] = _template(_entry(entry, id_, source), id_, source)
    return made


@cache
def load_prices(path: Path | None = None, *, kept: Path | None = None) -> PriceBook:
    """The price book of machines of one's own: what is shipped, changed by `path/prices/onprem.yaml`, in which people
    enter their hosts. Raises InvalidInput that names file and field of every mistake."""
    return _sections("prices/onprem", PriceBook, path, kept)


@cache
def load_capacity(path: Path | None = None, *, kept: Path | None = None) -> CapacityModel:
    """What a request costs a server, and what is assumed of traffic: what is shipped, changed by `path/capacity.yaml`.
    Raises InvalidInput like `load_prices`."""
    return _sections("capacity", CapacityModel, path, kept)


@cache
def load_lifecycle(path: Path | None = None, *, kept: Path | None = None) -> Lifecycle:
    """Until when versions are maintained: what is shipped, changed by `path/lifecycle.yaml`, product by product. Raises
    InvalidInput like `load_prices`."""
    return _sections("lifecycle", Lifecycle, path, kept)


@cache
def load_migration(path: Path | None = None, *, kept: Path | None = None) -> PlatformMap:
    """What stands for what on other platforms: what is shipped, changed by `path/migration.yaml`. Raises InvalidInput
    like `load_prices`."""
    return _sections("migration", PlatformMap, path, kept)


@cache
def load_availability(path: Path | None = None, *, kept: Path | None = None) -> AvailabilityModel:
    """How often parts fail and how long they are away then: what is shipped, changed by `path/availability.yaml`.
    Raises InvalidInput like `load_prices`."""
    return _sections("availability", AvailabilityModel, path, kept)


@cache
def load_workloads(path: Path | None = None, *, kept: Path | None = None) -> WorkloadModel:
    """What kinds of work need: what is shipped, changed by `path/workloads.yaml`. Raises InvalidInput like
    `load_prices`."""
    return _sections("workloads", WorkloadModel, path, kept)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _documents(
    name: str, folder: Path | None, kept: Path | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every file with its name for messages, what is shipped first."""
    shipped = files("alma.config").joinpath(f"{name}.yaml").read_bytes()
    yield read_file(f"{name}.yaml", partial(parsed, name, shipped, kept))
    for file in sorted((folder / f"{name}.d").glob("*.yaml")) if folder else ():
        yield read_file(str(file), partial(read_text, content_of(file), format="yaml"))


def _sections(name: str, model: type[_Read], folder: Path | None, kept: Path | None) -> _Read:
    """A shipped file whose sections a file of the same name in somebody's own folder changes, key by key."""
    shipped = files("alma.config").joinpath(f"{name}.yaml").read_bytes()
    source, document = read_file(f"{name}.yaml", partial(parsed, name, shipped, kept))
    merged = dict(document)
    own = folder / f"{name}.yaml" if folder else None
    if own is not None and own.exists():
        source, changed = read_file(str(own), partial(read_text, content_of(own), format="yaml"))
        for key, value in changed.items():
            known = merged.get(key)
            if isinstance(known, Mapping) and isinstance(value, Mapping):
                value = {**known, **value}
            merged[key] = value
    try:
        return model.model_validate(merged)
    except ValidationError as error:
        found = faults_of(error, merged, model=model)
        raise invalid_file(source, [told(fault) for fault in found]) from None


def content_of(file: Path) -> bytes:
    """What stands in a file. Raises InvalidInput where it can't be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"{file} can't be read: {error.strerror}", hint="check its permissions"
        ) from error


def read_file(source: str, reading: Callable[[], Any]) -> tuple[str, Mapping[str, Any]]:
    """A file's name for messages, and its top as a mapping. Raises InvalidInput."""
    try:
        document = reading()
    except BlueprintInvalid as error:
        raise invalid_file(source, [str(item) for item in error.diagnostics]) from None
    if document is None:
        document = {}
    if not isinstance(document, Mapping):
        raise invalid_file(source, ["the file must be a mapping"])
    return source, document


def invalid_file(source: str, problems: list[str]) -> InvalidInput:
    """What is wrong with a file."""
    return InvalidInput(
        f"{source}: {'; '.join(problems)}", hint=_HINT, details={"errors": problems}
    )


def _known_keys(document: Mapping[str, Any], known: set[str], source: str) -> None:
    if unknown := sorted(set(document) - known):
        raise invalid_file(source, [f"unknown key '{key}'" for key in unknown])


def _mapping(document: Mapping[str, Any], key: str, source: str) -> Mapping[str, Any]:
    found = document.get(key) or {}
    if not isinstance(found, Mapping):
        raise invalid_file(source, [f"{key}: must be a mapping"])
    return found


def _entry(entry: object, id_: str, source: str) -> dict[str, Any]:
    if not isinstance(entry, Mapping):
        raise invalid_file(source, [f"{id_}: must be a mapping"])
    return dict(entry)


# ── software ─────────────────────────────────────────────────────────────────────────────────────


def _software(entry: dict[str, Any], id_: str, source: str) -> Software:
    try:
        return Software.model_validate({**entry, "id": id_})
    except ValidationError as error:
        raise invalid_file(source, _problems(error, entry, id_, Software)) from None


def _problems(
    error: ValidationError, entry: Mapping[str, Any], id_: str, model: type[Software | Template]
) -> list[str]:
    return [f"{id_}.{told(fault)}" for fault in faults_of(error, entry, model=model)]


def told(fault: Fault) -> str:
    """A fault in words, with what to do about it."""
    hint = f" ({fault.diagnostic.hint})" if fault.diagnostic.hint else ""
    return f"{fault.diagnostic}{hint}"


def _check_defaults(defaults: Mapping[str, Any], made: Mapping[str, Software], source: str) -> None:
    problems = []
    for kind, id_ in defaults.items():
        if kind not in set(ResourceType):
            problems.append(f"defaults.{kind}: unknown type")
        elif str(id_) not in made or ResourceType(kind) not in made[str(id_)].types:
            problems.append(f"defaults.{kind}: '{id_}' is no software for a {kind}")
    if problems:
        raise invalid_file(source, problems)


def _check_words(made: Mapping[str, Software], source: str) -> None:
    """An id or alias means one entry, whatever its case."""
    owners: dict[str, str] = {}
    for id_, entry in made.items():
        for word in (id_, *entry.aliases):
            if word != word.casefold():
                raise invalid_file(source, [f"{id_}: '{word}' must be in lower case"])
            if (owner := owners.setdefault(word, id_)) != id_:
                raise invalid_file(source, [f"{id_}: '{word}' already means {owner}"])


# ── templates ────────────────────────────────────────────────────────────────────────────────────


def _template(entry: dict[str, Any], id_: str, source: str) -> Template:
    blueprint = _blueprint(entry.get("blueprint"), id_, source)
    try:
        return Template.model_validate({**entry, "id": id_, "blueprint": blueprint})
    except ValidationError as error:
        raise invalid_file(source, _problems(error, entry, id_, Template)) from None


def _blueprint(data: object, id_: str, source: str) -> Blueprint:
    try:
        blueprint = parse_blueprint(data)
    except BlueprintInvalid as error:
        raise invalid_file(
            source, [f"{id_}.blueprint.{item}" for item in error.diagnostics]
        ) from None
    if warnings := diagnose(blueprint):
        raise invalid_file(source, [f"{id_}.blueprint.{item}" for item in warnings])
    return blueprint
