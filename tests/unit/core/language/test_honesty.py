"""A guess is never said to be the user's words, and nothing that was said is lost in silence."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import AddResource, SetField, UseTemplate


@pytest.mark.parametrize(
    ("message", "path"),
    [
        ("a web server with 256 megs", "specs.memory"),
        ("3 kafka brokers with 500GB each", "specs.disk"),
        ("a volume of 20GB", "specs.disk"),
    ],
)
def test_what_a_bare_size_is_of_is_a_guess(
    interpreter: Interpreter, message: str, path: str
) -> None:
    found = interpreter.interpret(message)

    added = next(edit for edit in found.edits if isinstance(edit, AddResource))
    only_one_has_it = added.resource.type == "volume"
    assert added.origins[path] is (Origin.WORDS if only_one_has_it else Origin.INFERRED)
    told = [said for said in found.assumptions if "as it was not said of what" in said]
    assert bool(told) is not only_one_has_it


def test_what_a_bare_size_changes_is_a_guess(interpreter: Interpreter) -> None:
    shop = Blueprint.model_validate({"name": "shop", "resources": [{"name": "web", "type": "vm"}]})

    found = interpreter.interpret("give web 16GB", blueprint=shop)

    (edit,) = (edit for edit in found.edits if isinstance(edit, SetField))
    assert (edit.path, edit.origin) == ("specs.memory", Origin.INFERRED)


def test_what_a_template_is_told_is_said(interpreter: Interpreter) -> None:
    found = interpreter.interpret("a data pipeline with 5 workers, without backups")

    (used,) = (edit for edit in found.edits if isinstance(edit, UseTemplate))
    assert used.parameters == {"instance_count": 5, "backup_enabled": False}
    assert {"Spark workers: 5", "Backups: off"} <= set(found.understood)


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("put a cache in front of the database", "database"),
        ("a vm like our old mainframe", "mainframe"),
    ],
)
def test_what_is_not_used_is_listed(interpreter: Interpreter, message: str, word: str) -> None:
    found = interpreter.interpret(message)

    assert word in " ".join(found.unused), found
