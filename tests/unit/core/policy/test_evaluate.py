"""What rules say: pass, fail, unknown or waived, each with the facts it was computed from."""

from __future__ import annotations

from datetime import date
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.core.language.editing.edits import apply_edits
from alma.core.model.document import parse_blueprint
from alma.core.model.finding import Assessment, Finding, Gravity, Level, Result, RuleCount, Waiver
from alma.core.policy.evaluate import assess
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.packs import Pack, RuleBook, read_packs
from alma.core.policy.rules import CompiledRule
from alma.core.policy.waivers import Waivers

TODAY = date(2026, 11, 22)
LIFE = Lifecycle(as_of=TODAY)

PACK = """
rules:
  - id: T-PUB-001
    title: A store is public
    severity: critical
    level: mandatory
    types: [database]
    assert: "!r.network.public_ip"
    message: "{name} is public on {d.exposed_ports}"
    path: network.public_ip
    fix: [{path: network.public_ip, value: false}]
    controls: {nist: [SC-7]}
  - id: T-BCK-001
    title: Backups are short
    severity: medium
    types: [database]
    needs: [r.backup.retention_days]
    assert: r.backup.retention_days >= 7
    message: "{name} keeps {r.backup.retention_days} days"
    path: backup.retention_days
    fix: [{path: backup.retention_days, value: 30}]
    controls: {gdpr: ["32"]}
  - id: T-MIS-001
    title: TLS is not said
    severity: low
    types: [database]
    needs: [r.tls.enabled]
    on_missing: fail
    assert: r.tls.enabled
    message: "{name}: TLS is {r.tls.enabled}"
  - id: T-OWN-001
    title: Nobody answers
    severity: low
    scope: blueprint
    assert: bp.owner != null
    message: "nobody answers for {name}"
    path: metadata.owner
    fix: [{path: metadata.owner, value: platform}]
"""
BOOK = read_packs([Pack("t.yaml", PACK)])


def judged(*resources: dict[str, Any], book: RuleBook = BOOK, **more: Any) -> Assessment:
    waivers, frameworks = more.pop("waivers", ()), more.pop("frameworks", ())
    blueprint = parse_blueprint({"name": "shop", "resources": [*resources], **more})
    return assess(
        book, blueprint, lifecycle=LIFE, today=TODAY, waivers=waivers, frameworks=frameworks
    )


def found(rule: str, assessment: Assessment) -> Finding:
    (finding,) = [item for item in assessment.findings if item.rule == rule]
    return finding


DB = {"name": "db", "type": "database", "network": {"public_ip": True, "ports": [5432]}}


def test_a_finding_says_where_why_and_what_mends_it() -> None:
    finding = found("T-PUB-001", judged(DB))
    assert finding.result is Result.FAIL
    assert finding.resource == "db"
    assert finding.path == "resources.db.network.public_ip"
    assert finding.message == "db is public on 5432"
    assert finding.evidence == {"r.network.public_ip": True}
    assert [edit.model_dump(mode="json") for edit in finding.fix] == [
        {"op": "set_field", "name": "db", "path": "network.public_ip", "value": False, "origin": "inferred"}
    ]  # fmt: skip
    assert finding.controls == {"nist": ("SC-7",)}


def test_what_a_rule_needs_and_nobody_said_is_unknown_and_named() -> None:
    finding = found("T-BCK-001", judged(DB))
    assert finding.result is Result.UNKNOWN
    assert "r.backup.retention_days" in finding.message
    assert finding.fix == ()
    assert finding.evidence == {"r.backup.retention_days": None}


def test_a_rule_may_hold_silence_for_a_failure() -> None:
    assert found("T-MIS-001", judged(DB)).result is Result.FAIL


def test_a_rule_about_the_blueprint_is_asked_once() -> None:
    found_all = judged(DB, {"name": "web", "type": "vm"})
    assert found("T-OWN-001", found_all).resource is None
    assert found_all.counts["T-OWN-001"] == RuleCount(failed=1)
    assert "T-OWN-001" not in {f.rule for f in judged(DB, metadata={"owner": "ada"}).findings}


