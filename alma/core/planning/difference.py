"""What is different between two blueprints, resource by resource and field by field, without saying what is private.

Pure: a tool, a conversation and a review say the same of the same two documents. What something was called before makes
no difference anywhere: what refers to it is compared by its name now.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.planning.matching import equal, fields_of, flat, renamed_between

# People put secrets into variables, commands, and whatever an engine's options are called.
_SECRETIVE = re.compile(
    r"pass(word|wd|phrase)?|secret|token|credential|private.?key|api.?key", re.IGNORECASE
)
_FREE_FORM = ("options.", "metadata.", "labels.")
_WITH_PASSWORD = re.compile(r"://[^/\s@:]*:[^/\s@]+@")


class FieldDifference(Frozen):
    """One field before and after; null is not set. Of a `private` one both values are null: that it was set, changed or
    taken out is told, and not what it is."""

    path: str
    before: Json = None
    after: Json = None
    private: bool = False
    action: str = Field(description="added, removed or changed.")


class ResourceDifference(Frozen):
    """One resource on both sides. `before` is another name than `name` where it was renamed."""

    name: str
    before: str
    type: ResourceType
    fields: tuple[FieldDifference, ...] = ()

    @property
    def renamed(self) -> bool:
        """Whether it has another name now."""
        return self.name != self.before


class BlueprintDifference(Frozen):
    """The way from one blueprint to another. `resources` are those on both sides that differ or were renamed, in the
    order of the second; `own` are the blueprint's own fields."""

    added: tuple[Resource, ...] = ()
    removed: tuple[Resource, ...] = ()
    resources: tuple[ResourceDifference, ...] = ()
    own: tuple[FieldDifference, ...] = ()
    same: int = Field(default=0, description="Resources without any difference.")

    @property
    def identical(self) -> bool:
        """Whether both ask for the same, under the same names."""
        return not (self.added or self.removed or self.resources or self.own)

    @property
    def renames(self) -> Mapping[str, str]:
        """The old and new names of what was renamed."""
        return {item.before: item.name for item in self.resources if item.renamed}

    @property
    def changed(self) -> tuple[ResourceDifference, ...]:
        """Those of which more than the name differs."""
        return tuple(item for item in self.resources if item.fields)


def compare(before: Blueprint, after: Blueprint) -> BlueprintDifference:
    """From `before` to `after`. Names and descriptions of the documents make no difference."""
    renames = renamed_between(before, after)
    origin = {new: old for old, new in renames.items()}
    old = {item.name: item for item in before.resources}
    kept: list[ResourceDifference] = []
    same = 0
    for item in after.resources:
        earlier = old.get(origin.get(item.name, item.name))
        if earlier is None:
            continue
        found = _between(earlier, item, renames)
        if found.fields or found.renamed:
            kept.append(found)
        else:
            same += 1
    names = {item.name for item in after.resources}
    return BlueprintDifference(
        added=tuple(r for r in after.resources if r.name not in old and r.name not in origin),
        removed=tuple(r for r in before.resources if r.name not in names and r.name not in renames),
        resources=tuple(kept),
        own=tuple(_fields(_own(before), _own(after))),
        same=same,
    )


def is_private(path: str, *values: Any) -> bool:
    """Whether what a field holds is never told. A reference to a secret is no secret."""
    if path.endswith(".secret") and path.startswith("env."):
        return False
    if path == "command" or path.startswith("env."):
        return True
    if path.startswith(_FREE_FORM) and _SECRETIVE.search(path):
        return True
    return any(_WITH_PASSWORD.search(str(value)) for value in values if value is not None)


def _between(earlier: Resource, now: Resource, renames: Mapping[str, str]) -> ResourceDifference:
    # Most resources of most pairs are the same value: then nothing is taken apart.
    alike = not renames and earlier == now
    return ResourceDifference(
        name=now.name,
        before=earlier.name,
        type=now.type,
        fields=() if alike else tuple(_fields(fields_of(earlier, renames), fields_of(now, {}))),
    )


def _own(blueprint: Blueprint) -> dict[str, Any]:
    left_out = {"resources", "name", "description"}
    return dict(flat({k: v for k, v in blueprint.dump().items() if k not in left_out}))


def _fields(left: Mapping[str, Any], right: Mapping[str, Any]) -> Iterator[FieldDifference]:
    for path in sorted(left.keys() | right.keys()):
        was, now = left.get(path), right.get(path)
        if equal(path, was, now):
            continue
        private = is_private(path, was, now)
        yield FieldDifference(
            path=path,
            before=None if private else was,
            after=None if private else now,
            private=private,
            action="added" if was is None else "removed" if now is None else "changed",
        )
