"""A load, use that grows, or a blueprint: what it takes and until when it is enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import AlmaError, ArgumentsInvalid, InvalidInput, NotFound
from tests.unit.core.tools.kit import calling

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "image": "debian:12", "count": 3, "specs": {"cpu": 2, "memory": "8GB"},
         "network": {"ports": [80]}},
        {"name": "db", "type": "database", "specs": {"cpu": 4, "memory": "16GB"}},
        {"name": "lb", "type": "load_balancer", "backends": ["web"], "specs": {"cpu": 1}},
    ],
}  # fmt: skip


async def used(tmp_path: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(tmp_path) as calls:
        return await calls.use("calculate_capacity", **arguments)


async def refused(tmp_path: Path, **arguments: Any) -> AlmaError:
    with pytest.raises(AlmaError) as caught:
        await used(tmp_path, **arguments)
    return caught.value


@pytest.mark.parametrize("users", ["1M", 1_000_000, "1,000,000 users", "1 million"])
async def test_a_million_users_take_four_servers_and_two_cores_of_a_database(
    tmp_path: Path, users: Any
) -> None:
    found = await used(tmp_path, expected_users=users)
    assert found["requests_per_second"] == pytest.approx(416.667, abs=1e-3)
    assert (found["needed"]["app_servers"], found["needed"]["database_cpu"]) == (4, 2)
    # Little: 416.7/s × 10 queries × 146 µs
    assert found["concurrency"]["queries"] == pytest.approx(0.608, abs=1e-3)
    assert any("÷ 86,400 s" in line for line in found["working"])
    assert any("peak factor 4" in line for line in found["assumptions"])
    assert any("twice the" in line for line in found["sensitivity"])


async def test_requests_people_and_data_a_day_are_loads(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        rate = await calls.use("calculate_capacity", expected_load="1000 requests/sec")
        people = await calls.use("calculate_capacity", expected_load="5,000 users")
        data = await calls.use("calculate_capacity", expected_load="432 GB/day")
    assert rate["requests_per_second"] == 1000
    assert people["users"] == 5000
    # 432 GB ÷ 50 kB ÷ 86,400 s = 100/s on average, × 4
    assert data["requests_per_second"] == 400


async def test_growth_is_compounded_until_the_horizon_and_its_steps_are_told(
    tmp_path: Path,
) -> None:
    found = await used(tmp_path, expected_users="1M", growth_rate="10%", time_horizon="6 months")
    assert found["growth"] == "10 % every 1 month, compounded"
    # 416.67 × 1.1^6 = 738.15: 2.56 cores busy, at 60 % 4.27, so 5 cores: 3 × 2 at work and one spare
    needed = found["needed_at_horizon"]
    assert needed["requests_per_second"] == pytest.approx(738.15, abs=0.01)
    assert (needed["app_servers"], needed["app_cpu"]) == (4, 2)
    assert [step["after_days"] for step in found["steps"]] == [0.0, 91.3, 182.6]
    assert any("nobody said of what" in line for line in found["assumptions"])


async def test_when_each_resource_runs_out_is_worked_out_the_first_one_first(
    tmp_path: Path,
) -> None:
    metrics = {
        "cpu_usage": 45,
        "memory_usage": "60%",
        "storage_usage": 70,
        "network_throughput": 200,
    }
    found = await used(tmp_path, current_metrics=metrics, growth_rate=5, time_horizon="6 months")
    # ln(80/70)/ln(1.05) = 2.737 months of 30.44 days
    assert [(item["resource"], item["limit_in_days"]) for item in found["resources"]] == [
        ("storage", 83.3), ("cpu", 179.5), ("memory", 179.5), ("network", 781.5),
    ]  # fmt: skip
    assert found["resources"][0]["add"].startswith("before day 83: 18 %")
    assert "storage gets to its limit first, in 83 days" in found["summary"]


@pytest.mark.parametrize(
    ("written", "use"), [("450 Mbps", 0.45), ("0.5gbit/s", 0.5), ("30%", 0.3), (900, 0.9)]
)
async def test_throughput_is_mbit_or_percent_of_the_link(
    tmp_path: Path, written: Any, use: float
) -> None:
    found = await used(tmp_path, current_metrics={"network_throughput": written})
    assert found["resources"][0]["use"] == pytest.approx(use)


async def test_limits_are_assumptions_that_can_be_changed(tmp_path: Path) -> None:
    metrics = {"cpu_usage": 45, "network_throughput": 450}
    found = await used(
        tmp_path,
        current_metrics=metrics,
        assumptions={"target_utilisation": 0.9, "link_mbit": 10_000},
    )
    assert {item["resource"]: (item["use"], item["limit"]) for item in found["resources"]} == {
        "cpu": (0.45, 0.9), "network": (0.045, 0.7),
    }  # fmt: skip


async def test_a_blueprint_carries_what_its_narrowest_part_does(tmp_path: Path) -> None:
    found = await used(tmp_path, blueprint=SHOP)
    assert [part["name"] for part in found["stations"]] == [
        "load balancer",
        "application",
        "database",
    ]
    assert found["carries"]["bottleneck"] == "application"
    # two of three servers at work: 4 cores × 60 % ÷ 3.47 ms = 691.6/s
    assert found["carries"]["requests_per_second"] == pytest.approx(691.6, rel=0.01)
    assert found["enough"] is None


async def test_whether_a_blueprint_is_enough_for_a_load_and_for_how_long(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        number = calls.saved(SHOP)
        found = await calls.use(
            "calculate_capacity", blueprint_id=number, expected_users="1M", growth_rate=10
        )
        big = await calls.use("calculate_capacity", blueprint=SHOP, expected_users="10M")
    assert (found["enough"], found["missing"]) == (True, [])
    # ln(691.6/416.7)/ln(1.1) = 5.3 months
    assert found["enough_for_days"] == pytest.approx(5.3 * 30.44, abs=4)
    # 10M users: 14.5 cores busy, 24.1 at 60 %: four servers of 8 cores, which are 16 of 2; with a spare 17
    assert (big["enough"], big["enough_for_days"]) == (False, 0.0)
    assert big["missing"][0] == "14 more server(s) of the size that is there"
    assert "too small" in big["summary"]


async def test_the_draft_of_a_conversation_is_meant_where_nothing_is_named(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        tool = calls.alma.tools.get("calculate_capacity")
        found = await tool({"expected_users": 1000}, calls.about(SHOP))
    assert found.enough is True


async def test_software_and_time_to_answer_count(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        usual = await calls.use("calculate_capacity", expected_load="1000 rps")
        django = await calls.use("calculate_capacity", expected_load="1000 rps", software="Django")
        quick = await calls.use("calculate_capacity", expected_load="1000 rps", response_ms=1)
    assert django["stations"] == usual["stations"] == []
    assert django["needed"]["app_servers"] * django["needed"]["app_cpu"] > (
        usual["needed"]["app_servers"] * usual["needed"]["app_cpu"]
    )
    assert quick["needed"]["meets_response"] is False


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"expected_users": 0}, "expected_users"),
        ({"expected_users": -5}, "expected_users"),
        ({"expected_users": "many"}, "expected_users"),
        ({"expected_users": "99999999999"}, "expected_users"),
        ({"growth_rate": "fast", "expected_users": 1}, "growth_rate"),
        ({"growth_rate": -100, "expected_users": 1}, "growth_rate"),
        ({"time_horizon": "soon", "expected_users": 1}, "time_horizon"),
        ({"current_metrics": {"cpu_usage": 130}}, "current_metrics.cpu_usage"),
        ({"current_metrics": {"cpu_usage": float("nan")}}, "current_metrics.cpu_usage"),
        ({"current_metrics": {"network_throughput": "much"}}, "current_metrics.network_throughput"),
        ({"current_metrics": {"gpu": 3}}, "current_metrics.gpu"),
        ({"response_ms": 0, "expected_users": 1}, "response_ms"),
    ],
)
async def test_wrong_arguments_are_refused_at_their_place(
    tmp_path: Path, arguments: dict[str, Any], path: str
) -> None:
    error = await refused(tmp_path, **arguments)
    assert isinstance(error, ArgumentsInvalid)
    assert [item.path for item in error.diagnostics] == [path]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "nothing to calculate with"),
        ({"current_metrics": {}}, "nothing to calculate with"),
        ({"expected_users": 5, "expected_load": "5 rps"}, "both given"),
        ({"expected_load": "a lot"}, "can't be read"),
        ({"expected_load": "1000m rps"}, "more than can be sized"),
        ({"expected_users": 5, "software": "cobol"}, "nothing is measured"),
        ({"expected_users": 5, "assumptions": {"luck": 1}}, "no assumption 'luck'"),
    ],
)  # fmt: skip
async def test_what_can_not_be_calculated_is_refused_with_what_to_do(
    tmp_path: Path, arguments: dict[str, Any], words: str
) -> None:
    error = await refused(tmp_path, **arguments)
    assert isinstance(error, InvalidInput)
    assert words in error.message
    assert error.hint


async def test_a_blueprint_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    assert isinstance(await refused(tmp_path, blueprint_id=99), NotFound)
