"""Two blueprints beside each other: what differs, what that costs, and what policy says of it. The one place that joins
the three, so that a tool and a review say the same."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Amount, Estimate
from alma.core.model.finding import Assessment, Finding
from alma.core.planning.difference import BlueprintDifference, compare
from alma.core.services.estimates import Estimates
from alma.core.services.policies import Policies


class CostDelta(Frozen):
    """USD a month. `by_resource` has those that cost something else, by their name now; what is gone by its old one."""

    before: Amount
    after: Amount
    delta: Amount
    currency: str = "USD"
    by_resource: Mapping[str, Amount] = Field(default_factory=dict)
    unpriced: tuple[str, ...] = Field(
        default=(), description="What has no price on one side, and is in no sum."
    )
    book: str = ""


class RiskDelta(Frozen):
    """What policy says of both. A finding is the same on both sides when its rule and its place are, renamed or not."""

    score_before: float
    score_after: float
    delta: float = Field(description="Above zero: the second does better.")
    new: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    remaining: int = 0
    bundle: str = ""


class Comparison(Frozen):
    """The way from one blueprint to another."""

    difference: BlueprintDifference
    cost: CostDelta
    risk: RiskDelta


class Comparing:
    """Compares blueprints. Arithmetic, and waivers are read: call it in a thread."""

    def __init__(self, *, estimates: Estimates, policies: Policies) -> None:
        self._estimates = estimates
        self._policies = policies

    def compare(
        self,
        project: str,
        before: Blueprint,
        after: Blueprint,
        *,
        provider: str | None = None,
    ) -> Comparison:
        """From `before` to `after`, by the prices of one's own machines or of a provider. Raises InvalidInput for a
        provider without prices."""
        found = compare(before, after)
        costs = [self._estimates.estimate(side, provider) for side in (before, after)]
        said = [self._policies.assess(project, side) for side in (before, after)]
        return Comparison(
            difference=found,
            cost=_cost(costs[0], costs[1], found.renames),
            risk=_risk(said[0], said[1], found.renames),
        )


def _cost(before: Estimate, after: Estimate, renames: Mapping[str, str]) -> CostDelta:
    was = {renames.get(name, name): amount for name, amount in before.by_resource.items()}
    now = after.by_resource
    moved = {name: now.get(name, Decimal(0)) - was.get(name, Decimal(0)) for name in [*was, *now]}
    return CostDelta(
        before=before.monthly,
        after=after.monthly,
        delta=after.monthly - before.monthly,
        currency=after.currency,
        by_resource={name: amount for name, amount in moved.items() if amount},
        unpriced=tuple(dict.fromkeys((*before.unpriced, *after.unpriced))),
        book=after.book,
    )


def _risk(before: Assessment, after: Assessment, renames: Mapping[str, str]) -> RiskDelta:
    was = {_place(item, renames): item for item in before.failed}
    now = {_place(item, {}): item for item in after.failed}
    return RiskDelta(
        score_before=before.score.value,
        score_after=after.score.value,
        delta=round(after.score.value - before.score.value, 1),
        new=tuple(item for place, item in now.items() if place not in was),
        mended=tuple(item for place, item in was.items() if place not in now),
        remaining=len(was.keys() & now.keys()),
        bundle=after.bundle,
    )


def _place(item: Finding, renames: Mapping[str, str]) -> tuple[str, str]:
    """The rule and the place, by the name that the resource has on the second side."""
    name = item.resource
    if name is None or name not in renames:
        return item.rule, item.path
    return item.rule, item.path.replace(f"resources.{name}", f"resources.{renames[name]}", 1)
