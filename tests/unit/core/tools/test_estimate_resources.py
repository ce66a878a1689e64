"""What a blueprint needs and costs, part by part and line by line; or what a load needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.document import parse_blueprint
from alma.core.model.errors import AlmaError, InvalidInput
from tests.unit.core.tools.kit import Calls, calling

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {
            "name": "web",
            "type": "vm",
            "image": "debian:12",
            "count": 2,
            "specs": {"cpu": 2, "memory": "4GiB", "disk": "20GiB"},
            "network": {"public_ip": True, "ports": [80, 443]},
        },
        {
            "name": "db",
            "type": "database",
            "engine": "postgresql",
            "specs": {"cpu": 4, "memory": "16GiB", "disk": "100GiB"},
        },
    ],
}


async def used(tmp_path: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(tmp_path) as calls:
        return await calls.use("estimate_resources", **arguments)


async def refused(tmp_path: Path, **arguments: Any) -> AlmaError:
    with pytest.raises(AlmaError) as caught:
        await used(tmp_path, **arguments)
    return caught.value


async def test_amounts_are_told_together_and_by_tier(tmp_path: Path) -> None:
    found = await used(tmp_path, blueprint=SHOP)
    assert found["totals"] == {
        "instances": 3,
        "cpu": 8.0,
        "memory_gib": 24.0,
        "disk_gib": 140.0,
        "backup_gib": 0.0,
        "gpu": 0.0,
        "public_addresses": 2,
        "networks": 0,
        "ports": 2,
    }
    assert [(t["name"], t["cpu"], t["instances"]) for t in found["tiers"]] == [
        ("application", 4.0, 2),
        ("database", 4.0, 1),
    ]


async def test_every_provider_has_a_cost_whose_lines_add_up(tmp_path: Path) -> None:
    found = await used(tmp_path, blueprint=SHOP)
    assert list(found["monthly_cost"]) == ["proxmox", "aws", "azure", "gcp"]
    for cost in found["costs"]:
        assert round(sum(line["monthly"] for line in cost["lines"]), 2) == cost["monthly"]
        assert all(line["source"] and line["kind"] for line in cost["lines"])
        assert cost["book"] in found["sources"]


async def test_the_sum_at_one_provider_can_be_done_by_hand(tmp_path: Path) -> None:
    found = await used(tmp_path, blueprint=SHOP, provider="AWS", region="us-east-1")
    # two c5.large at 0.085, one m5.xlarge at 0.192, 730 hours each, and 140 GiB of gp3 at 0.08
    assert found["monthly_cost"] == {"aws": 124.10 + 140.16 + 11.20}
    assert [line["sku"] for line in found["costs"][0]["lines"]] == [
        "c5.large",
        "gp3",
        "m5.xlarge",
        "gp3",
    ]


async def test_a_region_counts_for_the_provider_that_has_it(tmp_path: Path) -> None:
    found = await used(tmp_path, blueprint=SHOP, region="westeurope")
    assert [(c["provider"], c["region"]) for c in found["costs"]] == [
        ("proxmox", None),
        ("aws", "us-east-1"),
        ("azure", "westeurope"),
        ("gcp", "us-central1"),
    ]


async def test_another_region_costs_something_else(tmp_path: Path) -> None:
    there = await used(tmp_path, blueprint=SHOP, provider="gcp", region="europe-west3")
    here = await used(tmp_path, blueprint=SHOP, provider="gcp")
    assert there["monthly_cost"]["gcp"] > here["monthly_cost"]["gcp"]


async def test_a_load_becomes_sizes_with_the_arithmetic_and_a_valid_blueprint(
    tmp_path: Path,
) -> None:
    found = await used(tmp_path, workload_type="database", expected_load="1000 requests/sec")
    # 1000/s × 107.72 µs ÷ 60 % is 0.18 cores; 0.05 MB/s that stay, 365 days, a quarter on top
    (tier,) = found["sizing"]["tiers"]
    assert (tier["count"], tier["cpu"], tier["memory"], tier["disk"]) == (1, 1, "5GB", "1971GB")
    assert any("0.108 cores busy; ÷ 60 % = 0.18" in step for step in found["sizing"]["working"])
    assert parse_blueprint(found["blueprint"]).resources[0].name == "database"


async def test_who_leaves_traffic_out_is_not_the_cheapest_by_that(tmp_path: Path) -> None:
    found = await used(tmp_path, workload_type="web", expected_load="1000 requests/sec")
    counted = [cost for cost in found["costs"] if not cost["uncounted"]]
    assert min(found["monthly_cost"], key=found["monthly_cost"].get) == "proxmox"
    assert "proxmox" not in [cost["provider"] for cost in counted]
    assert found["cheapest"] == min(counted, key=lambda cost: cost["monthly"])["provider"]


async def test_a_cache_is_sized_by_what_stays_in_it(tmp_path: Path) -> None:
    found = await used(tmp_path, workload_type="cache", expected_load="200,000 lookups per second")
    # 2 cores busy ÷ 60 % are 4, one each; 5 MB/s × 3600 s = 18 GB and a quarter on top over 4, and 1 GB
    (tier,) = found["sizing"]["tiers"]
    assert (tier["count"], tier["cpu"], tier["memory"]) == (4, 1, "7GB")


@pytest.mark.parametrize(
    ("kind", "load"),
    [
        ("web", "5,000 users"),
        ("queue", "500 messages per minute"),
        ("ML", "20 predictions/s"),
        ("analytics", "200 GB/day"),
        ("web", "50 GB/day"),
        ("cache", "1m users"),
        ("database", "2k rps"),
    ],
)
async def test_every_kind_and_form_of_load_is_understood(
    tmp_path: Path, kind: str, load: str
) -> None:
    found = await used(tmp_path, workload_type=kind, expected_load=load)
    assert found["totals"]["cpu"] > 0
    assert all(cost > 0 for cost in found["monthly_cost"].values())


async def test_more_availability_is_more_machines(tmp_path: Path) -> None:
    counts = [
        (
            await used(
                tmp_path / level,
                workload_type="web",
                expected_load="1000 requests/sec",
                availability=level,
            )
        )["totals"]["instances"]
        for level in ("standard", "high", "CRITICAL")
    ]
    # balancer + servers + database: 1 + 4 + 1, then a second of each, then a server and a database more
    assert counts == [6, 8, 10]


async def test_more_load_never_needs_less(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        for kind in ("web", "database", "cache", "queue", "ml", "analytics"):
            needed = [
                await _needed(calls, kind, load) for load in (1, 10, 100, 1000, 10_000, 100_000)
            ]
            assert needed == sorted(needed), kind


async def _needed(calls: Calls, kind: str, load: int) -> tuple[float, ...]:
    found = await calls.use(
        "estimate_resources",
        workload_type=kind,
        expected_load=f"{load} requests/s",
        provider="proxmox",
    )
    return (found["totals"]["cpu"], found["monthly_cost"]["proxmox"])


async def test_what_cannot_be_meant_is_told_with_what_can(tmp_path: Path) -> None:
    kind = await refused(tmp_path / "a", workload_type="blockchain", expected_load="5 users")
    assert kind.hint == "known are web, database, cache, queue, ml, analytics"
    load = await refused(tmp_path / "b", workload_type="web", expected_load="a lot")
    assert "1000 requests/sec" in (load.hint or "")
    provider = await refused(tmp_path / "c", blueprint=SHOP, provider="ibm")
    assert provider.hint == "known are proxmox, aws, azure, gcp"
    region = await refused(tmp_path / "d", blueprint=SHOP, region="mars-1")
    assert "eu-west-1" in (region.hint or "")
    both = await refused(
        tmp_path / "e", blueprint=SHOP, workload_type="web", expected_load="5 users"
    )
    assert both.code == "invalid_input"
    nothing = await refused(tmp_path / "f", workload_type="web")
    assert nothing.message == "no expected_load is given"
    zero = await refused(tmp_path / "g", workload_type="web", expected_load="0 users")
    assert zero.message == "a load has to be more than zero"


@pytest.mark.parametrize(
    ("kind", "load"),
    [
        ("web", "10,000,000 requests/s"),
        ("database", "1000 PB/day"),
        ("cache", "200 PB/day"),
        ("queue", "1000 PB/day"),
        ("ml", "1000 PB/day"),
        ("analytics", "200 PB/day"),
    ],
)
async def test_what_no_one_system_carries_is_refused_and_not_counted_out(
    tmp_path: Path, kind: str, load: str
) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(InvalidInput, match="more than one system has") as refused:
            await calls.use("estimate_resources", workload_type=kind, expected_load=load)
    assert refused.value.hint == "divide it: one resource has at most 1,000"


@pytest.mark.parametrize("kind", ["web", "database", "cache", "queue", "ml", "analytics"])
async def test_everybody_there_is_can_be_served(tmp_path: Path, kind: str) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use(
            "estimate_resources", workload_type=kind, expected_load="10 billion users"
        )
    assert all(1 <= tier["count"] <= 1000 for tier in answer["sizing"]["tiers"])
