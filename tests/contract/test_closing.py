"""An engine gives back what it took."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def _another_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def test_one_engine_serves_several_event_loops_and_closes_for_all(world: World) -> None:
    """Requests may be answered on one loop while deployments run on another."""
    desired = world.harness.workload()
    await world.create(desired)
    with _another_loop() as loop:
        seen = await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(world.read(), loop))
        assert dict(seen[desired.address].properties) == world.shape(desired)
        assert (await world.see(desired.address)).object_id == seen[desired.address].object_id
        await world.engine.close()


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
