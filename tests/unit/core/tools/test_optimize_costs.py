"""A cheaper blueprint by the documented arguments, with the documented keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.errors import AlmaError
from tests.unit.core.tools.kit import calling

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {
            "name": "web",
            "type": "vm",
            "image": "debian:12",
            "count": 2,
            "specs": {"cpu": 4, "memory": "8GiB", "disk": "20GiB"},
        },
        {
            "name": "db",
            "type": "database",
            "engine": "postgresql",
            "specs": {"cpu": 4, "memory": "16GiB", "disk": "100GiB"},
        },
    ],
}
SEEN = {"web": {"cpu_peak": 25, "memory_peak": 40}}


async def used(tmp_path: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(tmp_path) as calls:
        return await calls.use("optimize_costs", **{"blueprint": SHOP, **arguments})


async def refused(tmp_path: Path, **arguments: Any) -> AlmaError:
    with pytest.raises(AlmaError) as caught:
        await used(tmp_path, **arguments)
    return caught.value


async def test_the_sums_can_be_done_by_hand(tmp_path: Path) -> None:
    found = await used(tmp_path, provider="aws", target_reduction=0.30, metrics=SEEN)
    # two c5.xlarge (0.17), one m5.xlarge (0.192) for 730 hours, 140 GiB at 0.08
    assert found["original_cost"] == 248.20 + 140.16 + 11.20
    # 4 × 25 % ÷ 60 % is 2 vCPU, 8 × 40 % ÷ 80 % is 4 GiB: two c5.large (0.085)
    assert found["recommendations"] == [
        "Right-size web: vCPU from 4 to 2, memory from 8GiB to 4GiB (-$124/mo)"
    ]
    assert found["savings"] == 124.10
    assert found["optimized_cost"] == 275.46
    assert found["savings_percentage"] == 31.06
    assert found["target_met"] is True
    assert found["blueprint"]["resources"][0]["specs"] == {
        "cpu": 2,
        "memory": "4GiB",
        "disk": "20GiB",
    }


@pytest.mark.parametrize("target", [0.3, 30, "30 %", "30%", "0.30"])
async def test_a_target_is_a_share_or_percent(tmp_path: Path, target: object) -> None:
    found = await used(tmp_path, provider="aws", target_reduction=target)
    assert found["target_cost"] == 279.69


@pytest.mark.parametrize("target", [0, -1, 100, 250, "a third", True])
async def test_a_target_that_is_no_share_is_refused(tmp_path: Path, target: object) -> None:
    error = await refused(tmp_path, target_reduction=target)
    assert "target_reduction" in str(error.details) + str(getattr(error, "diagnostics", ""))


async def test_a_target_that_cannot_be_met_is_told_with_the_best(tmp_path: Path) -> None:
    found = await used(tmp_path, target_reduction=0.9, preserve_performance=True)
    assert found["target_met"] is False
    assert found["savings"] == 0
    assert "can't be met" in found["summary"]
    assert parse_blueprint(found["blueprint"]) == parse_blueprint(SHOP)


async def test_savings_add_up_in_what_is_shown(tmp_path: Path) -> None:
    found = await used(tmp_path, provider="gcp", target_reduction=0.6, metrics=SEEN)
    together = sum(measure["saving"] for measure in found["measures"])
    assert round(found["original_cost"] - together, 2) == found["optimized_cost"]
    assert all(measure["risk"] and measure["danger"] for measure in found["measures"])


async def test_the_goal_limits_the_risk(tmp_path: Path) -> None:
    risks = {
        goal: {
            measure["risk"]
            for measure in (
                await used(
                    tmp_path / goal, provider="gcp", optimization_goal=goal, target_reduction=0.9
                )
            )["measures"]
        }
        for goal in ("cost", "balanced", "Performance")
    }
    assert "high" in risks["cost"]
    assert risks["balanced"] <= {"low", "medium"}
    assert risks["Performance"] <= {"low"}


async def test_a_saved_blueprint_is_priced_where_it_is_to_land(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await calls.use("optimize_costs", blueprint_id=calls.saved(SHOP))
    assert found["provider"] == "proxmox"


async def test_bad_input_is_told_with_what_is_allowed(tmp_path: Path) -> None:
    metrics = await refused(tmp_path / "a", metrics={"wbe": {"cpu_peak": 5}})
    assert metrics.hint == "its resources are web, db"
    nan = await refused(tmp_path / "b", metrics={"web": {"cpu_peak": "NaN"}})
    assert nan.code == "invalid_arguments"
    goal = await refused(tmp_path / "c", optimization_goal="joy")
    assert "balanced" in str(getattr(goal, "diagnostics", ""))
    missing = await refused(tmp_path / "d", blueprint=None, blueprint_id=77)
    assert missing.code == "not_found"