def test_a_rule_about_a_type_is_not_asked_about_others() -> None:
    assert "T-PUB-001" not in judged({"name": "web", "type": "vm"}).counts


def test_the_gravest_comes_first_and_only_what_fails_and_is_mandatory_gates() -> None:
    found_all = judged(DB)
    failed = [item.severity for item in found_all.failed]
    assert failed == sorted(failed, key=list(Gravity).index)
    assert [item.rule for item in found_all.gating] == ["T-PUB-001"]


def test_frameworks_leave_only_the_rules_that_are_evidence_for_them() -> None:
    assert set(judged(DB, frameworks=["gdpr"]).counts) == {"T-BCK-001"}
    assert set(judged(DB, frameworks=["gdpr", "nist"]).counts) == {"T-BCK-001", "T-PUB-001"}


# ── waivers ──────────────────────────────────────────────────────────────────────────────────────


def waiver(**more: Any) -> Waiver:
    given_ = {"rule": "T-PUB-001", "reason": "moves soon", "expires": TODAY}
    return Waiver.model_validate({**given_, **more})


@pytest.mark.parametrize(
    ("stored", "result"),
    [
        (waiver(), Result.WAIVED),
        (waiver(resource="d*"), Result.WAIVED),
        (waiver(resource="DB"), Result.WAIVED),
        (waiver(resource="web*"), Result.FAIL),
        (waiver(blueprint="shop"), Result.WAIVED),
        (waiver(blueprint="other"), Result.FAIL),
        (waiver(rule="T-BCK-001"), Result.FAIL),
        (waiver(expires=date(2026, 11, 21)), Result.FAIL),
    ],
)
def test_a_waiver_holds_for_its_rule_its_resource_its_blueprint_and_until_its_day(
    stored: Waiver, result: Result
) -> None:
    assessment = judged(DB, waivers=[stored])
    assert found("T-PUB-001", assessment).result is result
    assert bool(assessment.gating) is (result is Result.FAIL)


def test_a_waiver_in_the_blueprint_holds_like_a_stored_one() -> None:
    entry = {"rule": "T-PUB-001", "resource": "db", "reason": "moves", "expires": "2026-12-01"}
    assessment = judged(DB, metadata={"policy": {"waivers": [entry]}})
    assert found("T-PUB-001", assessment).waiver == Waiver(
        id="metadata.policy.waivers.0", rule="T-PUB-001", resource="db", reason="moves", expires=date(2026, 12, 1)
    )  # fmt: skip


WAIVERS = read_packs(
    [
        Pack(
            "w.yaml",
            """
rules:
  - id: T-WAI-001
    title: W
    severity: medium
    scope: blueprint
    assert: size(g.waivers_invalid) == 0 && size(g.waivers_expired) == 0
    message: "{g.waivers_invalid} / {g.waivers_expired}"
""",
        )
    ]
)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"rule": "T-PUB-001", "expires": "2027-01-01"}, "has no reason"),
        ({"rule": "T-PUB-001", "reason": "  ", "expires": "2027-01-01"}, "has no reason"),
        ({"rule": "T-PUB-001", "reason": "moves"}, "has no expires"),
        ({"rule": "T-PUB-001", "reason": "moves", "expires": "soon"}, "a day that is none"),
        ({"reason": "moves", "expires": "2027-01-01"}, "has no rule"),
        ({"rule": "T-PUB-001", "reason": "moves", "expires": "2027-01-01", "for": "db"}, "'for'"),
        (
            {"rule": "T-PUB-001", "reason": "moves", "expires": "2026-11-21"},
            "over since 2026-11-21",
        ),
        ("T-PUB-001", "is no mapping"),
    ],
)
def test_a_waiver_without_reason_or_day_or_one_that_is_over_waives_nothing_and_is_a_finding(
    entry: Any, told: str
) -> None:
    written = {"policy": {"waivers": [entry]}}
    assert found("T-PUB-001", judged(DB, metadata=written)).result is Result.FAIL
    finding = found("T-WAI-001", judged(DB, book=WAIVERS, metadata=written))
    assert finding.result is Result.FAIL
    assert told in finding.message


