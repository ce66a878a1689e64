"""The rules that ALMA ships: each shows by examples what it means, names real controls, and what it offers as a fix
mends what it is offered for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alma.config.controls import load_controls
from alma.config.loading import load_catalogue, load_lifecycle, load_templates
from alma.config.packs import PolicyFiles
from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Blueprint, dump_plain
from alma.core.model.document import diagnose, parse_blueprint
from alma.core.model.finding import Assessment, Finding, Gravity, Level, Result, RuleExample
from alma.core.policy.evaluate import assess
from alma.core.policy.packs import RuleBook, read_packs
from alma.core.policy.rules import CompiledRule
from alma.core.policy.vocabulary import FACTS

BOOK = read_packs(PolicyFiles().packs("default"))
FRAMEWORKS = load_controls()
TODAY = date(2026, 11, 22)
_ORDER = {gravity: number for number, gravity in enumerate(Gravity)}
MANDATORY = {
    "ALMA-IAM-001",
    "ALMA-IAM-011",
    "ALMA-NET-001",
    "ALMA-NET-002",
    "ALMA-NET-003",
    "ALMA-NET-004",
    "ALMA-NET-005",
    "ALMA-NET-006",
}
_SAMPLES = [
    pytest.param(item, example, id=f"{item.rule.id}-{example.result}-{number}")
    for item in BOOK.rules
    for number, example in enumerate(item.rule.examples)
]


def assessed(blueprint: Blueprint, rules: Iterable[CompiledRule] = BOOK.rules) -> Assessment:
    """What these rules say of it on the day the shipped examples are about."""
    return assess(
        RuleBook(rules=tuple(rules), bundle="b"),
        blueprint,
        lifecycle=load_lifecycle(),
        today=TODAY,
        catalogue=load_catalogue(),
    )


def document(example: RuleExample) -> Blueprint:
    """An example's blueprint; it has to be one that could be deployed."""
    blueprint = parse_blueprint({"version": "1.0", **example.blueprint})
    assert not [item for item in diagnose(blueprint) if item.severity == "error"]
    return blueprint


def test_every_file_can_be_read_and_every_rule_used() -> None:
    assert [str(problem) for problem in BOOK.problems] == []
    assert len(BOOK.rules) >= 60


@pytest.mark.parametrize("item", BOOK.rules, ids=lambda item: item.rule.id)
def test_a_rule_shows_a_blueprint_that_passes_and_one_that_fails(item: CompiledRule) -> None:
    results = Counter(example.result for example in item.rule.examples)
    assert results[Result.PASS]
    assert results[Result.FAIL]


@pytest.mark.parametrize(("item", "example"), _SAMPLES)
def test_a_rule_says_of_its_example_what_it_promises(
    item: CompiledRule, example: RuleExample
) -> None:
    found = assessed(document(example), [item])
    count = found.counts[item.rule.id]
    said = (
        Result.FAIL if count.failed else Result.UNKNOWN if count.unknown else Result.PASS
    )  # the worst over its resources
    assert said is example.result
    assert found.problems == ()


@pytest.mark.parametrize("item", BOOK.rules, ids=lambda item: item.rule.id)
def test_a_rule_says_what_is_wrong_and_what_to_do(item: CompiledRule) -> None:
    rule = item.rule
    assert rule.title
    assert rule.remediation.endswith(".")
    assert rule.path
    assert "alma " not in rule.message + rule.remediation, "the edges name commands"
    assert "/api/" not in rule.message + rule.remediation


def test_only_open_doors_and_written_secrets_stop_a_deployment() -> None:
    mandatory = {item.rule.id for item in BOOK.rules if item.rule.level is Level.MANDATORY}
    assert mandatory == MANDATORY
    assert all(
        item.rule.severity is Gravity.CRITICAL for item in BOOK.rules if item.rule.id in MANDATORY
    )


def test_a_template_as_it_is_shipped_breaks_no_mandatory_rule() -> None:
    broken = {
        name: [f"{item.rule} {item.path}" for item in assessed(template.blueprint).gating]
        for name, template in load_templates().items()
    }
    assert {name: found for name, found in broken.items() if found} == {}


_DECLARING = [
    item
    for item in BOOK.rules
    if item.rule.on_missing is Result.UNKNOWN
    and any(FACTS[name].declared for name in item.rule.needs if name in FACTS)
]


def silent(example: RuleExample) -> Blueprint:
    """The example without what it declares, but for what makes a rule apply: environment, classes of data, TLS."""

    def kept(metadata: object) -> dict[str, Any]:
        said = metadata if isinstance(metadata, dict) else {}
        told = {key: said[key] for key in ("environment", "role", "replica_of") if key in said}
        if "classes" in said.get("data", {}):
            told["data"] = {"classes": said["data"]["classes"]}
        for topic, key in (("tls", "enabled"), ("logging", "enabled"), ("encryption", "at_rest")):
            if said.get(topic, {}).get(key):
                told[topic] = {key: True}
        return told

    plain = dump_plain(document(example))
    plain["metadata"] = kept(plain.get("metadata"))
    for resource in plain["resources"]:
        resource["metadata"] = kept(resource.get("metadata"))
        resource.pop("options", None)
    return parse_blueprint(plain)


@pytest.mark.parametrize("item", _DECLARING, ids=lambda item: item.rule.id)
def test_what_nobody_declares_is_never_passed(item: CompiledRule) -> None:
    """A blueprint that passes because of what it declares does not pass when it declares nothing."""
    if item.rule.id in {"ALMA-ENC-001", "ALMA-LOG-001", "ALMA-ENC-003", "ALMA-DAT-001"}:
        return  # these ask for the very thing that the others take as said
    (example, *_) = [e for e in item.rule.examples if e.result is Result.PASS]
    count = assessed(silent(example), [item]).counts[item.rule.id]
    assert count.unknown
    assert not count.passed


