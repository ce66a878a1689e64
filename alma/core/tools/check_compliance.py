"""Holds a blueprint against the controls of public frameworks, and says of each what a blueprint can show."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from pydantic import Field

from alma.core.model.base import Json
from alma.core.model.finding import Finding
from alma.core.policy.compliance import MEANING, ControlStatus, Judgement, Standing, place
from alma.core.policy.report import Report, to_html, to_markdown
from alma.core.services.compliance import Audit
from alma.core.tools.kit import Call, Subject
from alma.core.tools.security_audit import Standards
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool


class ComplianceArguments(OfBlueprint):
    """What to look at, and against which standards."""

    standards: Standards = Field(
        default=None,
        description="cis, nist, pci-dss, hipaa, gdpr, soc2, iso27001, or those of own rules. None: all.",
    )
    generate_report: bool = Field(
        default=False, description="Also a report in JSON, Markdown and HTML."
    )


class ComplianceCheck(Answer):
    """What can be said of each standard and of each of its controls."""

    compliance: Mapping[str, Standing] = Field(description="By standard. Never that it is met.")
    standards: tuple[Judgement, ...]
    findings: tuple[Finding, ...] = Field(description="The evidence that controls refer to.")
    security_score: float
    report: Mapping[str, Json] | None = Field(
        default=None, description="The same in json for programs, markdown to read, html to print."
    )


async def run(given: ComplianceArguments, call: Call) -> ComplianceCheck:
    """The check. Raises InvalidInput naming the known standards for one that is unknown."""
    subject = await subject_of(given, call)
    call.progress("asking the rules", None)
    audit = await asyncio.to_thread(_audit, subject, given, call)
    return await asyncio.to_thread(_answer, audit, subject, given, call)


def _audit(subject: Subject, given: ComplianceArguments, call: Call) -> Audit:
    """Who asks for no standard asks for every one, also for those that are about certain data."""
    compliance, project = call.kit.compliance, call.principal.project
    every = tuple(framework.id for framework in compliance.known(project))
    return compliance.audit(project, subject.blueprint, asked=given.standards or every)


def _answer(
    audit: Audit, subject: Subject, given: ComplianceArguments, call: Call
) -> ComplianceCheck:
    findings = evidence_of(audit)
    report = Report(
        blueprint=subject.blueprint.name,
        revision=subject.revision,
        at=call.kit.clock.now(),
        bundle=audit.assessment.bundle,
        score=audit.assessment.score,
        judgements=audit.judgements,
        findings=findings,
        problems=audit.assessment.problems,
    )
    return ComplianceCheck(
        summary=_told(audit.judgements),
        sources=(f"policy bundle {audit.assessment.bundle}",),
        assumptions=(MEANING,),
        compliance={judgement.name: judgement.standing for judgement in audit.judgements},
        standards=audit.judgements,
        findings=findings,
        security_score=audit.assessment.score.value,
        report=_texts(report) if given.generate_report else None,
    )


def evidence_of(audit: Audit) -> tuple[Finding, ...]:
    """The findings that controls name."""
    named = {
        name
        for judgement in audit.judgements
        for control in judgement.controls
        for name in control.findings
    }
    return tuple(item for item in audit.assessment.findings if place(item) in named)


def _texts(report: Report) -> dict[str, Json]:
    return {
        "json": report.model_dump(mode="json"),
        "markdown": to_markdown(report),
        "html": to_html(report),
    }


def _told(judgements: Sequence[Judgement]) -> str:
    lines = [
        f"{judgement.name}: {judgement.standing} ({_short(judgement)})" for judgement in judgements
    ]
    return f"{'; '.join(lines)}. Controls about people and practice are not in a blueprint."


def _short(judgement: Judgement) -> str:
    return ", ".join(f"{judgement.counts[status]} {status}" for status in ControlStatus)


TOOL = Tool(
    name="check_compliance",
    title="Check a blueprint against standards",
    description=(
        "Says of every control of CIS, NIST 800-53, PCI DSS, HIPAA, GDPR, SOC 2 and ISO 27001 whether a blueprint "
        "passes, fails, is not concerned, or can't show it, with the findings that say so; as a report on request."
    ),
    arguments=ComplianceArguments,
    answer=ComplianceCheck,
    run=run,
    words=("compliance", "compliant", "gdpr", "hipaa", "pci", "soc2", "iso 27001", "nist", "cis"),
    examples=(
        Example(
            "Card data in a database without a backup",
            {
                "blueprint": {
                    "name": "payments",
                    "metadata": {"environment": "production"},
                    "resources": [
                        {
                            "name": "cards",
                            "type": "database",
                            "engine": "postgresql",
                            "metadata": {"data": {"classes": ["cardholder"]}},
                        }
                    ],
                },
                "standards": ["PCI-DSS", "ISO 27001"],
            },
        ),
    ),
    tags=frozenset({"policy"}),
)
