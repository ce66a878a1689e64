"""What an answer says of money: what the draft costs now, and what stands against a limit and how it can be met."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from alma.core.language.vocabulary.defaults import apart
from alma.core.model.cost import Estimate, Variant

_SHOWN = 6
USE_CHEAPER = "Use the cheaper one"
"""What is said to take the variant that was offered."""


@dataclass(frozen=True)
class Costs:
    """What a message did to the draft's cost. `estimate` is of the draft, or of what was asked for if that is `over`
    the limit; `before` of the draft before it. `variant` is the cheaper form that was taken, or that can be had.
    `kept`: the draft stays as it was."""

    estimate: Estimate | None = None
    before: Estimate | None = None
    limit: float | None = None
    variant: Variant | None = None
    over: bool = False
    kept: bool = False


def describe_cost(costs: Costs) -> str:
    """A sentence where there is something new about money: the cost changed, or there is a limit it is measured by."""
    estimate = costs.estimate
    if estimate is None:
        return ""
    if costs.variant is not None and costs.limit is not None:
        said = describe_budget(estimate, costs.limit, costs.variant, over=costs.over)
        return f"{said} Nothing was changed." if costs.kept else said
    before = costs.before.monthly if costs.before else Decimal(0)
    if estimate.monthly == before:
        left = _left(estimate, costs.limit)
        return f"It stays at about {dollars(estimate.monthly)} a month{left}." if left else ""
    change = (
        f", {signed(estimate.monthly - before)}" if before and estimate.monthly != before else ""
    )
    return f"That is {about(estimate)}{change}{_left(estimate, costs.limit)}."


def describe_budget(
    estimate: Estimate, limit: Decimal | float, variant: Variant, *, over: bool = True
) -> str:
    """How a draft meets its limit. With `over`, `estimate` is of what was asked for, and the variant can be had by
    saying so; without, the variant was taken, for it only gave up guesses."""
    changes = apart(variant.changes, shown=_SHOWN)
    then = f"about {dollars(variant.estimate.monthly)}"
    if not over:
        return (
            f"To keep to your limit of {dollars(limit)} a month I chose smaller: {changes}. "
            f"That is {then} a month instead of {dollars(variant.before)}{_basis(estimate)}."
        )
    said = f"That would be {about(estimate)}, over your limit of {dollars(limit)}."
    if variant.within:
        return f"{said} It fits with: {changes}: {then}. Say '{USE_CHEAPER.lower()}' to have it so."
    if not variant.changes:
        return (
            f"{said} Nothing of it can be made smaller without dropping what you asked for: "
            "raise the limit or take something away."
        )
    return (
        f"{said} The nearest that still does what you asked for is {then}, with: {changes}: "
        "raise the limit or take something away."
    )


def about(estimate: Estimate) -> str:
    """`about $117 a month (list-price proxy, not your own cost)`: no figure without whose prices it is made of."""
    return f"about {dollars(estimate.monthly)} a month{_basis(estimate)}"


def dollars(amount: Decimal | float) -> str:
    """`$1,234`; cents where the whole is small, for there they count."""
    value = abs(float(amount))
    sign = "−" if amount < 0 else ""
    return f"{sign}${value:,.2f}" if 0 < value < 10 else f"{sign}${value:,.0f}"


def signed(amount: Decimal | float) -> str:
    """`+$20` or `−$20`: what a change adds."""
    return dollars(amount) if amount < 0 else f"+{dollars(amount)}"


def _left(estimate: Estimate, limit: float | None) -> str:
    if limit is None:
        return ""
    left = Decimal(str(limit)) - estimate.monthly
    side = "under" if left >= 0 else "over"
    return f", {dollars(abs(left))} {side} your limit of {dollars(limit)}"


def _basis(estimate: Estimate) -> str:
    return f" ({estimate.basis})" if estimate.basis else ""
