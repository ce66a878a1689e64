"""Designs for what is required: sized, priced, allowed, compared, and honest about what they can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.document import diagnose, parse_blueprint
from alma.core.model.errors import ArgumentsInvalid, InvalidInput
from alma.core.model.principal import LOCAL
from tests.unit.core.tools.kit import calling

SHOP = {"application_type": "e-commerce", "expected_users": 50_000, "data_size": "200GB"}


async def used(tmp_path: Path, requirements: dict[str, Any], **constraints: Any) -> dict[str, Any]:
    async with calling(tmp_path) as calls:
        return await calls.use(
            "suggest_architecture", requirements=requirements, constraints=constraints
        )


def by_kind(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {design["kind"]: design for design in found["designs"]}


def resource(design: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in design["blueprint"]["resources"] if item["name"] == name)


async def test_every_design_is_a_valid_blueprint_that_no_rule_stops(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        for kind in (
            "web",
            "e-commerce",
            "microservices",
            "analytics",
            "machine learning",
            "media",
        ):
            found = await calls.use(
                "suggest_architecture",
                requirements={"application_type": kind, "expected_users": "1M"},
            )
            assert len(found["designs"]) == 3
            for design in found["designs"]:
                blueprint = parse_blueprint(design["blueprint"])
                assert list(diagnose(blueprint)) == []
                assert calls.kit.policies.assess(LOCAL.project, blueprint).gating == ()
                calls.kit.blueprints.create(LOCAL, design["blueprint"])


async def test_sizes_are_those_of_the_capacity_model(tmp_path: Path) -> None:
    found = by_kind(await used(tmp_path, {"expected_users": "1M", "data_size": "200GB"}))
    # three cores at work and a spare one; the database has two; 200 GB ÷ 80 % = 250 GB
    assert resource(found["single"], "web")["specs"] == {"cpu": 3, "memory": "4GB", "disk": "20GB"}
    assert (
        resource(found["pair"], "web")["count"],
        resource(found["pair"], "web")["specs"]["cpu"],
    ) == (4, 1)
    for design in found.values():
        assert resource(design, "database")["specs"] == {"cpu": 2, "memory": "8GB", "disk": "250GB"}
    # a worker of two cores has one for the application: three at work and one more
    assert resource(found["cluster"], "cluster")["specs"]["workers"] == 4
    assert found["pair"]["carries"]["users"] >= 1_000_000


async def test_costs_are_the_estimates_of_the_blueprints(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await calls.use(
            "suggest_architecture",
            requirements=SHOP,
            constraints={"preferred_provider": "AWS", "region": "eu-west-1"},
        )
        for design in found["designs"]:
            cost = await calls.use(
                "estimate_resources",
                blueprint=design["blueprint"],
                provider="aws",
                region="eu-west-1",
            )
            assert design["monthly_cost"] == cost["monthly_cost"]["aws"]
    costs = [design["monthly_cost"] for design in found["designs"]]
    assert costs == sorted(costs)


async def test_the_availability_of_a_design_can_be_worked_out_by_hand(tmp_path: Path) -> None:
    single = by_kind(await used(tmp_path, {"expected_users": 1000}))["single"]
    one = 17_520 / 17_528 * 2160 / 2160.5
    assert single["availability"]["percent"] == pytest.approx(8760 / 8764 * one**2 * 100, abs=1e-4)


async def test_what_breaks_budget_or_availability_is_named_and_the_cheapest_that_fits_is_recommended(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        free = await calls.use("suggest_architecture", requirements=SHOP)
        cheapest, middle = (design["monthly_cost"] for design in free["designs"][:2])
        tight = await calls.use(
            "suggest_architecture", requirements={**SHOP, "budget": (cheapest + middle) / 2}
        )
        there = free["designs"][0]["availability"]["percent"]
        more = await calls.use(
            "suggest_architecture", requirements={**SHOP, "availability_requirement": there + 0.001}
        )
    assert free["recommended"] == free["designs"][0]["kind"]
    assert [design["fits_budget"] for design in tight["designs"]] == [True, False, False]
    assert "more than the budget" in tight["designs"][1]["why_not"][0]
    assert more["designs"][0]["fits_availability"] is False
    assert "what limits it most" in more["designs"][0]["why_not"][0]
    assert more["recommended"] != more["designs"][0]["kind"]


async def test_what_can_not_be_had_is_said(tmp_path: Path) -> None:
    found = await used(tmp_path, {**SHOP, "availability_requirement": "99.999%", "budget": 1})
    assert found["recommended"] is None
    assert "can't be had in one place" in found["not_possible"][0]
    assert "too little" in found["not_possible"][1]
    huge = await used(tmp_path, {"expected_users": 100_000_000})
    assert "single" not in by_kind(huge)
    assert "no machine is big enough" in huge["not_possible"][0]
    beyond = await used(tmp_path, {"expected_users": 10**10})
    assert (beyond["designs"], beyond["recommended"]) == ([], None)
    assert len(beyond["not_possible"]) == 3


async def test_more_data_than_a_store_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="more than one store holds"):
        await used(tmp_path, {"data_size": "900PB"})


async def test_trade_offs_are_the_differences_between_designs(tmp_path: Path) -> None:
    found = await used(tmp_path, SHOP)
    first, second, *_ = found["designs"]
    assert first["trade_offs"] == []
    more = second["monthly_cost"] - first["monthly_cost"]
    assert f"${more:,.0f} a month more" in second["trade_offs"][0]
    assert f"{second['machines'] - first['machines']} machines more" in " ".join(
        second["trade_offs"]
    )


async def test_different_requirements_give_different_designs(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        told = [
            (await calls.use("suggest_architecture", requirements=wanted))["designs"][0][
                "blueprint"
            ]["resources"]
            for wanted in (
                {"application_type": "web"},
                {"application_type": "e-commerce"},
                {"application_type": "analytics"},
                {"application_type": "web", "expected_users": "5M"},
                {"application_type": "web", "data_size": "2TB"},
            )
        ]
    assert all(one != other for n, one in enumerate(told) for other in told[:n])


async def test_technologies_that_are_named_are_used(tmp_path: Path) -> None:
    found = await used(
        tmp_path, {"expected_users": 1000}, technologies="kubernetes, mysql, memcached, punch cards"
    )
    assert list(by_kind(found)) == ["cluster"]
    names = {
        item["name"]: item.get("engine") for item in found["designs"][0]["blueprint"]["resources"]
    }
    assert names["database"] == "mysql"
    assert "cache" in names
    assert "database-standby" not in names
    notes = " ".join(found["notes"])
    assert "no standby can be set up" in notes
    assert "punch cards" in notes


async def test_what_nobody_said_is_listed_as_assumed(tmp_path: Path) -> None:
    found = await used(tmp_path, {"application_type": "submarine"})
    told = " ".join(found["assumptions"])
    for words in (
        "submarine",
        "1,000 users",
        "little data",
        "neither a budget nor an availability",
        "fails every",
    ):
        assert words in told


@pytest.mark.parametrize(
    ("requirements", "path"),
    [
        ({"expected_users": -1}, "requirements.expected_users"),
        ({"data_size": "many"}, "requirements.data_size"),
        ({"availability_requirement": "100%"}, "requirements.availability_requirement"),
        ({"availability_requirement": "always"}, "requirements.availability_requirement"),
        ({"budget": "little"}, "requirements.budget"),
        ({"budget": -5}, "requirements.budget"),
        ({"budget": "nan"}, "requirements.budget"),
        ({"colour": "red"}, "requirements.colour"),
    ],
)
async def test_wrong_arguments_are_refused_at_their_place(
    tmp_path: Path, requirements: dict[str, Any], path: str
) -> None:
    with pytest.raises(ArgumentsInvalid) as caught:
        await used(tmp_path, requirements)
    assert [item.path for item in caught.value.diagnostics] == [path]


@pytest.mark.parametrize(
    "constraints",
    [{"preferred_provider": "acme"}, {"preferred_provider": "aws", "region": "atlantis"}],
)
async def test_a_provider_or_region_without_prices_is_refused_with_those_there_are(
    tmp_path: Path, constraints: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await used(tmp_path, {}, **constraints)
    assert "known are" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("written", "share"),
    [(99.9, 0.999), ("99.9%", 0.999), (0.999, 0.999), ("high", 0.999), ("critical", 0.9999)],
)
def test_availability_is_percent_a_share_or_a_word(written: Any, share: float) -> None:
    from alma.core.tools.suggest_architecture import Requirements

    assert Requirements.model_validate(
        {"availability_requirement": written}
    ).availability_requirement == pytest.approx(share)


@pytest.mark.parametrize(
    ("written", "month"), [(500, 500), ("$1,500", 1500), ("6k/year", 500), ("$500 per month", 500)]
)
def test_a_budget_is_usd_a_month(written: Any, month: int) -> None:
    from alma.core.tools.suggest_architecture import Requirements

    assert Requirements.model_validate({"budget": written}).budget == month
