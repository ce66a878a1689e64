"""What goes is no more than was said: sizes, numbers and complaints beside an order to remove."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import AddResource, RemoveResource, SetField
from tests.unit.core.language.conversing import held

_DRAFT = Blueprint.model_validate(
    {
        "name": "d",
        "resources": [
            {"name": "a", "type": "container", "image": "alpine", "specs": {"memory": "4GB"}},
            {"name": "b", "type": "container", "image": "alpine", "specs": {"memory": "2GB"}},
            {"name": "web-1", "type": "vm", "image": "nginx", "specs": {"cpu": 12}},
            {"name": "web-2", "type": "vm", "image": "nginx"},
        ],
    }
)


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("no more containers with 4GB", set()),
        ("remove the container with 4GB", {"a"}),
        ("delete all containers with 2GB", {"b"}),
        ("I do not need 2 web servers, remove web-2", {"web-2"}),
        ("we don't need two web servers, drop web-1", {"web-1"}),
    ],
)
def test_nothing_else_goes(interpreter: Interpreter, message: str, gone: set[str]) -> None:
    read = interpreter.interpret(message, blueprint=_DRAFT)
    assert {e.name for e in read.edits if isinstance(e, RemoveResource)} == gone


@pytest.mark.parametrize(
    ("history", "message", "left"),
    [
        (["too many cpus on web-1"], "remove 6 of them", 6),
        ([], "too many cpus on web-1. remove 6 of them", 6),
        ([], "I gave web-1 too many cpus. take four away again", 8),
    ],
)
def test_what_there_is_too_much_of_is_taken(
    interpreter: Interpreter, history: list[str], message: str, left: int
) -> None:
    alone = _DRAFT.model_copy(update={"resources": (_DRAFT.resources[2],)})
    read = interpreter.interpret(message, blueprint=alone, history=history)
    assert [(e.path, e.value) for e in read.edits if isinstance(e, SetField)] == [
        ("specs.cpu", left)
    ]
    assert not any(isinstance(e, RemoveResource) for e in read.edits)


def test_more_than_there_are_is_asked_about(interpreter: Interpreter) -> None:
    alone = _DRAFT.model_copy(update={"resources": (_DRAFT.resources[2],)})
    read = interpreter.interpret("remove 6 of them", blueprint=alone)
    assert read.question
    assert not read.edits


@pytest.mark.parametrize(
    "amount", ["Three Ubuntu VMs on top of that, 2GB each", "two debian VMs on top of that"]
)
def test_what_comes_on_top_is_new(interpreter: Interpreter, amount: str) -> None:
    alone = _DRAFT.model_copy(update={"resources": (_DRAFT.resources[2],)})
    read = interpreter.interpret(amount, blueprint=alone)
    assert read.edits
    assert all(isinstance(e, AddResource) for e in read.edits)


@pytest.mark.parametrize(
    "order",
    ["delete all but c1", "ok, remove everything except c1", "drop all of them apart from c1"],
)
def test_what_is_excepted_from_an_order_is_excepted_from_no_other(
    interpreter: Interpreter, order: str
) -> None:
    draft, _ = held(
        interpreter, ["two alpine containers c1 and c2, 256MB each", "make that 512", order]
    )
    assert [(r.name, str(r.specs.memory)) for r in draft.resources] == [("c1", "512MB")]


@pytest.mark.parametrize("meant", ["oh wait, I meant web-2", "sorry, wrong one, remove web-2"])
def test_who_meant_another_does_not_lose_both(interpreter: Interpreter, meant: str) -> None:
    left, read = held(interpreter, ["remove web-1", meant], _DRAFT)
    assert [r.name for r in left.resources] == ["a", "b", "web-2"]
    assert "web-2" in str(read.question)


def test_another_of_so_much_is_told_in_the_unit_of_the_first(interpreter: Interpreter) -> None:
    turns = ["one vm with 4GB", "another with 8", "and a third with 16"]
    draft, _ = held(interpreter, turns)
    assert [(r.count, str(r.specs.memory)) for r in draft.resources] == [
        (1, "4GB"),
        (1, "8GB"),
        (1, "16GB"),
    ]
