"""What one event loop shares while it works with a Docker Engine: the connection, its limits, and who pulls what."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from alma.core.model.errors import ChangeRejected
from alma.core.ports import ApplyContext
from alma.engines.docker.client.daemon import Daemon
from alma.engines.docker.images import ImageFacts
from alma.engines.docker.settings import DockerSettings
from alma.engines.docker.spec import Host

_STEP_PERCENT = 5


class Session:
    """A connection with its state. Belongs to the event loop it was made in."""

    def __init__(self, settings: DockerSettings) -> None:
        self.settings = settings
        self.daemon = Daemon(settings)
        self.changes = asyncio.Semaphore(settings.max_parallel)
        self.looks = asyncio.Semaphore(settings.max_parallel * 2)
        self._pulls: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._host: Host | None = None

    async def close(self) -> None:
        """Gives back the connection."""
        await self.daemon.close()

    async def host(self) -> Host:
        """The machine below, asked once."""
        if self._host is None:
            info, api = await self.daemon.info(), await self.daemon.api_version()
            address = str(self.settings.publish_address)
            self._host = Host(
                cpus=int(info["NCPU"]),
                api=api,
                publish_address=address,
                id=str(info.get("ID") or ""),
            )
        return self._host

    @property
    def cpus(self) -> int | None:
        """How many CPUs the host has, if it was asked already."""
        return self._host.cpus if self._host else None

    async def image(self, name: str, context: ApplyContext) -> ImageFacts:
        """The image's facts; pulls it first when it is missing. Changes that want the same image at the same time
        pull it once. Raises what `pull_problem` says when it can't be had."""
        async with self._pulls[name]:
            found = await self.daemon.image(name)
            if found is None:
                await self._pull(name, context)
                found = await self.daemon.image(name)
        if found is None:  # the SDK ends silently when the connection breaks in mid-pull
            raise ChangeRejected(
                f"The image {name} was pulled and is not there",
                hint="try `docker pull` on the Docker host",
            )
        return ImageFacts.of(found)

    async def _pull(self, name: str, context: ApplyContext) -> None:
        context.log(f"Pulling {name}", image=name)
        progress = Progress()
        async for line in self.daemon.pull(name):
            percent = progress.after(line)
            if percent is not None:
                context.log(f"Pulling {name}: {percent}%", image=name, percent=percent)
        context.log(f"Pulled {name}", image=name, percent=100)


class Progress:
    """How far a pull is. Layers announce their size one by one, so the share can fall; then nothing is said."""

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int]] = {}
        self._said = 0

    def after(self, line: Mapping[str, Any]) -> int | None:
        """The percentage after this line of the daemon, when it has grown enough to be worth a word."""
        detail = line.get("progressDetail") or {}
        layer = line.get("id")
        if layer and line.get("status") == "Downloading" and detail.get("total"):
            self._layers[layer] = (int(detail.get("current", 0)), int(detail["total"]))
        elif layer in self._layers and line.get("status") == "Download complete":
            total = self._layers[layer][1]
            self._layers[layer] = (total, total)
        total = sum(size for _, size in self._layers.values())
        percent = 100 * sum(done for done, _ in self._layers.values()) // total if total else 0
        if percent < self._said + _STEP_PERCENT:
            return None
        self._said = percent
        return percent
