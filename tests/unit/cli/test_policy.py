"""`alma policy test` needs no server, and names file and line of what does not hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alma.cli.app import app

RULE = """
rules:
  - id: OWN-ONE-001
    title: Small
    severity: low
    types: [vm]
    assert: r.count == 1
    message: "{name}"
    examples:
      - {result: pass, blueprint: {name: x, resources: [{name: a, type: vm}]}}
      - {result: fail, blueprint: {name: x, resources: [{name: a, type: vm, count: 2}]}}
"""


def run(*words: str) -> Any:
    return CliRunner().invoke(app, ["policy", "test", *words], prog_name="alma")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALMA_HOME", str(tmp_path / "home"))


def test_of_a_file_only_its_own_rules_are_asked(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(RULE, encoding="utf-8")
    answer = run(str(file), "--json")
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert (told["rules"], told["examples"], told["passed"]) == (1, 2, True)


def test_an_example_that_does_not_hold_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(RULE.replace("count: 2", "count: 1"), encoding="utf-8")
    answer = run(str(file))
    assert answer.exit_code == 1
    assert f"{file}:3: OWN-ONE-001: example 2" in answer.output.replace("\n", "")


def test_a_fault_of_a_file_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yaml").write_text(RULE.replace("r.count", "r.cuont"), "utf-8")
    answer = run(str(tmp_path / "rules"), "--json")
    assert answer.exit_code == 1
    (problem,) = json.loads(answer.stdout)["problems"]
    assert problem["line"] == 7
    assert "r.cuont" in problem["message"]


def test_the_rules_of_this_machine_are_asked_without_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "home" / "config" / "policies"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(RULE.replace("count: 2", "count: 1"), encoding="utf-8")
    answer = run("--json")
    told = json.loads(answer.stdout)
    assert told["rules"] > 60
    assert [fault["rule"] for fault in told["faults"]] == ["OWN-ONE-001"]
