"""What ALMA's user or token may do, as Proxmox reports it for every path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Permissions:
    """Privileges by path. The flag says whether a privilege holds below the path too."""

    held: Mapping[str, Mapping[str, bool]]

    def missing(self, path: str, *privileges: str) -> tuple[str, ...]:
        """Those of the privileges that are not held at the path, in the order given.

        As in Proxmox, the nearest path that has an entry decides, and what stands above it does not count.
        """
        held = self._at(path)
        return tuple(privilege for privilege in privileges if privilege not in held)

    def _at(self, path: str) -> frozenset[str]:
        wanted = path.rstrip("/") or "/"
        at = wanted
        while at not in self.held and at != "/":
            at = at.rpartition("/")[0] or "/"
        entry = self.held.get(at, {})
        return frozenset(name for name, below in entry.items() if below or at == wanted)
