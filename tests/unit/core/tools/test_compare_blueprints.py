"""Two blueprints side by side: fields, money and risk, with figures that can be done by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import AlmaError, BlueprintInvalid, InvalidInput, NotFound
from tests.unit.core.tools.few_rules import only
from tests.unit.core.tools.kit import SHOP, calling

WEB: dict[str, Any] = {
    "name": "web",
    "type": "vm",
    "image": "debian:12",
    "count": 2,
    "specs": {"cpu": 4, "memory": "8GiB", "disk": "20GiB"},
    "depends_on": ["db"],
}
DB: dict[str, Any] = {
    "name": "db",
    "type": "database",
    "engine": "postgresql",
    "specs": {"cpu": 4, "memory": "16GiB", "disk": "100GiB"},
}
OLD: dict[str, Any] = {"name": "shop", "resources": [WEB, DB]}
NEW: dict[str, Any] = {
    "name": "shop",
    "resources": [
        WEB | {"count": 3, "depends_on": ["orders"]},
        DB
        | {
            "name": "orders",
            "specs": {"cpu": 4, "memory": "8GiB", "disk": "100GiB"},
            "backup": True,
            "network": {"public_ip": True},
        },
        {"name": "cache", "type": "cache", "engine": "redis"},
    ],
}


async def compared(home: Path, **arguments: Any) -> dict[str, Any]:
    async with calling(only(home)) as calls:
        return await calls.use(
            "compare_blueprints", **{"blueprint_a": OLD, "blueprint_b": NEW, **arguments}
        )


async def test_fields_money_and_risk_can_be_checked_by_hand(tmp_path: Path) -> None:
    both = NEW | {"resources": NEW["resources"][:2]}
    found = await compared(tmp_path, blueprint_b=both, provider="aws")
    assert found["renamed"] == [
        {"before": "db", "after": "orders", "type": "database", "fields": 3}
    ]
    told = {
        (item["resource"], item["path"]): (item["before"], item["after"])
        for item in found["differences"]
    }
    assert told == {
        ("web", "count"): (2, 3),
        ("orders", "backup.enabled"): (None, True),
        ("orders", "network.public_ip"): (False, True),
        ("orders", "specs.memory"): ("16GiB", "8GiB"),
    }
    # Two c5.xlarge (0.17 an hour) become three; an m5.xlarge (0.192) a c5.xlarge; 730 hours; 20 GiB more at 0.08.
    assert found["cost"]["before"] == round(730 * (2 * 0.17 + 0.192) + 140 * 0.08, 2) == 399.56
    assert found["cost"]["delta"] == pytest.approx(found["cost"]["after"] - 399.56, abs=0.001)
    assert found["cost"]["by_resource"]["web"] == round(730 * 0.17 + 20 * 0.08, 2) == 125.70
    risk = found["risk"]
    assert [(item["rule"], item["path"]) for item in risk["new_issues"]] == [
        ("ALMA-NET-001", "resources.orders.network.public_ip")
    ]
    assert [item["rule"] for item in risk["resolved_issues"]] == ["ALMA-BCK-001"]
    async with calling(tmp_path) as calls:
        scores = [
            (await calls.use("security_audit", blueprint=side))["security_score"]
            for side in (OLD, both)
        ]
    assert [risk["score_a"], risk["score_b"]] == scores
    assert risk["change"] == round(scores[1] - scores[0], 1)


async def test_what_only_one_side_has_is_told_with_its_cost(tmp_path: Path) -> None:
    found = await compared(tmp_path)
    back = await compared(tmp_path / "back", blueprint_a=NEW, blueprint_b=OLD)
    (cache,) = found["added"]
    assert (cache["name"], cache["software"], cache["count"]) == ("cache", "redis", 1)
    assert cache["monthly_cost"] > 0
    assert [item["name"] for item in back["removed"]] == ["cache"]
    assert back["removed"][0]["monthly_cost"] == cache["monthly_cost"]
    assert back["cost"]["delta"] == -found["cost"]["delta"]


async def test_comparing_with_itself_is_empty(tmp_path: Path) -> None:
    found = await compared(tmp_path, blueprint_b=OLD)
    assert found["identical"] is True
    assert found["unchanged"] == 2
    assert [found[key] for key in ("added", "removed", "renamed", "modified", "differences")] == [
        []
    ] * 5
    assert found["cost"]["delta"] == found["risk"]["change"] == 0
    assert found["risk"]["new_issues"] == found["risk"]["resolved_issues"] == []
    assert found["summary"] == "shop and shop ask for the same."


async def test_without_details_only_the_fields_are_named(tmp_path: Path) -> None:
    found = await compared(tmp_path, show_details=False)
    assert found["differences"] == []
    assert found["modified"][0]["fields"] == ["count"]


async def test_what_is_private_never_leaves(tmp_path: Path) -> None:
    secret = OLD | {
        "resources": [WEB | {"env": {"API_KEY": "hunter2"}, "command": ["run", "hunter2"]}, DB]
    }
    found = await compared(tmp_path, blueprint_b=secret)
    assert "hunter2" not in json.dumps(found)
    assert {item["path"]: item["action"] for item in found["differences"]} == {
        "command": "added",
        "env.API_KEY": "added",
    }


async def test_sides_are_documents_numbers_names_and_revisions(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        number = calls.saved(SHOP)
        calls.alma.blueprints.update(
            calls.call.principal, number, {**SHOP, "resources": SHOP["resources"][1:2]}
        )

        async def gone(one: Any, two: Any) -> int:
            found = await calls.use("compare_blueprints", blueprint_a=one, blueprint_b=two)
            return len(found["removed"])

        assert await gone(f"{number}@1", number) == 2
        assert await gone({"blueprint_id": number, "revision": 1}, "shop") == 2
        assert await gone(SHOP, f"#{number}") == 2
        assert await gone({"id": number}, str(number)) == 0


@pytest.mark.parametrize(
    ("side", "error"),
    [
        (4711, NotFound),
        ("1@9", NotFound),
        ("nowhere", InvalidInput),
        (True, BlueprintInvalid),
        ({"id": "x"}, InvalidInput),
        ({}, BlueprintInvalid),
        ([], BlueprintInvalid),
        (None, BlueprintInvalid),
    ],
)
async def test_what_is_no_blueprint_is_refused(
    tmp_path: Path, side: Any, error: type[AlmaError]
) -> None:
    async with calling(tmp_path) as calls:
        calls.saved()
        with pytest.raises(error):
            await calls.use("compare_blueprints", blueprint_a=OLD, blueprint_b=side)


async def test_a_fault_says_which_side_it_is_on(tmp_path: Path) -> None:
    broken = {
        "name": "x",
        "resources": [{"name": "a", "type": "vm", "specs": {"memory": "4 pints"}}],
    }
    with pytest.raises(BlueprintInvalid) as caught:
        await compared(tmp_path, blueprint_b=broken)
    assert [item.path for item in caught.value.diagnostics] == [
        "blueprint_b.resources.0.specs.memory"
    ]


async def test_two_blueprints_of_one_name_are_not_guessed(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        numbers = {calls.saved(), calls.saved()}
        with pytest.raises(InvalidInput) as caught:
            await calls.use("compare_blueprints", blueprint_a="shop", blueprint_b=OLD)
    assert all(str(number) in str(caught.value.hint) for number in numbers)


async def test_a_thousand_differences_are_bounded_and_counted(tmp_path: Path) -> None:
    def many(prefix: str, kind: str) -> dict[str, Any]:
        return {
            "name": "x",
            "resources": [{"name": f"{prefix}{n}", "type": kind} for n in range(1000)],
        }

    found = await compared(
        tmp_path, blueprint_a=many("a", "vm"), blueprint_b=many("b", "cache"), limit=10
    )
    assert (len(found["added"]), len(found["removed"])) == (10, 10)
    assert found["left_out"] >= 2 * 990
