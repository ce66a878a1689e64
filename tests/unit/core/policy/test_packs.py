"""A fault in a file of rules is named with its line, and takes nothing with it: the other rules hold."""

from __future__ import annotations

import pytest

from alma.core.model.diagnostic import Severity
from alma.core.model.finding import Gravity, Level
from alma.core.policy.packs import Pack, RuleBook, read_packs

GOOD = """\
rules:
  - id: OWN-ONE-001
    title: Small
    severity: low
    assert: r.count == 1
    message: "{name} has {r.count}"
"""


def read(*texts: str) -> RuleBook:
    return read_packs(Pack(f"{number}.yaml", text) for number, text in enumerate(texts))


def rule(**lines: str) -> str:
    """A pack with a rule without a fault after one with the given lines in place of the usual ones."""
    usual = {"title": "T", "severity": "low", "assert": "'true'", "message": "m"} | lines
    own = "".join(f"    {key}: {value}\n" for key, value in usual.items() if value)
    return f"rules:\n  - id: BAD-ONE-001\n{own}{GOOD.removeprefix('rules:')}"


def test_rules_are_read_in_the_order_of_the_files() -> None:
    book = read(GOOD, GOOD.replace("OWN-ONE-001", "OWN-TWO-001"))
    assert [item.rule.id for item in book.rules] == ["OWN-ONE-001", "OWN-TWO-001"]
    assert book.problems == ()
    assert book.rules[0].line == 2
    assert book.rules[1].rule.pack == "1.yaml"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        (rule(severity="dire"), 4, "severity"),
        (rule(title=""), 2, "title"),
        (rule(colour="red"), 7, "colour"),
        (rule(**{"assert": "'r.count =='"}), 5, "no CEL"),
        (rule(**{"assert": "r.cuont == 1"}), 5, "did you mean r.count"),
        (rule(**{"assert": "r == 1"}), 5, "there is no fact r"),
        (rule(**{"assert": "x.count == 1"}), 5, "there is no 'x'"),
        (rule(**{"assert": "open(r.name)"}), 5, "no function open"),
        (rule(**{"assert": "'r.depends_on.exists(r, true)'"}), 5, "root of facts"),
        (rule(**{"assert": "r.labels == null"}), 5, "r.labels.<name>"),
        (rule(needs="[r.nothing]"), 7, "no fact r.nothing"),
        (rule(applies="d.nothing"), 7, "no fact d.nothing"),
        (rule(message='"{r.nothing}"'), 6, "no fact r.nothing"),
        (rule(scope="blueprint", **{"assert": "r.count == 1"}), 5, "no meaning"),
        (rule(scope="blueprint", types="[vm]"), 8, "no types"),
        (rule(types="[spaceship]"), 7, "spaceship"),
        (rule(on_missing="waived"), 7, "on_missing"),
        (rule(fix="[{path: count}]"), 7, "either a value or an expression"),
        (rule(fix="[{path: count, value: 1, colour: red}]"), 7, "colour"),
        (rule(fix="[{path: count, expression: 'r.nothing'}]"), 7, "no fact r.nothing"),
        (rule(**{"assert": '"' + "(" * 100 + "true" + ")" * 100 + '"'}), 5, "levels deep"),
        (rule(**{"assert": '"' + " " * 3_000 + 'true"'}), 5, "longer than"),
    ],
)
def test_a_faulty_rule_is_named_with_its_line_and_the_others_hold(
    text: str, line: int, told: str
) -> None:
    book = read(text)
    assert [item.rule.id for item in book.rules] == ["OWN-ONE-001"]
    (problem,) = book.problems
    assert problem.path == "0.yaml"
    assert problem.line == line
    assert told in f"{problem.message} {problem.hint}"
    assert "BAD-ONE-001" in problem.message


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rules: [", 1),
        ("- a list\n", 1),
        ("rules:\n  one: two\n", 1),
        ("a: 1\nrules:\n\tb: 2\n", 3),
        ("rules: !!python/object:os.system [x]\n", 1),
    ],
)
def test_a_file_that_is_no_pack_is_one_problem_and_the_next_file_holds(
    text: str, line: int
) -> None:
    book = read(text, GOOD)
    assert [item.rule.id for item in book.rules] == ["OWN-ONE-001"]
    assert {item.path for item in book.problems} == {"0.yaml"}
    assert book.problems[0].line == line


