"""Plans as their reviewers see them."""

from __future__ import annotations

from alma.api.graphql.deriving import noun, shown
from alma.api.schemas.plans import PlanView, plan_view
from alma.core.model import plan as core


@noun(PlanView)
class Plan:
    """What would be done, and everything a reviewer has to know before it is."""


def show_plan(plan: core.Plan) -> Plan:
    """The plan for reviewers."""
    return shown(Plan, plan_view(plan))
