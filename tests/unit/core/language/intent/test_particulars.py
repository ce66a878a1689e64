from __future__ import annotations

import pytest

from alma.core.language.intent.particulars import Particulars, particulars
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent, SetBlueprint

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "constraints": {"max_monthly_cost": 500},
        "resources": [{"name": "web-1", "type": "vm"}, {"name": "db-1", "type": "database"}],
    }
)


@pytest.mark.parametrize(
    ("message", "named"),
    [
        ("approve IPR 12", Particulars(ipr_id=12)),
        ("I approve #7", Particulars(ipr_id=7)),
        ("roll back to revision 3", Particulars(revision=3)),
        ("what changed since v2?", Particulars(revision=2)),
        ("roll back deployment 7f3a-22", Particulars(deployment_id="7f3a-22")),
        ("destroy the staging stack", Particulars(stack="staging")),
        ("tear down shop-eu", Particulars(stack="shop-eu")),
        ("give runner-1 8GB", Particulars()),
        ("postgres 15.4 on the current stack", Particulars()),
    ],
)
def test_what_an_act_names_is_found(message: str, named: Particulars) -> None:
    assert particulars(message) == named


def test_an_act_carries_what_it_names(interpreter: Interpreter) -> None:
    found = interpreter.interpret("deploy it to docker", blueprint=SHOP)
    assert (found.intent, found.engine) == (Intent.DEPLOY, "docker")
    assert interpreter.interpret("reject request 8, too big", blueprint=SHOP).ipr_id == 8


def test_a_version_of_software_is_no_revision(interpreter: Interpreter) -> None:
    assert interpreter.interpret("upgrade db-1 to version 16", blueprint=SHOP).revision is None


def test_every_intent_of_a_message_is_kept_in_its_order(interpreter: Interpreter) -> None:
    found = interpreter.interpret("add a redis cache, and what does it cost?", blueprint=SHOP)
    assert found.acts == (Intent.CHANGE, Intent.COST)
    assert found.intent is Intent.CHANGE


def test_a_limit_is_lifted_by_clearing_it(interpreter: Interpreter) -> None:
    found = interpreter.interpret("forget the budget", blueprint=SHOP)
    assert found.edits == (SetBlueprint(cleared=("constraints.max_monthly_cost",)),)
    free = SHOP.model_copy(update={"constraints": None})
    assert interpreter.interpret("forget the budget", blueprint=free).edits == ()
