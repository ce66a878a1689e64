from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.blueprint import Origin
from alma.core.model.errors import BlueprintInvalid, InvalidInput, NotFound
from alma.core.model.principal import LOCAL
from tests.unit.core.tools.kit import calling

WEB = {"name": "web", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}}


async def test_resources_are_saved_as_the_caller_wrote_them(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use(
            "create_blueprint", name="shop", description="A shop", resources=[WEB]
        )
        kept = calls.kit.blueprints.get(LOCAL, answer["blueprint_id"])
    assert (answer["saved"], answer["revision"]) == (True, 1)
    assert kept.blueprint.dump() == {"name": "shop", "description": "A shop", "resources": [WEB]}
    assert kept.digest == answer["digest"]
    assert set(kept.origins.values()) == {Origin.WORDS}
    assert "resources.web.specs.memory" in kept.origins


@pytest.mark.parametrize("key", ["query", "description"])
async def test_words_are_enough(tmp_path: Path, key: str) -> None:
    said: dict[str, Any] = {key: "2 web servers and a postgresql database with 100GB"}
    async with calling(tmp_path) as calls:
        answer = await calls.use("create_blueprint", **said)
        kept = calls.kit.blueprints.get(LOCAL, answer["blueprint_id"])
    kinds = sorted(str(resource.type) for resource in kept.blueprint.resources)
    assert kinds.count("vm") == 2
    assert "database" in kinds
    assert kept.origins["resources.db-1.engine"] is Origin.WORDS
    assert kept.origins["resources.web-1.specs.cpu"] is Origin.DEFAULT
    assert answer["assumptions"]


async def test_resources_that_are_only_named_are_words(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use(
            "create_blueprint",
            name="shop",
            resources=["a web server", "a redis cache"],
            dry_run=True,
        )
    assert answer["blueprint"]["name"] == "shop"
    assert {r["type"] for r in answer["blueprint"]["resources"]} >= {"cache"}


async def test_a_template_is_taken_with_its_parameters(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        template = next(iter(calls.kit.templates.entries.values()))
        answer = await calls.use("create_blueprint", template=template.id, name="mine")
        kept = calls.kit.blueprints.get(LOCAL, answer["blueprint_id"])
    assert kept.blueprint.name == "mine"
    assert kept.origins["name"] is Origin.WORDS
    assert Origin.TEMPLATE in kept.origins.values()
    assert [r.name for r in kept.blueprint.resources] == [
        r.name for r in template.blueprint.resources
    ]


async def test_a_dry_run_saves_nothing(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        answer = await calls.use("create_blueprint", name="shop", resources=[WEB], dry_run=True)
        assert calls.kit.blueprints.list(LOCAL)[1] == 0
    assert (answer["saved"], answer["blueprint_id"]) == (False, None)
    assert "Nothing was saved" in answer["summary"]


async def test_the_digest_of_a_dry_run_is_that_of_what_is_saved(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        dry, saved = [
            await calls.use("create_blueprint", name="shop", resources=[WEB], dry_run=dry)
            for dry in (True, False)
        ]
    assert dry["digest"] == saved["digest"]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"name": "x"},
        {"resources": [WEB]},
        {"name": "x", "resources": [WEB], "query": "a web server"},
        {"name": "x", "resources": [WEB], "template": "simple-web-app"},
        {"name": "x", "parameters": {"a": 1}, "query": "a web server"},
        {"query": "the weather is fine"},
    ],
)
async def test_nothing_or_too_much_is_refused_and_nothing_is_saved(
    tmp_path: Path, arguments: dict[str, Any]
) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(InvalidInput) as refused:
            await calls.use("create_blueprint", **arguments)
        assert refused.value.hint
        assert calls.kit.blueprints.list(LOCAL)[1] == 0


async def test_faults_are_told_with_their_place(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(BlueprintInvalid) as refused:
            await calls.use(
                "create_blueprint", name="x", resources=[{**WEB, "specs": {"memory": "4 pints"}}]
            )
    assert refused.value.diagnostics[0].path == "resources.0.specs.memory"


async def test_an_unknown_template_is_not_found(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(NotFound):
            await calls.use("create_blueprint", template="no-such-template")
