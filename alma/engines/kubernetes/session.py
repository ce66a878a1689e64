"""What one event loop shares while it works with a cluster: the connection, its limits, and what ALMA may do there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from alma.engines.kubernetes import rights
from alma.engines.kubernetes.client import Cluster
from alma.engines.kubernetes.settings import KubernetesSettings

# What RBAC allows takes some seventy questions for who may not do everything, and health is asked often.
_RIGHTS_SECONDS = 60.0


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
        self._lacks: Sequence[rights.Lack] | None = None
        self._lacks_at = 0.0

    async def lacking(self) -> Sequence[rights.Lack]:
        """What ALMA needs and may not do, as of the last minute. Nothing is lacking any more only when it is asked
        again, so what is lacking is asked every time."""
        old = time.monotonic() - self._lacks_at > _RIGHTS_SECONDS
        if self._lacks is None or self._lacks or old:
            self._lacks = await rights.lacking(self.cluster, self.settings.namespace)
            self._lacks_at = time.monotonic()
        return self._lacks

    async def close(self) -> None:
        """Gives back the connection."""
        await self.cluster.close()
