"""What the findings about a blueprint say of the controls of a framework: pass, fail, not applicable, not assessable.

A pass means that nothing in the blueprint speaks against the control. How a system is run, and by whom, no blueprint
shows; so no framework is ever called fulfilled here, and what is not said counts as not assessable, never as passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint
from alma.core.model.finding import Assessment, Finding, Level, Rule, RuleCount
from alma.core.policy.controls import Control, Framework
from alma.core.policy.declared import at, of_kind
from alma.core.policy.vocabulary import Kind

MEANING = (
    "A pass says that nothing in the blueprint speaks against a control. It is no certificate: how systems are run "
    "is not in a blueprint, and what is declared in metadata is not verified."
)
_NAMED = 20  # of a control's findings; `checks` counts all of them
_OFF = "Every rule that shows it is switched off in this project."
_NO_RULE = "No rule is evidence for it."


class ControlStatus(StrEnum):
    """What can be said of one control."""

    PASSED = "pass"
    FAILED = "fail"
    NOT_APPLICABLE = "not applicable"
    NOT_ASSESSABLE = "not assessable"


class Standing(StrEnum):
    """What can be said of a framework as a whole. Never that it is fulfilled."""

    FAILING = "failing"
    """Controls fail, and none passes."""
    PARTIAL = "partial"
    """Some controls pass; others fail, or the blueprint is silent about them."""
    CHECKS_PASSED = "blueprint checks pass"
    """Every control that a blueprint can show passes, where it applies. The others are not assessable."""
    NOT_APPLICABLE = "not applicable"
    NOT_ASSESSABLE = "not assessable"


class ControlJudgement(Frozen):
    """One control, and why its status is what it is. `checks` are the places its rules were asked about; a waived
    deviation is still a failure, with somebody who answers for it."""

    id: str
    title: str
    status: ControlStatus
    reason: str
    rules: tuple[str, ...] = ()
    checks: RuleCount = RuleCount()
    findings: tuple[str, ...] = Field(
        default=(), description="Evidence: `rule at path` of the first findings, the gravest first."
    )
    more: int = Field(default=0, description="Findings that are evidence too, and not named.")


class Judgement(Frozen):
    """One framework. `concerns` says whether the blueprint holds data that brings it into force; None where it does not
    say what data it holds."""

    framework: str
    name: str
    title: str
    standing: Standing
    concerns: bool | None
    depth: str
    counts: Mapping[ControlStatus, int]
    controls: tuple[ControlJudgement, ...]


def judge(
    framework: Framework,
    rules: Sequence[Rule],
    assessment: Assessment,
    *,
    classes: frozenset[str] | None,
) -> Judgement:
    """What an assessment says of a framework. `rules` are those of the project, the ones that are off among them;
    `classes` what data the blueprint declares, None where it is silent."""
    shown = _by_control(framework.id, rules)
    evidence = _evidence(framework.id, assessment.findings)
    controls = tuple(
        _control(control, shown.get(control.id, ()), evidence.get(control.id, ()), assessment)
        for control in framework.controls
    )
    counts = {status: sum(c.status is status for c in controls) for status in ControlStatus}
    return Judgement(
        framework=framework.id,
        name=framework.name,
        title=framework.title,
        standing=_standing(controls),
        concerns=_concerns(framework, classes),
        depth=framework.depth,
        counts=counts,
        controls=controls,
    )


def data_classes(blueprint: Blueprint) -> frozenset[str] | None:
    """The classes of data that are declared anywhere in it; None where nobody says anything of data."""
    said = [
        of_kind(at(metadata, ("data", "classes")), Kind.LIST)
        for metadata in (blueprint.metadata, *(r.metadata for r in blueprint.resources))
    ]
    found = [words for words in said if words is not None]
    return frozenset(word.casefold() for words in found for word in words) if found else None


def place(finding: Finding) -> str:
    """How a finding is referred to."""
    return f"{finding.rule} at {finding.path}"


def _concerns(framework: Framework, classes: frozenset[str] | None) -> bool | None:
    if not framework.data:
        return True
    return None if classes is None else bool(classes & set(framework.data))


def _by_control(framework: str, rules: Iterable[Rule]) -> Mapping[str, Sequence[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        for id_ in rule.controls.get(framework, ()):
            found[id_].append(rule)
    return found


def _evidence(framework: str, findings: Iterable[Finding]) -> Mapping[str, Sequence[Finding]]:
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for id_ in finding.controls.get(framework, ()):
            found[id_].append(finding)
    return found


def _control(
    control: Control, rules: Sequence[Rule], findings: Sequence[Finding], assessment: Assessment
) -> ControlJudgement:
    asked = [rule for rule in rules if rule.level is not Level.OFF]
    counts = [assessment.counts[rule.id] for rule in asked if rule.id in assessment.counts]
    total = RuleCount(
        passed=sum(count.passed for count in counts),
        failed=sum(count.failed for count in counts),
        unknown=sum(count.unknown for count in counts),
        waived=sum(count.waived for count in counts),
    )
    if not asked:
        reason = control.hidden or (_OFF if rules else _NO_RULE)
        status = ControlStatus.NOT_ASSESSABLE
    else:
        status, reason = _judged(total, findings, len(counts))
    return ControlJudgement(
        id=control.id,
        title=control.title,
        status=status,
        reason=reason,
        rules=tuple(rule.id for rule in asked),
        checks=total,
        findings=tuple(place(finding) for finding in findings[:_NAMED]),
        more=max(len(findings) - _NAMED, 0),
    )


def _judged(total: RuleCount, findings: Sequence[Finding], rules: int) -> tuple[ControlStatus, str]:
    checks = total.passed + total.failed + total.unknown + total.waived
    if not checks:
        return ControlStatus.NOT_APPLICABLE, "Nothing in the blueprint is of the kind it is about."
    asked = f"{_several(checks, 'check')} by {_several(rules, 'rule')}"
    if total.failed:
        waived = f", {total.waived} more waived" if total.waived else ""
        return ControlStatus.FAILED, f"{asked}: {total.failed} failed{waived}."
    if total.waived:
        until = min(f.waiver.expires for f in findings if f.waiver is not None)
        return ControlStatus.FAILED, f"{asked}: {total.waived} failed and waived until {until}."
    if total.unknown:
        return ControlStatus.NOT_ASSESSABLE, (
            f"{asked}: {total.unknown} open, as the blueprint does not say; {total.passed} passed."
        )
    return ControlStatus.PASSED, f"{asked}, all passed."


def _several(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _standing(controls: Sequence[ControlJudgement]) -> Standing:
    statuses = {control.status for control in controls}
    silent = any(
        control.status is ControlStatus.NOT_ASSESSABLE and control.checks.unknown
        for control in controls
    )
    if ControlStatus.FAILED in statuses:
        return Standing.PARTIAL if ControlStatus.PASSED in statuses else Standing.FAILING
    if ControlStatus.PASSED in statuses:
        return Standing.PARTIAL if silent else Standing.CHECKS_PASSED
    if silent or ControlStatus.NOT_APPLICABLE not in statuses:
        return Standing.NOT_ASSESSABLE
    return Standing.NOT_APPLICABLE