def test_an_empty_file_is_no_problem() -> None:
    assert read("", "# nothing yet\n", "rules:\n").problems == ()


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("'!r.tls.enabled'", "where nothing is said"),
        ("'r.backup.retention_days > 7'", "where nothing is said"),
        ("r.name", "not true or false"),
        ("size(r.count) == 1", "can't be computed"),
    ],
)
def test_an_expression_that_will_not_work_is_a_warning_and_the_rule_holds(
    expression: str, told: str
) -> None:
    book = read(rule(**{"assert": expression}))
    (problem,) = book.problems
    assert problem.severity is Severity.WARNING
    assert told in problem.message
    assert len(book.rules) == 2


def test_what_is_needed_or_asked_for_before_is_said_afterwards() -> None:
    needed = rule(needs="[r.tls.enabled]", **{"assert": "r.tls.enabled"})
    asked = rule(applies="d.os_eol_days != null", **{"assert": "d.os_eol_days > 90"})
    assert read(needed).problems == ()
    assert read(asked).problems == ()


# ── one on top of the other ──────────────────────────────────────────────────────────────────────


def test_an_entry_with_a_known_id_changes_level_and_severity_and_nothing_else() -> None:
    change = "rules:\n  - {id: OWN-ONE-001, level: mandatory, severity: critical}\n"
    book = read(GOOD, change)
    (item,) = book.rules
    assert item.rule.level is Level.MANDATORY
    assert item.rule.severity is Gravity.CRITICAL
    assert (item.rule.title, item.rule.pack) == ("Small", "0.yaml")


@pytest.mark.parametrize(
    "change",
    [
        "{id: OWN-ONE-001, assert: 'true'}",
        "{id: OWN-ONE-001}",
        "{id: OWN-ONE-001, level: never}",
        "{id: OWN-ONE-001, severity: dire}",
    ],
)
def test_a_rule_can_not_be_hollowed_out_by_its_id(change: str) -> None:
    book = read(GOOD, f"rules:\n  - {change}\n")
    assert book.rules[0].rule.holds == "r.count == 1"
    assert book.rules[0].rule.level is Level.ADVISORY
    (problem,) = book.problems
    assert (problem.path, problem.line) == ("1.yaml", 2)


def test_a_rule_that_is_off_is_known_and_not_active() -> None:
    book = read(GOOD, "rules: [{id: OWN-ONE-001, level: off}]\n")
    assert book.active == ()
    assert book.find("own-one-001") is not None


def test_the_bundle_is_another_when_what_is_judged_by_is_another() -> None:
    bundle = read(GOOD).bundle
    assert bundle.startswith("policies@")
    assert read(f"# a remark\n{GOOD}").bundle == bundle
    assert read(GOOD.replace("r.count == 1", "r.count == 2")).bundle != bundle
    assert read(GOOD, "rules: [{id: OWN-ONE-001, level: off}]\n").bundle != bundle
    assert read_packs([Pack("0.yaml", GOOD)], rests_on="other data").bundle != bundle


def test_a_document_that_was_read_before_has_the_same_faults_at_the_same_lines() -> None:
    text = rule(**{"assert": "r.cuont == 1"})
    entry = {
        "id": "BAD-ONE-001",
        "title": "T",
        "severity": "low",
        "message": "m",
        "assert": "r.cuont == 1",
    }
    book = read_packs([Pack("0.yaml", text, {"rules": [entry]})])
    assert book.problems == read(text).problems
