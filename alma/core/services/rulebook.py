"""The rules of the caller's project as people look at them, and who answers for what they say.

What ALMA itself judges by them (`Policies`) asks no permission: a gate must not open because somebody may not see it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.finding import Assessment, Rule, Waiver
from alma.core.model.principal import Principal
from alma.core.services.policies import Policies


@dataclass(frozen=True, slots=True)
class Listed:
    """Every rule of a project, and what is wrong with its files of rules."""

    bundle: str
    rules: Sequence[Rule]
    problems: Sequence[Diagnostic]


class Rulebook:
    """Rules, assessments and waivers of the caller's project. Call it in a thread."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def list(self, principal: Principal) -> Listed:
        """Every rule, those that are off among them."""
        principal.require(Permission.POLICY_READ)
        project = principal.project
        return Listed(
            bundle=self._policies.bundle(project),
            rules=self._policies.rules(project),
            problems=self._policies.problems(project),
        )

    def rule(self, principal: Principal, rule_id: str) -> Rule:
        """The rule of that id, whatever its case. Raises NotFound."""
        principal.require(Permission.POLICY_READ)
        return self._policies.rule(principal.project, rule_id)

    def assess(
        self,
        principal: Principal,
        blueprint: Blueprint | Callable[[], Blueprint],
        *,
        frameworks: Collection[str] = (),
    ) -> Assessment:
        """What the rules say of a blueprint, or of the one that is looked up once that may be asked, today. With
        `frameworks`, only those that are evidence for one of them."""
        principal.require(Permission.POLICY_READ)
        meant = blueprint if isinstance(blueprint, Blueprint) else blueprint()
        return self._policies.assess(principal.project, meant, frameworks=frameworks)

    def waivers(self, principal: Principal, *, past: bool = False) -> Sequence[Waiver]:
        """The waivers that hold today; with `past`, also those that are over or were taken back. Oldest first."""
        principal.require(Permission.POLICY_READ)
        return self._policies.waivers(principal.project, past=past)

    def waive(self, principal: Principal, waiver: Waiver) -> Waiver:
        """Answers for a broken rule in the caller's name. Raises as `Policies.waive` does."""
        principal.require(Permission.POLICY_WAIVE)
        return self._policies.waive(principal, waiver)

    def unwaive(self, principal: Principal, waiver_id: str) -> Waiver:
        """Takes a waiver back. Raises as `Policies.unwaive` does."""
        principal.require(Permission.POLICY_WAIVE)
        return self._policies.unwaive(principal, waiver_id)
