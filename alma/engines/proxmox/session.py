"""What one event loop shares while it works with a cluster: the connection, its latest listing, and who works on what.

What was seen of single guests is shared by all loops of the process: `Memory`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from alma.engines.proxmox import cluster
from alma.engines.proxmox.client.api import Api
from alma.engines.proxmox.cluster import Cluster, Guest
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.sources import Source
from alma.engines.proxmox.view import Configured
from alma.engines.proxmox.vmids import Vmids

T = TypeVar("T")
LISTING_SECONDS = 1.0
TEMPLATE_SECONDS = 10.0
LOOKS = 16


@dataclass(frozen=True)
class Seen:
    """A guest's configuration, what the listing said of it at that moment, and when that was."""

    guest: Guest
    configured: Configured
    at: float


@dataclass
class Memory:
    """What the process knows of guests. `own` are those it made and that a listing may not show yet, by stack and
    address; `owners` says for whom a number was taken; `addresses` are those at which guests were last found, and
    `silent` are the guests that were waited for and told none."""

    vmids: Vmids
    seen: dict[int, Seen] = field(default_factory=dict)
    own: dict[tuple[str, str], dict[int, Guest]] = field(default_factory=dict)
    owners: dict[int, tuple[str, str]] = field(default_factory=dict)
    addresses: dict[int, tuple[str, ...]] = field(default_factory=dict)
    silent: set[int] = field(default_factory=set)

    def made(self, stack: str, address: str, *, guest: Guest) -> None:
        """A guest was made, or is being made."""
        self.own.setdefault((stack, address), {})[guest.vmid] = guest

    def saw(self, guest: Guest, configured: Configured) -> None:
        """The guest was looked at now."""
        self.seen[guest.vmid] = Seen(guest, configured, time.monotonic())

    def changed(self, vmid: int) -> None:
        """What was seen of the guest is no longer true."""
        self.seen.pop(vmid, None)

    def gone(self, stack: str, address: str, *, vmid: int) -> None:
        """A guest was removed."""
        self.own.get((stack, address), {}).pop(vmid, None)
        self.changed(vmid)
        self.addresses.pop(vmid, None)
        self.silent.discard(vmid)
        self.owners.pop(vmid, None)
        self.vmids.give_back(vmid)


class Shared(Generic[T]):
    """An answer that all who want it within so many seconds get by asking once."""

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, T]], *, seconds: float) -> None:
        self._ask, self._seconds = ask, seconds
        self._asked: asyncio.Task[T] | None = None
        self._at = float("-inf")

    async def get(self) -> T:
        """The answer, at most so old. Whoever stops waiting does not stop it for the others."""
        asked = self._asked
        old = time.monotonic() - self._at >= self._seconds
        if asked is None or (asked.done() and (old or asked.exception())):
            self._at = time.monotonic()
            self._asked = asked = asyncio.create_task(self._ask())
            asked.add_done_callback(_heard)  # also when nobody waits for it any more
        return await asyncio.shield(asked)

    async def now(self) -> T:
        """A new answer."""
        self._asked = None
        return await self.get()

    async def close(self) -> None:
        """Stops asking."""
        if self._asked is not None:
            self._asked.cancel()
            await asyncio.wait([self._asked])


def _heard(asked: asyncio.Task[Any]) -> None:
    if not asked.cancelled():
        asked.exception()


class Session:
    """A connection with its state. Belongs to the event loop it was made in."""

    def __init__(self, settings: ProxmoxSettings, memory: Memory) -> None:
        self.settings = settings
        self.memory = memory
        self.api = Api(settings)
        self.looks = asyncio.Semaphore(LOOKS)
        self.turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listing = Shared(lambda: cluster.look(self.api), seconds=LISTING_SECONDS)
        self._templates: dict[tuple[str, str, bool], Shared[Source]] = {}

    async def cluster(self) -> Cluster:
        """The listing, at most a second old: many changes that start at the same time look once. What this process has
        made since is in `memory.own`, and every guest is looked at again before it is touched."""
        return await self._listing.get()

    async def cluster_now(self) -> Cluster:
        """The listing as it is now."""
        return await self._listing.now()

    async def template(
        self, key: tuple[str, str, bool], ask: Callable[[], Coroutine[Any, Any, Source]]
    ) -> Source:
        """A template to clone: looked at once for all its clones of the next few seconds."""
        if key not in self._templates:
            self._templates[key] = Shared(ask, seconds=TEMPLATE_SECONDS)
        return await self._templates[key].get()

    async def close(self) -> None:
        """Gives back the connections."""
        await self._listing.close()
        for template in self._templates.values():
            await template.close()
        await self.api.close()
