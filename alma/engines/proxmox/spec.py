"""What the configuration of a guest should be, key by key, as Proxmox writes it. Pure.

Amounts are rounded up to the unit Proxmox counts in, so nobody gets less than was asked for. What is not wished for is
not sent: Proxmox's own defaults hold, and features that only root may set are never asked for by accident.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from alma.core.model.base import Frozen
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.core.model.units import Size
from alma.engines.proxmox import values
from alma.engines.proxmox.cards import Card, cards_of
from alma.engines.proxmox.options import Kind, kind_of, options_of, volume_options
from alma.engines.proxmox.settings import ProxmoxSettings

Config = dict[str, Any]
DEFAULT_CPUS = 1
DEFAULT_MEMORY = Size("512MiB")
DEFAULT_VOLUME = Size("8GiB")
ROOT = "rootfs"
VM_ONLY = (
    "agent",
    "balloon",
    "bios",
    "boot_order",
    "cpu_type",
    "disk",
    "linked_clone",
    "machine",
    "sockets",
    "user",
)
LXC_ONLY = ("features", "swap", "unprivileged")


class Defaults(Frozen):
    """What the settings say where a blueprint says nothing."""

    bridge: str | None = None
    pool: str | None = None
    user: str = "root"

    @classmethod
    def of(cls, settings: ProxmoxSettings) -> Defaults:
        """From the engine's settings."""
        return cls(bridge=settings.bridge, pool=settings.pool, user=settings.ssh_user)


def config_of(desired: DesiredResource, defaults: Defaults) -> Config:
    """All that is configured alike before and after the guest is made, disks apart. One that is made for a machine
    lacks the addresses of its cards (MAC)."""
    is_machine = kind_of(desired) is Kind.VM
    own = _machine(desired, defaults) if is_machine else _container(desired)
    cards = cards_of(desired, bridge=defaults.bridge)
    return {**_common(desired), **own, **_cards(desired, cards)}