# ── the fix mends ────────────────────────────────────────────────────────────────────────────────

_STORES = st.fixed_dictionaries(
    {
        "public": st.booleans(),
        "days": st.sampled_from([None, 1, 6, 7, 30]),
        "tls": st.sampled_from([None, True, False]),
    }
)


@settings(max_examples=60, deadline=None)
@given(stores=st.lists(_STORES, min_size=1, max_size=4), owner=st.sampled_from([None, "ada"]))
def test_removing_the_cause_of_a_finding_removes_the_finding(
    stores: list[dict[str, Any]], owner: str | None
) -> None:
    resources = [
        {
            "name": f"db-{number}",
            "type": "database",
            "network": {"public_ip": store["public"]},
            **({"backup": {"retention_days": store["days"]}} if store["days"] else {}),
            **(
                {"metadata": {"tls": {"enabled": store["tls"]}}} if store["tls"] is not None else {}
            ),
        }
        for number, store in enumerate(stores)
    ]
    blueprint = parse_blueprint({
        "name": "shop", "resources": resources, **({"metadata": {"owner": owner}} if owner else {})
    })  # fmt: skip
    before = assess(BOOK, blueprint, lifecycle=LIFE, today=TODAY)
    for finding in before.failed:
        if not finding.fix:
            continue
        mended, _ = apply_edits(blueprint, finding.fix)
        after = assess(BOOK, mended, lifecycle=LIFE, today=TODAY)
        same = {(item.rule, item.resource) for item in after.failed}
        assert (finding.rule, finding.resource) not in same
        assert len(after.failed) == len(before.failed) - 1
        assert after.score.value >= before.score.value


_ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 1.0, 2.5]),
    st.text(max_size=3),
    st.just([1]),
    st.just({"a": 1}),
)


@settings(max_examples=40, deadline=None)
@given(values=st.lists(_ANYTHING, min_size=1, max_size=6))
def test_asking_once_for_equal_facts_gives_what_asking_every_time_gives(values: list[Any]) -> None:
    pack = """
rules:
  - {id: T-OPEN-001, title: O, severity: low, message: "{name}", assert: r.metadata.x == true}
  - {id: T-OPEN-002, title: O, severity: low, message: "{name}", assert: r.metadata.x > 0.5}
  - {id: T-NAME-001, title: O, severity: low, message: "{name}", assert: r.count > 1}
"""
    book = read_packs([Pack("o.yaml", pack)])
    resources = [
        {"name": f"vm{n}", "type": "vm", "count": n % 2 + 1, "metadata": {"x": value}}
        for n, value in enumerate(values)
    ]
    remembered = judged(*resources, book=book)
    one_by_one = [judged(resource, book=book) for resource in resources]
    assert sorted((f.rule, f.resource, f.result) for f in remembered.findings) == sorted(
        (f.rule, f.resource, f.result) for single in one_by_one for f in single.findings
    )


def test_a_rule_is_computed_once_for_equal_facts() -> None:
    resources = [{"name": f"db{n}", "type": "database"} for n in range(50)]
    asked: list[str] = []
    ask = CompiledRule.ask

    def counting(self: CompiledRule, row: Any) -> Any:
        asked.append(self.rule.id)
        return ask(self, row)

    with patch.object(CompiledRule, "ask", counting):
        judged(*resources)
    assert asked.count("T-PUB-001") == 1


# ── what can't be computed ───────────────────────────────────────────────────────────────────────


