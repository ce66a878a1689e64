"""What is said of money is what the estimate and the variant say, and nothing is said where nothing is new."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alma.core.language.answering.budget import (
    USE_CHEAPER,
    Costs,
    describe_budget,
    describe_cost,
    dollars,
    signed,
)
from alma.core.language.answering.reply import describe, suggested_actions
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Interpretation
from alma.core.model.cost import Estimate, Variant


def estimate(amount: float) -> Estimate:
    return Estimate(monthly=Decimal(str(amount)), basis="list-price proxy")


def variant(amount: float, *changes: str, within: bool = True, before: float = 940) -> Variant:
    return Variant(
        estimate=estimate(amount),
        changes=changes,
        within=within,
        limit=Decimal(800),
        before=Decimal(str(before)),
    )


def test_a_cost_that_changed_is_told_with_the_difference() -> None:
    said = describe_cost(Costs(estimate=estimate(117), before=estimate(97)))
    assert said == "That is about $117 a month (list-price proxy), +$20."
    less = describe_cost(Costs(estimate=estimate(97), before=estimate(117)))
    assert "−$20" in less


def test_a_first_draft_has_a_cost_and_no_difference() -> None:
    assert describe_cost(Costs(estimate=estimate(117))) == (
        "That is about $117 a month (list-price proxy)."
    )


def test_a_cost_that_stays_is_not_told_again_unless_there_is_a_limit() -> None:
    same = Costs(estimate=estimate(117), before=estimate(117))
    assert describe_cost(same) == ""
    assert describe_cost(Costs()) == ""
    limited = Costs(estimate=estimate(117), before=estimate(117), limit=800)
    assert describe_cost(limited) == (
        "It stays at about $117 a month, $683 under your limit of $800."
    )


def test_over_the_limit_the_variant_is_offered_with_its_changes_and_its_cost() -> None:
    said = describe_budget(estimate(940), 800, variant(780, "workers 5 → 4 (−$117)"))
    assert said == (
        "That would be about $940 a month (list-price proxy), over your limit of $800. "
        "It fits with: workers 5 → 4 (−$117): about $780. Say 'use the cheaper one' to have it so."
    )


def test_where_nothing_fits_the_nearest_is_told_and_nothing_is_offered() -> None:
    near = describe_budget(estimate(940), 8, variant(60, "workers 5 → 1", within=False))
    assert "The nearest that still does what you asked for is about $60" in near
    assert "raise the limit" in near
    assert USE_CHEAPER.lower() not in near
    nothing = describe_budget(estimate(940), 8, variant(940, within=False))
    assert "Nothing of it can be made smaller" in nothing


def test_guesses_that_gave_way_are_told_as_done() -> None:
    costs = Costs(estimate=estimate(780), limit=800, variant=variant(780, "db-1: cpu 4 → 2"))
    said = describe_cost(costs)
    assert said.startswith(
        "To keep to your limit of $800 a month I chose smaller: db-1: cpu 4 → 2."
    )
    assert "about $780 a month instead of $940" in said


def test_a_draft_that_stays_is_not_described_as_if_it_had_changed(interpreter: Interpreter) -> None:
    reading = interpreter.interpret("4 web servers and a database")
    costs = Costs(
        estimate=estimate(940),
        limit=800,
        variant=variant(780, "web: 4 → 3 instances"),
        over=True,
        kept=True,
    )

    said = describe(reading, None, costs=costs)

    assert "I'll set up" not in said
    assert "It fits with: web: 4 → 3 instances: about $780" in said
    assert said.endswith("Nothing was changed.")


def test_the_answer_to_a_change_ends_what_it_says_with_what_it_costs(
    interpreter: Interpreter,
) -> None:
    reading = interpreter.interpret("a VM under $20 a month")

    said = describe(reading, Blueprint(name="one"), costs=Costs(estimate=estimate(12), limit=20))

    assert "$8.00 under your limit of $20" in said
    assert "every later change is held to it" in said


def test_where_it_lands_is_said_of_a_new_draft_and_not_with_every_change(
    interpreter: Interpreter,
) -> None:
    reading = interpreter.interpret("4 web servers and a database")
    moved = interpreter.interpret("4 web servers and a database on docker")
    draft = Blueprint(name="one")

    def said(of: Interpretation, before: Estimate | None) -> str:
        costs = Costs(estimate=estimate(117), before=before)
        return describe(of, draft, engine="docker", costs=costs)

    assert "It would land on Docker" in said(reading, None)
    assert "land on" not in said(reading, estimate(97))
    assert "It would land on Docker, because you said so" in said(moved, estimate(97))


def test_an_offer_is_the_first_thing_that_can_be_said_next(interpreter: Interpreter) -> None:
    reading = interpreter.interpret("4 web servers and a database")
    blueprint = Blueprint(name="one")

    assert suggested_actions(reading, blueprint, offered=True)[0] == USE_CHEAPER
    assert USE_CHEAPER not in suggested_actions(reading, blueprint)


@pytest.mark.parametrize(
    ("amount", "text", "change"),
    [
        (Decimal("1234.56"), "$1,235", "+$1,235"),
        (Decimal("3.73"), "$3.73", "+$3.73"),
        (-20, "−$20", "−$20"),
        (0, "$0", "+$0"),
    ],
)
def test_amounts_are_whole_dollars_and_cents_where_they_count(
    amount: Decimal | int, text: str, change: str
) -> None:
    assert (dollars(amount), signed(amount)) == (text, change)
