"""The gate before approval and deployment: mandatory rules, and the versions of rules and prices that a plan rests on.

A plan may not run while it breaks a mandatory rule that nobody answers for. What could not be judged is not passed:
where the rules can't be asked, or a file of rules can't be read in full, the gate stays shut and says why. Removing
things is not held to rules: what is dangerous must be able to go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alma.core.model.base import Json, digest_of
from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Severity
from alma.core.model.errors import AlmaError, PlanStale, PolicyViolation
from alma.core.model.finding import Assessment, Finding, Level, Result
from alma.core.model.plan import Plan, PlanKind
from alma.core.services.estimates import Estimates
from alma.core.services.policies import Policies

NONE = "none"
"""The stamp of what is not held to rules or prices."""
UNKNOWN = "unknown"
_NAMED = 8
# What evaluation calls a rule that failed over a blueprint; every other fault is of a file.
_COMPUTED = "policy_rule"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The rules and the prices that a plan was made by: inputs of its digest."""

    policy: str = NONE
    prices: str = NONE


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say, or `failure`: why they could not be asked, or not all of them."""

    assessment: Assessment | None = None
    failure: str | None = None

    @property
    def gating(self) -> Sequence[Finding]:
        """Broken mandatory rules that nobody answers for."""
        return self.assessment.gating if self.assessment else ()

    @property
    def open(self) -> bool:
        """Whether a request may pass."""
        return self.failure is None and not self.gating


class Gate:
    """Judges blueprints by the rules of their project. Everything here is arithmetic over rules: call it in a
    thread."""

    def __init__(self, policies: Policies, estimates: Estimates) -> None:
        self._policies = policies
        self._estimates = estimates

    # ── what a plan rests on ─────────────────────────────────────────────────────────────────────

    def stamp(self, project: str, blueprint: Blueprint, kind: PlanKind) -> Stamp:
        """The rules that hold with the waivers that let this blueprint pass, and the book that prices it. Another one
        makes another plan. Never raises: what can't be known is UNKNOWN."""
        if kind is PlanKind.DESTROY:
            return Stamp()
        return Stamp(
            policy=_known(lambda: self._rules(project, blueprint)),
            prices=_known(lambda: self._estimates.books(project)),
        )

    def _rules(self, project: str, blueprint: Blueprint) -> str:
        bundle = self._policies.bundle(project)
        if not self._may_be_waived(project, blueprint):
            return bundle
        found = self._policies.assess(project, blueprint).findings
        held = [_answered_for(item) for item in found if item.level is Level.MANDATORY]
        waived = sorted(item for item in held if item is not None)
        return digest_of([bundle, waived]) if waived else bundle

    def _may_be_waived(self, project: str, blueprint: Blueprint) -> bool:
        """Whether anybody answers for anything here. Asking every rule to know is for when somebody does."""
        if blueprint.metadata.get("policy"):
            return True
        waivers = self._policies.waivers(project)
        return any(waiver.blueprint in {None, blueprint.name} for waiver in waivers)

    # ── what is refused ──────────────────────────────────────────────────────────────────────────

    def judge(self, project: str, blueprint: Blueprint) -> Judgement:
        """What the rules say of a blueprint. Never raises for rules that can't be asked."""
        try:
            assessment = self._policies.assess(project, blueprint)
        except AlmaError as error:
            return Judgement(failure=f"the rules could not be asked: {error.message}")
        return Judgement(assessment, self._unread(project, assessment))

    def _unread(self, project: str, assessment: Assessment) -> str | None:
        """Why not every mandatory rule was asked: what can't be read of a file may be one, or make one of a rule."""
        advisory = {
            rule.id for rule in self._policies.rules(project) if rule.level is not Level.MANDATORY
        }
        faults = [
            item
            for item in assessment.problems
            if item.severity is Severity.ERROR
            and (item.code != _COMPUTED or item.message.partition(":")[0] not in advisory)
        ]
        if not faults:
            return None
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        line = f":{faults[0].line}" if faults[0].line else ""
        return f"not every rule could be asked: {faults[0].path}{line}: {faults[0].message}{more}"

    def require(self, project: str, blueprint: Blueprint, plan: Plan, *, ipr_id: int) -> None:
        """Raises PolicyViolation, with the rules and places, where the plan may not run; PlanStale where it was made by
        other rules or prices than those that hold."""
        if plan.target.kind is PlanKind.DESTROY:
            return
        judgement = self.judge(project, blueprint)
        if not judgement.open:
            raise violation(judgement, name=f"IPR {ipr_id}", ipr_id=ipr_id)
        stamp = self.stamp(project, blueprint, plan.target.kind)
        moved = moved_since(plan, stamp)
        if moved:
            raise PlanStale(
                f"{' and '.join(moved)} since the plan of IPR {ipr_id} was made",
                hint="plan the request again, then look at it and approve it",
                details={
                    "ipr_id": ipr_id,
                    "plan_digest": plan.digest,
                    "differences": list(moved),
                },
            )


def violation(judgement: Judgement, *, name: str, ipr_id: int | None = None) -> PolicyViolation:
    """The refusal: which rules, where, and what to do."""
    request: dict[str, Json] = {} if ipr_id is None else {"ipr_id": ipr_id}
    if judgement.failure is not None and not judgement.gating:
        return PolicyViolation(
            f"{name} can't be judged: {judgement.failure}",
            hint="what is not judged does not pass: mend the file or what is named, then try again",
            details={**request, "rules": [], "failure": judgement.failure},
        )
    found = judgement.gating
    told = "; ".join(f"{item.rule} at {item.path}: {item.message}" for item in found[:_NAMED])
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    broken = "a mandatory rule" if len(found) == 1 else f"{len(found)} mandatory rules"
    ways = [item.remediation.rstrip(".") for item in found[:1] if item.remediation]
    mend = f"mend the blueprint ({ways[0]})" if ways else "mend the blueprint"
    return PolicyViolation(
        f"{name} breaks {broken}: {told}{more}",
        hint=f"{mend}, or waive the rule with a reason and a last day; then plan the request again",
        details={
            **request,
            "rules": sorted({item.rule for item in found}),
            "findings": [
                {"rule": item.rule, "path": item.path, "message": item.message} for item in found
            ],
        },
    )


def moved_since(plan: Plan, stamp: Stamp) -> tuple[str, ...]:
    """What the plan rests on that is another by now, in words."""
    said = (
        ("policy", stamp.policy, "the rules changed"),
        ("prices", stamp.prices, "the prices changed"),
    )
    return tuple(words for key, now, words in said if plan.inputs.get(key) != now)


def _answered_for(item: Finding) -> list[str] | None:
    waiver = item.waiver if item.result is Result.WAIVED else None
    if waiver is None:
        return None
    return [item.rule, item.path, waiver.id, waiver.expires.isoformat(), waiver.reason]


def _known(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except AlmaError:
        return UNKNOWN