# ── controls ─────────────────────────────────────────────────────────────────────────────────────


def test_every_control_that_a_rule_names_is_in_its_framework() -> None:
    known = {f.id: {c.id for c in f.controls} for f in FRAMEWORKS.known}
    wrong = [
        f"{item.rule.id}: {framework} {control}"
        for item in BOOK.rules
        for framework, controls in item.rule.controls.items()
        for control in controls
        if control not in known.get(framework, ())
    ]
    assert wrong == []


@pytest.mark.parametrize("framework", FRAMEWORKS.known, ids=lambda framework: framework.id)
def test_a_control_is_shown_by_a_rule_or_says_why_it_can_not_be(framework: object) -> None:
    named = {
        control
        for item in BOOK.rules
        for control in item.rule.controls.get(getattr(framework, "id", ""), ())
    }
    for control in FRAMEWORKS.find(getattr(framework, "id", "")).controls:
        assert (control.id in named) is (control.hidden is None), control.id


# ── fixes ────────────────────────────────────────────────────────────────────────────────────────


def key(finding: Finding) -> tuple[str, str]:
    """What makes a finding the same one after an edit."""
    return finding.rule, finding.path


def mended(blueprint: Blueprint, finding: Finding) -> Blueprint:
    """The blueprint with the finding's fix; it has to be one that could be deployed."""
    result, _ = apply_edits(blueprint, finding.fix)
    assert not [item for item in diagnose(result) if item.severity == "error"], finding
    return result


def check_fixes(blueprint: Blueprint) -> Iterator[str]:
    """Applies each fix by itself; the rules whose fix was tried."""
    before = assessed(blueprint)
    known = {key(item) for item in before.failed}
    for finding in before.failed:
        if not finding.fix:
            continue
        after = assessed(mended(blueprint, finding)).failed
        assert key(finding) not in {key(item) for item in after}, finding
        new = [item for item in after if key(item) not in known]
        graver = [item for item in new if _ORDER[item.severity] < _ORDER[finding.severity]]
        assert graver == [], finding
        yield finding.rule


@pytest.mark.parametrize(
    ("item", "example"),
    [sample for sample in _SAMPLES if sample.values[1].result is Result.FAIL],  # type: ignore[union-attr]
)
def test_a_fix_mends_its_finding_and_brings_no_graver_one(
    item: CompiledRule, example: RuleExample
) -> None:
    tried = list(check_fixes(document(example)))
    if item.rule.fix:
        assert item.rule.id in tried


def test_fixes_mend_the_templates_too() -> None:
    tried = {
        rule for template in load_templates().values() for rule in check_fixes(template.blueprint)
    }
    assert tried


_PORTS = st.lists(
    st.sampled_from([22, 80, 443, 3306, 5432, 6379, "8022:22", "15432:5432", "53/udp", 21]),
    max_size=4,
    unique=True,
)
_PROXMOX = st.fixed_dictionaries(
    {},
    optional={
        "unprivileged": st.booleans(),
        "firewall": st.booleans(),
        "onboot": st.booleans(),
        "anti_affinity": st.booleans(),
        "node": st.sampled_from(["pve1", "pve2"]),
        "protection": st.booleans(),
    },
)


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    """Small blueprints in which much is wrong at once. Those that could not be deployed are left out."""
    resources: list[dict[str, Any]] = []
    types = ["vm", "container", "service", "database", "cache", "queue", "load_balancer"]
    for number in range(draw(st.integers(1, 4))):
        resource: dict[str, Any] = {
            "name": f"r{number}",
            "type": draw(st.sampled_from(types)),
            "count": draw(st.sampled_from([1, 1, 2, 4])),
            "network": {"public_ip": draw(st.booleans()), "ports": draw(_PORTS)},
            "options": {"proxmox": draw(_PROXMOX)},
        }
        if draw(st.booleans()):
            resource["backup"] = {"retention_days": draw(st.sampled_from([1, 7, 30]))}
        if draw(st.booleans()):
            resource["specs"] = {"cpu": draw(st.sampled_from([0.5, 4])), "memory": "1GiB"}
        others = [r["name"] for r in resources if r["type"] != "load_balancer"]
        if resource["type"] == "load_balancer" and others:
            resource["backends"] = draw(st.lists(st.sampled_from(others), unique=True))
        resources.append(resource)
    if draw(st.booleans()):
        target = draw(st.sampled_from(["any", resources[0]["name"]]))
        ports = draw(st.sampled_from([[22], [443], [5432, 443], []]))
        source = draw(st.sampled_from(["any", "10.0.0.0/8"]))
        rules = [{"source": source, "target": target, "ports": ports}]
        resources.append({"name": "wall", "type": "firewall", "rules": rules})
    cluster: dict[str, Any] = {
        "name": "k",
        "type": "kubernetes_cluster",
        "specs": {"control_plane": draw(st.integers(1, 4)), "workers": draw(st.integers(0, 2))},
        "network": {"public_ip": draw(st.booleans())},
    }
    resources += [cluster] if draw(st.booleans()) else []
    environment = draw(st.sampled_from(["production", "staging"]))
    return Blueprint.model_validate(
        {"name": "x", "metadata": {"environment": environment}, "resources": resources}
    )


@given(blueprint=blueprints())
@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_of_whatever_is_wrong_at_once_each_fix_mends_its_own(blueprint: Blueprint) -> None:
    if any(item.severity == "error" for item in diagnose(blueprint)):
        return
    list(check_fixes(blueprint))
