"""An engine gives back what it took."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import pytest

from tests.contract.harness import Harness, World

_FDS = Path("/proc/self/fd")


def _open_files() -> set[str]:
    found = set()
    for entry in _FDS.iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:  # the one that lists them
            continue
    return found


@pytest.mark.skipif(not _FDS.exists(), reason="open files are counted in /proc")
async def test_close_leaves_no_open_file_connection_or_task(harness: Harness) -> None:
    files, tasks = _open_files(), asyncio.all_tasks()
    world = World(harness, await harness.engine())
    await world.prepare()
    await world.create(harness.workload())
    await world.read()
    await world.engine.close()
    for _ in range(10):  # transports close in the loop's next turns
        await asyncio.sleep(0)
    gc.collect()
    assert asyncio.all_tasks() == tasks
    assert _open_files() - files == set()


async def test_close_may_be_called_twice_and_before_anything_else(harness: Harness) -> None:
    engine = await harness.engine()
    await engine.close()
    await engine.close()
    fresh = await harness.engine()
    assert (await fresh.check()).available, "the world does not mind"


async def test_an_engine_that_was_never_reached_closes_too(harness: Harness) -> None:
    engine = await harness.down()
    health = await engine.check()
    await engine.close()
    assert not health.available
