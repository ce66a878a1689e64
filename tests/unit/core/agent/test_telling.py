"""A model's edits in words that a person can check."""

from __future__ import annotations

import pytest

from alma.core.agent.telling import leaving_out, offering, told
from alma.core.model.blueprint import Constraints, Resource
from alma.core.model.conversation import (
    AddResource,
    Edit,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)

CACHE = AddResource(
    resource=Resource.model_validate(
        {"name": "cache-1", "type": "cache", "engine": "redis", "count": 2}
    )
)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (CACHE, "2 of cache-1 (cache running redis)"),
        (RemoveResource(name="web-1"), "without web-1"),
        (RenameResource(name="a", to="b"), "a is called b"),
        (SetField(name="db-1", path="specs.memory", value="8GB"), "db-1 with memory 8GB"),
        (SetField(name="db-1", path="network.public_ip", value=True), "db-1 with public on"),
        (SetField(name="db-1", path="network.ports", value=[80, 443]), "db-1 with ports 80, 443"),
        (SetField(name="db-1", path="backup"), "db-1 with backup unset"),
        (
            SetField(name="db-1", path="backup", value={"schedule": "daily"}),
            "db-1 with backup daily",
        ),
        (SetBlueprint(engine="docker"), "the engine docker"),
        (SetBlueprint(name="shop"), "the name shop"),
        (
            SetBlueprint(constraints=Constraints(max_monthly_cost=300)),
            "a limit: max monthly cost 300.0",
        ),
        (UseTemplate(template="ha-web-app"), "everything of the template ha-web-app"),
    ],
)
def test_each_edit_is_told_by_name_and_value(edit: Edit, words: str) -> None:
    assert told(edit) == words


def test_what_is_offered_and_what_is_left_out_name_it_all() -> None:
    edits: list[Edit] = [CACHE, RemoveResource(name="web-1")]
    for sentence in (offering(edits), leaving_out(edits)):
        assert "cache-1" in sentence
        assert "web-1" in sentence
        assert "did not ask for" in sentence
