"""What differs between two blueprints: fields, renames that are followed, and nothing that is private."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alma.core.model.blueprint import Blueprint
from alma.core.planning.difference import BlueprintDifference, compare, is_private
from alma.core.planning.matching import ALIKE, likeness

WEB: dict[str, Any] = {
    "name": "web",
    "type": "vm",
    "engine": "nginx",
    "count": 2,
    "specs": {"cpu": 2, "memory": "4GB"},
    "depends_on": ["db"],
}
DB: dict[str, Any] = {
    "name": "db",
    "type": "database",
    "engine": "postgresql",
    "version": "16",
    "specs": {"memory": "8GB", "disk": "100GB"},
}


def shop(*resources: dict[str, Any], **own: Any) -> Blueprint:
    return Blueprint.model_validate({"name": "shop", "resources": list(resources), **own})


def moved(found: BlueprintDifference) -> list[tuple[str, str, Any, Any]]:
    return [
        (item.name, field.path, field.before, field.after)
        for item in found.resources
        for field in item.fields
    ]


def test_a_field_is_told_with_both_values() -> None:
    bigger = WEB | {"specs": {"cpu": 4, "memory": "4GB"}, "count": 3}
    found = compare(shop(WEB, DB), shop(bigger, DB))
    assert moved(found) == [("web", "count", 2, 3), ("web", "specs.cpu", 2, 4)]
    assert (found.added, found.removed, found.same, found.identical) == ((), (), 1, False)


@pytest.mark.parametrize(
    "same",
    [
        {"specs": {"memory": "8000MB", "disk": "100GB"}},
        {"specs": {"memory": "8GB", "storage": "100GB"}},
        {"count": 1},
        {"network": {"public_ip": False}},
        {"description": "the only one"},
    ],
)
def test_what_means_the_same_makes_no_difference(same: dict[str, Any]) -> None:
    assert compare(shop(DB), shop(DB | same)).identical


def test_what_was_renamed_is_followed_by_what_refers_to_it() -> None:
    lb = {"name": "lb", "type": "load_balancer", "backends": ["web"]}
    env = {"env": {"PASSWORD": {"secret": "db.password"}}}
    wall = {
        "name": "wall",
        "type": "firewall",
        "rules": [{"source": "web-2", "target": "db", "ports": [5432]}],
    }
    before = shop(WEB | env, DB, lb, wall)
    after = shop(
        WEB
        | {
            "name": "front",
            "depends_on": ["store"],
            "env": {"PASSWORD": {"secret": "store.password"}},
        },
        DB | {"name": "store"},
        lb | {"backends": ["front"]},
        wall | {"rules": [{"source": "front-2", "target": "store", "ports": [5432]}]},
    )
    found = compare(before, after)
    assert found.renames == {"web": "front", "db": "store"}
    assert moved(found) == []
    assert (found.added, found.removed, found.same) == ((), (), 2)


def test_what_was_renamed_and_changed_is_still_the_same_thing() -> None:
    found = compare(
        shop(WEB, DB),
        shop(
            WEB | {"depends_on": ["postgres"]},
            DB | {"name": "postgres", "specs": {"memory": "16GB", "disk": "100GB"}},
        ),
    )
    assert found.renames == {"db": "postgres"}
    assert moved(found) == [("postgres", "specs.memory", "8GB", "16GB")]


def test_what_runs_something_else_is_not_what_was_there() -> None:
    mysql = {"name": "store", "type": "database", "engine": "mysql", "specs": {"disk": "1TB"}}
    found = compare(shop(DB), shop(mysql))
    assert [item.name for item in found.added] == ["store"]
    assert [item.name for item in found.removed] == ["db"]
    assert found.renames == {}


def test_another_type_under_the_same_name_is_a_change_of_it() -> None:
    assert moved(compare(shop(DB), shop(DB | {"type": "cache"}))) == [
        ("db", "type", "database", "cache")
    ]


def test_of_two_that_are_alike_the_nearest_name_is_the_one() -> None:
    one = {"name": "app-east", "type": "vm", "engine": "nginx"}
    two = one | {"name": "app-west"}
    found = compare(
        shop(one, two), shop(two | {"name": "new-app-west"}, one | {"name": "new-app-east"})
    )
    assert found.renames == {"app-east": "new-app-east", "app-west": "new-app-west"}


def test_likeness_is_the_share_of_what_is_equal_and_of_the_name() -> None:
    one = {"engine": "nginx", "specs.cpu": 2, "specs.memory": "4GB"}
    other = {"engine": "nginx", "specs.cpu": 4, "specs.memory": "4000MB"}
    # software weighs 3: (3 + 1) of 5, four fifths of that; the names share no letter
    assert likeness(one, other, ("ab", "xy")) == pytest.approx(0.8 * 4 / 5)
    assert likeness(one, other, ("ab", "ab")) == pytest.approx(0.8 * 4 / 5 + 0.2)
    assert likeness(one, {"engine": "mysql"}, ("ab", "xy")) == 0
    assert 0 < ALIKE < 1


def test_what_is_private_is_told_to_differ_and_not_what_it_is() -> None:
    one = WEB | {
        "env": {"KEY": "hunter2", "OLD": "xyzzy", "DSN": "a"},
        "command": ["run", "--password=hunter2"],
        "options": {"proxmox": {"cipassword": "hunter2", "pool": "a"}},
        "metadata": {"repo": "https://me:hunter2@git.example/x"},
    }
    two = WEB | {
        "env": {"KEY": "correct-horse", "NEW": "staple", "DSN": {"secret": "db.dsn"}},
        "command": ["run"],
        "options": {"proxmox": {"cipassword": "correct-horse", "pool": "b"}},
        "metadata": {"repo": "https://me:correct-horse@git.example/x"},
    }
    found = compare(shop(one), shop(two))
    text = found.model_dump_json()
    for secret in ("hunter2", "xyzzy", "correct-horse", "staple"):
        assert secret not in text
    actions = {field.path: (field.action, field.private) for field in found.resources[0].fields}
    assert actions == {
        "command": ("changed", True),
        "env.DSN": ("removed", True),
        "env.DSN.secret": ("added", False),
        "env.KEY": ("changed", True),
        "env.NEW": ("added", True),
        "env.OLD": ("removed", True),
        "metadata.repo": ("changed", True),
        "options.proxmox.cipassword": ("changed", True),
        "options.proxmox.pool": ("changed", False),
    }
    assert not is_private("specs.memory", "4GB")


def test_the_blueprints_own_fields_are_compared_but_for_what_it_is_called() -> None:
    other = shop(WEB, constraints={"max_monthly_cost": 500}).model_copy(update={"name": "other"})
    found = compare(shop(WEB), other)
    assert [(f.path, f.before, f.after) for f in found.own] == [
        ("constraints.max_monthly_cost", None, 500.0)
    ]


# ── what holds for all ───────────────────────────────────────────────────────────────────────────

_resource = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["vm", "database", "cache", "service"]),
        "engine": st.sampled_from([None, "nginx", "postgresql", "redis"]),
        "count": st.integers(1, 4),
        "specs": st.fixed_dictionaries(
            {"cpu": st.integers(1, 8), "memory": st.sampled_from(["1GB", "2GB", "4GB"])}
        ),
    }
)


@st.composite
def _blueprints(draw: st.DrawFn, prefix: str = "") -> Blueprint:
    found = draw(st.lists(_resource, max_size=6))
    named: list[dict[str, Any]] = [
        {**item, "name": f"{prefix}r{number}"} for number, item in enumerate(found)
    ]
    for number, item in enumerate(named[1:], start=1):
        item["depends_on"] = [
            named[i]["name"] for i in sorted(draw(st.sets(st.integers(0, number - 1), max_size=2)))
        ]
    return shop(*named)


@given(_blueprints())
def test_comparing_with_itself_finds_nothing(one: Blueprint) -> None:
    found = compare(one, one)
    assert found.identical
    assert found.same == len(one.resources)


@given(_blueprints(), _blueprints(prefix="x"))
def test_every_resource_is_on_one_side_or_on_both(one: Blueprint, two: Blueprint) -> None:
    found = compare(one, two)
    both = len(found.resources) + found.same
    assert len(found.removed) + both == len(one.resources)
    assert len(found.added) + both == len(two.resources)
    assert len(set(found.renames.values())) == len(found.renames)


@given(_blueprints())
def test_renaming_everything_is_all_that_is_told(one: Blueprint) -> None:
    renamed = [
        item.model_copy(
            update={
                "name": f"n-{item.name}",
                "depends_on": tuple(f"n-{name}" for name in item.depends_on),
            }
        )
        for item in one.resources
    ]
    found = compare(one, one.model_copy(update={"resources": tuple(renamed)}))
    assert (found.added, found.removed) == ((), ())
    assert len(found.renames) == len(one.resources)


@settings(max_examples=20)
@given(_blueprints(), _blueprints())
def test_the_way_back_adds_what_the_way_there_removed(one: Blueprint, two: Blueprint) -> None:
    there, back = compare(one, two), compare(two, one)
    assert [item.name for item in there.added] == [item.name for item in back.removed]
    assert [item.name for item in there.removed] == [item.name for item in back.added]


def test_ten_thousand_resources_are_told_apart_without_comparing_each_with_each() -> None:
    def many(prefix: str, cpu: int) -> Blueprint:
        return shop(
            *(
                {
                    "name": f"{prefix}{n}",
                    "type": "vm",
                    "specs": {"cpu": cpu, "memory": f"{n + 1}MB"},
                }
                for n in range(10_000)
            )
        )

    assert len(compare(many("a", 1), many("b", 1)).renames) == 10_000
    beyond = compare(many("a", 1), many("b", 2))
    assert (len(beyond.added), len(beyond.removed)) == (10_000, 10_000)
