"""Parts of a Proxmox guest as the provider bpg/proxmox writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.model.software import Distribution
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.engines.proxmox import spec, systems, values
from alma.engines.proxmox.cards import Card
from alma.engines.proxmox.options import ProxmoxOptions
from alma.engines.proxmox.provisioning.job import Disk
from alma.renderers.opentofu.document import Block, present

ROOT_GIB = 10
"""The first disk of a guest of which nobody says how big it is."""
_CPU = "x86-64-v2-AES"


def processor(item: DesiredResource, said: ProxmoxOptions) -> Block:
    """Cores and their limit. The type is one that every machine of the last ten years has."""
    cpu = spec.cpu(item)
    return present(
        {
            "cores": cpu["cores"],
            "sockets": cpu.get("sockets"),
            "limit": cpu.get("cpulimit"),
            "type": said.cpu_type or _CPU,
        }
    )


def memory(item: DesiredResource, said: ProxmoxOptions) -> Block:
    """In MiB."""
    floating = values.mebibytes(said.balloon) if said.balloon else None
    return present({"dedicated": spec.memory(item), "floating": floating})


def startup(said: ProxmoxOptions) -> Block | None:
    """When it starts with its node."""
    if said.startup is None:
        return None
    names = {"order": "order", "up": "up_delay", "down": "down_delay"}
    found = said.startup.model_dump(exclude_none=True)
    return {names[key]: str(value) for key, value in found.items()} or None


def host_of(address: str) -> str:
    """What a guest calls itself: its address, in the letters that a host's name may have."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", address).strip("-.")


def link(card: Card) -> Block:
    """How a card is connected."""
    return present(
        {
            "bridge": card.bridge,
            "vlan_id": card.vlan,
            "mtu": card.mtu,
            "firewall": card.firewall or None,
        }
    )


def device(card: Card) -> Block:
    """A card of a machine."""
    return {"model": "virtio", **link(card)}


def addresses(cards: Sequence[Card], said: ProxmoxOptions) -> Block:
    """What each card is told, and whom to ask for names."""
    configured = []
    for card in cards:
        four = present({"address": card.ip, "gateway": card.gateway})
        six = present({"address": card.ip6, "gateway": card.gateway6})
        configured.append(present({"ipv4": four, "ipv6": six}))
    dns = present({"domain": said.search_domain, "servers": [*said.nameservers]})
    return present({"ip_config": configured, "dns": dns})


def disk_at(number: int, mount: ResolvedMount) -> Disk:
    """Where the disk of a volume appears in a machine."""
    return Disk(
        device=f"/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi{number}", path=mount.path
    )


def url_of(name: str) -> tuple[str | None, str]:
    """Where an image is, and what it is called on a storage."""
    known = systems.load()
    if name.startswith(("http://", "https://")):
        return name, known.file_at(name)
    found = known.find(name)
    return (found.image, found.file or "") if found and found.image else (None, "")


def family_of(image: str) -> Distribution:
    """Which package manager is in it."""
    return Distribution.ALPINE if "alpine" in image.casefold() else Distribution.DEBIAN
