"""What the draft as a whole is like is told from the draft: assumptions, owner, availability, dependents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.core.model.blueprint import Origin
from alma.core.model.conversation import Intent
from tests.unit.core.services.asking import WEB_AND_DB, Desk, blueprint, desk


@pytest.fixture
async def at(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


def test_what_was_assumed_is_every_value_that_nobody_said_and_no_other(at: Desk) -> None:
    origins = {
        "resources.web-1.specs.cpu": Origin.DEFAULT,
        "resources.web-1.specs.memory": Origin.WORDS,
        "resources.db-1.engine": Origin.INFERRED,
    }

    told = at.told(Intent.EXPLAIN, "what did you assume?", draft=blueprint(), origins=origins)

    assert told.data["assumed"] == {
        "default": ["resources.web-1.specs.cpu"],
        "inferred": ["resources.db-1.engine"],
    }
    assert "4GB" not in told.text


def test_who_owns_it_is_what_its_metadata_says(at: Desk) -> None:
    owned = blueprint(metadata={"owner": "alice", "cost_center": "CC-12"})

    told = at.told(Intent.EXPLAIN, "who owns this?", draft=owned)

    assert told.data["owners"] == {"owner": "alice", "cost_center": "CC-12"}
    assert "names no owner" in at.told(Intent.EXPLAIN, "who owns this?", draft=blueprint()).text


def test_availability_names_what_there_is_only_one_of(at: Desk) -> None:
    told = at.told(Intent.EXPLAIN, "is it highly available?", draft=blueprint())

    assert "db-1 is the only postgresql" in told.text
    assert "web-1" not in told.text
    assert "Add a replica of db-1" in told.suggestions


def test_what_depends_on_something_is_what_refers_to_it(at: Desk) -> None:
    resources = [
        {**item, "depends_on": ["db-1"]} if item["name"] == "web-2" else item
        for item in WEB_AND_DB["resources"]
    ]
    draft = blueprint(resources=resources)

    used = at.told(Intent.EXPLAIN, "what depends on the database?", draft=draft)
    needs = at.told(Intent.EXPLAIN, "what does web-2 depend on?", draft=draft)

    assert used.data["dependents"] == ["web-2"]
    assert needs.data["depends_on"] == {"web-2": ["db-1"]}
