"""docs/rules.md is made from the packs, and says what they say."""

from __future__ import annotations

import os
from pathlib import Path

from alma.config.controls import load_controls
from alma.config.packs import PolicyFiles
from alma.core.model.finding import Rule
from alma.core.policy.handbook import rules_page
from alma.core.policy.packs import read_packs

PAGE = Path(__file__).resolve().parents[4] / "docs" / "rules.md"
RULES = [item.rule for item in read_packs(PolicyFiles().packs("default")).rules]
NAMES = {framework.id: framework.name for framework in load_controls().known}


def test_the_page_of_rules_is_what_the_packs_say() -> None:
    """After a change of the rules: ALMA_WRITE_DOCS=1 pytest tests/unit/core/policy/test_handbook.py"""
    page = rules_page(RULES, NAMES)
    if os.environ.get("ALMA_WRITE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, "run this test with ALMA_WRITE_DOCS=1"


def test_every_rule_has_its_line() -> None:
    page = rules_page(RULES, NAMES)
    assert all(page.count(f"| `{rule.id}` |") == 1 for rule in RULES)
    assert f"{len(RULES)} rules, 8 of them mandatory." in page


def test_a_bar_in_a_text_does_not_end_its_cell() -> None:
    rule = Rule.model_validate(
        {
            "id": "OWN-1",
            "title": "a | b",
            "severity": "high",
            "level": "mandatory",
            "scope": "blueprint",
            "assert": "true",
            "message": "m",
            "remediation": "Mend it.",
            "needs": ["bp.owner"],
            "fix": [{"path": "metadata.owner", "value": "x"}],
            "controls": {"soc2": ["CC6.1"], "own": ["1", "2"]},
            "pack": "own.yaml",
        }
    )
    line = rules_page([rule], {"soc2": "SOC2"}).splitlines()[-1]
    assert line == (
        "| `OWN-1` | **high, mandatory** | a \\| b. Mend it. | the blueprint | unknown without `bp.owner` | yes "
        "| SOC2 CC6.1; own 1, 2 |"
    )
