"""Conversations belong to a person and a project, and their drafts to everybody in the project."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.bootstrap import Alma, build
from alma.core.model.blueprint import Constraints, Origin
from alma.core.model.errors import NotFound
from alma.settings import Settings
from tests.people import somebody

ADA = somebody("ada")
BOB = somebody("bob")
BOB_ELSEWHERE = somebody("bob", project="elsewhere")
WORDS = "I need a simple web application with 2 servers and a database"


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[Alma]:
    """Wired and migrated, and not started: nothing is deployed here."""
    made = build(Settings(home=tmp_path))
    made.database.migrate()
    yield made
    await made.stop()


async def test_somebody_elses_conversation_does_not_exist(alma: Alma) -> None:
    await alma.dialogue.chat(ADA, WORDS, "shared-name")

    with pytest.raises(NotFound):
        await alma.dialogue.chat(BOB, "add a redis cache", "shared-name")
    with pytest.raises(NotFound):
        alma.conversations.get(BOB, "shared-name")

    assert alma.conversations.list(BOB) == ([], 0)
    assert alma.conversations.list(ADA)[1] == 1


async def test_another_project_may_use_the_same_id(alma: Alma) -> None:
    here = await alma.dialogue.chat(ADA, WORDS, "shared-name")
    there = await alma.dialogue.chat(BOB_ELSEWHERE, "3 redis caches", "shared-name")

    assert here.blueprint_id != there.blueprint_id
    assert len(alma.conversations.get(ADA, "shared-name").turns) == 1


async def test_a_colleagues_change_of_the_blueprint_is_part_of_the_draft(alma: Alma) -> None:
    first = await alma.dialogue.chat(ADA, WORDS, "c")
    assert first.blueprint is not None
    assert first.blueprint_id is not None
    mended = first.blueprint.model_copy(update={"description": "mended"})
    alma.blueprints.update(BOB, first.blueprint_id, mended)

    answer = await alma.dialogue.chat(ADA, "add a redis cache", "c")

    assert answer.blueprint is not None
    assert answer.blueprint.description == "mended"
    assert alma.blueprints.get(ADA, first.blueprint_id).created_by == "ada"


async def test_every_value_says_where_it_came_from(alma: Alma) -> None:
    answer = await alma.dialogue.chat(
        ADA, "a database with 16GB memory named orders and 2 nginx servers"
    )

    assert answer.origins["resources.orders.specs.memory"] is Origin.WORDS
    assert answer.blueprint is not None
    paths = {f"resources.{resource.name}.type" for resource in answer.blueprint.resources}
    assert paths <= answer.origins.keys()


async def test_what_a_template_was_told_are_words_and_the_rest_is_the_templates(
    alma: Alma,
) -> None:
    answer = await alma.dialogue.chat(ADA, "a redis cluster with 16GB memory")

    assert answer.blueprint is not None
    told = [item.name for item in answer.blueprint.resources if str(item.specs.memory) == "16GB"]
    assert told
    for name in told:
        assert answer.origins[f"resources.{name}.specs.memory"] is Origin.WORDS
    assert Origin.TEMPLATE in answer.origins.values()


async def test_limits_given_in_figures_are_kept_with_the_draft(alma: Alma) -> None:
    limits = Constraints(max_monthly_cost=200, region="eu")

    drafted = await alma.generating.generate(ADA, WORDS, constraints=limits)

    assert drafted.blueprint is not None
    assert drafted.blueprint.constraints == limits


async def test_an_engine_that_is_not_here_leaves_no_trace_in_the_draft(alma: Alma) -> None:
    answer = await alma.dialogue.chat(ADA, "2 web servers on kubernetes")

    assert answer.blueprint is not None
    assert answer.blueprint.engine is None
    assert "engine" not in answer.origins
    assert answer.engine == "simulation"
    assert "not available here" in answer.response


async def test_a_question_changes_nothing(alma: Alma) -> None:
    first = await alma.dialogue.chat(ADA, WORDS, "c")

    answer = await alma.dialogue.chat(ADA, "how much does it cost?", "c")

    assert answer.changed is False
    assert answer.revision == first.revision
    assert answer.blueprint == first.blueprint


async def test_a_copy_is_a_blueprint_of_its_own_and_undo_leads_back_to_the_first(
    alma: Alma,
) -> None:
    first = await alma.dialogue.chat(ADA, "a web server called shop-web", "c")
    copy = await alma.dialogue.chat(ADA, "same but for staging", "c")
    grown = await alma.dialogue.chat(ADA, "add a redis cache", "c")
    await alma.dialogue.chat(ADA, "undo that", "c")
    back = await alma.dialogue.chat(ADA, "undo that", "c")

    assert copy.blueprint is not None
    assert copy.blueprint_id not in {None, first.blueprint_id}
    assert grown.blueprint_id == copy.blueprint_id
    assert (back.blueprint_id, back.revision) == (first.blueprint_id, first.revision)
    saved = {item.id: item for item in alma.blueprints.list(ADA)[0]}
    assert saved[first.blueprint_id or 0].blueprint == first.blueprint
    assert saved[copy.blueprint_id or 0].blueprint.metadata == {"environment": "staging"}