def _common(desired: DesiredResource) -> Config:
    options = options_of(desired)
    found: Config = {
        **cpu(desired),
        "memory": memory(desired),
        "onboot": int(options.onboot),
        "protection": 1 if options.protection else None,
        "startup": startup(desired),
        "nameserver": " ".join(options.nameservers) or None,
        "searchdomain": options.search_domain,
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def startup(desired: DesiredResource) -> str | None:
    """When it starts with its node; None when nobody cares."""
    wanted = options_of(desired).startup
    return values.join(wanted.model_dump()) or None if wanted else None


def cpu(desired: DesiredResource) -> Config:
    """Whole cores, and a limit where a part of one was asked for."""
    wanted = desired.cpu or DEFAULT_CPUS
    sockets = options_of(desired).sockets if kind_of(desired) is Kind.VM else None
    cores = math.ceil(wanted / (sockets or 1))
    found: Config = {"cores": cores}
    if sockets:
        found["sockets"] = sockets
    if wanted != cores * (sockets or 1):
        found["cpulimit"] = wanted
    return found


def memory(desired: DesiredResource) -> int:
    """In MiB."""
    return values.mebibytes(desired.memory or DEFAULT_MEMORY)


# ── machines ─────────────────────────────────────────────────────────────────────────────────────


def _machine(desired: DesiredResource, defaults: Defaults) -> Config:
    options = options_of(desired)
    found: Config = {
        "agent": values.join({"enabled": True}) if options.agent is not False else None,
        "balloon": values.mebibytes(options.balloon) if options.balloon else None,
        "bios": options.bios,
        "boot": f"order={';'.join(options.boot_order)}" if options.boot_order else None,
        "cpu": options.cpu_type,
        "machine": options.machine,
        "ciuser": options.user or defaults.user,
    }
    return {key: value for key, value in found.items() if value is not None}


def drive(mount_or_root: ResolvedMount | None, desired: DesiredResource) -> dict[str, Any]:
    """How a disk of a machine behaves, as far as anybody said so."""
    found = {
        key: value
        for key, value in options_of(desired).disk.model_dump().items()
        if value is not None
    }
    if found.pop("discard", None):
        found["discard"] = "on"
    if mount_or_root is not None and (backup := volume_options(mount_or_root).backup) is not None:
        found["backup"] = backup
    return found


# ── containers ───────────────────────────────────────────────────────────────────────────────────


def _container(desired: DesiredResource) -> Config:
    options = options_of(desired)
    swap = values.mebibytes(options.swap) if options.swap else 0
    return {"swap": swap} | ({"features": text} if (text := features(desired)) else {})


def features(desired: DesiredResource) -> str | None:
    """Only those that were asked for, sorted; None when there are none."""
    wanted = options_of(desired).features
    if wanted is None:
        return None
    found: dict[str, Any] = wanted.model_dump(exclude_none=True, exclude={"mount"})
    if wanted.mount:
        found["mount"] = ";".join(sorted(wanted.mount))
    return values.join(dict(sorted(found.items()))) or None


def mount_point(mount: ResolvedMount, volume: str) -> str:
    """A mount point of a container; `volume` is a volume, or `storage:GiB` for one to be made."""
    backup = volume_options(mount).backup
    return values.join(
        {"volume": volume, "backup": backup, "mp": mount.path, "ro": mount.read_only or None},
        "volume",
    )


# ── cards and disks ──────────────────────────────────────────────────────────────────────────────


def _cards(desired: DesiredResource, cards: tuple[Card, ...]) -> Config:
    found: Config = {}
    for number, card in enumerate(cards):
        if kind_of(desired) is Kind.LXC:
            found[f"net{number}"] = values.join(
                {"name": f"eth{number}", **card.link(), **card.addresses(), "type": "veth"}
            )
        else:
            found[f"net{number}"] = values.join({"model": "virtio", **card.link()}, "model")
            found[f"ipconfig{number}"] = values.join(card.addresses())
    return {key: value for key, value in found.items() if value}


def volume_size(mount: ResolvedMount) -> int:
    """The size of a mounted volume in GiB."""
    return values.gibibytes(mount.size or DEFAULT_VOLUME)


def root_size(desired: DesiredResource) -> int | None:
    """The size of the first disk in GiB; None when nobody cares."""
    return values.gibibytes(desired.disk) if desired.disk else None


def as_set(desired: DesiredResource) -> dict[str, str]:
    """What is set for the properties that Proxmox counts in other units than people."""
    options = options_of(desired)
    found = {"specs.memory": str(memory(desired))}
    if desired.disk:
        found["specs.disk"] = values.size_text(values.gibibytes(desired.disk) * values.GiB)
    for mount in desired.mounts:
        size = values.size_text(volume_size(mount) * values.GiB)
        found[f"mounts.{mount.volume}.size"] = size
    if options.swap and kind_of(desired) is Kind.LXC:
        found["options.swap"] = str(values.mebibytes(options.swap))
    if options.balloon and kind_of(desired) is Kind.VM:
        found["options.balloon"] = str(values.mebibytes(options.balloon))
    return found


# ── comparing ────────────────────────────────────────────────────────────────────────────────────


def same(key: str, wanted: Any, there: Any) -> bool:
    """Whether Proxmox already has it, in whatever way it writes it down."""
    if there is None:
        return False
    if values.NIC.match(key):
        return _same_card(str(wanted), str(there))
    read = _READERS.get("ipconfig" if key.startswith("ipconfig") else key, str.strip)
    return bool(read(str(wanted)) == read(str(there)))


def _number(text: str) -> float | str:
    amount = text.partition("=")[2] or text  # memory may be current=2048
    try:
        return float(amount)
    except ValueError:
        return text


_NUMBERS = ("balloon", "cores", "cpulimit", "memory", "onboot", "protection", "sockets", "swap")
_READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(_NUMBERS, _number),
    "agent": partial(values.parse, first="enabled"),
    "features": values.parse,
    "ipconfig": values.parse,
    "machine": partial(values.parse, first="type"),
    "sshkeys": values.decode_keys,
    "startup": partial(values.parse, first="order"),
    "tags": values.tags_of,
}


def _same_card(wanted: str, there: str) -> bool:
    return values.nic_words(wanted) == values.nic_words(there) and values.address_words(
        wanted
    ) == values.address_words(there)


def with_mac(wanted: str, there: str | None) -> str:
    """A changed card that keeps the hardware address it had."""
    mac = values.nic(there).get("hwaddr") if there else None
    if mac is None:
        return wanted
    head, _, rest = wanted.partition(",")
    if "=" not in head:  # a machine's: the model comes first
        return f"{head}={mac},{rest}"
    return f"{wanted},hwaddr={mac}"


def changes(
    wanted: Mapping[str, Any], there: Mapping[str, Any], *, drop: frozenset[str] = frozenset()
) -> Config:
    """What to send so that a guest gets what is wanted. `drop` are keys that go when nobody wants them any more."""
    found: Config = {
        key: with_mac(str(value), there.get(key)) if values.NIC.match(key) else value
        for key, value in wanted.items()
        if not same(key, value, there.get(key))
    }
    gone = sorted(key for key in drop if key in there and key not in wanted)
    if gone:
        found["delete"] = ",".join(gone)
    return found
