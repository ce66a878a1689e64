"""Resources that are alike are priced once, and that never shows in a figure or a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_catalogue
from alma.core.economics.cost import OwnTariff
from alma.core.economics.parts import Pricing
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.cost import CostLine
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import EngineTraits
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve
from alma.core.services.estimates import Estimates
from tests.unit.core.economics.books import book
from tests.unit.core.economics.clouds import nimbus

CATALOGUE = load_catalogue()
TRAITS = EngineTraits(resource_types=frozenset(ResourceType), clusters=False)
# The second of them has a price of its own.
OWN = book(guests={"r1": {"vcpu_hour": 1}, "r2-2": {"gib_hour": 1}})
ESTIMATES = Estimates(CATALOGUE, OWN, clouds=lambda: {"nimbus": nimbus()})

PURCHASES: list[dict[str, Any]] = [
    {}, {"spot": 1}, {"pool": "a"}, {"pool": "a", "market": "spot"}, {"egress_gb": 300}, {"market": "wrong"},
    {"disk": "hdd", "backups": "cool", "objects": "cool"}, {"hours": 200, "sustained": 0.2},
]  # fmt: skip
BACKUPS: list[Any] = [False, True, {"schedule": "hourly", "retention_days": 3}]
SPECS: list[dict[str, Any]] = [
    {}, {"cpu": 1}, {"cpu": 1.0, "memory": "2GiB"}, {"cpu": 2, "memory": "2GiB", "disk": "10GiB"},
    {"cpu": 64, "disk": "1TB"}, {"cpu": 2, "gpu": 1},
]  # fmt: skip
KINDS: list[dict[str, Any]] = [
    {"type": "vm", "image": "debian:12"}, {"type": "service", "image": "acme/shop"}, {"type": "database"},
    {"type": "database", "engine": "mysql"}, {"type": "volume"}, {"type": "object_store"}, {"type": "network"},
    {"type": "load_balancer"}, {"type": "kubernetes_cluster", "specs": {"control_plane": 3, "workers": 2}},
]  # fmt: skip


@st.composite
def blueprints(draw: st.DrawFn) -> Blueprint:
    """Few shapes, so that many of them are alike."""
    made: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(KINDS))
        backup: Any = draw(st.sampled_from(BACKUPS))
        runs = kind["type"] not in {"network", "volume", "object_store", "kubernetes_cluster"}
        resource: dict[str, Any] = {"name": f"r{number}", **kind, "backup": backup}
        resource["metadata"] = {"purchase": draw(st.sampled_from(PURCHASES))}
        if runs:
            resource |= {"count": draw(st.integers(1, 3)), "specs": draw(st.sampled_from(SPECS))}
            resource["network"] = {"public_ip": draw(st.booleans())}
            disks = [item["name"] for item in made if item["type"] == "volume"]
            if draw(st.booleans()) and disks:
                resource["mounts"] = [{"volume": draw(st.sampled_from(disks)), "path": "/data"}]
        elif kind["type"] == "volume":
            resource["specs"] = draw(st.sampled_from([{}, {"disk": "10GiB"}, {"disk": "20GiB"}]))
        made.append(resource)
    return parse_blueprint({"name": "shop", "resources": made})


@settings(deadline=None, max_examples=150)
@given(blueprints())
def test_priced_by_shapes_it_costs_what_its_instances_cost_one_by_one(plan: Blueprint) -> None:
    desired = resolve(plan, CATALOGUE, TRAITS).resources

    assert ESTIMATES.estimate(plan) == ESTIMATES.of_instances(desired)
    assert ESTIMATES.estimate(plan, "nimbus") == ESTIMATES.of_instances(desired, provider="nimbus")


class Resolver:
    """Resolves, and remembers what it was asked to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, blueprint: Blueprint) -> Sequence[DesiredResource]:
        self.asked.append([resource.name for resource in blueprint.resources])
        return resolve(blueprint, CATALOGUE, TRAITS).resources


def vm(name: str, cpu: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "vm", "image": "debian:12", "specs": {"cpu": cpu}, **more}


def shop(*resources: dict[str, Any]) -> Blueprint:
    return parse_blueprint({"name": "shop", "resources": list(resources)})


def test_of_those_that_are_alike_one_is_looked_at_and_of_a_change_only_what_is_new() -> None:
    resolver = Resolver()
    pricing = Pricing(OwnTariff(book()), resolver)
    first = shop(*(vm(name) for name in "abc"), vm("d", 2))

    pricing.estimate(first)
    pricing.estimate(shop(vm("a"), vm("b", 2), vm("c", 4), vm("d", 2)))

    assert resolver.asked == [["a", "d"], ["c"]]


def test_those_that_mount_disks_of_other_sizes_are_not_alike() -> None:
    resolver = Resolver()
    backup: dict[str, Any] = {"backup": {"schedule": "daily", "retention_days": 1}}

    def plan(size: str) -> Blueprint:
        disk = {"name": "disk", "type": "volume", "specs": {"disk": size}}
        return shop(disk, vm("a", mounts=[{"volume": "disk", "path": "/data"}], **backup))

    pricing = Pricing(OwnTariff(book()), resolver)
    small, large = pricing.estimate(plan("10GiB")), pricing.estimate(plan("20GiB"))

    assert resolver.asked == [["disk", "a"], ["disk", "a"]]
    assert large.of("a") > small.of("a")


ALIKE: dict[str, Any] = {"type": "vm", "image": "debian:12", "specs": {"cpu": 2, "memory": "2GiB"}}
CLUSTER: dict[str, Any] = {
    "type": "kubernetes_cluster",
    "specs": {"control_plane": 3, "workers": 2},
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ALIKE, ALIKE | {"count": 2}),
        (ALIKE, ALIKE | {"specs": {"cpu": 4, "memory": "2GiB"}}),
        (ALIKE, ALIKE | {"specs": {"cpu": 2, "memory": "7GiB"}}),
        (ALIKE, ALIKE | {"specs": {"cpu": 2, "memory": "2GiB", "disk": "90GiB"}}),
        (ALIKE, ALIKE | {"specs": {"cpu": 2, "memory": "2GiB", "gpu": 1}}),
        (ALIKE, ALIKE | {"network": {"public_ip": True}}),
        (ALIKE, ALIKE | {"backup": True}),
        (ALIKE, ALIKE | {"metadata": {"purchase": {"market": "year_3"}}}),
        ({"type": "database"}, {"type": "database", "engine": "elasticsearch"}),
        ({"type": "cache"}, {"type": "cache", "image": "acme/cache"}),
        ({"type": "volume"}, {"type": "object_store"}),
        (CLUSTER, CLUSTER | {"specs": {"control_plane": 3, "workers": 3}}),
    ],
)
def test_whatever_makes_a_price_keeps_resources_apart(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    one, other = one | {"name": "one"}, other | {"name": "other"}

    together = ESTIMATES.estimate(shop(one, other), "nimbus")
    apart = [ESTIMATES.estimate(shop(item), "nimbus").lines for item in (one, other)]

    assert together.lines == (*apart[0], *apart[1])
    assert _without_name(apart[0]) != _without_name(apart[1])


def _without_name(lines: Sequence[CostLine]) -> list[CostLine]:
    return [line.model_copy(update={"resource": ""}) for line in lines]


def test_names_that_have_a_price_are_told_apart() -> None:
    found = ESTIMATES.estimate(shop(vm("r0"), vm("r1")))

    assert found.of("r0") != found.of("r1")
