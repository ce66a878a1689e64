"""How many approvals of which people a request needs, and which it has. Pure: who holds which role is handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pydantic import Field

from alma.core.model.access import ApprovalRule
from alma.core.model.base import Frozen
from alma.core.model.ipr import IPR, Review, ReviewAction

Counts = Callable[[Review, ApprovalRule], bool]
"""Whether somebody's approval of the plan at hand counts for a rule."""


class Need(Frozen):
    """One rule that fits a request, and whose approvals count for it."""

    rule: ApprovalRule
    given_by: tuple[str, ...] = ()
    missing: int = Field(ge=0, description="How many more different people.")

    @property
    def told(self) -> str:
        """What is missing, in words; empty when nothing is."""
        if not self.missing:
            return ""
        more = "approval" if self.missing == 1 else "approvals"
        approvers = self.rule.approvers
        whom = f" from {' or '.join(map(_who, approvers))}" if approvers else ""
        return f"{self.missing} {'more ' if self.given_by else ''}{more}{whom}{_where(self.rule)}"


class Approvals(Frozen):
    """Whether a plan is approved. `held_by` have asked for changes of it and not taken that back."""

    needs: tuple[Need, ...]
    held_by: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the plan may run, as far as people are concerned."""
        return not self.held_by and not any(need.missing for need in self.needs)

    @property
    def by(self) -> frozenset[str]:
        """Everybody whose approval counts for something."""
        return frozenset(name for need in self.needs for name in need.given_by)

    @property
    def told(self) -> str:
        """What is missing, in words; empty when nothing is."""
        waits = [need.told for need in self.needs if need.missing]
        held = (
            [f"{', '.join(self.held_by)} to agree after asking for changes"] if self.held_by else []
        )
        return "; ".join([*waits, *held])


def fitting(
    rules: Sequence[ApprovalRule], *, place: str, environment: str | None
) -> tuple[ApprovalRule, ...]:
    """The rules for what lands at a place in an environment."""
    return tuple(
        rule
        for rule in rules
        if (rule.engine is None or rule.engine.casefold() in {place, place.partition("@")[0]})
        and (rule.environment is None or rule.environment.casefold() == environment)
    )


def last_words(ipr: IPR) -> Mapping[str, Review]:
    """What each reviewer said last of exactly the plan at hand."""
    return {
        review.principal: review for review in ipr.reviews if review.plan_digest == ipr.plan.digest
    }


def approvals(ipr: IPR, rules: Sequence[ApprovalRule], counts: Counts) -> Approvals:
    """Where a request stands under the rules that fit it; without any, one approval is enough."""
    words = last_words(ipr)
    yes = [item for item in words.values() if item.action is ReviewAction.APPROVE]
    needs = []
    for rule in rules or (ApprovalRule(),):
        given = tuple(item.principal for item in yes if counts(item, rule))
        needs.append(Need(rule=rule, given_by=given, missing=max(0, rule.approvals - len(given))))
    held = [name for name, item in words.items() if item.action is ReviewAction.REQUEST_CHANGES]
    return Approvals(needs=tuple(needs), held_by=tuple(held))


def _who(approver: str) -> str:
    role = approver.removeprefix("role:")
    return f"somebody with the role {role}" if role != approver else approver


def _where(rule: ApprovalRule) -> str:
    parts = [
        f" on {rule.engine}" if rule.engine else "",
        f" in {rule.environment}" if rule.environment else "",
    ]
    return "".join(parts)
