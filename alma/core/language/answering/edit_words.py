"""Edits in words: what is done when somebody agrees to an offer, so that a yes is never answered with a riddle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.vocabulary.defaults import TITLES, title
from alma.core.model.base import Json
from alma.core.model.conversation import (
    AddResource,
    Edit,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)


def in_words(edits: Sequence[Edit]) -> tuple[str, ...]:
    """Each thing that the edits do; of a field that is set more than once, how it is at the end."""
    told: dict[str, str] = {}
    for edit in edits:
        told |= _told(edit)
    return tuple(told.values())


def _told(edit: Edit) -> Mapping[str, str]:
    match edit:
        case AddResource():
            added = edit.resource
            return {added.name: f"{added.count} {TITLES[added.type]} ({added.name})"}
        case RemoveResource():
            return {f"remove {edit.name}": f"remove {edit.name}"}
        case RenameResource():
            return {f"rename {edit.name}": f"{edit.name} is called {edit.to}"}
        case SetField():
            return {
                f"{edit.name}.{edit.path}": f"{title(edit.path)} of {edit.name}{_to(edit.value)}"
            }
        case UseTemplate():
            return {"template": f"the template {edit.template}"}
        case SetBlueprint():
            return _of_whole(edit)


def _of_whole(edit: SetBlueprint) -> Mapping[str, str]:
    limits = edit.constraints
    told: dict[str, str] = {}
    if limits is not None and limits.max_monthly_cost is not None:
        told["limit"] = f"at most {limits.max_monthly_cost:g} a month"
    if limits is not None and limits.region is not None:
        told["region"] = f"region {limits.region}"
    return told


def _to(value: Json) -> str:
    """A value that is long in words is left to the draft."""
    if value is None:
        return " back to what is usual"
    return f" to {value}" if isinstance(value, str | int | float) else ""
