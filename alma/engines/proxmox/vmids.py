"""The numbers of new guests: every one is handed out once, however many changes want one at the same time.

Another client of the cluster may take a number first: then Proxmox says so, and the next one is taken. A guest that
ALMA may not see takes a number too; that shows in the same way.
"""

from __future__ import annotations

import threading
from collections.abc import Collection

from alma.core.model.errors import ChangeRejected


class Vmids:
    """The numbers from `first` to `last`, lowest first. For all event loops of a process."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        self._held: set[int] = set()
        self._lock = threading.Lock()

    def take(self, used: Collection[int], *, whom: str) -> int:
        """A number that nobody has. It stays taken until it is given back. Raises ChangeRejected when none is left."""
        with self._lock:
            for vmid in range(self._first, self._last + 1):
                if vmid not in used and vmid not in self._held:
                    self._held.add(vmid)
                    return vmid
        raise ChangeRejected(
            f"There is no free VMID from {self._first} to {self._last} for {whom}",
            hint="widen the range (vmid_first, vmid_last) in the engine's settings, or remove guests",
        )

    def hold(self, vmid: int) -> None:
        """A number that was chosen before is not for others."""
        with self._lock:
            self._held.add(vmid)

    def give_back(self, vmid: int) -> None:
        """The number may be used again, once no listing shows it."""
        with self._lock:
            self._held.discard(vmid)
