"""What is different between two blueprints, in words; `core/planning/difference` says what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.language.vocabulary.defaults import TITLES, title
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.planning.difference import FieldDifference, compare, is_private
from alma.core.planning.matching import flat

__all__ = ["Difference", "called", "difference", "flat", "shown", "value"]

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
    """From `before` to `after`, as `core/planning/difference` computes it, in words."""
    found = compare(before, after)
    return Difference(
        added=tuple(f"{item.name} ({_what(item)})" for item in found.added),
        removed=tuple(f"{item.name} ({_what(item)})" for item in found.removed),
        renamed=tuple(found.renames.items()),
        changed=(
            *(f"{item.name}: {', '.join(map(_step, item.fields))}" for item in found.changed),
            *(_own(item) for item in found.own),
        ),
    )


def called(path: str) -> str:
    """A resource's field as people call it."""
    if path.startswith("env."):
        return path.removeprefix("env.").removesuffix(".secret")
    return _TITLES.get(path) or title(path)


def shown(path: str, found: Any) -> str:
    """A field's value as it may be told."""
    return "set" if is_private(path, found) else value(found)


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


def _step(moved: FieldDifference) -> str:
    name = called(moved.path)
    if moved.private:
        words = {"added": "set", "removed": "taken out"}
        return f"{name} {words.get(moved.action, 'changed')}"
    return f"{name} {value(moved.before)} → {value(moved.after)}"


def _own(moved: FieldDifference) -> str:
    if moved.private:
        return _step(moved)
    name = _TITLES_OF_ALL.get(moved.path) or called(moved.path)
    return f"{name} {value(moved.before)} → {value(moved.after)}"


def _what(item: Resource) -> str:
    times = f"{item.count} × " if item.count > 1 else ""
    return f"{times}{item.engine or TITLES[item.type]}"
