"""Looks for what is unsafe in a blueprint, with its place, its evidence and what mends it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.base import Frozen, Json
from alma.core.model.conversation import Edit
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.finding import Assessment, Finding, Gravity, Level, Result, Waiver
from alma.core.policy.compliance import MEANING, Standing
from alma.core.services.compliance import Audit
from alma.core.tools.kit import Call
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

_GENERAL = frozenset({"", "all", "any", "general", "none"})
_ORDER = {gravity: number for number, gravity in enumerate(Gravity)}


def standards(value: Any) -> Any:
    """Frameworks as people write them: a list, one name, or several with commas; true is every one, false none."""
    if isinstance(value, bool):
        return None if value else ()
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        named = tuple(item.strip() for item in value if item.strip().casefold() not in _GENERAL)
        return named or None
    return value


def _gravity(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = value.strip().casefold()
    return {"moderate": "medium", "info": "low", "all": "low", "any": "low"}.get(word, word)


Standards = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(standards, json_schema_input_type=list[str] | str | bool | None),
]


class AuditArguments(OfBlueprint):
    """What to look at, how grave it has to be, and which frameworks to hold it against."""

    compliance_framework: Annotated[
        tuple[str, ...] | None, BeforeValidator(standards, json_schema_input_type=str | None)
    ] = Field(
        default=None,
        description="One framework (cis, nist, pci-dss, hipaa, gdpr, soc2, iso27001), or general.",
    )
    check_compliance: Standards = Field(
        default=None, description="The same, several: [SOC2, GDPR]. true is all, false none."
    )
    severity_threshold: Annotated[
        Gravity, BeforeValidator(_gravity, json_schema_input_type=str)
    ] = Field(default=Gravity.LOW, description="Leave out what is less grave than this.")
    limit: int = Field(
        default=500, ge=1, le=10_000, description="Show at most so many, the gravest first."
    )


class Vulnerability(Frozen):
    """One thing that is wrong at one place. `fix` are edits that can be applied as they are; where there are none, only
    somebody can mend it. `evidence` are the facts it was computed from."""

    severity: Gravity
    issue: str
    recommendation: str
    rule: str
    title: str
    mandatory: bool = Field(description="Stops a deployment until it is mended or waived.")
    resource: str | None = None
    path: str
    evidence: Mapping[str, Json]
    fix: tuple[Edit, ...] = ()
    controls: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)


class Waived(Vulnerability):
    """The same, and who answers for it, why, and until when."""

    waiver: Waiver


class Question(Frozen):
    """Something that the blueprint does not say."""

    rule: str
    title: str
    severity: Gravity
    path: str
    message: str


class SecurityAudit(Answer):
    """What is wrong, how well the blueprint does, and what frameworks say of it."""

    security_score: float = Field(description="0 (worst) to 10.")
    score_formula: str
    score_capped_by: str | None = Field(default=None, description="The rule that holds it down.")
    coverage: float = Field(description="The share of the questions that the blueprint answers.")
    vulnerabilities: tuple[Vulnerability, ...]
    by_severity: Mapping[Gravity, int] = Field(description="Of all of them, also those left out.")
    left_out: int = Field(description="Vulnerabilities below the threshold or beyond the limit.")
    waived: tuple[Waived, ...] = ()
    waived_count: int = 0
    unanswered: tuple[Question, ...] = Field(
        default=(), description="What the blueprint does not say; neither safe nor unsafe."
    )
    unanswered_count: int = 0
    compliance: Mapping[str, Standing] = Field(
        default_factory=dict, description="By framework; what a blueprint can't show is left open."
    )
    problems: tuple[Diagnostic, ...] = Field(default=(), description="Faults of policy files.")


async def run(given: AuditArguments, call: Call) -> SecurityAudit:
    """The audit. Raises InvalidInput naming the known frameworks for one that is unknown."""
    subject = await subject_of(given, call)
    call.progress("asking the rules", None)
    asked = _asked(given)
    audit = await asyncio.to_thread(
        call.kit.compliance.audit, call.principal.project, subject.blueprint, asked=asked
    )
    return await asyncio.to_thread(_answer, audit, given)


def _asked(given: AuditArguments) -> tuple[str, ...] | None:
    """What is asked for in either way; None for everything."""
    if given.check_compliance == ():
        return given.compliance_framework or ()
    named = (*(given.compliance_framework or ()), *(given.check_compliance or ()))
    return named or None


def _answer(audit: Audit, given: AuditArguments) -> SecurityAudit:
    found = audit.assessment
    failed = found.failed
    least = _ORDER[given.severity_threshold]
    shown = [item for item in failed if _ORDER[item.severity] <= least][: given.limit]
    waived = [(item, item.waiver) for item in found.findings if item.waiver is not None]
    unknown = [item for item in found.findings if item.result is Result.UNKNOWN]
    return SecurityAudit(
        summary=_told(found),
        sources=(f"policy bundle {found.bundle}",),
        assumptions=_assumed(audit),
        security_score=found.score.value,
        score_formula=found.score.formula,
        score_capped_by=found.score.capped_by,
        coverage=found.score.coverage,
        vulnerabilities=tuple(Vulnerability(**_plain(item)) for item in shown),
        by_severity={
            gravity: sum(item.severity is gravity for item in failed) for gravity in Gravity
        },
        left_out=len(failed) - len(shown),
        waived=tuple(
            Waived(**_plain(item), waiver=waiver) for item, waiver in waived[: given.limit]
        ),
        waived_count=len(waived),
        unanswered=tuple(map(_question, unknown[: given.limit])),
        unanswered_count=len(unknown),
        compliance={judgement.name: judgement.standing for judgement in audit.judgements},
        problems=found.problems,
    )


def _assumed(audit: Audit) -> tuple[str, ...]:
    return (MEANING,) if audit.judgements else ()


def _plain(item: Finding) -> dict[str, Any]:
    return {
        "severity": item.severity,
        "issue": item.message,
        "recommendation": item.remediation,
        "rule": item.rule,
        "title": item.title,
        "mandatory": item.level is Level.MANDATORY,
        "resource": item.resource,
        "path": item.path,
        "evidence": item.evidence,
        "fix": item.fix,
        "controls": item.controls,
    }


def _question(item: Finding) -> Question:
    return Question(
        rule=item.rule,
        title=item.title,
        severity=item.severity,
        path=item.path,
        message=item.message,
    )


def _told(found: Assessment) -> str:
    failed, gating = found.failed, found.gating
    share = f"{found.score.coverage:.0%} of the questions are answered"
    if not failed:
        return f"Nothing is found wrong: {found.score.value} of 10; {share}."
    worst = failed[0]
    stops = f", {len(gating)} of them stop a deployment" if gating else ""
    return (
        f"{len(failed)} finding(s){stops}: {found.score.value} of 10; {share}. "
        f"The gravest ({worst.severity}): {worst.message}."
    )


TOOL = Tool(
    name="security_audit",
    title="Audit the security of a blueprint",
    description=(
        "Asks every policy rule about a blueprint: what can be reached from outside through networks, firewalls and "
        "load balancers, secrets in plain text, missing backups, single points of failure, software at its end and "
        "more. Each finding has its place, its evidence and, where ALMA can make it true, an edit that mends it."
    ),
    arguments=AuditArguments,
    answer=SecurityAudit,
    run=run,
    words=("security", "audit", "vulnerabilities", "is it secure", "harden", "unsafe", "exposed"),
    examples=(
        Example(
            "A database that anybody can reach",
            {
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {
                            "name": "db",
                            "type": "database",
                            "engine": "postgresql",
                            "network": {"public_ip": True},
                        }
                    ],
                },
                "check_compliance": ["SOC2", "GDPR"],
                "severity_threshold": "high",
            },
        ),
    ),
    tags=frozenset({"policy"}),
)
