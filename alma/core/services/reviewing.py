"""Who may decide on an Infrastructure Pull Request, and what counts as an approval of the plan that it has now."""

from __future__ import annotations

from dataclasses import dataclass

from alma.core.model.errors import ApprovalRequired, Forbidden, InvalidInput, PlanStale
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.principal import LOCAL, Principal

STATE_AFTER = {
    ReviewAction.APPROVE: IPRState.APPROVED,
    ReviewAction.REJECT: IPRState.REJECTED,
    ReviewAction.REQUEST_CHANGES: IPRState.PENDING,
}
"""What a review makes of a request."""


@dataclass(frozen=True)
class ReviewRules:
    """`require_review`: the author's own approval does not count. `auto_approve`: a new request needs no one."""

    require_review: bool = False
    auto_approve: bool = False

    def check(
        self, principal: Principal, ipr: IPR, action: ReviewAction, plan_digest: str | None
    ) -> None:
        """Holds a review to the rules, before it is recorded. Raises Forbidden, PlanStale, InvalidInput where the plan
        can't run, IllegalTransition."""
        if ipr.state is not STATE_AFTER[action]:
            ipr.require(STATE_AFTER[action])
        if action is not ReviewAction.APPROVE:
            return
        if principal.id == ipr.author and self.require_review:
            raise Forbidden(
                f"IPR {ipr.id} was opened by {principal.id}, who can't approve it",
                hint=_who_else(principal),
            )
        if plan_digest is not None and plan_digest != ipr.plan.digest:
            raise PlanStale(
                f"IPR {ipr.id} has another plan than the one that was looked at",
                hint="look at the present plan, then decide",
                details={"plan_digest": ipr.plan.digest},
            )
        if ipr.plan.blocked:
            faults = [str(item) for item in ipr.plan.diagnostics if item.severity == "error"]
            raise InvalidInput(
                f"the plan of IPR {ipr.id} can't run: {'; '.join(faults)}",
                hint="change the blueprint or the engine, then open a new request",
                details={"errors": faults},
            )

    def require_approval(self, principal: Principal, ipr: IPR) -> None:
        """An approval that lapsed does not count, and the author's own not where others must review. Raises
        ApprovalRequired."""
        approval = ipr.approval if ipr.state is not IPRState.PENDING else None
        own = approval is not None and approval.self_review
        if approval is None or (own and self.require_review):
            raise ApprovalRequired(
                f"IPR {ipr.id} is {ipr.state}: its plan is not approved"
                + (" by anybody but its author" if own else ""),
                hint=_who_else(principal) if own else "look at its plan and approve it first",
                details={
                    "ipr_id": ipr.id,
                    "plan_digest": ipr.plan.digest,
                    "self_approved": own,
                },
            )


def _who_else(principal: Principal) -> str:
    """What an author does whose own approval does not count. Until there are users, everybody is the local one."""
    if principal.id == LOCAL.id:
        return (
            f"reviews by somebody else are required here, and so far everybody is '{LOCAL.id}': to let your own "
            "approval count (it is recorded as such), unset ALMA_IPR_REQUIRE_REVIEW and start the server again"
        )
    return "reviews by somebody else are required here: ask another approver"
