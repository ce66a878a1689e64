"""The audit: what is wrong, its place, its evidence, what mends it, and a score that can be computed by hand.

Where figures count, all shipped rules but three are switched off, as a project may: ALMA-NET-001 (critical, weight 10),
ALMA-BCK-001 (high, 7.5) and ALMA-GOV-001 (low, 2.5).
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.finding import Gravity
from alma.core.tools.security_audit import TOOL
from tests.unit.core.tools.few_rules import OPEN_DB, STORES, only
from tests.unit.core.tools.kit import Calls, calling


async def audit(calls: Calls, document: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """The audit of a document, as every surface shows it."""
    return await calls.use("security_audit", blueprint=document, **arguments)


async def test_the_score_is_what_its_formula_says(tmp_path: Path) -> None:
    """Of two databases one is open and has no backup, and nobody owns them:
    10 × (10×1/2 + 7.5×1/2 + 2.5×0) / (10 + 7.5 + 2.5) = 10 × 8.75 / 20 = 4.375."""
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, STORES)
        assert found["security_score"] == 4.4
        assert found["score_formula"] == (
            "10 × (10×0.50 + 7.5×0.50 + 2.5×0.00) / (10×1 + 7.5×1 + 2.5×1) = 4.4"
        )
        assert found["coverage"] == 1.0
        assert found["by_severity"] == {"critical": 1, "high": 1, "medium": 0, "low": 1}


async def test_a_cap_holds_the_score_down_while_a_door_is_open(tmp_path: Path) -> None:
    """Owned, everything backed up, four databases of which one is open: 10 × (10×3/4 + 7.5 + 2.5) / 20 = 8.75."""
    document = copy.deepcopy(STORES)
    document["metadata"] = {"owner": "shop"}
    document["resources"][0]["backup"] = True
    document["resources"] += [
        {"name": f"more-{number}", "type": "database", "backup": True} for number in (1, 2)
    ]
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, document)
        assert found["security_score"] == 4.9
        assert found["score_capped_by"] == "ALMA-NET-001"
        document["resources"][0]["network"] = {}
        assert (await audit(calls, document))["security_score"] == 10.0


async def test_a_finding_has_the_documented_keys_and_says_what_it_rests_on(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await audit(calls, STORES)
        worst = found["vulnerabilities"][0]
        assert worst["severity"] == "critical"
        assert worst["issue"] == "open keeps data and has an address that anybody can reach"
        assert worst["recommendation"].startswith("Take the address away")
        assert worst["rule"] == "ALMA-NET-001"
        assert worst["path"] == "resources.open.network.public_ip"
        assert worst["evidence"] == {"r.network.public_ip": True}
        assert worst["mandatory"] is True
        assert found["sources"][0].startswith("policy bundle policies@")


async def test_the_gravest_come_first(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await audit(calls, STORES)
        order = [
            list(Gravity).index(Gravity(item["severity"])) for item in found["vulnerabilities"]
        ]
        assert order == sorted(order)
        assert len(set(order)) > 2


async def test_a_fix_can_be_applied_as_it_is(tmp_path: Path) -> None:
    """Mending the open door: 10 × (10 + 7.5×1/2 + 0) / 20 = 6.875."""
    async with calling(only(tmp_path)) as calls:
        before = (await TOOL({"blueprint": STORES}, calls.call)).vulnerabilities
        mended, _ = apply_edits(parse_blueprint(STORES), before[0].fix)
        after = await audit(calls, mended.dump())
        assert [item.rule for item in before] == ["ALMA-NET-001", "ALMA-BCK-001", "ALMA-GOV-001"]
        assert [item["rule"] for item in after["vulnerabilities"]] == [
            "ALMA-BCK-001",
            "ALMA-GOV-001",
        ]
        assert after["security_score"] == 6.9


@pytest.mark.parametrize(
    ("threshold", "shown", "left_out"),
    [("critical", 1, 2), ("HIGH", 2, 1), ("moderate", 2, 1), ("low", 3, 0)],
)
async def test_a_threshold_leaves_out_and_counts_what_is_less_grave(
    threshold: str, shown: int, left_out: int, tmp_path: Path
) -> None:
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, STORES, severity_threshold=threshold)
        assert (len(found["vulnerabilities"]), found["left_out"]) == (shown, left_out)
        assert found["security_score"] == 4.4


async def test_of_many_findings_the_gravest_are_shown_and_the_others_counted(
    tmp_path: Path,
) -> None:
    """Two hundred databases, all open and none backed up, and no owner: 401 findings."""
    many = [{**STORES["resources"][0], "name": f"db-{number}"} for number in range(200)]
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, {"name": "many", "resources": many}, limit=250)
        assert (len(found["vulnerabilities"]), found["left_out"]) == (250, 151)
        assert found["by_severity"] == {"critical": 200, "high": 200, "medium": 0, "low": 1}
        assert {item["severity"] for item in found["vulnerabilities"][:200]} == {"critical"}


async def test_what_is_waived_is_shown_with_who_answers_for_it(tmp_path: Path) -> None:
    """One open database, waived: of the rules left, the backup fails and so does the owner: 10 × 0 / 10 = 0."""
    waiver = {
        "rule": "ALMA-NET-001",
        "resource": "open",
        "reason": "shown at the fair",
        "expires": "2999-12-31",
        "by": "anna",
    }
    document = {**OPEN_DB, "metadata": {"policy": {"waivers": [waiver]}}}
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, document)
        (waived,) = found["waived"]
        assert waived["rule"] == "ALMA-NET-001"
        assert waived["waiver"]["reason"] == "shown at the fair"
        assert waived["waiver"]["expires"] == "2999-12-31"
        assert "ALMA-NET-001" not in [item["rule"] for item in found["vulnerabilities"]]
        assert found["security_score"] == 0.0


async def test_what_is_not_said_is_a_question_and_no_finding(tmp_path: Path) -> None:
    """Encryption is declared or it is not: of the one question asked, none is answered."""
    async with calling(only(tmp_path, {"ALMA-ENC-001"})) as calls:
        found = await audit(calls, OPEN_DB)
        assert found["vulnerabilities"] == []
        assert [item["path"] for item in found["unanswered"]] == [
            "resources.open.metadata.encryption.at_rest"
        ]
        assert (found["coverage"], found["unanswered_count"], found["security_score"]) == (
            0.0,
            1,
            0.0,
        )


# ── frameworks ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    [
        {"check_compliance": ["SOC2", "GDPR"]},
        {"check_compliance": "soc 2, dsgvo"},
        {"compliance_framework": "soc2", "check_compliance": ["gdpr", "SOC-2"]},
    ],
)
async def test_frameworks_are_named_in_either_way(
    arguments: dict[str, Any], tmp_path: Path
) -> None:
    async with calling(only(tmp_path)) as calls:
        found = await audit(calls, OPEN_DB, **arguments)
        assert found["compliance"] == {"SOC2": "failing", "GDPR": "failing"}


async def test_without_a_framework_those_for_certain_data_wait_for_it(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = (await audit(calls, OPEN_DB, compliance_framework="general"))["compliance"]
        assert set(found) == {"CIS", "NIST", "PCI-DSS", "HIPAA", "GDPR", "SOC2", "ISO27001"}
        assert (found["HIPAA"], found["SOC2"]) == ("not assessable", "partial")
        health = copy.deepcopy(OPEN_DB)
        health["resources"][0]["metadata"] = {"data": {"classes": ["phi"]}}
        found = (await audit(calls, health))["compliance"]
        assert (found["HIPAA"], found["PCI-DSS"]) == ("partial", "not applicable")


async def test_no_compliance_is_worked_out_where_nobody_wants_it(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        assert (await audit(calls, OPEN_DB, check_compliance=False))["compliance"] == {}


async def test_an_unknown_framework_names_the_known_ones(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(InvalidInput) as refused:
            await audit(calls, OPEN_DB, check_compliance=["FedRAMP"])
        assert "FedRAMP" in refused.value.message
        assert "pci-dss" in (refused.value.hint or "")


# ── bad input ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"severity_threshold": "dire"}, "severity_threshold"),
        ({"check_compliance": [7]}, "check_compliance"),
        ({"check_compliance": {"soc2": True}}, "check_compliance"),
        ({"blueprnt": {}}, "blueprnt"),
    ],
)
async def test_a_wrong_argument_is_named(
    arguments: dict[str, Any], named: str, tmp_path: Path
) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(BlueprintInvalid) as refused:
            await audit(calls, OPEN_DB, **arguments)
        assert named in " ".join(map(str, refused.value.diagnostics))


async def test_two_blueprints_that_differ_get_two_answers(tmp_path: Path) -> None:
    closed = {"name": "x", "resources": [{"name": "open", "type": "database"}]}
    async with calling(tmp_path) as calls:
        first, second = await audit(calls, OPEN_DB), await audit(calls, closed)
        assert first["security_score"] < second["security_score"]
        assert first["summary"] != second["summary"]


async def test_a_saved_blueprint_is_audited_by_its_number(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await calls.use("security_audit", blueprint_id=calls.saved(OPEN_DB))
        assert found["vulnerabilities"][0]["resource"] == "open"


async def test_nothing_of_a_secret_is_told(tmp_path: Path) -> None:
    app = {"name": "app", "type": "service", "env": {"DB_PASSWORD": "correct-horse-battery"}}
    async with calling(tmp_path) as calls:
        found = await audit(calls, {"name": "x", "resources": [app]})
        assert "ALMA-IAM-001" in [item["rule"] for item in found["vulnerabilities"]]
        assert "correct-horse" not in str(found)
