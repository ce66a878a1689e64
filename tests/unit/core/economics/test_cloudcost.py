"""What a blueprint costs at a provider: the cheapest type that fits, line by line, and nothing made up."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_catalogue, load_clouds, load_prices
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Estimate, Item, PriceKind
from alma.core.model.errors import InvalidInput
from alma.core.services.estimates import Estimates
from tests.unit.core.economics.clouds import estimates

SHIPPED = Estimates(load_catalogue(), load_prices(), clouds=load_clouds)


def blueprint(*resources: dict[str, Any], **more: Any) -> Blueprint:
    named = [{"name": f"x{n}", "type": "vm", **r} for n, r in enumerate(resources)]
    return Blueprint.model_validate({"name": "shop", "resources": named, **more})


def cost(resource: dict[str, Any], *, region: str | None = None, **changes: Any) -> Estimate:
    return estimates(**changes).estimate(blueprint(resource), "nimbus", region=region)


def vm(cpu: float, memory: str, **more: Any) -> dict[str, Any]:
    return {"image": "debian:12", "specs": {"cpu": cpu, "memory": memory, "disk": "10GiB"}, **more}


def types_of(found: Estimate) -> list[str | None]:
    return [line.sku for line in found.lines if line.what is Item.INSTANCE]


def test_instances_run_on_the_cheapest_type_with_their_cpu_and_memory() -> None:
    found = cost(vm(2, "4GiB", count=3))
    # three of 0.05 USD × 730 hours, and 30 GiB of disk at 0.10
    assert [(line.what, line.sku, line.monthly) for line in found.lines] == [
        (Item.INSTANCE, "medium", Decimal("109.50")),
        (Item.DISK, "ssd", Decimal("3.00")),
    ]
    assert found.monthly == Decimal("112.50")


def test_a_type_may_have_six_percent_less_memory_and_no_more_than_that() -> None:
    assert types_of(cost(vm(2, "4.25GiB"))) == ["medium"]  # 4.25 × 0.94 = 3.995
    assert types_of(cost(vm(2, "4.375GiB"))) == ["large"]  # 4.375 × 0.94 = 4.1125


def test_a_burstable_type_does_where_it_keeps_up_what_is_asked_for() -> None:
    assert types_of(cost(vm(0.5, "2GiB"))) == ["burst"]
    assert types_of(cost(vm(2, "2GiB", metadata={"purchase": {"sustained": 0.5}}))) == ["burst"]
    assert types_of(cost(vm(2, "2GiB", metadata={"purchase": {"sustained": 0.6}}))) == ["medium"]


def test_types_of_another_architecture_or_with_gpus_are_not_taken_unasked() -> None:
    assert types_of(cost(vm(2, "4GiB", metadata={"purchase": {"arch": "arm64"}}))) == ["arm"]
    assert types_of(cost({**vm(2, "4GiB"), "specs": {"cpu": 2, "memory": "4GiB", "gpu": 1}})) == [
        "gpu"
    ]
    assert types_of(cost(vm(4, "16GiB"))) == ["memory"]


def test_every_line_says_what_it_is_where_from_and_of_which_day() -> None:
    line = cost(vm(2, "4GiB")).lines[0]
    assert (line.kind, line.source, str(line.date)) == (PriceKind.LIST, "a test", "2026-01-01")


def test_what_fits_on_no_type_is_named_and_not_priced() -> None:
    found = cost(vm(5, "4GiB"))
    assert types_of(found) == []
    assert found.unpriced == ("x0",)
    assert "x0: the book has no Nimbus type in east with 5 vCPU and 4 GiB" in found.uncounted


def test_a_price_of_another_region_stands_in_only_as_an_assumption() -> None:
    disk = cost(vm(2, "4GiB"), region="west").lines[1]
    assert (disk.kind, disk.monthly) == (PriceKind.ASSUMPTION, Decimal("1.00"))
    assert disk.source == "a test; the price of east stands in"


def test_what_has_no_price_at_all_is_named() -> None:
    found = cost(vm(2, "4GiB", network={"public_ip": True}), meters={})
    assert "disk storage of x0: no price is known for east" in found.uncounted
    assert "public addresses of x0: no price is known for east" in found.uncounted


def test_spot_prices_are_estimates_and_count_only_for_so_many() -> None:
    found = cost(vm(2, "4GiB", count=3, metadata={"purchase": {"spot": 1}}))
    machines = [line for line in found.lines if line.what is Item.INSTANCE]
    assert [(line.quantity, line.monthly, line.kind) for line in machines] == [
        (Decimal(1), Decimal("7.30"), PriceKind.ESTIMATE),
        (Decimal(2), Decimal("73.00"), PriceKind.LIST),
    ]


def test_a_market_without_prices_is_bought_on_demand() -> None:
    found = cost(vm(4, "8GiB", metadata={"purchase": {"market": "spot"}}))
    assert (found.lines[0].sku, found.lines[0].kind) == ("large", PriceKind.LIST)


def test_hours_count_for_machines_and_not_for_disks() -> None:
    found = cost(vm(2, "4GiB", metadata={"purchase": {"hours": 100}}))
    assert [line.monthly for line in found.lines] == [Decimal("5.00"), Decimal("1.00")]


def test_traffic_is_paid_in_steps() -> None:
    found = cost(vm(2, "4GiB", metadata={"purchase": {"egress_gb": 1500}}))
    # 100 free, 900 × 0.10, 500 × 0.05
    assert found.of("traffic") == Decimal("115.00")


def test_those_who_share_machines_never_share_one_with_their_like() -> None:
    pooled = {
        "type": "service",
        "image": "a/b",
        "count": 2,
        "metadata": {"purchase": {"pool": "p"}},
    }
    small = {**pooled, "specs": {"cpu": 0.5, "memory": "512MiB"}}
    found = estimates().estimate(blueprint(small, small), "nimbus")
    # two machines, each with one instance of both: 1 vCPU and 1 GiB
    assert [
        (line.resource, line.sku, line.quantity)
        for line in found.lines
        if line.what is Item.INSTANCE
    ] == [("pool p", "small", Decimal(2))]


def test_objects_are_kept_in_the_providers_own_storage() -> None:
    found = cost({"type": "object_store", "specs": {"disk": "500GiB"}})
    assert [(line.what, line.monthly) for line in found.lines] == [(Item.OBJECT, Decimal("10.00"))]


def test_what_cannot_be_read_of_a_purchase_is_said() -> None:
    found = cost(vm(2, "4GiB", metadata={"purchase": {"market": "barter"}}))
    assert any("metadata.purchase.market can't be read" in text for text in found.assumptions)
    assert types_of(found) == ["medium"]


@pytest.mark.parametrize("name", ["nimbus", "NIMBUS", " The Nimbus "])
def test_a_provider_is_known_by_all_its_names(name: str) -> None:
    assert estimates().provider(name) == "nimbus"


def test_unknown_providers_and_regions_are_told_with_those_there_are() -> None:
    with pytest.raises(InvalidInput) as unknown:
        estimates().estimate(blueprint(), "ibm")
    assert unknown.value.hint == "known are proxmox, nimbus"
    with pytest.raises(InvalidInput) as nowhere:
        estimates().estimate(blueprint(), "nimbus", region="north")
    assert nowhere.value.hint == "known are east, west"


def test_ones_own_machines_are_a_provider_too() -> None:
    plan = blueprint(vm(2, "4GiB"))
    assert estimates().estimate(plan, "proxmox") == estimates().estimate(plan)


def test_a_plans_book_is_the_one_that_prices_it() -> None:
    assert SHIPPED.books("default") == SHIPPED.book
    assert SHIPPED.books("default", provider="AWS") == load_clouds()["aws"].version


# ── properties, with the shipped books ───────────────────────────────────────────────────────────

SIZES = st.tuples(st.integers(1, 32), st.integers(1, 256), st.integers(1, 5), st.integers(1, 2000))
PLACES = st.sampled_from([(p, r) for p, b in load_clouds().items() for r in b.regions])


def sized(size: tuple[int, int, int, int]) -> dict[str, Any]:
    cpu, memory, count, disk = size
    specs = {"cpu": cpu, "memory": f"{memory}GiB", "disk": f"{disk}GiB"}
    return {"image": "debian:12", "count": count, "specs": specs}


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 3), st.integers(0, 50), PLACES)
def test_more_is_never_cheaper(
    size: tuple[int, int, int, int], which: int, more: int, place: tuple[str, str]
) -> None:
    grown = tuple(
        min(n + more, 5 if i == 2 else n + more) if i == which else n for i, n in enumerate(size)
    )
    small, big = (
        SHIPPED.estimate(blueprint(sized(s)), place[0], region=place[1])  # type: ignore[arg-type]
        for s in (size, grown)
    )
    assert small.monthly <= big.monthly or big.unpriced


@settings(max_examples=40, deadline=None)
@given(st.lists(SIZES, min_size=1, max_size=5), PLACES)
def test_lines_add_up_and_resources_do_not_change_each_others_cost(
    sizes: list[tuple[int, int, int, int]], place: tuple[str, str]
) -> None:
    resources = [sized(size) for size in sizes]
    whole = SHIPPED.estimate(blueprint(*resources), place[0], region=place[1])
    assert whole.monthly == sum(line.monthly for line in whole.lines)
    assert whole.monthly == sum(whole.of(f"x{n}") for n in range(len(resources)))
    for line in whole.lines:
        assert abs(line.monthly - line.quantity * line.unit_price) <= Decimal("0.005")
