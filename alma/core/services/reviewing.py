"""Who may decide on an Infrastructure Pull Request, and what counts as an approval of the plan that it has now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alma.core.model.access import ApprovalRule, Permission, ProjectRules
from alma.core.model.approvals import Approvals, approvals, fitting
from alma.core.model.errors import ApprovalRequired, Forbidden, InvalidInput, PlanStale
from alma.core.model.ipr import IPR, IPRState, Review, ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL, Principal
from alma.core.policy.derived import environment_of
from alma.core.ports import Transaction

AUTO_APPROVER = "auto-approve"

STATE_AFTER = {
    ReviewAction.APPROVE: IPRState.APPROVED,
    ReviewAction.REJECT: IPRState.REJECTED,
    ReviewAction.REQUEST_CHANGES: IPRState.PENDING,
}
"""What a review makes of a request that no further approval is needed for."""


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody is in a project right now."""

    permissions: frozenset[Permission]
    roles: frozenset[str] = frozenset()


Present = Callable[[Transaction, str, str], Held | None]
"""What a principal is in a project right now; None for who is nobody there any more."""


def _as_then(transaction: Transaction, principal: str, project: str) -> Held:
    """Whoever was allowed to approve still is: right where nobody can be taken a role from."""
    return Held(frozenset({Permission.IPR_APPROVE}))


@dataclass(frozen=True)
class ReviewRules:
    """What holds where a project says nothing else. `require_review`: the author's own approval does not count.
    `auto_approve`: a new request that no rule of its project fits needs no one. `present`: who is what now, so that an
    approval ends with the role that it rested on."""

    require_review: bool = False
    auto_approve: bool = False
    present: Present = _as_then

    # ── where a request stands ───────────────────────────────────────────────────────────────────

    def approvals(self, transaction: Transaction, ipr: IPR) -> Approvals:
        """What the plan at hand needs and has."""
        rules = _rules(transaction, ipr.project)
        found = _fitting(transaction, rules, ipr)
        authors = frozenset() if self._author_may_approve(rules) else _authors(transaction, ipr)
        held: dict[str, Held | None] = {}

        def counts(review: Review, rule: ApprovalRule) -> bool:
            name = review.principal
            if name == AUTO_APPROVER:
                return not found
            if name in authors:
                return False
            if name not in held:
                held[name] = self.present(transaction, name, ipr.project)
            now = held[name]
            return (
                now is not None
                and Permission.IPR_APPROVE in now.permissions
                and _among(name, now, rule)
            )

        return approvals(ipr, found, counts)

    def approves_by_itself(self, transaction: Transaction, ipr: IPR) -> bool:
        """Whether a new request needs nobody: by configuration, and only where no rule asks for somebody."""
        rules = _rules(transaction, ipr.project)
        wanted = self.auto_approve if rules.auto_approve is None else rules.auto_approve
        return wanted and not _fitting(transaction, rules, ipr)

    def refusal(self, transaction: Transaction, principal: Principal, ipr: IPR) -> str | None:
        """Why the caller's own approval of the plan at hand would be refused, or counts for nothing; None if it would
        count. What stands against anybody's is not said here."""
        if not principal.may(Permission.IPR_APPROVE):
            return f"{principal.person} may not approve requests here"
        rules = _rules(transaction, ipr.project)
        if self._author_may_approve(rules):
            return None
        try:
            _refuse_author(transaction, principal, ipr, rules)
        except Forbidden as refused:
            return f"{refused.message}: {refused.hint}"
        return None

    def decides_alone(self, transaction: Transaction, principal: Principal, ipr: IPR) -> bool:
        """Whether one word of the caller is all that a plan of this request needs, also of their own request."""
        rules = _rules(transaction, ipr.project)
        alone = self._author_may_approve(rules) and rules.approver_may_deploy
        return alone and principal.may_approve and not _fitting(transaction, rules, ipr)

    def leaves_own_out(self, transaction: Transaction, project: str) -> bool:
        """Whether what somebody opened themselves is nothing that they are asked to decide on."""
        return not self._author_may_approve(_rules(transaction, project))

    def _author_may_approve(self, rules: ProjectRules) -> bool:
        said = rules.author_may_approve
        return not self.require_review if said is None else said

    # ── what is refused ──────────────────────────────────────────────────────────────────────────

    def check(
        self,
        transaction: Transaction,
        principal: Principal,
        ipr: IPR,
        action: ReviewAction,
        plan_digest: str | None,
    ) -> None:
        """Holds a review to the rules, before it is recorded. Raises Forbidden, PlanStale, InvalidInput where the plan
        can't run, IllegalTransition."""
        if ipr.state is not STATE_AFTER[action]:
            ipr.require(STATE_AFTER[action])
        if action is not ReviewAction.APPROVE:
            return
        principal.require(Permission.IPR_APPROVE)
        rules = _rules(transaction, ipr.project)
        if not self._author_may_approve(rules):
            _refuse_author(transaction, principal, ipr, rules)
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

    def require_approval(self, transaction: Transaction, principal: Principal, ipr: IPR) -> None:
        """Only what everybody has approved who has to may run: exactly this plan, by people who still may. Raises
        ApprovalRequired saying how many of whose approvals are missing, Forbidden for who approved it themselves where
        that is to be somebody else."""
        stands = self.approvals(transaction, ipr)
        rules = _rules(transaction, ipr.project)
        if ipr.state is IPRState.PENDING or not stands.complete:
            raise _not_approved(ipr, stands, principal, rules, _authors(transaction, ipr))
        if not rules.approver_may_deploy and principal.person in stands.by:
            raise Forbidden(
                f"{principal.person} approved IPR {ipr.id}, and can't start it, too",
                hint=f"project {ipr.project} wants somebody else to start what one has approved",
            )


