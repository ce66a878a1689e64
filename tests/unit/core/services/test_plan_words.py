"""What is approved in a conversation is named before: what happens to which address, what is lost, what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.cost import Estimate
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import parse_blueprint
from alma.core.model.plan import Action, Change, Plan, Target
from alma.core.model.state import StackRef
from alma.core.services.plan_words import faults, summary
from tests.talking import SHOP, Talk, talking


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


def change(
    address: str, action: Action, *, destructive: bool = False, reboots: bool = False
) -> Change:
    return Change(
        address=address,
        type=ResourceType.VM,
        action=action,
        reason="a test",
        destructive=destructive,
        reboots=reboots,
    )


def plan(*changes: Change, warnings: tuple[str, ...] = ()) -> Plan:
    return Plan(
        target=Target(blueprint_id=1, revision=1, engine="simulation"),
        stack=StackRef(id="s", name="shop", engine="simulation", project="default"),
        blueprint_name="shop",
        changes=changes,
        diagnostics=tuple(
            Diagnostic(severity=Severity.WARNING, code="w", message=text) for text in warnings
        ),
        digest="sha256:0",
    )


def test_every_address_is_named_by_what_happens_to_it() -> None:
    said = summary(
        plan(
            change("web-1", Action.CREATE),
            change("web-2", Action.CREATE),
            change("lb-1", Action.UPDATE),
            change("net", Action.NO_OP),
        )
    )
    assert said == "On simulation: 2 to create (web-1 and web-2), 1 to change (lb-1)."


def test_a_long_list_is_cut_and_says_so() -> None:
    said = summary(plan(*(change(f"web-{n}", Action.CREATE) for n in range(1, 12))))
    assert "11 to create (web-1," in said
    assert "web-8 and 3 more)" in said


def test_what_is_lost_and_what_restarts_is_said_by_name() -> None:
    said = summary(
        plan(
            change("db-1", Action.REPLACE, destructive=True),
            change("cache-1", Action.DELETE, destructive=True),
            change("web-1", Action.UPDATE, reboots=True),
        )
    )
    assert "This destroys db-1 and cache-1, with what is in them." in said
    assert "web-1 restarts for it." in said
    one = summary(plan(change("db-1", Action.DELETE, destructive=True)))
    assert "This destroys db-1, with what is in it." in one


def test_the_first_warning_is_told_and_how_many_there_are() -> None:
    assert "A warning: no backups." in summary(plan(warnings=("no backups",)))
    assert "2 warnings, first: one." in summary(plan(warnings=("one", "two")))


def test_what_is_paid_afterwards_is_told_with_whose_prices() -> None:
    costs = Estimate(monthly=Decimal(155), basis="list-price proxy")
    said = summary(plan(change("web-1", Action.CREATE)), costs)
    assert said.endswith("Then it costs about $155 a month (list-price proxy).")


def test_a_fault_names_its_resource_and_not_its_place_in_a_document() -> None:
    blueprint = parse_blueprint({"name": "x", "resources": [{"name": "git", "type": "vm"}]})
    found = Diagnostic(code="c", path="resources.0.engine", message="unknown software 'gitlab'")
    assert faults([found], blueprint) == "git: unknown software 'gitlab'"
    assert faults([found]) == "resources.0.engine: unknown software 'gitlab'"


async def test_an_approval_is_of_what_was_named(talk: Talk) -> None:
    opened = await talk.say(SHOP, "deploy it")

    for change_ in talk.requests[0].plan.effective:
        assert change_.address in opened.response
    assert opened.cost is not None
    assert f"Then it costs about ${opened.cost['monthly']:,.0f} a month" in opened.response
    again = await talk.say("deploy it")
    assert "db-1" in again.response
    assert "Then it costs about" in again.response


async def test_removing_everything_names_it_and_no_price(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "approve and deploy")
    await talk.runs_end()

    answer = await talk.say("destroy it")

    assert "to remove (" in answer.response
    assert "This destroys" in answer.response
    assert "$" not in answer.response


async def test_what_cant_be_planned_says_which_resource_by_name(talk: Talk) -> None:
    answer = await talk.say("a gitlab server called git", "deploy it")

    assert "can't be planned" in answer.response
    assert "resources." not in answer.response
    assert "git" in answer.response
