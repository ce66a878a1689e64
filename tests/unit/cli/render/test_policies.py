"""What a check says to people: what is shown, and how much is not."""

from __future__ import annotations

from typing import Any

from alma.cli.render.policies import check_lines


def finding(result: str, **more: Any) -> dict[str, Any]:
    shown = {"rule": "OWN-ONE-001", "severity": "low", "level": "advisory", "message": "it is big"}
    place = {"path": "resources.a", "remediation": "", "fix": []}
    return {**shown, **place, "result": result, **more}


def count(**more: int) -> dict[str, int]:
    return {"passed": 0, "failed": 0, "unknown": 0, "waived": 0, **more}


def lines(**found: Any) -> list[str]:
    score = {"value": 5.0, "formula": "half", "coverage": 0.5}
    whole = {"score": score, "bundle": "rules@1", "findings": [], "counts": {}, "left_out": {}}
    return [str(line) for line in check_lines({**whole, **found})][3:]


def test_what_is_beyond_the_limit_is_said_for_broken_and_waived_places() -> None:
    waiver = {"by": "ann", "reason": "moves in March", "expires": "2027-03-31"}
    told = lines(
        findings=[finding("fail"), finding("waived", waiver=waiver)],
        left_out={"fail": 7, "waived": 3, "unknown": 9},
    )

    assert told == [
        "low  OWN-ONE-001  it is big",
        "  at resources.a",
        "… and 7 more that are broken: --limit shows more",
        "waived  OWN-ONE-001 resources.a: moves in March (ann, until 2027-03-31)",
        "… and 3 more that are waived: --limit shows more",
    ]


def test_what_can_not_be_judged_is_counted_over_all_places_whichever_are_shown() -> None:
    counts = {"OWN-TWO-002": count(unknown=80_000), "OWN-ONE-001": count(unknown=1)}
    told = lines(findings=[finding("unknown")], counts={**counts, "OWN-SIX-006": count(passed=4)})

    assert told == [
        "Not said in the blueprint, so not judged: OWN-ONE-001 (1), OWN-TWO-002 (80000)"
    ]
