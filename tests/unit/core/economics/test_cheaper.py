"""A budget is kept by the nearest variant: guesses give way before words, sizes before counts, and what must not go
stays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.config import load_catalogue
from alma.core.economics.words import offered
from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import SetField
from alma.core.model.cost import Variant
from alma.core.model.document import diagnose
from alma.core.model.units import Size
from alma.core.services.estimates import Estimates
from tests.unit.core.economics.books import book
from tests.unit.core.economics.test_cost import RESOURCES, blueprint, vm

ESTIMATES = Estimates(load_catalogue(), book())
PLAN = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {
                "name": "web",
                "type": "vm",
                "count": 6,
                "specs": {"cpu": 4, "memory": "8GiB", "disk": "20GB"},
            },
            {
                "name": "db",
                "type": "database",
                "engine": "postgresql",
                "specs": {"cpu": 8, "memory": "32GiB", "storage": "500GB"},
            },
            {"name": "edge", "type": "load_balancer", "count": 2, "backends": ["web"]},
        ],
    }
)
CLUSTER = {"type": "kubernetes_cluster"}


def all_from(plan: Blueprint, origin: Origin) -> dict[str, Origin]:
    paths = ("count", "specs.cpu", "specs.memory", "specs.disk", "specs.storage", "specs.gpu")
    return {f"resources.{r.name}.{path}": origin for r in plan.resources for path in paths}


def variant(limit: float, plan: Blueprint = PLAN, **origins: Origin) -> Variant:
    """Values are guesses, unless given here with `__` for a dot: `web__count=Origin.WORDS`."""
    named = {f"resources.{key.replace('__', '.')}": origin for key, origin in origins.items()}
    known = all_from(plan, Origin.DEFAULT) | named
    return ESTIMATES.cheaper(plan, limit, origins=known)


def changed(found: Variant, plan: Blueprint = PLAN) -> Blueprint:
    return apply_edits(plan, found.edits)[0]


def paths(found: Variant) -> set[str]:
    return {f"{edit.name}.{edit.path}" for edit in found.edits if isinstance(edit, SetField)}


def test_what_is_within_the_limit_stays_as_it_is() -> None:
    before = ESTIMATES.estimate(PLAN).monthly
    found = variant(float(before))
    assert found.within
    assert not found.edits
    assert found.estimate.monthly == before


def test_a_variant_costs_what_its_blueprint_costs_and_keeps_the_limit() -> None:
    found = variant(250)
    assert found.within
    assert found.estimate == ESTIMATES.estimate(changed(found))
    assert found.estimate.monthly <= 250 < found.before


def test_it_is_the_same_every_time() -> None:
    assert variant(250) == variant(250)


def test_guessed_sizes_give_way_before_counts() -> None:
    found = variant(350)
    assert found.within
    assert paths(found) <= {
        "web.specs.cpu",
        "web.specs.memory",
        "web.specs.disk",
        "db.specs.cpu",
        "db.specs.memory",
    }


def test_a_persons_words_give_way_last() -> None:
    found = variant(350, web__specs__cpu=Origin.WORDS, web__specs__memory=Origin.WORDS)
    assert found.within
    assert not paths(found) & {"web.specs.cpu", "web.specs.memory"}


def test_a_persons_words_give_way_when_nothing_else_is_left() -> None:
    least = ESTIMATES.cheaper(PLAN, 1, origins=all_from(PLAN, Origin.WORDS))
    assert paths(least) >= {"web.count", "web.specs.cpu", "db.specs.storage"}


def test_a_value_without_an_origin_counts_as_asked_for() -> None:
    guessed = {
        "resources.db.specs.cpu": Origin.INFERRED,
        "resources.db.specs.memory": Origin.INFERRED,
    }
    found = ESTIMATES.cheaper(PLAN, 410, origins=guessed)
    assert found.within
    assert paths(found) <= {"db.specs.cpu", "db.specs.memory"}


def test_what_was_not_necessary_is_put_back() -> None:
    found = variant(float(ESTIMATES.estimate(PLAN).monthly) - 1)
    assert len(found.edits) == 1
    for edit in found.edits:
        kept = [other for other in found.edits if other is not edit]
        assert ESTIMATES.estimate(apply_edits(PLAN, kept)[0]).monthly > found.limit


@settings(deadline=None)
@given(st.lists(RESOURCES, min_size=1, max_size=4), st.integers(1, 2000))
def test_no_change_could_be_left_out(resources: list[dict[str, Any]], limit: int) -> None:
    plan = blueprint(*resources)
    found = ESTIMATES.cheaper(plan, limit, origins=all_from(plan, Origin.DEFAULT))
    rounding = Decimal("0.01") * len(found.estimate.lines)
    for edit in found.edits if found.within else ():
        kept = [other for other in found.edits if other is not edit]
        assert ESTIMATES.estimate(apply_edits(plan, kept)[0]).monthly > limit - rounding


def test_a_count_that_had_to_go_leaves_room_for_bigger_sizes() -> None:
    # Ten of the least size cost 93.33, so their number has to go down; what is then left goes into their size.
    plan = blueprint(vm(cpu=2, memory="4GiB", disk="10GB", count=10))
    least = ESTIMATES.estimate(blueprint(vm(cpu=1, memory="1GB", disk="10GB", count=10))).monthly
    found = variant(float(least) - 1, plan)
    assert found.within
    assert changed(found, plan).resources[0].count == 9
    assert changed(found, plan).resources[0].specs.memory > Size("1GB")  # type: ignore[operator]


def test_what_is_left_goes_first_to_what_a_person_asked_for() -> None:
    # All sizes down and one instance fewer cost 37.96: 8 are left, and each of the two sizes would take 7.30.
    size = {"type": "vm", "specs": {"cpu": 2}}
    plan = blueprint(size, size, {"type": "vm", "count": 3})
    asked = {"resources.r1.specs.cpu": Origin.DEFAULT}
    assert paths(ESTIMATES.cheaper(plan, 45.96, origins=asked)) == {"r1.specs.cpu", "r2.count"}
    asked = {"resources.r0.specs.cpu": Origin.DEFAULT}
    assert paths(ESTIMATES.cheaper(plan, 45.96, origins=asked)) == {"r0.specs.cpu", "r2.count"}


def test_a_cent_lost_by_rounding_does_not_miss_the_limit() -> None:
    # Half of 33 GB costs 22.4356, which is 22.44 in cents, while 44.87 were 44.871: half a cent is lost twice.
    plan = blueprint({"type": "vm", "specs": {"cpu": 1, "memory": "33GB"}})
    assert ESTIMATES.cheaper(plan, 30.465).within


def test_nothing_gets_smaller_than_the_catalogue_says() -> None:
    least = changed(variant(1))
    db = least.resource("db")
    software = load_catalogue().software["postgresql"]
    assert db is not None
    assert (db.specs.cpu, db.specs.memory, db.specs.storage) == (
        software.cpu,
        software.memory,
        software.storage,
    )


def test_what_is_smaller_already_is_not_made_bigger() -> None:
    small = blueprint({"type": "database", "specs": {"cpu": 0.1, "memory": "64MB", "disk": "1GB"}})
    assert not ESTIMATES.cheaper(small, 0.01).edits


def test_what_was_several_stays_a_pair() -> None:
    least = changed(variant(1))
    assert [resource.count for resource in least.resources] == [2, 1, 2]


@pytest.mark.parametrize(
    ("resource", "count"),
    [
        ({"type": "database", "count": 3}, 3),
        ({"type": "service", "engine": "consul", "count": 5}, 5),
        ({"type": "vm", "count": 4, "mounts": [{"volume": "r1", "path": "/data"}]}, 4),
        ({"type": "service", "engine": "nginx", "count": 4}, 2),
    ],
)
def test_nothing_that_holds_data_loses_an_instance(resource: dict[str, Any], count: int) -> None:
    plan = blueprint(resource, {"type": "volume", "count": 4, "specs": {"disk": "10GB"}})
    least = changed(ESTIMATES.cheaper(plan, 0.01), plan)
    assert least.resources[0].count == count


@pytest.mark.parametrize(
    ("specs", "left"),
    [
        ({"control_plane": 5, "workers": 8}, (3, 2)),
        ({"control_plane": 3, "workers": 1}, (3, 1)),
        ({"control_plane": 1, "workers": 3}, (1, 2)),
        ({"control_plane": 3, "nodes": 9}, (3, 2)),
        ({"nodes": 9}, (1, 2)),
        ({"nodes": 2}, (1, 1)),
    ],
)
def test_a_cluster_keeps_its_quorum_and_a_pair_of_workers(
    specs: dict[str, int], left: tuple[int, int]
) -> None:
    plan = blueprint(CLUSTER | {"specs": specs})
    assert changed(ESTIMATES.cheaper(plan, 1), plan).resources[0].specs.roles == left


@pytest.mark.parametrize("kind", ["database", "volume"])
def test_disks_with_data_give_way_after_counts(kind: str) -> None:
    plan = blueprint(vm(count=9, disk="20GB"), {"type": kind, "specs": {"disk": "2TB"}})
    found = variant(320, plan)
    assert found.within
    assert "r1.specs.disk" not in paths(found)
    assert "r1.specs.disk" in paths(variant(100, plan))


def test_when_nothing_fits_the_cheapest_is_offered_and_said_not_to_fit() -> None:
    found = variant(1)
    assert not found.within
    assert found.estimate.monthly < found.before
    assert variant(float(found.estimate.monthly)).within


def test_each_change_is_told_with_what_it_saves() -> None:
    # At the round prices: 4 x 2 vCPU at 7.30, then 4 x 1 more.
    plan = blueprint(vm(cpu=4, memory="2GiB", disk="10GB", count=4))
    assert variant(80, plan).changes == ("r0: cpu 4 → 2, $58 a month less",)
    assert variant(60, plan).changes[0] == "r0: cpu 4 → 1, $88 a month less"


def test_what_the_changes_save_adds_up() -> None:
    found = variant(100)
    told = sum(Decimal(text.split("$")[1].split(" ")[0]) for text in found.changes)
    assert len(found.changes) > 3
    assert abs(told - (found.before - found.estimate.monthly)) <= Decimal("0.5") * len(
        found.changes
    )


def test_an_offer_tells_the_numbers() -> None:
    plan = blueprint(vm(cpu=4, memory="2GiB", disk="10GiB", count=4))
    assert offered(variant(90, plan)) == (
        "about $73 a month rather than $131, with r0: cpu 4 → 2, $58 a month less"
    )
    assert offered(variant(1, plan)).startswith(
        "nothing sensible keeps to $1.00; the nearest is about $"
    )
    assert offered(variant(500, plan)) == "$131 a month is within the limit of $500"
    assert offered(variant(1, blueprint({"type": "vm"}))) == (
        "$9.49 a month is more than the limit of $1.00"
    )


def test_a_disk_goes_down_under_the_name_it_was_given() -> None:
    plan = blueprint({"type": "vm", "specs": {"storage": "4TB"}})
    assert "r0.specs.storage" in paths(ESTIMATES.cheaper(plan, 60))


@settings(deadline=None)
@given(st.lists(RESOURCES, max_size=4), st.integers(1, 2000), st.sampled_from(list(Origin)))
def test_a_variant_is_valid_never_dearer_and_true_about_the_limit(
    resources: list[dict[str, Any]], limit: int, origin: Origin
) -> None:
    plan = blueprint(*resources)
    found = ESTIMATES.cheaper(plan, limit, origins=all_from(plan, origin))
    after, origins = apply_edits(plan, found.edits)
    assert ESTIMATES.estimate(after) == found.estimate
    assert found.estimate.monthly <= found.before == ESTIMATES.estimate(plan).monthly
    assert found.within == (found.estimate.monthly <= limit)
    assert {r.name for r in after.resources} == {r.name for r in plan.resources}
    assert diagnose(after) == diagnose(plan)
    assert set(origins.values()) <= {Origin.INFERRED}
    assert len(found.changes) == len(found.edits)
