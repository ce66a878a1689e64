"""Typed edits applied to a blueprint, the same way whether words or a model proposed them.

Every edit goes through the models' validation, so that nothing a blueprint could not say by hand can be said in words;
and every value that is written remembers where it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, assert_never

from pydantic import ValidationError

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint, Origin, Resource, SecretRef, dump_plain
from alma.core.model.conversation import (
    AddResource,
    Edit,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.faults import faults_of

Origins = Mapping[str, Origin]
Templates = Callable[[str, Mapping[str, Json]], Blueprint]

DEFAULT_NAME = "infrastructure"
_Model = TypeVar("_Model", bound=Frozen)
_REFERENCES = ("depends_on", "backends")


def no_templates(template: str, parameters: Mapping[str, Json]) -> Blueprint:
    """The `templates` of a caller that has none. Always raises InvalidInput."""
    raise InvalidInput(f"there is no template '{template}' here")


def apply_edits(
    blueprint: Blueprint | None,
    edits: Iterable[Edit],
    *,
    origins: Origins | None = None,
    templates: Templates = no_templates,
) -> tuple[Blueprint, dict[str, Origin]]:
    """The blueprint after the edits, in order, and where each value came from (`resources.<name>.<path>`).

    `templates` gives a template's blueprint, with parameters applied. Nothing is changed in place. Raises
    BlueprintInvalid when a value is not valid where it is put, and InvalidInput when an edit names a resource that is
    not there, adds one that is, or names an unknown template. Checks over the whole document are the caller's business.
    """
    draft = _Draft(blueprint, dict(origins or {}), templates)
    for edit in edits:
        draft.apply(edit)
    return draft.finish()


def flatten(value: Any, prefix: str = "") -> Iterator[str]:
    """The paths of a plain document's values; a list is one value."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from flatten(inner, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix


def _place(path: str) -> str:
    """`resources.web-1` of `resources.web-1.specs.cpu`, `constraints` of `constraints.region`."""
    first, _, rest = path.partition(".")
    return f"{first}.{rest.partition('.')[0]}" if first == "resources" else first


