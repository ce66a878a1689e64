"""One guest from all sides: what a listing, its configuration and its notes say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from alma.engines.proxmox import marker, spec, values
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.marker import Notes
from alma.engines.proxmox.options import Kind

Entry = Mapping[str, Any]
Config = Mapping[str, Any]
KINDS: Mapping[GuestKind, Kind] = {GuestKind.QEMU: Kind.VM, GuestKind.LXC: Kind.LXC}


@dataclass(frozen=True)
class Configured:
    """A guest's configuration: as it runs, as it will after a start, and its firewall's rules where ALMA made some."""

    now: Config
    coming: Config
    rules: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry], rules: Iterable[Entry] = ()) -> Configured:
        """From the answer of `/pending`, which has both."""
        now, coming = {}, {}
        for entry in entries:
            key = str(entry["key"])
            if "value" in entry:
                now[key] = entry["value"]
            if (
                not entry.get("delete")
                and (value := entry.get("pending", entry.get("value"))) is not None
            ):
                coming[key] = value
        return cls(now, coming, tuple(rules))

    @cached_property
    def notes(self) -> Notes | None:
        """What the guest's notes say to ALMA. Read once: each change looks at those of all the stack's guests."""
        return marker.read(self.coming.get("description"))

    @property
    def waiting(self) -> list[str]:
        """The keys whose change waits for a reboot."""
        keys = self.now.keys() | self.coming.keys()
        return sorted(
            key for key in keys if str(self.now.get(key, "")) != str(self.coming.get(key, ""))
        )


@dataclass(frozen=True)
class View:
    """One guest from all sides."""

    guest: Guest
    configured: Configured
    notes: Notes
    addresses: tuple[str, ...] = ()
    leftovers: tuple[str, ...] = field(default=())

    @property
    def config(self) -> Config:
        """Its configuration as it will be after a start."""
        return self.configured.coming

    def drive(self, volume: str) -> dict[str, str]:
        """The disk of a volume, of the root under `/`; empty when it is not there."""
        default = spec.ROOT if self.guest.kind is GuestKind.LXC and volume == marker.ROOT else ""
        key = self.notes.disks.get(volume, default)
        return values.parse(str(self.config[key]), "volume") if key in self.config else {}
