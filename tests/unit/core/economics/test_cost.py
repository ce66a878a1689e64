"""An estimate adds up, counts everything that would be made once, and says what it rests on."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.config import load_catalogue, load_prices
from alma.core.economics.cost import estimate
from alma.core.economics.words import explained, in_words, money
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.cost import Estimate, Item, PriceKind
from alma.core.model.engine import EngineTraits
from alma.core.model.state import Placement
from alma.core.planning.resolve import resolve
from tests.unit.core.economics.books import HOST, book

ALL = frozenset(ResourceType)
KINDS = st.sampled_from(["vm", "container", "service", "database", "cache", "load_balancer"])
RESOURCES = st.fixed_dictionaries(
    {
        "type": KINDS,
        "count": st.integers(1, 5),
        "specs": st.fixed_dictionaries(
            {},
            optional={
                "cpu": st.sampled_from([0.25, 1, 3, 16]),
                "memory": st.sampled_from(["100MB", "1GiB", "7GB", "64GB"]),
                "disk": st.sampled_from(["1GB", "33GiB", "1TB"]),
                "gpu": st.integers(0, 3),
            },
        ),
    },
    optional={"backup": st.booleans()},
)


def blueprint(*resources: dict[str, Any]) -> Blueprint:
    named = [{"name": f"r{number}", **resource} for number, resource in enumerate(resources)]
    return Blueprint.model_validate({"name": "shop", "resources": named})


def priced(
    *resources: dict[str, Any], traits: EngineTraits | None = None, **changes: Any
) -> Estimate:
    """At the round prices, unless the book is changed."""
    how = traits or EngineTraits(resource_types=ALL)
    return estimate(
        resolve(blueprint(*resources), load_catalogue(), how).resources, book(**changes)
    )


def vm(cpu: float = 2, memory: str = "4GiB", disk: str = "100GiB", **fields: Any) -> dict[str, Any]:
    return {"type": "vm", "specs": {"cpu": cpu, "memory": memory, "disk": disk}, **fields}


def test_a_machine_costs_its_cores_memory_and_disk() -> None:
    found = priced(vm())
    assert {line.what: line.monthly for line in found.lines} == {
        Item.CPU: Decimal("14.60"),
        Item.MEMORY: Decimal("5.84"),
        Item.DISK: Decimal("7.30"),
    }
    assert found.monthly == Decimal("27.74")
    assert found.of("r0") == found.monthly
    assert found.of("nobody") == 0


def test_each_line_says_how_it_is_known() -> None:
    (line, *_) = priced(vm()).lines
    assert (line.kind, line.source, line.unit) == (PriceKind.LIST, "a test", "vCPU")
    assert (line.quantity, line.unit_price) == (Decimal(2), Decimal("7.30"))


@given(st.lists(RESOURCES, max_size=4))
def test_the_lines_add_up_to_the_total(resources: list[dict[str, Any]]) -> None:
    found = priced(*resources)
    assert sum((line.monthly for line in found.lines), Decimal(0)) == found.monthly
    assert sum((found.of(f"r{n}") for n in range(len(resources))), Decimal(0)) == found.monthly
    for line in found.lines:
        assert abs(line.quantity * line.unit_price - line.monthly) <= Decimal("0.005")


@given(
    RESOURCES,
    st.sampled_from([("cpu", 16, 17), ("memory", "64GB", "65GB"), ("disk", "1TB", "1001GB")]),
)
def test_more_never_costs_less(resource: dict[str, Any], more: tuple[str, Any, Any]) -> None:
    field, high, higher = more
    given_ = priced(resource).monthly
    up = resource | {"specs": resource["specs"] | {field: high}}
    up_more = resource | {"specs": resource["specs"] | {field: higher}}
    assert given_ <= priced(up).monthly <= priced(up_more).monthly
    assert given_ < priced(resource | {"count": resource["count"] + 1}).monthly


@given(RESOURCES)
def test_the_cost_is_the_same_whether_volumes_are_objects_or_parts_of_guests(
    resource: dict[str, Any],
) -> None:
    apart = EngineTraits(resource_types=ALL)
    guests = EngineTraits(
        resource_types=ALL,
        separate_networks=False,
        separate_volumes=False,
        separate_firewalls=False,
        images=False,
        clusters=False,
    )
    assert priced(resource, traits=apart).monthly == priced(resource, traits=guests).monthly


def test_a_volume_in_use_is_counted_once() -> None:
    resources = (
        vm(disk="10GiB", mounts=[{"volume": "r1", "path": "/data"}]),
        {"type": "volume", "specs": {"disk": "90GiB"}},
    )
    apart = priced(*resources)
    folded = priced(*resources, traits=EngineTraits(resource_types=ALL, separate_volumes=False))
    assert apart.amount(Item.DISK) == folded.amount(Item.DISK) == 100
    assert apart.of("r1") == Decimal("6.57")


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(
    ("specs", "nodes"),
    [
        ({"control_plane": 3, "workers": 5}, 8),
        ({"nodes": 5}, 5),
        ({"control_plane": 3, "nodes": 5}, 5),
        ({}, 1),
    ],
)
def test_a_cluster_costs_its_nodes_however_an_engine_makes_it(
    whole: bool, specs: dict[str, int], nodes: int
) -> None:
    sized = {"cpu": 2, "memory": "4GiB", "disk": "10GiB", "gpu": 1, **specs}
    traits = EngineTraits(resource_types=ALL, clusters=whole)
    found = priced({"type": "kubernetes_cluster", "specs": sized}, traits=traits)
    assert found.amount(Item.CPU) == 2 * nodes
    assert found.amount(Item.MEMORY) == 4 * nodes
    assert found.amount(Item.DISK) == 10 * nodes
    assert found.amount(Item.GPU) == nodes


def test_gpus_are_counted_for_every_instance() -> None:
    found = priced({**vm(count=2), "specs": {"cpu": 1, "memory": "1GiB", "gpu": 2}})
    assert found.amount(Item.GPU) == 4
    (line,) = [line for line in found.lines if line.what is Item.GPU]
    assert line.monthly == Decimal("292.00")


def test_networks_and_firewalls_cost_nothing() -> None:
    found = priced({"type": "network", "cidr": "10.0.0.0/24"}, {"type": "firewall"})
    assert found.monthly == 0
    assert not found.lines
    assert not found.uncounted


def test_backups_cost_the_first_whole_and_of_the_others_what_changed() -> None:
    # 7 daily ones of 100 GiB: 100 + 6 x 5
    found = priced(vm(backup=True))
    assert found.amount(Item.BACKUP) == 130
    assert any("r0" in said and "7 of them" in said for said in found.assumptions)


@pytest.mark.parametrize(
    ("plan", "kept"),
    [
        ({"schedule": "weekly", "retention_days": 28}, "115"),
        ({"schedule": "hourly", "retention_days": 1}, "215"),
        ({"schedule": "monthly", "retention_days": 7}, "100"),
        ({"schedule": "0 3 * * *", "retention_days": 3}, "110"),
        ({"enabled": False}, "0"),
    ],
)
def test_a_plan_for_backups_decides_how_many_there_are(plan: dict[str, Any], kept: str) -> None:
    assert priced(vm(backup=plan)).amount(Item.BACKUP) == Decimal(kept)


def test_backups_hold_the_volumes_too() -> None:
    mounted = vm(disk="10GiB", backup=True, mounts=[{"volume": "r1", "path": "/data"}])
    volume = {"type": "volume", "specs": {"disk": "90GiB"}}
    assert priced(mounted, volume).amount(Item.BACKUP) == 130


def test_sizes_the_catalogue_knows_are_no_guess_and_those_nobody_knows_are_said() -> None:
    known = priced({"type": "database"})
    assert not any("not given" in said for said in known.assumptions)
    assert known.amount(Item.CPU) == load_catalogue().software["postgresql"].cpu
    unknown = priced({"type": "vm"})
    assert unknown.amount(Item.MEMORY) == 1
    assert any(
        said == "memory of r0 is not given: 1GiB each, a test's default"
        for said in unknown.assumptions
    )


def test_traffic_is_said_to_be_missing() -> None:
    (missing,) = priced(vm()).uncounted
    assert "traffic" in missing
    assert "0.12" in missing


# ── whose prices ─────────────────────────────────────────────────────────────────────────────────


def test_stand_ins_are_called_so() -> None:
    assert priced(vm()).basis == "list-price proxy, not your own cost"


def test_own_hardware_is_called_so_with_what_its_rates_rest_on() -> None:
    found = priced(vm(), hosts={"pve1": HOST})
    assert found.basis == "rates of your own hardware"
    assert any("target utilisation 0.6" in said for said in found.assumptions)


def test_a_mixture_is_called_so() -> None:
    gpu = vm() | {"specs": {"cpu": 1, "memory": "1GiB", "gpu": 1}}
    found = priced(gpu, hosts={"pve1": HOST})
    assert (
        found.basis == "rates of your own hardware, in part a list-price proxy, not your own cost"
    )


def test_a_placed_instance_costs_what_its_own_host_costs() -> None:
    resolved = resolve(
        blueprint(vm()), load_catalogue(), EngineTraits(resource_types=ALL)
    ).resources
    dear = book(hosts={"old": HOST, "new": HOST | {"purchase": 90000}})
    costs = {
        node: estimate(
            [r.model_copy(update={"placement": Placement(site={"node": node})}) for r in resolved],
            dear,
        ).monthly
        for node in ("old", "new", "unknown")
    }
    assert costs["old"] < costs["unknown"] < costs["new"]


def test_a_price_for_one_guest_holds_for_it_alone() -> None:
    found = priced(vm(count=2), vm(), guests={"r0": {"vcpu_hour": 1}, "r0-2": {"vcpu_hour": 2}})
    cores = [line.unit_price for line in found.lines if line.what is Item.CPU]
    assert cores == [730, 1460, Decimal("7.30")]
    assert found.basis == "your own prices, in part a list-price proxy, not your own cost"


def test_the_estimate_names_its_book() -> None:
    assert priced(vm()).book == book().version


def test_figures_are_numbers_in_json_and_come_back_exactly() -> None:
    found = priced(vm(), vm(cpu=0.5, backup=True))
    assert isinstance(found.model_dump(mode="json")["monthly"], float)
    again = Estimate.model_validate_json(found.model_dump_json())
    assert again.monthly == found.monthly
    assert [line.monthly for line in again.lines] == [line.monthly for line in found.lines]


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def test_the_worked_example_at_list_prices() -> None:
    machine = vm(cpu=4, memory="8GiB", disk="1GiB")
    resolved = resolve(blueprint(machine), load_catalogue(), EngineTraits(resource_types=ALL))
    found = estimate(resolved.resources, load_prices())
    assert in_words(found) == (
        "about $117 a month (4 vCPU, 8 GiB, 1 GiB of disk; list-price proxy, not your own cost)"
    )


def test_nothing_costs_nothing() -> None:
    assert in_words(priced()) == "nothing that costs anything"


def test_the_whole_sum_can_be_checked_by_hand() -> None:
    found = priced(vm(backup={"schedule": "monthly", "retention_days": 30}))
    lines, rest = explained(found)[:4], explained(found)[4:]
    assert lines == (
        "r0: 2 vCPU × 7.3 = 14.60",
        "r0: 4 GiB of memory × 1.46 = 5.84",
        "r0: 100 GiB of disk × 0.073 = 7.30",
        "r0: 100 GiB of backups × 0.073 = 7.30",
    )
    assert rest[:2] == (f"total 35.04 USD a month, by {book().version}", "price, list: a test")
    assert [text.partition(":")[0] for text in rest[2:]] == ["assumed", "assumed", "not counted"]


@pytest.mark.parametrize(
    ("amount", "said"), [("0.4", "$0.40"), ("117.05", "$117"), ("12345.5", "$12,346")]
)
def test_money_has_cents_only_where_they_matter(amount: str, said: str) -> None:
    assert money(Decimal(amount)) == said