class _Draft:
    def __init__(
        self, blueprint: Blueprint | None, origins: dict[str, Origin], templates: Templates
    ) -> None:
        self.origins = origins
        # The paths that have an origin, by the first part of the resource's name; None while that is not known.
        self._paths: dict[str, set[str]] | None = None
        self.templates = templates
        self.named = blueprint is not None
        self.top: dict[str, Any] = dump_plain(blueprint) if blueprint else {"version": "1.0"}
        self.top.pop("resources", None)
        resources = blueprint.resources if blueprint else ()
        self.resources: dict[str, Resource] = {resource.name: resource for resource in resources}

    def apply(self, edit: Edit) -> None:
        if not isinstance(edit, SetField):
            self._paths = None
        match edit:
            case AddResource():
                self._add(edit)
            case RemoveResource():
                self._remove(edit.name)
            case RenameResource():
                self._rename(edit)
            case SetField():
                self._set(edit)
            case SetBlueprint():
                self._set_blueprint(edit)
            case UseTemplate():
                self._use_template(edit)
            case _:
                assert_never(edit)

    def finish(self) -> tuple[Blueprint, dict[str, Origin]]:
        if "name" not in self.top:
            self.top["name"] = DEFAULT_NAME
            self.origins["name"] = Origin.DEFAULT
        document = {**self.top, "resources": tuple(self.resources.values())}
        return _validated(Blueprint, document, ""), self.origins

    # ── resources ────────────────────────────────────────────────────────────────────────────────────

    def _index(self, name: str) -> int:
        return list(self.resources).index(name)

    def _existing(self, name: str) -> Resource:
        if name not in self.resources:
            known = ", ".join(list(self.resources)[:12]) or "none yet"
            raise InvalidInput(f"there is no resource '{name}'", hint=f"resources: {known}")
        return self.resources[name]

    def _check_free(self, name: str) -> None:
        if name.casefold() in {known.casefold() for known in self.resources}:
            raise InvalidInput(
                f"there is already a resource '{name}'", hint="give the new one another name"
            )

    def _add(self, edit: AddResource) -> None:
        self._check_free(edit.resource.name)
        self.resources[edit.resource.name] = edit.resource
        written = flatten(dump_plain(edit.resource))
        for path in written:
            origin = edit.origins.get(path, Origin.INFERRED)
            self.origins[f"resources.{edit.resource.name}.{path}"] = origin

    def _remove(self, name: str) -> None:
        self._existing(name)
        del self.resources[name]
        self._forget(f"resources.{name}")
        for other in list(self.resources):
            self._refer(other, name, None)

    def _rename(self, edit: RenameResource) -> None:
        resource = self._existing(edit.name)
        if edit.to.casefold() != edit.name.casefold():
            self._check_free(edit.to)
        renamed = _changed(resource, self._index(edit.name), {"name": edit.to})
        self.resources = {
            (edit.to if name == edit.name else name): (renamed if name == edit.name else kept)
            for name, kept in self.resources.items()
        }
        old, new = f"resources.{edit.name}.", f"resources.{edit.to}."
        self.origins = {
            (new + path.removeprefix(old) if path.startswith(old) else path): origin
            for path, origin in self.origins.items()
        }
        self.origins[f"{new}name"] = Origin.WORDS
        for other in list(self.resources):
            self._refer(other, edit.name, edit.to)

    def _refer(self, owner: str, name: str, to: str | None) -> None:
        """Every reference of `owner` to `name` becomes one to `to`, or goes."""
        resource = self.resources[owner]
        if not _mentions(resource, name):
            return
        document = dump_plain(resource)
        _redirect(document, name, to)
        self.resources[owner] = _validated(Resource, document, f"resources.{self._index(owner)}")

    def _set(self, edit: SetField) -> None:
        resource = self._existing(edit.name)
        path = _one_disk(resource, edit.path)
        self.resources[edit.name] = _changed(resource, self._index(edit.name), {path: edit.value})
        key = f"resources.{edit.name}.{path}"
        self._forget(key)
        if edit.value is not None:
            for inner in flatten(edit.value, key):
                self.origins[inner] = edit.origin
                self._paths_at(key).add(inner)

    def _forget(self, key: str) -> None:
        known = self._paths_at(key)
        for path in [path for path in known if path == key or path.startswith(f"{key}.")]:
            del self.origins[path]
            known.discard(path)

    def _paths_at(self, key: str) -> set[str]:
        """The paths with an origin among which a path is. Ten thousand values may be set at once: they are looked for
        once."""
        if self._paths is None:
            self._paths = {}
            for path in self.origins:
                self._paths.setdefault(_place(path), set()).add(path)
        return self._paths.setdefault(_place(key), set())

    # ── the blueprint itself ─────────────────────────────────────────────────────────────────────────

    def _set_blueprint(self, edit: SetBlueprint) -> None:
        for path in edit.cleared:
            self._clear(path)
        for field in ("name", "description", "engine"):
            value = getattr(edit, field)
            if value is not None:
                self.top[field] = value
                self.origins[field] = edit.origin
        if edit.constraints is not None:
            self._merge("constraints", dump_plain(edit.constraints), edit.origin)
        self._merge("metadata", dict(edit.metadata), edit.origin)

    def _clear(self, path: str) -> None:
        """Takes a field of the blueprint away; one that is not there is as it should be."""
        field, _, key = path.partition(".")
        if not key:
            self.top.pop(field, None)
        elif key in self.top.get(field, {}):
            left = {name: value for name, value in self.top[field].items() if name != key}
            self.top[field] = left
            if not left:
                del self.top[field]
        self._forget(path)

    def _merge(self, field: str, values: Mapping[str, Any], origin: Origin) -> None:
        if not values:
            return
        self.top[field] = {**self.top.get(field, {}), **values}
        for key in values:
            self.origins[f"{field}.{key}"] = origin

    def _use_template(self, edit: UseTemplate) -> None:
        source = dump_plain(self.templates(edit.template, edit.parameters))
        resources = [Resource.model_validate(resource) for resource in source.pop("resources", ())]
        clashes = {
            r.name
            for r in resources
            if any(r.name.casefold() == known.casefold() for known in self.resources)
        }
        other = _Draft(None, {}, self.templates)
        for resource in resources:
            other.apply(AddResource(resource=resource, origins=_all(resource, Origin.TEMPLATE)))
        for name in sorted(clashes):
            to = _free(name, {*self.resources, *other.resources})
            other.apply(RenameResource(name=name, to=to))
        for name, resource in other.resources.items():
            self.resources[name] = resource
        self.origins |= dict.fromkeys(other.origins, Origin.TEMPLATE)
        for field, value in source.items():
            self._adopt(field, value)

    def _adopt(self, field: str, value: Any) -> None:
        """A template's own field, where the blueprint has none yet."""
        if isinstance(value, Mapping):
            kept = self.top.get(field, {})
            self._merge(
                field,
                {key: inner for key, inner in value.items() if key not in kept},
                Origin.TEMPLATE,
            )
        elif field not in self.top or field == "version":
            self.top[field] = value
            self.origins[field] = Origin.TEMPLATE