def _not_approved(
    ipr: IPR,
    stands: Approvals,
    principal: Principal,
    rules: ProjectRules,
    authors: frozenset[str],
) -> ApprovalRequired:
    own = any(
        review.action is ReviewAction.APPROVE
        and review.principal in authors
        and review.plan_digest == ipr.plan.digest
        and review.principal not in stands.by
        for review in ipr.reviews
    )
    usual = [need.rule for need in stands.needs] == [ApprovalRule()] and not stands.held_by
    hint = "look at its plan and approve it first" if usual else f"it needs {stands.told}"
    return ApprovalRequired(
        f"IPR {ipr.id} is {ipr.state}: its plan is not approved"
        + (" by anybody but its author" if own and not stands.by else ""),
        hint=_who_else(principal, rules) if own and not stands.by else hint,
        details={
            "ipr_id": ipr.id,
            "plan_digest": ipr.plan.digest,
            "self_approved": own,
            "missing": [
                {
                    "approvals": need.missing,
                    "approvers": list(need.rule.approvers),
                    "engine": need.rule.engine,
                    "environment": need.rule.environment,
                    "given_by": list(need.given_by),
                }
                for need in stands.needs
                if need.missing
            ],
            "held_by": list(stands.held_by),
        },
    )


def _among(name: str, now: Held, rule: ApprovalRule) -> bool:
    roles = {f"role:{role}" for role in now.roles}
    return not rule.approvers or name in rule.approvers or not roles.isdisjoint(rule.approvers)


def _rules(transaction: Transaction, project: str) -> ProjectRules:
    """A project that nobody made has none."""
    found = transaction.projects.list(ids=[project], limit=1)
    return found[0].rules if found else ProjectRules()


def _authors(transaction: Transaction, ipr: IPR) -> frozenset[str]:
    """Whose work a plan is: who opened the request, who chose its engine or pace later, and whoever wrote a revision
    that is not deployed yet.

    A plan carries all that was written since what its stack has, not only what the last one wrote: else two people
    could each write a part, and approve each other's. What was deployed was approved by somebody, and counts no more;
    after a destroy nothing is deployed."""
    target, asked = ipr.plan.target, frozenset({ipr.author, *ipr.plan.steered_by})
    if target.kind is PlanKind.DESTROY:
        return asked
    stack = transaction.stacks.find(
        blueprint_id=target.blueprint_id, engine=target.engine, project=ipr.project
    )
    deployed = (stack.revision if stack is not None else None) or 0
    wrote = transaction.blueprints.authors(
        target.blueprint_id,
        project=ipr.project,
        after=min(deployed, target.revision - 1),
        upto=target.revision,
    )
    return wrote | asked


def _refuse_author(
    transaction: Transaction, principal: Principal, ipr: IPR, rules: ProjectRules
) -> None:
    if principal.person not in _authors(transaction, ipr):
        return
    if principal.person == ipr.author:
        own = f"was opened by {principal.person}"
    elif principal.person in ipr.plan.steered_by:
        own = f"was planned as {principal.person} chose"
    else:
        own = f"has what {principal.person} wrote since the last deployment"
    raise Forbidden(
        f"IPR {ipr.id} {own}, who can't approve it",
        hint=_who_else(principal, rules),
    )


def _fitting(transaction: Transaction, rules: ProjectRules, ipr: IPR) -> tuple[ApprovalRule, ...]:
    if not rules.approvals:
        return ()
    target = ipr.plan.target
    planned = transaction.blueprints.revision(
        target.blueprint_id, target.revision, project=ipr.project
    )
    said = planned.blueprint.metadata.get("environment")
    environment = environment_of(said) if isinstance(said, str) else None
    return fitting(_normal(rules.approvals), place=target.engine, environment=environment)


def _normal(rules: tuple[ApprovalRule, ...]) -> tuple[ApprovalRule, ...]:
    """Environments by the one name that each has: prod is production, in a rule as in a blueprint."""
    return tuple(
        rule.model_copy(update={"environment": environment_of(rule.environment)}) for rule in rules
    )


def _who_else(principal: Principal, rules: ProjectRules) -> str:
    """What an author does whose own approval does not count. Without users, everybody is the local one."""
    if principal.id == LOCAL.id and rules.author_may_approve is None:
        return (
            f"reviews by somebody else are required here, and so far everybody is '{LOCAL.id}': to let your own "
            "approval count (it is recorded as such), unset ALMA_IPR_REQUIRE_REVIEW and start the server again"
        )
    return "reviews by somebody else are required here: ask another approver"
