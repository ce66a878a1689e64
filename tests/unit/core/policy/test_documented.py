"""The page about policy says what is so: its table is the vocabulary, its rule holds what it claims."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from alma.core.policy.examples import examined
from alma.core.policy.expressions import compiled
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.packs import Pack
from alma.core.policy.vocabulary import FACTS, table

PAGE = Path(__file__).resolve().parents[4] / "docs" / "policies.md"
TODAY = date(2026, 11, 22)


def test_the_table_of_facts_is_the_one_that_rules_are_held_to() -> None:
    """Written by `alma.core.policy.vocabulary.table`."""
    assert PAGE.read_text(encoding="utf-8").rstrip().endswith(table())


def test_the_rule_of_the_page_says_of_its_examples_what_it_claims() -> None:
    (text,) = re.findall(
        r"^```yaml policy\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    found = examined([Pack("page.yaml", text)], lifecycle=Lifecycle(as_of=TODAY), today=TODAY)
    assert (found.rules, found.examples) == (1, 2)
    assert found.passed, (found.faults, found.problems)


def test_every_fact_can_be_asked_for() -> None:
    for name in FACTS:
        assert compiled(f"{name} == null").names == (name,)


def test_an_example_that_does_not_hold_is_named_with_file_and_line() -> None:
    text = """
rules:
  - id: OWN-ONE-001
    title: T
    severity: low
    assert: r.count == 1
    message: m
    examples:
      - {result: fail, blueprint: {name: x, resources: [{name: a, type: vm}]}}
      - {result: pass, blueprint: {name: x, resources: [{name: a, type: vm, count: none}]}}
      - {result: pass, blueprint: {name: x, resources: [{name: a, type: vm}]}}
"""
    found = examined([Pack("own.yaml", text)], lifecycle=Lifecycle(as_of=TODAY), today=TODAY)
    told = [(fault.pack, fault.line, fault.number) for fault in found.faults]
    assert told == [("own.yaml", 3, 1), ("own.yaml", 3, 2)]
    assert "says pass" in found.faults[0].message
    assert "not valid" in found.faults[1].message
