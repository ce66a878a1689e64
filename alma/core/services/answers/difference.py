"""What is different between two blueprints, resource by resource and field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alma.core.language.vocabulary.defaults import TITLES, title
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Resource

_NOT_SAID = {"name", "description"}
_EMPTY: tuple[Any, ...] = (None, "", [], {}, ())
_TITLES_OF_ALL = {
    "constraints.max_monthly_cost": "cost limit",
    "constraints.region": "region",
    "engine": "where it lands",
}
_TITLES = {
    "backup.enabled": "backups",
    "backup.schedule": "backup schedule",
    "backup.retention_days": "days backups are kept",
}


class Difference(Frozen):
    """The way from one blueprint to another. `changed` has a line for each resource, and one for each of the
    blueprint's own fields."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """Each difference as half a sentence; none if there is none."""
        return (
            *(f"{name} is new" for name in self.added),
            *(f"{name} is gone" for name in self.removed),
            *(f"{old} is called {new} now" for old, new in self.renamed),
            *self.changed,
        )


def difference(before: Blueprint, after: Blueprint) -> Difference:
    """From `before` to `after`. A resource that is the same but for its name was renamed."""
    old = {item.name: item for item in before.resources}
    new = {item.name: item for item in after.resources}
    renamed = dict(_renamed(old, new))
    gone = [item for name, item in old.items() if name not in new and name not in renamed]
    came = [item for name, item in new.items() if name not in old and name not in renamed.values()]
    both = [name for name in new if name in old]
    changed = [line for name in both if (line := _fields(old[name], new[name]))]
    return Difference(
        added=tuple(f"{item.name} ({_what(item)})" for item in came),
        removed=tuple(f"{item.name} ({_what(item)})" for item in gone),
        renamed=tuple(renamed.items()),
        changed=(*changed, *_top(before, after)),
    )


def flat(document: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The dotted paths of a plain document's values, and the values; a list is one value."""
    if isinstance(document, Mapping) and document:
        for key, inner in document.items():
            yield from flat(inner, f"{prefix}.{key}" if prefix else str(key))
    elif prefix and document not in _EMPTY:
        yield prefix, document


def called(path: str) -> str:
    """A resource's field as people call it."""
    if path.startswith("env."):
        return path.removeprefix("env.").removesuffix(".secret")
    return _TITLES.get(path) or title(path)


def is_private(path: str) -> bool:
    """Whether a value is never told: people put secrets into variables and commands."""
    return path == "command" or (path.startswith("env.") and not path.endswith(".secret"))


def shown(path: str, found: Any) -> str:
    """A field's value as it may be told."""
    return "set" if is_private(path) else value(found)


def value(found: Any) -> str:
    """A field's value as people write it."""
    match found:
        case None:
            return "not set"
        case bool():
            return "yes" if found else "no"
        case float() if found == int(found):
            return str(int(found))
        case list() | tuple():
            return ", ".join(value(item) for item in found)
        case Mapping():
            return " ".join(f"{key} {value(item)}" for key, item in found.items())
        case _:
            return str(found)


def _renamed(old: Mapping[str, Resource], new: Mapping[str, Resource]) -> Iterator[tuple[str, str]]:
    free: dict[str, list[str]] = {}
    for name, item in new.items():
        if name not in old:
            free.setdefault(_nameless(item), []).append(name)
    for name, item in old.items():
        same = free.get(_nameless(item)) if name not in new else None
        if same:
            yield name, same.pop(0)


def _nameless(item: Resource) -> str:
    return item.model_copy(update={"name": ""}).model_dump_json()


def _fields(before: Resource, after: Resource) -> str:
    moved = _moved(before.model_dump(mode="json"), after.model_dump(mode="json"))
    told = [_step(path, was, now) for path, was, now in moved]
    return f"{after.name}: {', '.join(told)}" if told else ""


def _step(path: str, was: Any, now: Any) -> str:
    if is_private(path):
        return (
            f"{called(path)} {'set' if was is None else 'taken out' if now is None else 'changed'}"
        )
    return f"{called(path)} {value(was)} → {value(now)}"


def _top(before: Blueprint, after: Blueprint) -> Iterator[str]:
    left, right = (
        {key: item for key, item in blueprint.dump().items() if key != "resources"}
        for blueprint in (before, after)
    )
    for path, was, now in _moved(left, right):
        yield f"{_TITLES_OF_ALL.get(path) or called(path)} {value(was)} → {value(now)}"


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[tuple[str, Any, Any]]:
    """The paths that differ, with both values. What is unset and what has its default are the same, for a document
    is filled in alike on both sides."""
    left, right = dict(flat(before)), dict(flat(after))
    return [
        (path, left.get(path), right.get(path))
        for path in sorted(left.keys() | right.keys())
        if left.get(path) != right.get(path) and path not in _NOT_SAID
    ]


def _what(item: Resource) -> str:
    times = f"{item.count} × " if item.count > 1 else ""
    return f"{times}{item.engine or TITLES[item.type]}"
