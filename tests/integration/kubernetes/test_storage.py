"""The volumes that other tests stand on are there, and are gone afterwards."""

from __future__ import annotations

import pytest

from tests.kubernetes import Outside
from tests.kubernetes_storage import CLASSES, VOLUMES, storage

pytestmark = pytest.mark.kubernetes


async def test_volumes_are_there_for_as_long_as_they_are_needed(door: Outside) -> None:
    async def volumes() -> list[str]:
        items = (await door.get(VOLUMES))["items"]
        return [item["spec"].get("storageClassName", "") for item in items]

    async with storage(door, volumes=2) as name:
        assert await door.get(f"{CLASSES}/{name}")
        assert (await volumes()).count(name) == 2
    assert name not in await volumes()
    assert await door.get(f"{CLASSES}/{name}") is None
