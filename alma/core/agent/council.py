"""The council: Architect, SecOps and FinOps look at a blueprint and its plan at the same time, and say what they found.

Findings are computed and verdicts follow from them by a table; both are the same without a language model, and a model
can't change either. It only adds words (`prose.py`). What could not be looked at is said, and never taken for well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alma.core.agent.examiners import EXAMINATIONS
from alma.core.agent.moderating import moderated
from alma.core.agent.prose import Prose, Speech
from alma.core.model.blueprint import Blueprint
from alma.core.model.council import (
    Agent,
    AgentReport,
    CouncilFinding,
    CouncilReport,
    CouncilVerdict,
    worst,
)
from alma.core.model.plan import Plan
from alma.core.model.principal import Principal
from alma.core.ports import LanguageModel
from alma.core.services.dossiers import Dossier, Dossiers

PATIENCE_SECONDS = 20.0


class Council:
    """Examines plans and blueprints. `speaks` says whether a project's model is asked for words on every request; who
    convenes the council gets them wherever there is a model."""

    def __init__(
        self,
        dossiers: Dossiers,
        *,
        model: LanguageModel | None = None,
        speaks: Callable[[str], bool] = lambda project: True,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._dossiers = dossiers
        self._speech = Speech(model, patience=patience) if model is not None else None
        self._speaks = speaks

    async def examine(
        self, principal: Principal, plan: Plan, *, convened: bool = False
    ) -> CouncilReport:
        """What the council says of the plan of a saved revision. Raises NotFound when that is gone."""
        dossier = await self._dossiers.of_plan(principal, plan)
        wanted = convened or self._speaks(principal.project)
        return await self._deliberated(dossier, principal.project, self._speech if wanted else None)

    async def convene(
        self, principal: Principal, blueprint: Blueprint, plan: Plan | None = None
    ) -> CouncilReport:
        """What it says of a blueprint, and of its plan where there is one. Nothing is saved."""
        dossier = await self._dossiers.of_blueprint(principal, blueprint, plan)
        return await self._deliberated(dossier, principal.project, self._speech)

    async def _deliberated(
        self, dossier: Dossier, project: str, speech: Speech | None
    ) -> CouncilReport:
        # Its library takes half a second to load: not before somebody asks the council.
        from alma.core.agent.graph import deliberate

        return await deliberate(_Deliberation(dossier, project, speech))


class _Deliberation:
    """One dossier on its way through the council: what the nodes of its graph cause."""

    def __init__(self, dossier: Dossier, project: str, speech: Speech | None) -> None:
        self._dossier = dossier
        self._project = project
        self._speech = speech

    async def report(self, agent: Agent) -> AgentReport:
        """What one of them has found, with a model's words about it."""
        findings = tuple(EXAMINATIONS[agent](self._dossier))
        prose = await self._prose(agent, findings)
        return AgentReport(
            agent=agent,
            verdict=verdict_of(agent, self._dossier, findings),
            findings=findings,
            prose=prose.claims,
            model=prose.model,
            silence=prose.silence,
        )

    async def _prose(self, agent: Agent, findings: Sequence[CouncilFinding]) -> Prose:
        if self._speech is None:
            return Prose()
        return await self._speech.about(agent, self._dossier, findings, project=self._project)

    def moderate(self, reports: Sequence[AgentReport]) -> CouncilReport:
        """One report of all."""
        return moderated(self._dossier, reports)


def verdict_of(
    agent: Agent, dossier: Dossier, findings: Sequence[CouncilFinding]
) -> CouncilVerdict:
    """The strictest thing that any finding calls for. Rules that could not be asked keep the gate shut, and costs that
    nobody knows are worth a remark."""
    missing = CouncilVerdict.APPROVE
    if agent is Agent.SECOPS and dossier.judgement is not None and dossier.judgement.failure:
        missing = CouncilVerdict.BLOCK
    if agent is Agent.FINOPS and dossier.estimate is None:
        missing = CouncilVerdict.COMMENT
    return worst(missing, *(found.verdict for found in findings))
