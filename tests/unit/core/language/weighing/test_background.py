"""Background: what is only told makes nothing, and does not keep what is wanted from being understood."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.conversation import Intent

STUDIO = Blueprint(
    name="studio",
    resources=(
        Resource.model_validate(
            {"name": "rip", "type": "vm", "image": "ubuntu", "specs": {"cpu": 4, "memory": "8GB"}}
        ),
        Resource(name="files", type=ResourceType.VOLUME),
    ),
)


@pytest.mark.parametrize(
    "story",
    [
        "The landlord was here about the roof. He runs two servers with 64 GB in his cellar. Nice man.",
        "Last year we rented three virtual machines with 16 GB from a provider in Spain. It was a disaster.",
        "My sister's company had a Kubernetes cluster with 40 nodes. She told me about it over dinner.",
    ],
)
@pytest.mark.parametrize("draft", [None, STUDIO], ids=["first", "draft"])
def test_of_a_story_nothing_is_made(
    interpreter: Interpreter, story: str, draft: Blueprint | None
) -> None:
    read = interpreter.interpret(story, blueprint=draft)

    assert not read.edits, story


def test_of_a_question_with_a_story_only_the_question_is_read(interpreter: Interpreter) -> None:
    read = interpreter.interpret(
        "Our publisher runs 60 game servers there for another title. What does this setup cost per month?",
        blueprint=STUDIO,
    )

    assert read.intent is Intent.COST
    assert not read.edits


def test_what_a_story_hid_is_understood_without_it(interpreter: Interpreter) -> None:
    read = interpreter.interpret(
        "We were on the radio last night and everything fell over for an hour. My brother says the rip should have "
        "six cores and 24 GB of memory. He thinks that files copes.",
        blueprint=STUDIO,
    )

    changed = {(e.name, e.path, str(e.value)) for e in read.edits if e.op == "set_field"}
    assert changed == {("rip", "specs.cpu", "6"), ("rip", "specs.memory", "24GB")}


def test_a_plain_order_is_never_background(interpreter: Interpreter) -> None:
    for order in ("give rip 16 GB", "rip needs 16 GB", "please, rip: 16GB", "16 GB for rip then"):
        assert interpreter.interpret(order, blueprint=STUDIO).edits, order
