"""Conversations as the tests hold them: drafts to begin with, messages read in turn, and what there is after them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, dump_plain
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.document import parse_blueprint

# What a resource has below itself, as if it were its own.
_BELOW = ("specs", "network", "env")


def shop(*resources: Mapping[str, Any], **more: Any) -> Blueprint:
    """A draft of these resources."""
    return parse_blueprint({"name": "shop", "resources": [*resources], **more})


def held(
    interpreter: Interpreter, turns: Sequence[str], start: Blueprint | None = None
) -> tuple[Blueprint, Interpretation]:
    """The draft after the turns, empty where none was made, and how the last was read."""
    draft, before = start, list[Blueprint | None]()
    read = Interpretation(intent=Intent.UNKNOWN)
    for number, message in enumerate(turns):
        read = interpreter.interpret(message, blueprint=draft, history=turns[:number])
        if read.intent is Intent.UNDO and before:
            draft = before.pop()
        elif read.edits:
            before.append(draft)
            draft = apply_edits(draft, read.edits)[0]
    return draft or shop(), read


def drafted(interpreter: Interpreter, message: str) -> Blueprint:
    """What a first message makes, with nothing left to ask."""
    read = interpreter.interpret(message)
    assert read.question is None, read.question
    assert read.edits, message
    return apply_edits(None, read.edits)[0]


def kinds_of(draft: Blueprint) -> Counter[str]:
    """How many there are of each type."""
    return Counter(str(each.type) for each in draft.resources for _ in range(each.count))


def names_of(draft: Blueprint) -> list[str]:
    return [resource.name for resource in draft.resources]


def shown(draft: Blueprint) -> dict[str, dict[str, Any]]:
    """Each resource by its name, amounts and all at one level."""
    found = {}
    for resource in draft.resources:
        plain = dump_plain(resource)
        below = [plain.pop(key, {}) for key in _BELOW]
        below.append(plain.pop("options", {}).get("proxmox", {}))
        found[resource.name] = plain | {key: each[key] for each in below for key in each}
    return found


def changed(before: Blueprint, after: Blueprint) -> dict[str, Any]:
    """What is different, by `name` and `name.field`; what is gone is None."""
    old, new = _facts(before), _facts(after)
    return {key: new.get(key) for key in old | new if old.get(key) != new.get(key)}


def _facts(draft: Blueprint) -> dict[str, Any]:
    fields = shown(draft)
    every = {f"{name}.{key}": value for name, each in fields.items() for key, value in each.items()}
    return dict.fromkeys(fields, "there") | every
