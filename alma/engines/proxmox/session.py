"""What one event loop shares while it works with a cluster: the connection, its latest listing, and who works on what.

What was seen of single guests is shared by all loops of the process: `Memory`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field

from alma.engines.proxmox import cluster
from alma.engines.proxmox.client.api import Api
from alma.engines.proxmox.cluster import Cluster, Guest
from alma.engines.proxmox.observe import Configured
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.vmids import Vmids

LISTING_SECONDS = 1.0
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
    address; `owners` says for whom a number was taken; `addresses` are those at which guests were last found."""

    vmids: Vmids
    seen: dict[int, Seen] = field(default_factory=dict)
    own: dict[tuple[str, str], dict[int, Guest]] = field(default_factory=dict)
    owners: dict[int, tuple[str, str]] = field(default_factory=dict)
    addresses: dict[int, tuple[str, ...]] = field(default_factory=dict)

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
        self.owners.pop(vmid, None)
        self.vmids.give_back(vmid)


class Session:
    """A connection with its state. Belongs to the event loop it was made in."""

    def __init__(self, settings: ProxmoxSettings, memory: Memory) -> None:
        self.settings = settings
        self.memory = memory
        self.api = Api(settings)
        self.looks = asyncio.Semaphore(LOOKS)
        self.turns: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._listing: asyncio.Task[Cluster] | None = None
        self._listed_at = float("-inf")

    async def cluster(self) -> Cluster:
        """The listing, at most a second old: many changes that start at the same time look once. What this process has
        made since is in `memory.own`, and every guest is looked at again before it is touched."""
        running = self._listing
        fresh = time.monotonic() - self._listed_at < LISTING_SECONDS
        if running is None or (running.done() and (not fresh or running.exception())):
            self._listed_at = time.monotonic()
            self._listing = running = asyncio.create_task(cluster.look(self.api))
            running.add_done_callback(_heard)  # also when nobody waits for it any more
        return await asyncio.shield(running)

    async def cluster_now(self) -> Cluster:
        """The listing as it is now."""
        self._listing = None
        return await self.cluster()

    async def close(self) -> None:
        """Gives back the connections."""
        if self._listing is not None:
            self._listing.cancel()
            await asyncio.wait([self._listing])
        await self.api.close()


def _heard(listing: asyncio.Task[Cluster]) -> None:
    if not listing.cancelled():
        listing.exception()
