"""What findings say of controls: never more than a blueprint can show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.finding import (
    Assessment,
    Finding,
    Gravity,
    Level,
    Result,
    Rule,
    RuleCount,
    Score,
    Waiver,
)
from alma.core.policy.compliance import (
    ControlJudgement,
    ControlStatus,
    Judgement,
    Standing,
    data_classes,
    judge,
)
from alma.core.policy.controls import Control, Framework

SCORE = Score(value=5.0, formula="f", coverage=1.0)


def rule(id_: str, *controls: str, level: Level = Level.ADVISORY) -> Rule:
    """A rule that is evidence for those controls of the framework `f`."""
    return Rule.model_validate(
        {
            "id": id_,
            "title": id_,
            "severity": "low",
            "assert": "true",
            "message": "m",
            "level": level,
            "controls": {"f": controls},
        }
    )


def framework(*controls: Control, data: tuple[str, ...] = ()) -> Framework:
    """A framework of those controls."""
    return Framework(
        id="f", name="F", title="F", publisher="p", depth="d", data=data, controls=controls
    )


def finding(rule_: str, result: Result, *controls: str, waiver: Waiver | None = None) -> Finding:
    """A finding of a rule at `resources.db`."""
    return Finding(
        rule=rule_,
        title=rule_,
        severity=Gravity.LOW,
        level=Level.ADVISORY,
        result=result,
        path="resources.db",
        message="m",
        controls={"f": controls},
        waiver=waiver,
    )


def judged(
    controls: tuple[Control, ...],
    rules: list[Rule],
    counts: Mapping[str, RuleCount],
    findings: tuple[Finding, ...] = (),
    **more: Any,
) -> Judgement:
    """What an assessment with these counts says of the controls."""
    assessed = Assessment(bundle="b", counts=counts, findings=findings, score=SCORE)
    return judge(framework(*controls, **more), rules, assessed, classes=None)


def only(judgement: Judgement) -> ControlJudgement:
    """The judgement's one control."""
    (control,) = judgement.controls
    return control


ONE = (Control(id="1", title="one"),)


@pytest.mark.parametrize(
    ("count", "status"),
    [
        (RuleCount(passed=2), ControlStatus.PASSED),
        (RuleCount(passed=2, failed=1), ControlStatus.FAILED),
        (RuleCount(passed=2, unknown=1), ControlStatus.NOT_ASSESSABLE),
        (RuleCount(failed=1, unknown=5), ControlStatus.FAILED),
        (RuleCount(unknown=5), ControlStatus.NOT_ASSESSABLE),
    ],
)
def test_the_status_of_a_control_follows_its_checks(
    count: RuleCount, status: ControlStatus
) -> None:
    found = judged(ONE, [rule("R-1", "1")], {"R-1": count})
    assert only(found).status is status
    assert only(found).checks == count


def test_a_control_whose_rules_apply_nowhere_is_not_applicable() -> None:
    found = judged(ONE, [rule("R-1", "1")], {})
    assert only(found).status is ControlStatus.NOT_APPLICABLE
    assert found.standing is Standing.NOT_APPLICABLE


def test_a_control_that_no_blueprint_shows_keeps_its_reason() -> None:
    found = judged((Control(id="1", title="one", hidden="about people"),), [], {})
    assert (only(found).status, only(found).reason) == (
        ControlStatus.NOT_ASSESSABLE,
        "about people",
    )
    assert found.standing is Standing.NOT_ASSESSABLE


def test_a_control_whose_rules_are_switched_off_is_not_passed() -> None:
    found = judged(ONE, [rule("R-1", "1", level=Level.OFF)], {})
    assert only(found).status is ControlStatus.NOT_ASSESSABLE
    assert "switched off" in only(found).reason


def test_checks_of_several_rules_are_added_up_and_evidence_is_named() -> None:
    counts = {"R-1": RuleCount(passed=3, failed=1), "R-2": RuleCount(passed=1, failed=1)}
    failures = (finding("R-1", Result.FAIL, "1"), finding("R-2", Result.FAIL, "1", "2"))
    found = only(judged(ONE, [rule("R-1", "1"), rule("R-2", "1")], counts, failures))
    assert found.reason == "6 checks by 2 rules: 2 failed."
    assert found.findings == ("R-1 at resources.db", "R-2 at resources.db")


