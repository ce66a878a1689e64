"""The score is arithmetic that anyone can repeat."""

from __future__ import annotations

import pytest

from alma.core.model.finding import Gravity, Rule, RuleCount
from alma.core.policy.score import score_of


def rule(number: int, severity: Gravity) -> Rule:
    values = {"id": f"T-R-{number}", "title": "t", "severity": severity, "assert": "true"}
    return Rule.model_validate({**values, "message": "m"})


HIGH, MEDIUM, LOW, CRITICAL = Gravity.HIGH, Gravity.MEDIUM, Gravity.LOW, Gravity.CRITICAL


def scored(*counted: tuple[Gravity, RuleCount]) -> tuple[float, float, str | None]:
    found = score_of((rule(n, gravity), count) for n, (gravity, count) in enumerate(counted))
    return found.value, found.coverage, found.capped_by


def count(passed: int = 0, failed: int = 0, unknown: int = 0, waived: int = 0) -> RuleCount:
    return RuleCount(passed=passed, failed=failed, unknown=unknown, waived=waived)


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        # 10 × (5×1 + 2.5×0.5) / (5 + 2.5) = 8.333
        ([(MEDIUM, count(passed=4)), (LOW, count(passed=1, failed=1))], (8.3, 1.0, None)),
        # 10 × (10×0.9 + 5×1) / 15 = 9.33, capped by the open critical
        ([(CRITICAL, count(passed=9, failed=1)), (MEDIUM, count(passed=1))], (4.9, 1.0, "T-R-0")),
        # 10 × (7.5×0.9 + 5×1) / 12.5 = 9.4, capped by the open high
        ([(HIGH, count(passed=9, failed=1)), (MEDIUM, count(passed=1))], (7.9, 1.0, "T-R-0")),
        # 10 × 0 / 10: below the cap already
        ([(CRITICAL, count(failed=2))], (0.0, 1.0, None)),
        # unknown lowers the coverage, not the score: 1 of 4 questions is answered
        ([(HIGH, count(passed=1, unknown=3))], (10.0, 0.25, None)),
        # waived counts neither way, and is an answer
        ([(CRITICAL, count(passed=1, waived=1))], (10.0, 1.0, None)),
        ([(HIGH, count(unknown=3))], (0.0, 0.0, None)),
        ([], (10.0, 1.0, None)),
    ],
)
def test_the_score_is_what_the_formula_gives(
    counted: list[tuple[Gravity, RuleCount]], expected: tuple[float, float, str | None]
) -> None:
    assert scored(*counted) == expected


def test_the_formula_shows_its_numbers_and_the_cap() -> None:
    found = score_of(
        [
            (rule(1, CRITICAL), count(passed=9, failed=1)),
            (rule(2, MEDIUM), count(passed=1)),
        ]
    )
    assert found.formula == (
        "10 × (10×0.90 + 5×1.00) / (10×1 + 5×1) = 9.3, at most 4.9 while T-R-1 is broken"
    )
