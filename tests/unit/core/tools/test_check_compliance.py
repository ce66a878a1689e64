"""Controls of frameworks, each with its status, its reason and its evidence; a report that can be handed over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import InvalidInput
from tests.unit.core.tools.few_rules import OPEN_DB, STORES, only
from tests.unit.core.tools.kit import calling

GOOD: dict[str, Any] = {
    "name": "good",
    "metadata": {"owner": "shop"},
    "resources": [{"name": "db", "type": "database", "backup": True}],
}


def statuses(standard: dict[str, Any]) -> dict[str, str]:
    """What is said of each control of a standard."""
    return {control["id"]: control["status"] for control in standard["controls"]}


async def test_every_control_follows_from_the_findings(tmp_path: Path) -> None:
    """With three rules: ALMA-NET-001 shows CC6.1 and CC6.6, ALMA-BCK-001 A1.2 and CC7.5, ALMA-GOV-001 CC2.1; the other
    56 of 61 criteria are shown by no rule that is on."""
    async with calling(only(tmp_path)) as calls:
        found = await calls.use("check_compliance", blueprint=STORES, standards=["soc2"])
        (standard,) = found["standards"]
        failed = {id_ for id_, status in statuses(standard).items() if status == "fail"}
        assert failed == {"CC6.1", "CC6.6", "A1.2", "CC7.5", "CC2.1"}
        assert standard["counts"] == {
            "pass": 0,
            "fail": 5,
            "not applicable": 0,
            "not assessable": 56,
        }
        assert found["compliance"] == {"SOC2": "failing"}
        control = next(c for c in standard["controls"] if c["id"] == "A1.2")
        assert control["reason"] == "2 checks by 1 rule: 1 failed."
        assert control["findings"] == ["ALMA-BCK-001 at resources.open.backup"]


async def test_a_blueprint_without_findings_passes_its_checks_and_no_more(tmp_path: Path) -> None:
    async with calling(only(tmp_path)) as calls:
        found = await calls.use("check_compliance", blueprint=GOOD, standards=["soc2"])
        assert found["compliance"] == {"SOC2": "blueprint checks pass"}
        assert found["standards"][0]["counts"]["pass"] == 5
        assert found["standards"][0]["counts"]["not assessable"] == 56
        assert found["findings"] == []
        assert "compliant" not in str(found).casefold()


async def test_what_no_blueprint_shows_is_listed_with_its_reason(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await calls.use("check_compliance", blueprint=GOOD, standards=["iso27001"])
        controls = {control["id"]: control for control in found["standards"][0]["controls"]}
        assert len(controls) == 93
        assert controls["A.6.3"]["status"] == "not assessable"
        assert "about people" in controls["A.6.3"]["reason"]
        assert all(control["reason"] for control in controls.values())


async def test_the_evidence_that_controls_name_is_in_the_answer(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await calls.use("check_compliance", blueprint=OPEN_DB)
        told = {f"{item['rule']} at {item['path']}" for item in found["findings"]}
        named = {
            name
            for standard in found["standards"]
            for control in standard["controls"]
            for name in control["findings"]
        }
        assert named == told
        assert found["security_score"] <= 4.9


async def test_standards_are_found_however_they_are_written_and_once(tmp_path: Path) -> None:
    async with calling(only(tmp_path)) as calls:
        names = ["PCI DSS", "pci-dss", "ISO 27001"]
        found = await calls.use("check_compliance", blueprint=OPEN_DB, standards=names)
        assert list(found["compliance"]) == ["PCI-DSS", "ISO27001"]
        found = await calls.use("check_compliance", blueprint=OPEN_DB, standards="hipaa")
        assert list(found["compliance"]) == ["HIPAA"]


async def test_without_standards_all_are_checked(tmp_path: Path) -> None:
    async with calling(only(tmp_path)) as calls:
        found = await calls.use("check_compliance", blueprint=OPEN_DB)
        assert len(found["standards"]) == 7
        assert found["compliance"]["HIPAA"] == "failing"
        concerns = {standard["name"]: standard["concerns"] for standard in found["standards"]}
        assert concerns == {
            "CIS": True,
            "NIST": True,
            "PCI-DSS": None,
            "HIPAA": None,
            "GDPR": None,
            "SOC2": True,
            "ISO27001": True,
        }


async def test_an_unknown_standard_names_the_known_ones(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(InvalidInput) as refused:
            await calls.use("check_compliance", blueprint=OPEN_DB, standards=["soc2", "TISAX"])
        assert "TISAX" in refused.value.message
        for known in ("cis", "nist", "pci-dss", "hipaa", "gdpr", "soc2", "iso27001"):
            assert known in (refused.value.hint or "")


async def test_a_report_says_the_same_three_times(tmp_path: Path) -> None:
    async with calling(only(tmp_path)) as calls:
        number = calls.saved(STORES)
        found = await calls.use(
            "check_compliance", blueprint_id=number, standards=["soc2"], generate_report=True
        )
        report = found["report"]
        assert set(report) == {"json", "markdown", "html"}
        assert report["json"]["blueprint"] == "stores"
        assert report["json"]["revision"] == 1
        assert report["json"]["judgements"] == found["standards"]
        for text in (report["markdown"], report["html"]):
            assert "5 fail, 56 not assessable" in text
            assert "stores, revision 1" in text
            assert "ALMA-BCK-001 at resources.open.backup" in text


async def test_no_report_is_made_unasked(tmp_path: Path) -> None:
    async with calling(only(tmp_path)) as calls:
        found = await calls.use("check_compliance", blueprint=OPEN_DB, standards=["cis"])
        assert found["report"] is None


async def test_a_standard_of_ones_own_rules_can_be_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "policies"
    folder.mkdir(parents=True)
    (folder / "house.yaml").write_text(
        "rules:\n"
        "  - id: HOUSE-1\n"
        "    title: Labelled by team\n"
        "    severity: low\n"
        "    assert: 'r.labels.team != null'\n"
        "    message: '{name} has no team'\n"
        "    controls: {house-rules: [H1]}\n",
        encoding="utf-8",
    )
    async with calling(tmp_path) as calls:
        found = await calls.use("check_compliance", blueprint=OPEN_DB, standards=["House Rules"])
        assert found["compliance"] == {"house-rules": "failing"}
        assert statuses(found["standards"][0]) == {"H1": "fail"}
