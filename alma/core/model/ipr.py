"""Infrastructure Pull Requests: a plan, the people's words on it, and the transitions that are legal."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.council import CouncilReport
from alma.core.model.errors import IllegalTransition
from alma.core.model.plan import Plan
from alma.core.model.version import version_of


class IPRState(StrEnum):
    """Where a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    DEPLOYING = "deploying"
    DEPLOYED = "deployed"
    FAILED = "failed"
    CANCELLED = "cancelled"


# A failed deployment may be retried after a new approval or as it is, and reviewed like anything that may still run;
# rejected, cancelled and deployed are ends.
IPR_TRANSITIONS: dict[IPRState, frozenset[IPRState]] = {
    IPRState.PENDING: frozenset({IPRState.APPROVED, IPRState.REJECTED, IPRState.CANCELLED}),
    IPRState.APPROVED: frozenset(
        {IPRState.DEPLOYING, IPRState.CANCELLED, IPRState.PENDING, IPRState.REJECTED}
    ),
    IPRState.DEPLOYING: frozenset({IPRState.DEPLOYED, IPRState.FAILED, IPRState.CANCELLED}),
    IPRState.FAILED: frozenset(
        {IPRState.DEPLOYING, IPRState.PENDING, IPRState.APPROVED, IPRState.REJECTED}
    ),
    IPRState.REJECTED: frozenset(),
    IPRState.DEPLOYED: frozenset(),
    IPRState.CANCELLED: frozenset(),
}


class ReviewAction(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"


class Whose(StrEnum):
    """Whose requests: those that one has opened, or those that wait for a word of whom one is one."""

    MINE = "mine"
    REVIEW = "review"


class Review(Frozen):
    """One reviewer's word. `plan_digest` is what was in front of them; `display` is only what they call themselves."""

    action: ReviewAction
    principal: str
    display: str | None = None
    comments: str = ""
    plan_digest: str
    self_review: bool = False
    created_at: datetime


class ChangesSummary(Frozen):
    """Addresses by what happens to them, computed from the plan."""

    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


_BEFORE = {IPRState.DEPLOYED: IPRState.DEPLOYING}
_WORDS = {IPRState.PENDING: "planned again", IPRState.DEPLOYING: "deployed"}


_DECISIVE = {"title", "description", "state", "deployment_id"}


class IPR(Frozen):
    """A request to let one plan run."""

    id: int
    project: str = "default"
    title: str
    description: str = ""
    state: IPRState
    author: str
    plan: Plan
    reviews: tuple[Review, ...] = ()
    deployment_id: str | None = None
    created_at: datetime
    updated_at: datetime
    council: CouncilReport | None = Field(
        default=None, description="What the council says of the plan; None if it never was asked."
    )
    engine_chosen: bool = Field(
        default=True, description="Whether the author named the engine, or the default was taken."
    )

    def require(self, to: IPRState) -> None:
        """Raises IllegalTransition unless the request may go from where it stands to `to`."""
        if to not in IPR_TRANSITIONS[self.state]:
            done = to in {self.state, _BEFORE.get(self.state)}
            cannot = "already" if done else f"and can't be {_WORDS.get(to, to)}"
            raise IllegalTransition(
                f"IPR {self.id} is {self.state} {cannot}",
                hint=self._way_on(),
                details={
                    "ipr_id": self.id,
                    "state": self.state.value,
                    "deployment_id": self.deployment_id,
                },
            )

    def _way_on(self) -> str:
        allowed = sorted(IPR_TRANSITIONS[self.state])
        if not allowed:
            return "it has ended: open a new request"
        if self.state is IPRState.DEPLOYING:
            return "wait until its deployment has ended, or cancel that"
        return f"from {self.state} it can become: {', '.join(allowed)}"

    @property
    def version(self) -> str:
        """Another one after every change that somebody's decision may rest on."""
        return version_of(
            {
                **self.model_dump(mode="json", include=_DECISIVE),
                "plan": self.plan.digest,
                "reviews": len(self.reviews),
            }
        )

    @property
    def approval(self) -> Review | None:
        """The approval that counts: the last word, if it approves exactly the plan at hand."""
        last = self.reviews[-1] if self.reviews else None
        if last and last.action is ReviewAction.APPROVE and last.plan_digest == self.plan.digest:
            return last
        return None

    def changes_summary(self) -> ChangesSummary:
        """What is added, modified and removed, from the plan and not from the author."""

        def of(*actions: str) -> tuple[str, ...]:
            return tuple(change.address for change in self.plan.changes if change.action in actions)

        return ChangesSummary(
            added=of("create", "adopt"), modified=of("update", "replace"), removed=of("delete")
        )
