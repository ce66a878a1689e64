from __future__ import annotations

from decimal import Decimal

import pytest

from alma.core.language.answering.budget import Costs
from alma.core.language.answering.reply import assumed, describe, suggested_actions
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.cost import Estimate
from tests.unit.core.language.conversing import drafted, held

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
    blueprint, said = held(interpreter, ["2 web servers and a database"])
    actions = suggested_actions(said, blueprint)
    assert "Add daily backups to db-1" in actions
    assert len(actions) <= 4
    for message in ("", "hi", "help", "what is running?", "asdf", "scale web to 3"):
        assert suggested_actions(interpreter.interpret(message), None)
        assert suggested_actions(interpreter.interpret(message), Blueprint(name="empty"))


@pytest.mark.parametrize("message", ["2 VMs and a database", "a VM", "a redis cache", "a database"])
def test_suggested_changes_are_understood_when_said(interpreter: Interpreter, message: str) -> None:
    blueprint, said = held(interpreter, [message])
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


def test_a_draft_is_called_by_its_name_once_and_not_with_every_change(
    interpreter: Interpreter,
) -> None:
    begun = answer(interpreter, "2 web servers with nginx and a postgres database")
    draft = drafted(interpreter, "2 web servers")
    assert "The draft is called" in begun
    assert " in nginx" not in begun
    said = interpreter.interpret("add a redis cache", blueprint=draft)
    changed, _ = apply_edits(draft, said.edits)
    costs = Costs(estimate=Estimate(monthly=Decimal(2)), before=Estimate(monthly=Decimal(1)))
    text = describe(said, changed, costs=costs)
    assert text.startswith("Understood: 1 Redis cache (cache-1).")
    assert "called" not in text


def test_a_draft_named_like_its_only_machine_is_not_named_twice(interpreter: Interpreter) -> None:
    text = answer(interpreter, "one nginx server called shop")
    assert text.count("shop") == 1


def test_what_is_set_up_is_things_and_the_rest_is_understood(interpreter: Interpreter) -> None:
    text = answer(interpreter, "2 web servers and a database for production under $900 a month")
    assert "database (db-1) for production." in text
    assert "and for production" not in text
    assert "set up at most" not in text
    assert text.count("900") == 1


def test_only_a_limit_sets_nothing_up(interpreter: Interpreter) -> None:
    text = answer(interpreter, "budget is $100 a month")
    assert "set up" not in text
    assert "of $100 a month is kept" in text


def test_how_a_size_was_worked_out_is_a_sentence_of_its_own() -> None:
    said = Interpretation(
        intent=Intent.CREATE,
        assumptions=(
            "image debian-12",
            "sized for 200 requests per second: 200/s × 3 ms = 1 core",
            "taken as given there: one 1, two 2, three 3, four 4, five 5",
        ),
    )
    assert assumed(said) == (
        "Please check: image debian-12. Sized for 200 requests per second: 200/s × 3 ms = 1 core. "
        "Taken as given there: one 1, two 2, three 3 and 2 more."
    )


def test_a_long_list_of_checks_is_cut_and_says_so() -> None:
    said = Interpretation(intent=Intent.CREATE, assumptions=tuple(f"guess {n}" for n in range(9)))
    assert assumed(said).endswith("guess 5; and 3 more.")


def test_a_question_alone_says_nothing_of_money_or_of_unused_words() -> None:
    said = Interpretation(
        intent=Intent.CHANGE, question="Which one do you mean: a or b?", unused=("one",)
    )
    costs = Costs(
        estimate=Estimate(monthly=Decimal(2)), before=Estimate(monthly=Decimal(2)), limit=9
    )
    assert describe(said, Blueprint(name="x"), costs=costs) == "Which one do you mean: a or b?"


@pytest.mark.parametrize("intent", Intent)
def test_nobody_who_has_a_draft_is_told_to_begin_one(
    interpreter: Interpreter, intent: Intent
) -> None:
    draft = drafted(interpreter, "2 web servers")
    actions = suggested_actions(Interpretation(intent=intent), draft)
    assert actions
    assert not {"Create a simple web application", "List the templates"} & set(actions)


def test_beside_an_offer_nothing_else_is_begun() -> None:
    said = Interpretation(intent=Intent.CREATE)
    assert suggested_actions(said, None, offered=True) == ("Use the cheaper one",)


@pytest.mark.parametrize(
    ("made", "parts"),
    [
        (
            "a VM called vpn on Debian with 4GB memory",
            ("vpn (virtual machine, debian,", "4GB memory"),
        ),
        ("postgres 16 with 50GB of disk", ("db-1 (database, postgresql 16, 50GB disk)",)),
        ("a kubernetes cluster with 3 workers", ("k8s-1 (", "3 workers")),
        ("nginx and a kafka queue called ingest", ("ingest (message queue, kafka)", "nginx")),
    ],
)
def test_a_list_of_the_draft_tells_software_and_sizes(
    interpreter: Interpreter, made: str, parts: tuple[str, ...]
) -> None:
    draft = drafted(interpreter, made)
    told = describe(Interpretation(intent=Intent.LIST), draft)
    assert "Nothing was changed" in told
    assert all(part in told for part in parts), told


def test_equal_ones_are_counted_in_a_list() -> None:
    web = {"name": "web", "type": "vm", "count": 3, "engine": "nginx", "image": "debian-12"}
    draft = Blueprint.model_validate({"name": "shop", "resources": [web]})
    told = describe(Interpretation(intent=Intent.EXPLAIN), draft)
    assert "3 × web (virtual machine, nginx on debian-12)" in told
