"""What the tools work out fits on a screen or two, with what matters first; everything else is in the JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.cli.render.answer import RENDERERS, shown
from alma.cli.render.parts import clause, data, duration, money, number, plain
from tests.unit.cli.render.reading import text_of
from tests.unit.core.tools.kit import SHOP, Calls, calling

SCREENS = 110
REQUIRED = {"application_type": "e-commerce", "expected_users": 50_000, "budget": 1000}


async def told(calls: Calls, tool: str, **arguments: Any) -> list[str]:
    """The lines of an answer to a real call."""
    answer = await calls.use(tool, **arguments)
    return [line for part in shown(tool, answer) for line in text_of(part, width=130).splitlines()]


async def test_the_examples_of_every_tool_fit_on_a_few_screens(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        calls.saved()
        for tool in calls.alma.tools.usable():
            for example in tool.examples:
                lines = await told(calls, tool.name, **example.arguments)
                assert len(lines) <= SCREENS, (tool.name, len(lines))


async def test_an_audit_has_a_few_lines_for_each_finding_and_no_table_of_controls(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("security_audit", blueprint=SHOP, check_compliance=["soc2"])
        lines = await told(calls, "security_audit", blueprint=SHOP, check_compliance=["soc2"])
    first = answer["vulnerabilities"][0]
    at = lines.index("FINDINGS") + 1
    assert lines[at].split()[:2] == [first["severity"], first["rule"]]
    assert lines[at + 1] == f"  at {first['path']}"
    assert not any("CONTROLS" in line for line in lines)
    assert any(line.split() == ["SOC2", answer["compliance"]["SOC2"]] for line in lines)


async def test_a_check_against_standards_names_failing_controls_by_what_breaks_them(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("check_compliance", blueprint=SHOP, standards=["gdpr"])
        lines = await told(calls, "check_compliance", blueprint=SHOP, standards=["gdpr"])
    failing = [c for c in answer["standards"][0]["controls"] if c["status"] == "fail"]
    broken = {item["rule"] for item in answer["findings"] if item["result"] == "fail"}
    unknown = {item["rule"] for item in answer["findings"]} - broken
    start = lines.index("GDPR · CONTROLS THAT FAIL") + 2
    assert [line.split()[0] for line in lines[start : start + len(failing)]] == [
        control["id"] for control in failing
    ]
    assert unknown
    assert not any(rule in line for line in lines for rule in unknown)


async def test_costs_stand_side_by_side_and_add_up_to_each_provider_s_month(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("estimate_resources", blueprint=SHOP)
        lines = await told(calls, "estimate_resources", blueprint=SHOP)
    start = lines.index("A MONTH")
    assert lines[start + 1].split() == [
        "RESOURCE",
        *(c["provider"].upper() for c in answer["costs"]),
    ]
    total = next(line for line in lines[start:] if line.startswith("all "))
    assert [word for word in total.split() if word.startswith("$")] == [
        money(cost["monthly"]) for cost in answer["costs"]
    ]
    everywhere = "everything runs all month, 730 hours, unless a line says otherwise"
    assert sum(everywhere in line for line in lines) == 1


async def test_one_provider_is_shown_line_by_line_with_types_and_units(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("estimate_resources", blueprint=SHOP, provider="aws")
        lines = await told(calls, "estimate_resources", blueprint=SHOP, provider="aws")
    start = lines.index("A MONTH AT AWS")
    first = answer["costs"][0]["lines"][0]
    assert lines[start + 2].split()[:3] == [
        first["resource"],
        first["what"],
        number(first["quantity"]),
    ]
    assert money(first["monthly"]) in lines[start + 2]


async def test_measures_come_with_their_risk_and_a_blueprint_to_look_at(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        asked: dict[str, Any] = {"blueprint": SHOP, "provider": "aws"}
        answer = await calls.use("optimize_costs", **asked)
        lines = await told(calls, "optimize_costs", **asked)
    first = answer["measures"][0]
    row = lines[lines.index("MEASURES") + 2]
    assert row.startswith(money(first["saving"]))
    assert row.split()[1] == first["risk"]
    assert row.endswith(first["title"])
    assert "THE BLUEPRINT THEN" in lines


async def test_a_deployment_plan_is_its_steps_and_a_runbook_is_nothing_else(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("generate_deployment_plan", blueprint=SHOP)
        lines = await told(calls, "generate_deployment_plan", blueprint=SHOP)
        book = await told(calls, "generate_deployment_plan", blueprint=SHOP, runbook=True)
    start = lines.index("STEPS") + 2
    steps = answer["steps"]
    assert [line.split()[0] for line in lines[start : start + len(steps)]] == [
        step["address"] for step in steps
    ]
    assert "THE WAY BACK" in lines
    assert any(line.startswith("# ") for line in book)
    assert "STEPS" not in book


async def test_designs_are_compared_in_a_table_and_only_the_recommended_one_is_spread_out(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("suggest_architecture", requirements=REQUIRED)
        lines = await told(calls, "suggest_architecture", requirements=REQUIRED)
    for design in answer["designs"]:
        assert any(
            line.startswith(design["title"]) and money(design["monthly_cost"]) in line
            for line in lines
        )
    assert sum("RECOMMENDED" in line for line in lines) == 1
    assert sum(line.split()[:2] == ["NAME", "TYPE"] for line in lines) == 1


async def test_a_move_from_a_compose_file_says_what_was_read_and_what_each_resource_becomes(
    tmp_path: Path,
) -> None:
    compose = {"services": {"web": {"image": "nginx:1.27", "deploy": {"replicas": 2}}}}
    asked: dict[str, Any] = {
        "source": compose, "source_platform": "docker", "target_platform": "proxmox",
    }  # fmt: skip
    async with calling(tmp_path) as calls:
        lines = await told(calls, "migrate_infrastructure", **asked)
    assert lines[lines.index("WHAT BECOMES OF IT") + 2].startswith("web ")
    assert "services.web" in lines[lines.index("WHAT WAS READ") + 2]
    assert "WAVE 1 · STEPS" in lines


def test_every_rendering_of_a_tool_can_be_found() -> None:
    import importlib

    for place in RENDERERS.values():
        module, _, function = place.partition(":")
        assert callable(getattr(importlib.import_module(module), function))


@pytest.mark.parametrize(
    ("value", "key", "expected"),
    [
        (0.99904925, "share", "0.999"),
        (0.00004, "", "4e-05"),
        (1234.5, "", "1,234.5"),
        (229, "transfer_seconds", "3 min 49 s"),
        (20_000_000_000, "bytes", "20 GB"),
        (["a", None, "b"], "", "a, b"),
        ({"passed": 1, "why": None}, "", "passed 1"),
    ],
)
def test_numbers_are_written_as_people_write_them(value: Any, key: str, expected: str) -> None:
    assert plain(value, key) == expected


def test_units_follow_the_size() -> None:
    assert [duration(s) for s in (0.5, 45, 240, 7500, 270_000)] == [
        "0.5 s", "45 s", "4 min", "2 h 5 min", "3 d 3 h",
    ]  # fmt: skip
    assert [data(b) for b in (12, 1500, 2.5e12)] == ["12 B", "1.5 kB", "2.5 TB"]
    assert [money(1234.5), money(-2, "USD"), money(3, "EUR")] == ["$1,234.50", "-$2.00", "3.00 EUR"]


def test_a_description_is_cut_after_what_it_says_first() -> None:
    assert (
        clause("Checks it, and names mistakes; also more. And more.")
        == "Checks it, and names mistakes"
    )
    assert clause("Counts what would run.") == "Counts what would run"
