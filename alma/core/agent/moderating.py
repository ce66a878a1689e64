"""Puts together what each of the council says: every finding once, the strictest verdict, and what is disputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from alma.core.model.base import Json
from alma.core.model.conversation import SetField
from alma.core.model.cost import CostLine, Estimate
from alma.core.model.council import (
    TITLES,
    Agent,
    AgentReport,
    AgentSummary,
    CouncilFinding,
    CouncilReport,
    CouncilVerdict,
    worst,
)
from alma.core.model.finding import Gravity, Result
from alma.core.services.dossiers import Dossier

SHOWN = 150
# Of the estimate: a reviewer reads the dearest, and ten thousand would be kept with every request.
LINES_SHOWN = 100
_VERDICTS = list(CouncilVerdict)
_GRAVITIES = list(Gravity)
# From here on two verdicts are no matter of degree.
_APART = 2
_MORE = ("count", "specs.", "backup")


def moderated(dossier: Dossier, reports: Iterable[AgentReport]) -> CouncilReport:
    """One report of all. The verdict is the strictest of anybody's: nobody is outvoted."""
    said = sorted(reports, key=lambda report: list(Agent).index(report.agent))
    findings = merged(found for report in said for found in report.findings)
    gating = [found for found in findings if found.gating]
    kept = findings[: max(SHOWN, len(gating))]
    judgement = dossier.judgement
    assessment = judgement.assessment if judgement else None
    results = [item.result for item in assessment.findings] if assessment else []
    estimate, before = dossier.estimate, dossier.before
    return CouncilReport(
        verdict=worst(*(report.verdict for report in said)),
        shut=judgement is not None and not judgement.open,
        findings=tuple(kept),
        omitted=len(findings) - len(kept),
        agents=tuple(_summary(report) for report in said),
        disagreements=tuple(disagreements(said)),
        unexamined=dossier.unexamined,
        waived=results.count(Result.WAIVED),
        self_waived=len(assessment.self_waived) if assessment else 0,
        unsaid=results.count(Result.UNKNOWN),
        estimate=estimate.model_copy(update={"lines": dearest(estimate)}) if estimate else None,
        lines_left_out=max(len(estimate.lines) - LINES_SHOWN, 0) if estimate else 0,
        delta=float(estimate.monthly - before.monthly) if estimate and before else None,
        compared_with=before.what if before else None,
        bundle=dossier.bundle,
        book=dossier.book,
        plan_digest=dossier.plan.digest if dossier.plan else None,
        blueprint_name=dossier.blueprint.name,
    )


def dearest(estimate: Estimate) -> tuple[CostLine, ...]:
    """The lines that cost most, in the order of the estimate; of equals, the first."""
    by_cost = sorted(enumerate(estimate.lines), key=lambda item: -item[1].monthly)
    return tuple(line for _, line in sorted(by_cost[:LINES_SHOWN], key=lambda item: item[0]))


def _summary(report: AgentReport) -> AgentSummary:
    return AgentSummary(
        agent=report.agent,
        verdict=report.verdict,
        findings=len(report.findings),
        prose=report.prose,
        model=report.model,
        silence=report.silence,
    )


# ── each finding once ────────────────────────────────────────────────────────────────────────────


def merged(findings: Iterable[CouncilFinding]) -> list[CouncilFinding]:
    """Findings of one code at one place are one, of all who have it; the strictest first."""
    found: dict[tuple[str, str], CouncilFinding] = {}
    for item in findings:
        key = (item.code, item.path)
        found[key] = _both(found[key], item) if key in found else item
    return sorted(
        found.values(),
        key=lambda item: (-_VERDICTS.index(item.verdict), _GRAVITIES.index(item.severity)),
    )


def _both(one: CouncilFinding, other: CouncilFinding) -> CouncilFinding:
    more = tuple(cited for cited in other.citations if cited not in one.citations)
    graver = min(one, other, key=lambda item: _GRAVITIES.index(item.severity))
    return one.model_copy(
        update={
            "agents": tuple(dict.fromkeys((*one.agents, *other.agents))),
            "citations": (*one.citations, *more),
            "severity": graver.severity,
            "verdict": worst(one.verdict, other.verdict),
            "gating": one.gating or other.gating,
            "fix": one.fix or other.fix,
        }
    )


# ── where they don't agree ───────────────────────────────────────────────────────────────────────


def disagreements(reports: Sequence[AgentReport]) -> Iterator[str]:
    """In words: verdicts that are far apart, remedies that pull one value two ways, and such as cost what is not
    there."""
    yield from _verdicts_apart(reports)
    yield from _two_ways(reports)
    yield from _too_dear(reports)


def _verdicts_apart(reports: Sequence[AgentReport]) -> Iterator[str]:
    by_verdict: dict[CouncilVerdict, list[str]] = {}
    for report in reports:
        by_verdict.setdefault(report.verdict, []).append(TITLES[report.agent])
    ranks = sorted(by_verdict, key=_VERDICTS.index)
    if len(ranks) < 2 or _VERDICTS.index(ranks[-1]) - _VERDICTS.index(ranks[0]) < _APART:
        return
    strict, mild = by_verdict[ranks[-1]], by_verdict[ranks[0]]
    yield f"{' and '.join(strict)}: {_SAYS[ranks[-1]]}; {' and '.join(mild)}: {_SAYS[ranks[0]]}."


def _two_ways(reports: Sequence[AgentReport]) -> Iterator[str]:
    wanted: dict[tuple[str, str], tuple[Agent, str, Json]] = {}
    for report in reports:
        for found in report.findings:
            for edit in found.fix:
                if not isinstance(edit, SetField):
                    continue
                key = (edit.name, edit.path)
                other = wanted.setdefault(key, (report.agent, found.code, edit.value))
                if other[0] is not report.agent and other[2] != edit.value:
                    yield (
                        f"{TITLES[other[0]]} would set {edit.path} of {edit.name} to {other[2]} ({other[1]}), "
                        f"{TITLES[report.agent]} to {edit.value} ({found.code})."
                    )


def _too_dear(reports: Sequence[AgentReport]) -> Iterator[str]:
    over = [
        found for report in reports for found in report.findings if found.code == "COST-OVER-LIMIT"
    ]
    if not over:
        return
    dearer = {
        found.code: report.agent
        for report in reports
        if report.agent is not Agent.FINOPS
        for found in report.findings
        for edit in found.fix
        if isinstance(edit, SetField) and edit.path.startswith(_MORE)
    }
    if dearer:
        who = " and ".join(dict.fromkeys(TITLES[agent] for agent in dearer.values()))
        yield (
            f"FinOps says that it costs more than its limit already ({over[0].message}); what {who} would have "
            f"({', '.join(sorted(dearer))}) comes on top of that."
        )


_SAYS: Mapping[CouncilVerdict, str] = {
    CouncilVerdict.APPROVE: "nothing against it",
    CouncilVerdict.COMMENT: "only remarks",
    CouncilVerdict.REQUEST_CHANGES: "asks for changes",
    CouncilVerdict.BLOCK: "can't go on like this",
}
