"""What is said of a blueprint that is looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from alma.core.model.errors import NotFound
from tests.unit.core.tools.kit import SHOP, calling


async def test_a_sound_blueprint_is_valid_inline_and_saved(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        assert (await calls.use("validate_blueprint", blueprint=SHOP))["valid"] is True
        assert (await calls.use("validate_blueprint", blueprint_id=calls.saved()))["valid"] is True


async def test_a_fault_is_an_answer_with_its_place(tmp_path: Path) -> None:
    broken = {
        "name": "shop",
        "resources": [{"name": "web", "type": "vm", "specs": {"memory": "4 pints"}}],
    }
    async with calling(tmp_path) as calls:
        found = await calls.use("validate_blueprint", blueprint=broken)
    assert found["valid"] is False
    assert [item["path"] for item in found["errors"]] == ["resources.0.specs.memory"]


async def test_a_blueprint_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(NotFound):
            await calls.use("validate_blueprint", blueprint_id=4711)
