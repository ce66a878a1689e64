"""What one event loop shares while it works with a cluster: the connection and its limits."""

from __future__ import annotations

import asyncio

from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.settings import KubernetesSettings


class Session:
    """A connection with its state. Belongs to the event loop it was made in.

    `changes` bounds how many changes are sent at a time; waiting for a rollout is outside of it. `looks` bounds reads.
    """

    def __init__(self, settings: KubernetesSettings) -> None:
        """Raises InvalidInput or EngineUnavailable when the configuration can't be used: see `Cluster`."""
        self.settings = settings
        self.cluster = Cluster(settings)
        self.changes = asyncio.Semaphore(settings.max_parallel)
        self.looks = asyncio.Semaphore(settings.max_parallel * 2)

    async def close(self) -> None:
        """Gives back the connection."""
        await self.cluster.close()