def test_a_waived_deviation_is_still_a_failure_and_says_until_when() -> None:
    waiver = Waiver(rule="R-1", reason="moves in May", expires=date(2027, 5, 31))
    waived = finding("R-1", Result.WAIVED, "1", waiver=waiver)
    counts = {"R-1": RuleCount(passed=1, waived=1)}
    found = only(judged(ONE, [rule("R-1", "1")], counts, (waived,)))
    assert found.status is ControlStatus.FAILED
    assert found.reason == "2 checks by 1 rule: 1 failed and waived until 2027-05-31."


TWO = (Control(id="1", title="one"), Control(id="2", title="two"))
RULES = [rule("R-1", "1"), rule("R-2", "2")]
PASSED, FAILED, UNKNOWN = RuleCount(passed=1), RuleCount(failed=1), RuleCount(unknown=1)


@pytest.mark.parametrize(
    ("first", "second", "standing"),
    [
        (PASSED, PASSED, Standing.CHECKS_PASSED),
        (PASSED, None, Standing.CHECKS_PASSED),
        (PASSED, FAILED, Standing.PARTIAL),
        (PASSED, UNKNOWN, Standing.PARTIAL),
        (FAILED, FAILED, Standing.FAILING),
        (FAILED, UNKNOWN, Standing.FAILING),
        (UNKNOWN, UNKNOWN, Standing.NOT_ASSESSABLE),
        (UNKNOWN, None, Standing.NOT_ASSESSABLE),
        (None, None, Standing.NOT_APPLICABLE),
    ],
)
def test_the_standing_of_a_framework_follows_its_controls(
    first: RuleCount | None, second: RuleCount | None, standing: Standing
) -> None:
    counts = {"R-1": first, "R-2": second}
    found = judged(TWO, RULES, {key: count for key, count in counts.items() if count is not None})
    assert found.standing is standing


def test_no_standing_says_that_a_framework_is_met() -> None:
    assert not [
        standing for standing in Standing if "compl" in standing or "met" in standing.split()
    ]


def test_the_counts_of_a_framework_add_up_to_its_controls() -> None:
    controls = (
        *TWO,
        Control(id="3", title="three", hidden="people"),
        Control(id="4", title="four"),
    )
    found = judged(controls, RULES, {"R-1": PASSED, "R-2": FAILED})
    assert found.counts == {
        ControlStatus.PASSED: 1,
        ControlStatus.FAILED: 1,
        ControlStatus.NOT_APPLICABLE: 0,
        ControlStatus.NOT_ASSESSABLE: 2,
    }


@pytest.mark.parametrize(
    ("classes", "concerns"),
    [
        (None, None),
        (frozenset(), False),
        (frozenset({"phi"}), True),
        (frozenset({"public"}), False),
    ],
)
def test_a_framework_for_certain_data_concerns_a_blueprint_that_declares_it(
    classes: frozenset[str] | None, concerns: bool | None
) -> None:
    assessed = Assessment(bundle="b", score=SCORE)
    found = judge(framework(*ONE, data=("phi",)), [], assessed, classes=classes)
    assert found.concerns is concerns
    assert judge(framework(*ONE), [], assessed, classes=classes).concerns is True


def test_data_classes_are_those_of_the_blueprint_and_of_its_resources() -> None:
    def classes(metadata: dict[str, Any], of_db: dict[str, Any]) -> frozenset[str] | None:
        db = {"name": "db", "type": "database", "metadata": of_db}
        return data_classes(parse_blueprint({"name": "x", "metadata": metadata, "resources": [db]}))

    assert classes({}, {}) is None
    both = classes({"data": {"classes": ["Internal"]}}, {"data": {"classes": ["phi"]}})
    assert both == frozenset({"internal", "phi"})
    assert classes({}, {"data": {"classes": []}}) == frozenset()


def test_of_many_findings_a_control_names_the_first_and_counts_the_rest() -> None:
    failures = tuple(
        finding("R-1", Result.FAIL, "1").model_copy(update={"path": f"resources.db-{number}"})
        for number in range(25)
    )
    found = only(judged(ONE, [rule("R-1", "1")], {"R-1": RuleCount(failed=25)}, failures))
    assert (len(found.findings), found.more) == (20, 5)
    assert found.findings[0] == "R-1 at resources.db-0"
    assert found.checks.failed == 25
