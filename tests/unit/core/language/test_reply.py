from __future__ import annotations

import pytest

from alma.core.language.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.language.reply import describe, suggested_actions
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent, Interpretation

LXC = "Deploy an Alpine LXC named web-01"


def answer(
    interpreter: Interpreter,
    message: str,
    *,
    engine: str | None = None,
    engines: tuple[str, ...] = (),
) -> str:
    said = interpreter.interpret(message)
    blueprint = apply_edits(None, said.edits)[0] if said.edits else None
    return describe(said, blueprint, engine=engine, engines=engines)


def test_it_says_what_is_made_and_what_was_assumed(interpreter: Interpreter) -> None:
    text = answer(interpreter, "a web application with 2 servers and a database")
    for part in (
        "2 web servers (web-1 and web-2)",
        "PostgreSQL database (db-1)",
        "Please check",
        "lb-1",
    ):
        assert part in text


def test_it_says_where_an_lxc_lands_and_why(interpreter: Interpreter) -> None:
    assert "land on Proxmox, because LXC containers are at home there" in answer(
        interpreter, LXC, engine="proxmox", engines=("proxmox", "docker")
    )


def test_it_says_when_the_wanted_engine_is_not_here_and_where_it_lands_instead(
    interpreter: Interpreter,
) -> None:
    text = answer(interpreter, LXC, engine="docker", engines=("docker", "simulation"))
    assert "Proxmox" in text
    assert "not available here" in text
    assert "land on Docker" in text
    undecided = answer(interpreter, LXC, engines=("docker", "simulation"))
    assert "available: docker and simulation" in undecided


def test_a_limit_is_said_to_hold_and_a_figure_is_never_made_up(interpreter: Interpreter) -> None:
    limited = answer(interpreter, "a VM under $20 a month")
    assert "of $20 a month is kept" in limited
    assert "every later change is held to it" in limited
    assert "$" not in answer(interpreter, "how much does it cost?")


def test_unused_words_and_mended_typos_are_shown(interpreter: Interpreter) -> None:
    text = answer(interpreter, "a databse with a flux capacitor")
    assert "'flux' and 'capacitor'" in text
    assert "'databse' is read as database" in text


def test_the_question_comes_last(interpreter: Interpreter) -> None:
    assert answer(interpreter, "scale web to 5").endswith("?")


def test_something_sensible_can_always_be_done_next(interpreter: Interpreter) -> None:
    said = interpreter.interpret("2 web servers and a database")
    blueprint = apply_edits(None, said.edits)[0]
    actions = suggested_actions(said, blueprint)
    assert "Add daily backups to db-1" in actions
    assert len(actions) <= 4
    for message in ("", "hi", "help", "what is running?", "asdf", "scale web to 3"):
        assert suggested_actions(interpreter.interpret(message), None)
        assert suggested_actions(interpreter.interpret(message), Blueprint(name="empty"))


@pytest.mark.parametrize("message", ["2 VMs and a database", "a VM", "a redis cache", "a database"])
def test_suggested_changes_are_understood_when_said(interpreter: Interpreter, message: str) -> None:
    said = interpreter.interpret(message)
    blueprint = apply_edits(None, said.edits)[0]
    for action in suggested_actions(said, blueprint)[1:]:
        again = interpreter.interpret(action, blueprint=blueprint)
        assert again.edits, action
        assert again.question is None, action


@pytest.mark.parametrize("intent", Intent)
@pytest.mark.parametrize("drafted", [True, False])
def test_whatever_is_suggested_is_understood_when_said(
    interpreter: Interpreter, intent: Intent, *, drafted: bool
) -> None:
    edits = interpreter.interpret("2 web servers and a database").edits
    blueprint = apply_edits(None, edits)[0] if drafted else None
    for action in suggested_actions(Interpretation(intent=intent), blueprint):
        said = interpreter.interpret(action, blueprint=blueprint)
        assert said.intent is not Intent.UNKNOWN, action
        assert said.question is None, action
