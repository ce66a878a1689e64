"""What the rules say, as each of the council reads it: whose concern a rule is, and what breaking it calls for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alma.core.agent.examiners.findings import fact
from alma.core.model.council import (
    CALLS_FOR,
    Agent,
    Citation,
    CouncilFinding,
    CouncilVerdict,
    Evidence,
)
from alma.core.model.finding import Finding, Level, Result
from alma.core.services.dossiers import Dossier

_A, _S, _F = Agent.ARCHITECT, Agent.SECOPS, Agent.FINOPS
_CONCERNS: Mapping[str, tuple[Agent, ...]] = {
    "AVL": (_A,),
    "BCK": (_A, _S),
    "MON": (_A,),
    "SIZ": (_A, _F),
}
"""By the second part of a rule's id. What is not named here, rules of one's own too, is for SecOps."""
_MONEY = frozenset({"ALMA-GOV-003", "ALMA-GOV-005", "ALMA-GOV-006", "ALMA-GOV-010"})


def concerned(rule: str, level: Level) -> frozenset[Agent]:
    """Whose concern a rule is. A mandatory one is always for SecOps, too: it keeps the gate."""
    family = rule.split("-")[1] if rule.startswith("ALMA-") else ""
    agents = (_F,) if rule in _MONEY else _CONCERNS.get(family, (_S,))
    return frozenset(agents) | ({_S} if level is Level.MANDATORY else set())


def by_rules(agent: Agent, dossier: Dossier) -> Iterator[CouncilFinding]:
    """What the rules that concern an agent say. What nothing is said about is no finding, unless it is mandatory."""
    assessment = dossier.judgement.assessment if dossier.judgement else None
    for item in assessment.findings if assessment else ():
        silent = item.result is Result.UNKNOWN and item.level is not Level.MANDATORY
        if not silent and agent in concerned(item.rule, item.level):
            yield _found(agent, item)


def _found(agent: Agent, item: Finding) -> CouncilFinding:
    gating = item.result is Result.FAIL and item.level is Level.MANDATORY
    return CouncilFinding(
        agents=(agent,),
        code=item.rule,
        title=item.title,
        severity=item.severity,
        verdict=_verdict(item, gating=gating),
        path=item.path,
        message=_told(item),
        remediation=item.remediation,
        citations=(_rule(item), *_facts(item)),
        fix=item.fix if item.result is Result.FAIL else (),
        gating=gating,
    )


def _verdict(item: Finding, *, gating: bool) -> CouncilVerdict:
    if gating:
        return CouncilVerdict.BLOCK
    return CALLS_FOR[item.severity] if item.result is Result.FAIL else CouncilVerdict.COMMENT


def _told(item: Finding) -> str:
    waiver = item.waiver
    if item.result is not Result.WAIVED or waiver is None:
        return item.message
    who = waiver.by or "the blueprint"
    return f"{item.message} (waived until {waiver.expires.isoformat()} by {who}: {waiver.reason})"


def _rule(item: Finding) -> Citation:
    return Citation(
        kind=Evidence.RULE, path=item.path, ref=item.rule, value=f"{item.severity}, {item.level}"
    )


def _facts(item: Finding) -> Iterator[Citation]:
    where = f"resources.{item.resource}" if item.resource else ""
    for name, value in item.evidence.items():
        yield fact(where or item.path, name, value)
