"""What the rules say of a blueprint, held against controls of public frameworks: for tools and conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alma.core.model.blueprint import Blueprint
from alma.core.model.finding import Assessment
from alma.core.planning.collector import without_collector
from alma.core.policy.compliance import Judgement, Standing, data_classes, judge
from alma.core.policy.controls import Framework, Frameworks
from alma.core.ports import Transaction
from alma.core.services.policies import Policies


@dataclass(frozen=True, slots=True)
class Audit:
    """What the rules say, and what that says of the frameworks."""

    assessment: Assessment
    judgements: tuple[Judgement, ...]


class Compliance:
    """Audits with the rules of a project. `frameworks` are read when they are first needed."""

    def __init__(self, policies: Policies, frameworks: Callable[[], Frameworks]) -> None:
        self._policies = policies
        self._frameworks = frameworks

    def known(self, project: str) -> Sequence[Framework]:
        """Every framework that can be asked for: what is shipped, and what the project's own rules name."""
        return self._frameworks().extended(self._policies.rules(project)).known

    @without_collector
    def audit(
        self,
        project: str,
        blueprint: Blueprint,
        *,
        asked: Sequence[str] | None = None,
        within: Transaction | None = None,
    ) -> Audit:
        """Every rule of the project, and the frameworks that are asked for by any of their names. None: all of them,
        those that only concern certain data as far as the blueprint declares that data. Raises InvalidInput naming the
        known ones for a name that is none. `within` is as in `Policies.assess`. CPU-bound: call it in a thread."""
        rules = self._policies.rules(project)
        frameworks = self._frameworks().extended(rules)
        wanted = frameworks.known if asked is None else frameworks.find_all(asked)
        assessment = self._policies.assess(project, blueprint, within=within)
        classes = data_classes(blueprint)
        judged = [judge(found, rules, assessment, classes=classes) for found in wanted]
        if asked is None:
            judged = [_unasked(judgement) for judgement in judged]
        return Audit(assessment, tuple(judged))


def _unasked(judgement: Judgement) -> Judgement:
    """A framework that only concerns certain data has no standing where that data is not, or not known to be."""
    if judgement.concerns:
        return judgement
    silent = judgement.concerns is None
    standing = Standing.NOT_ASSESSABLE if silent else Standing.NOT_APPLICABLE
    return judgement.model_copy(update={"standing": standing})
