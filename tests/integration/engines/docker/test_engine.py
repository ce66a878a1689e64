"""The engine as a whole: what it says of the daemon, and that any event loop may use it."""

from __future__ import annotations

import asyncio
import threading

import pytest

from alma.engines.docker import DockerEngine
from tests.contract.harness import new_stack

pytestmark = pytest.mark.docker


async def test_check_tells_version_and_what_the_host_can_do() -> None:
    engine = DockerEngine()
    health = await engine.check()
    await engine.close()
    assert health.available
    assert health.version
    assert health.detail.startswith(f"Docker {health.version} on ")
    for fact in ("api_version", "storage_driver", "cgroup_version", "cpus", "memory_limit"):
        assert health.facts[fact] is not None


async def test_several_event_loops_use_one_engine_at_a_time_and_together() -> None:
    engine, stack = DockerEngine(), new_stack("docker")

    async def elsewhere() -> None:
        assert (await engine.read(stack)).resources == ()
        ready.set()
        await asyncio.to_thread(done.wait, 30)

    ready, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(elsewhere()))
    thread.start()
    try:
        assert await asyncio.to_thread(ready.wait, 30)
        assert (await engine.read(stack)).resources == ()
        await engine.close()
    finally:
        done.set()
        await asyncio.to_thread(thread.join, 30)
    assert not thread.is_alive()