def test_what_can_not_be_computed_is_unknown_and_a_problem_of_the_file() -> None:
    text = """
rules:
  - id: T-BAD-001
    title: B
    severity: low
    assert: r.metadata.size > 3
    message: m
"""
    book = read_packs([Pack("b.yaml", text)])
    resources = [{"name": name, "type": "vm", "metadata": {"size": "big"}} for name in ("a", "b")]
    assessment = judged(*resources, book=book)
    assert [item.result for item in assessment.findings] == [Result.UNKNOWN] * 2
    (problem,) = assessment.problems
    assert (problem.path, problem.line) == ("b.yaml", 3)
    assert "T-BAD-001" in problem.message


def test_a_rule_that_is_off_is_not_asked() -> None:
    off = read_packs([Pack("t.yaml", PACK), Pack("o.yaml", "rules: [{id: T-PUB-001, level: off}]")])
    assessment = judged(DB, book=off)
    assert "T-PUB-001" not in assessment.counts
    assert all(item.level is not Level.OFF for item in assessment.findings)


def test_fixes_are_offered_only_where_they_mend() -> None:
    text = """
rules:
  - id: T-FIX-001
    title: F
    severity: low
    types: [vm]
    assert: "false"
    message: m
    fix:
      - {path: backup.enabled, value: true}
      - {path: backup.retention_days, value: 30, default: true}
      - {path: count, expression: "r.count + 1"}
      - {path: version, value: "1", when: "r.count > 5"}
"""
    book = read_packs([Pack("f.yaml", text)])
    assert book.problems == ()
    bare = judged({"name": "a", "type": "vm", "count": 2}, book=book).findings[0]
    assert [(edit.path, edit.value) for edit in bare.fix] == [  # type: ignore[union-attr]
        ("backup.enabled", True),
        ("backup.retention_days", 30),
        ("count", 3),
    ]
    kept = {"name": "a", "type": "vm", "backup": {"enabled": True, "retention_days": 3}}
    assert [edit.path for edit in judged(kept, book=book).findings[0].fix] == ["count"]  # type: ignore[union-attr]


def test_a_waiver_s_name_full_of_stars_is_matched_in_linear_time() -> None:
    name = "a" * 100
    many = "*a" * 40
    held = Waivers(
        parse_blueprint({"name": "shop", "resources": []}),
        stored=[
            waiver(resource=f"{many}b"),
            waiver(resource=f"x{many}*"),
            waiver(rule="T-B-001", resource=f"{many}*"),
        ],
        today=TODAY,
    )
    assert held.of("T-PUB-001", name) is None  # Trying every split would outlast the universe.
    assert held.of("T-B-001", name) is not None


@pytest.mark.parametrize(
    ("pattern", "name", "matches"),
    [
        ("*", "db", True),
        ("d*b", "db", True),
        ("d*b", "d-b-b", True),
        ("d*b", "d", False),
        ("a*a", "a", False),
        ("*b*b", "bb", True),
        ("*b*b", "b", False),
        ("*ab*b", "ab", False),
        ("**db**", "my-db-1", True),
        ("d.b", "dxb", False),
    ],
)
def test_a_star_in_a_waiver_s_name_stands_for_anything(
    pattern: str, name: str, matches: bool
) -> None:
    blueprint = parse_blueprint({"name": "shop", "resources": []})
    held = Waivers(blueprint, stored=[waiver(resource=pattern)], today=TODAY)
    assert (held.of("T-PUB-001", name) is not None) is matches


@pytest.mark.parametrize("key", ["by", "approved_by"])
def test_who_a_blueprint_names_for_a_waiver_is_only_its_word(key: str) -> None:
    written = {"rule": "T-PUB-001", "reason": "moves", "expires": "2099-01-01", key: "the CISO"}
    blueprint = parse_blueprint(
        {"name": "shop", "metadata": {"policy": {"waivers": [written]}}, "resources": []}
    )
    found = Waivers(blueprint, today=TODAY).of("T-PUB-001", "db")
    assert found is not None
    assert found.by == "the CISO, as the blueprint says"
