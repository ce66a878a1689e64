"""How much is asked of a cluster at a time: per clone source, per storage and per node.

A task holds its places from the call that starts it to its end. Places are always taken in the same order (source,
storage, node), so that tasks that want several never wait for each other in a ring; the node comes last, so that a
task that waits for a storage keeps no other off the node.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from alma.engines.proxmox.settings import ProxmoxSettings


class Limits:
    """The places of one cluster. Belongs to the event loop it is used in."""

    def __init__(self, settings: ProxmoxSettings) -> None:
        self._sources = _places(settings.clones_per_source)
        self._containers = _places(1)
        self._storages = _places(settings.tasks_per_storage)
        self._nodes = _places(settings.tasks_per_node)

    @asynccontextmanager
    async def hold(
        self,
        *,
        node: str | None,
        storage: str | None = None,
        source: int | None = None,
        container: bool = False,
    ) -> AsyncIterator[None]:
        """Waits for one place of each that is named and gives them back at the end, also when cancelled.

        A source that is a `container` is cloned once at a time whatever the settings say: Proxmox locks it for the
        whole of a clone, and those that waited for that lock would give up after `lock_timeout`.
        """
        async with AsyncExitStack() as stack:
            if source is not None:
                sources = self._containers if container else self._sources
                await stack.enter_async_context(sources[str(source)])
            if storage is not None:
                await stack.enter_async_context(self._storages[storage])
            if node is not None:
                await stack.enter_async_context(self._nodes[node])
            yield


def _places(number: int) -> defaultdict[str, asyncio.Semaphore]:
    return defaultdict(lambda: asyncio.Semaphore(number))
