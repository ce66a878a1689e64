"""What a model may look up: typed, within the asker's project, and never more than a look."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from alma.config import load_capacity, load_catalogue, load_prices, load_templates
from alma.core.agent.knowledge import Knowledge, LookUps
from alma.core.agent.lookups import look_ups
from alma.core.economics.capacity import size_for
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.estimates import Estimates
from alma.core.services.templates import Templates
from tests.people import somebody
from tests.unit.core.agent.hearing import draft
from tests.world import World, world

STRANGER = somebody("sam", project="elsewhere")
CATALOGUE = load_catalogue()
ESTIMATES = Estimates(CATALOGUE, load_prices())
SHOP = draft({"name": "db-1", "type": "database", "specs": {"cpu": 2, "memory": "8GB"}})


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, started=False) as made:
        yield made


@pytest.fixture
def knowledge(alma: World) -> LookUps:
    return look_ups(
        repositories=alma.database,
        templates=Templates(load_templates()),
        catalogue=CATALOGUE,
        estimate=ESTIMATES.estimate,
        size_for=partial(size_for, model=load_capacity()),
    )


async def asked(knowledge: Knowledge, name: str, who: Principal = LOCAL, **given: Any) -> Any:
    return await knowledge.call(name, given, principal=who)


async def test_the_state_is_that_of_the_askers_project_and_nobody_elses(
    alma: World, knowledge: LookUps
) -> None:
    blueprint = alma.blueprints.create(LOCAL, SHOP.dump())
    ipr = await alma.iprs.open(LOCAL, title="The shop's database", blueprint_id=blueprint.id)
    seen = await asked(knowledge, "look_at_state")
    assert seen["waiting_for_review"] == [{"ipr": ipr.id, "title": "The shop's database"}]
    assert seen["stacks"] == []
    assert seen["last_deployment"] is None
    other = await asked(knowledge, "look_at_state", STRANGER)
    assert other["waiting_for_review"] == []


async def test_templates_are_found_by_words(knowledge: LookUps) -> None:
    found = await asked(knowledge, "list_templates", words="machine learning")
    assert found[0]["template"] == "ml-training"
    assert len(await asked(knowledge, "list_templates")) == min(10, len(load_templates()))


async def test_software_is_listed_with_the_versions_of_the_catalogue(knowledge: LookUps) -> None:
    caches = await asked(knowledge, "list_software", type="cache")
    by_name = {entry["software"]: entry for entry in caches}
    assert by_name["redis"]["version"] == CATALOGUE.software["redis"].default_version
    assert set(by_name) == {
        id_ for id_ in CATALOGUE.names() if "cache" in CATALOGUE.software[id_].types
    }


async def test_the_cost_is_the_estimate_of_the_draft(knowledge: LookUps) -> None:
    cost: Any = await knowledge.call("estimate_cost", {}, principal=LOCAL, blueprint=SHOP)
    made = ESTIMATES.estimate(SHOP)
    assert cost["monthly"] == float(made.monthly) > 0
    assert sum(cost["of"].values()) == pytest.approx(float(made.monthly))
    with pytest.raises(InvalidInput, match="no draft"):
        await asked(knowledge, "estimate_cost")


async def test_sizes_follow_from_the_load_as_the_capacity_model_has_it(knowledge: LookUps) -> None:
    few = await asked(knowledge, "size_for_load", users=100)
    many = await asked(knowledge, "size_for_load", requests_per_second=5_000)
    assert many["app_servers"] * many["app_cpu"] > few["app_servers"] * few["app_cpu"]
    assert few["working"]
    with pytest.raises(InvalidInput, match="no load"):
        await asked(knowledge, "size_for_load")


@pytest.mark.parametrize(
    ("name", "given", "path"),
    [
        ("list_software", {"type": "databse"}, "type"),
        ("size_for_load", {"users": -1}, "users"),
        ("list_templates", {"words": "x" * 61}, "words"),
        ("look_at_state", {"project": "elsewhere"}, "project"),
    ],
)
async def test_arguments_that_do_not_fit_are_named(
    knowledge: LookUps, name: str, given: dict[str, Any], path: str
) -> None:
    with pytest.raises(BlueprintInvalid) as found:
        await asked(knowledge, name, **given)
    assert [item.path for item in found.value.diagnostics] == [path]


async def test_an_unknown_tool_names_the_nearest(knowledge: LookUps) -> None:
    with pytest.raises(InvalidInput) as found:
        await asked(knowledge, "list_softwares")
    assert found.value.hint == "did you mean 'list_software'?"


def test_what_others_may_have_written_is_not_trusted(knowledge: LookUps) -> None:
    trusted = {tool.name for tool in knowledge.tools if tool.trusted}
    assert trusted == {tool.name for tool in knowledge.tools} - {"look_at_state"}


def test_what_nothing_is_behind_is_not_offered(alma: World) -> None:
    few = look_ups(
        repositories=alma.database, templates=Templates(load_templates()), catalogue=CATALOGUE
    )
    assert [tool.name for tool in few.tools] == ["look_at_state", "list_templates", "list_software"]
