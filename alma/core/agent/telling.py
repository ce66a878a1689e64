"""A model's edits in plain words: what was done, and what is asked about before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from alma.core.agent.proposal import FIELDS
from alma.core.language.vocabulary.defaults import listed
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

_SHOWN = 4
_NAMES = {path: name.replace("_", " ") for name, path in FIELDS.items()}

AGAIN = (
    "Some of this was understood by the language model only, so nothing is deployed yet. "
    "Look at the draft, and if it is what you want, order its deployment once more."
)


def told(edit: Edit) -> str:
    """One edit, as the object of a sentence."""
    match edit:
        case AddResource(resource=resource):
            running = f" running {resource.engine}" if resource.engine else ""
            many = f"{resource.count} of " if resource.count > 1 else ""
            return f"{many}{resource.name} ({resource.type.replace('_', ' ')}{running})"
        case RemoveResource():
            return f"without {edit.name}"
        case RenameResource():
            return f"{edit.name} is called {edit.to}"
        case SetField():
            return f"{edit.name} with {_NAMES.get(edit.path, edit.path)} {_value(edit.value)}"
        case SetBlueprint():
            return _blueprint(edit)
        case UseTemplate():
            return f"everything of the template {edit.template}"
        case _:
            assert_never(edit)


def offering(edits: Sequence[Edit]) -> str:
    """The question whether to do what the person has not asked for."""
    what = listed([told(edit) for edit in edits], shown=_SHOWN)
    return f"The language model also proposes {what}. You did not ask for that, so it was not done: shall I?"


def leaving_out(edits: Sequence[Edit]) -> str:
    """What was not done, where there is no time for a question: the words that act were clear by themselves."""
    what = listed([told(edit) for edit in edits], shown=_SHOWN)
    return f"the language model also proposed {what}, which you did not ask for: that was left out"


def _blueprint(edit: SetBlueprint) -> str:
    if edit.constraints is not None:
        limits = edit.constraints.model_dump(exclude_none=True)
        return listed(
            [f"a limit: {key.replace('_', ' ')} {value}" for key, value in limits.items()]
        )
    return f"the engine {edit.engine}" if edit.engine else f"the name {edit.name}"


def _value(value: Json) -> str:
    match value:
        case None:
            return "unset"
        case bool():
            return "on" if value else "off"
        case dict():
            return " ".join(_value(inner) for inner in value.values())
        case list():
            return ", ".join(_value(inner) for inner in value)
        case _:
            return str(value)
