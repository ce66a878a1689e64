"""Turns of a conversation that were misread: each rule with the words it was found by, and with others like them."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import shop


def _machine(name: str, **more: Json) -> dict[str, Json]:
    specs: Json = {"cpu": 2, "memory": "4GB"}
    return {"name": name, "type": "vm", "image": "debian-12", "specs": specs, **more}


_DATABASE: dict[str, Json] = {"name": "db-1", "type": "database", "engine": "postgresql"}


def _after(
    interpreter: Interpreter, said: str, draft: Blueprint, history: Sequence[str] = ()
) -> dict[str, Resource]:
    read = interpreter.interpret(said, blueprint=draft, history=history)
    assert read.question is None, read.question
    return {resource.name: resource for resource in apply_edits(draft, read.edits)[0].resources}


@pytest.mark.parametrize(
    "said", ["add a replica of orders", "add another copy of orders", "a replica for orders"]
)
def test_a_copy_of_a_store_is_a_store_of_its_own_and_no_higher_count(
    interpreter: Interpreter, said: str
) -> None:
    orders = {**_DATABASE, "name": "orders"}

    resources = _after(interpreter, said, shop(orders, {**_DATABASE, "name": "stock"}))

    copies = [r.name for r in resources.values() if r.metadata.get("replica_of") == "orders"]
    assert len(copies) == 1
    assert resources["orders"].count == 1


def test_a_copy_of_a_machine_is_one_more_of_it(interpreter: Interpreter) -> None:
    assert _after(interpreter, "add a replica of api", shop(_machine("api")))["api"].count == 2


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("how many servers do we have?", Intent.LIST),
        ("So how many web servers are there?", Intent.LIST),
        ("how many servers do we need for 10000 users?", Intent.CAPACITY),
        ("what did you assume?", Intent.EXPLAIN),
        ("which assumptions did you make?", Intent.EXPLAIN),
        ("who owns this?", Intent.EXPLAIN),
        ("is it highly available?", Intent.EXPLAIN),
        ("what depends on the database?", Intent.EXPLAIN),
        ("what would it cost with 8 cores?", Intent.COST),
    ],
)
def test_the_form_of_a_question_says_what_it_asks(
    interpreter: Interpreter, said: str, intent: Intent
) -> None:
    read = interpreter.interpret(said, blueprint=shop(_machine("web-1"), _DATABASE))

    assert (read.intent, read.edits, read.question) == (intent, (), None)


@pytest.mark.parametrize("said", ["Please start it", "try again", "retry", "run it again, please"])
def test_to_start_or_try_again_after_a_decision_is_to_deploy(
    interpreter: Interpreter, said: str
) -> None:
    draft, history = shop(_machine("web-1")), ["approve", "why did it fail?"]

    assert interpreter.interpret(said, blueprint=draft, history=history).intent is Intent.DEPLOY
    assert interpreter.interpret(said, blueprint=draft).intent is not Intent.DEPLOY


@pytest.mark.parametrize("said", ["go", "ok do it", "yes, go ahead", "proceed"])
def test_to_go_on_is_to_deploy_only_right_after_a_decision(
    interpreter: Interpreter, said: str
) -> None:
    draft = shop(_machine("web-1"))
    after = [
        interpreter.interpret(said, blueprint=draft, history=history).intent
        for history in (["approve"], ["approve", "add a cache"], ["don't approve it"], [])
    ]

    assert after[0] is Intent.DEPLOY
    assert Intent.DEPLOY not in after[1:]


def test_an_agreeing_word_before_an_approval_changes_nothing(interpreter: Interpreter) -> None:
    draft = shop(_machine("web-1"))

    assert interpreter.interpret("ok do it", blueprint=draft).intent is Intent.APPROVE
    assert interpreter.interpret("ok", blueprint=draft).intent is not Intent.APPROVE


@pytest.mark.parametrize(
    ("said", "verb"), [("Please start it", "start"), ("reboot web-1", "reboot")]
)
def test_what_can_t_be_done_is_named_by_its_verb(
    interpreter: Interpreter, said: str, verb: str
) -> None:
    read = interpreter.interpret(said, blueprint=shop(_machine("web-1")))

    assert (read.question or "").startswith(f"I can't {verb} anything: ")


@pytest.mark.parametrize(
    ("said", "left"),
    [("drop one of the servers", 2), ("remove two of the servers", 1), ("remove one server", 2)],
)
def test_to_remove_some_of_a_counted_resource_leaves_the_others(
    interpreter: Interpreter, said: str, left: int
) -> None:
    assert _after(interpreter, said, shop(_machine("server", count=3)))["server"].count == left


def test_to_remove_one_of_several_of_a_tier_takes_the_last(interpreter: Interpreter) -> None:
    draft = shop(_machine("web-1"), _machine("web-2"), _DATABASE)

    assert set(_after(interpreter, "drop one of the servers", draft)) == {"web-1", "db-1"}


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("let web talk to a postgres db", "postgresql"),
        ("connect the web servers to a redis cache", "redis"),
    ],
)
def test_a_connection_to_a_store_that_is_not_there_makes_it_and_leaves_the_machines_what_they_are(
    interpreter: Interpreter, said: str, engine: str
) -> None:
    resources = _after(interpreter, said, shop(_machine("web-1"), _machine("web-2")))

    (made,) = [resource for resource in resources.values() if resource.engine]
    assert made.engine == engine
    assert [resources[name].depends_on for name in ("web-1", "web-2")] == [(made.name,)] * 2
