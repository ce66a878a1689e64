"""A real daemon, stacks of one's own on it, and nothing left afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiodocker import Docker

from alma.core.model.state import DesiredResource
from alma.engines.docker import DockerEngine, DockerSettings
from tests.contract.docker_harness import DockerHarness
from tests.contract.docker_proxy import Proxy
from tests.contract.harness import World


class DockerWorld(World):
    """A stack on the daemon, with ways to look behind the engine's back."""

    harness: DockerHarness

    @property
    def docker(self) -> Docker:
        return self.harness._docker

    def name(self, address: str) -> str:
        return f"{self.stack.name}-{address}"

    async def inspect(self, address: str) -> dict[str, Any]:
        """The container at an address, by its name."""
        container = await self.docker.containers.get(self.name(address))
        return await container.show()

    async def names(self) -> set[str]:
        """The names of the stack's containers, stopped ones too."""
        filters = {"label": [f"alma.stack={self.stack.id}"]}
        listed: Any = await self.docker.containers.list(all=True, filters=filters)
        return {item["Names"][0].lstrip("/") for item in listed}

    async def run(self, address: str, *command: str) -> str:
        """What a command prints inside a container; it has to succeed."""
        container = await self.docker.containers.get(self.name(address))
        execution = await container.exec(command)
        output = b""
        async with execution.start(detach=False) as stream:
            while message := await stream.read_out():
                output += message.data
        assert (await execution.inspect())["ExitCode"] == 0, output
        return output.decode()

    async def passes(self, desired: DesiredResource) -> list[str]:
        """Verifies, expects success, and gives the details."""
        checks = await self.engine.verify(desired, self.stack)
        assert [check for check in checks if not check.passed] == []
        return [check.detail for check in checks]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[DockerWorld]:
    """A new stack with its network."""
    harness = DockerHarness(tmp_path)
    await harness.start()
    try:
        made = DockerWorld(harness, await harness.engine())
        await made.prepare()
        yield made
    finally:
        await harness.stop()


@pytest.fixture
async def proxy(world: DockerWorld, tmp_path: Path) -> AsyncIterator[Proxy]:
    """What stands between `broken_engine` and the daemon."""
    made = Proxy(tmp_path / "between.sock")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def broken_engine(proxy: Proxy) -> AsyncIterator[DockerEngine]:
    """An engine whose conversation with the daemon goes as the proxy says."""
    engine = DockerEngine(DockerSettings(host=proxy.url, stop_timeout=1))
    yield engine
    await engine.close()