def _mentions(resource: Resource, name: str) -> bool:
    references = {*resource.depends_on, *resource.backends, *resource.network.attach}
    references |= {mount.volume for mount in resource.mounts}
    references |= {end for rule in resource.rules for end in (rule.source, rule.target)}
    secrets = [value.secret for value in resource.env.values() if isinstance(value, SecretRef)]
    secret = any(secret.startswith(f"{name}.") for secret in secrets)
    return name in references or secret or resource.metadata.get("replica_of") == name


def _all(resource: Resource, origin: Origin) -> dict[str, Origin]:
    return dict.fromkeys(flatten(dump_plain(resource)), origin)


def _free(name: str, taken: Iterable[str]) -> str:
    used = {known.casefold() for known in taken}
    number = 2
    while f"{name}-{number}".casefold() in used:
        number += 1
    return f"{name}-{number}"


def _replaced(names: Iterable[str], name: str, to: str | None) -> list[str]:
    return [to if known == name else known for known in names if known != name or to]  # type: ignore[misc]


def _redirect(document: dict[str, Any], name: str, to: str | None) -> None:
    """Every reference of a resource's document to `name` becomes one to `to`, or goes."""
    for field in _REFERENCES:
        if field in document:
            document[field] = _replaced(document[field], name, to)
    if "attach" in document.get("network", {}):
        document["network"]["attach"] = _replaced(document["network"]["attach"], name, to)
    mounts = [mount for mount in document.get("mounts", ()) if to or mount["volume"] != name]
    if mounts or "mounts" in document:
        document["mounts"] = [m | {"volume": to} if m["volume"] == name else m for m in mounts]
    if "env" in document:
        values = {key: _secret(value, name, to) for key, value in document["env"].items()}
        document["env"] = {key: value for key, value in values.items() if value is not None}
    _redirect_rules(document, name, to)
    if document.get("metadata", {}).get("replica_of") == name:
        document["metadata"]["replica_of"] = to


def _redirect_rules(document: dict[str, Any], name: str, to: str | None) -> None:
    if "rules" not in document:
        return
    ends = ("source", "target")
    rules = [
        rule for rule in document["rules"] if to or name not in {rule.get(end) for end in ends}
    ]
    document["rules"] = [
        rule | {end: to for end in ends if rule.get(end) == name} if to else rule for rule in rules
    ]


def _secret(value: Any, name: str, to: str | None) -> Any:
    """A secret of another resource follows its name: `db-1.password`."""
    if not isinstance(value, Mapping) or not str(value.get("secret", "")).startswith(f"{name}."):
        return value
    return {"secret": to + str(value["secret"]).removeprefix(name)} if to else None


def _one_disk(resource: Resource, path: str) -> str:
    """`disk` and `storage` are one property: the name in use stays in use."""
    other = {"specs.disk": "specs.storage", "specs.storage": "specs.disk"}.get(path)
    if other is None:
        return path
    return other if getattr(resource.specs, other.partition(".")[2]) is not None else path


def _changed(resource: Resource, index: int, values: Mapping[str, Json]) -> Resource:
    document = dump_plain(resource)
    for path, value in values.items():
        _put(document, path.split("."), value)
    return _validated(Resource, document, f"resources.{index}")


def _put(document: dict[str, Any], path: list[str], value: Json) -> None:
    head, rest = path[0], path[1:]
    if rest:
        inner = document.setdefault(head, {})
        if not isinstance(inner, dict):
            raise InvalidInput(f"'{head}' holds no fields", hint="set the whole value instead")
        _put(inner, rest, value)
        if not inner:
            del document[head]
    elif value is None:
        document.pop(head, None)
    else:
        document[head] = value


def _validated(model: type[_Model], document: Any, prefix: str) -> _Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = [fault.diagnostic for fault in faults_of(error, document, model=model)]
        raise BlueprintInvalid([_placed(item, prefix) for item in found]) from error


def _placed(item: Diagnostic, prefix: str) -> Diagnostic:
    path = f"{prefix}.{item.path}" if prefix and item.path else prefix or item.path
    return item.model_copy(update={"path": path})
