"""Proxmox VE's own way to write things: `virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=5`. To and from that, and nothing
else: pure, and what is read and written again is what it was.
"""

from __future__ import annotations

import ipaddress
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote

from alma.core.model.units import Size

Props = dict[str, str]
KiB, MiB, GiB = 1024, 1024**2, 1024**3
_UNITS = {"": 1, "K": KiB, "M": MiB, "G": GiB, "T": 1024**4}
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)([KMGT]?)$", re.IGNORECASE)
_SPLIT_TAGS = re.compile(r"[;, ]+")

# Where a drive may be, in the order in which Proxmox looks for what to boot.
DRIVE = re.compile(r"^(ide[0-3]|sata[0-5]|scsi([0-9]|[12][0-9]|30)|virtio([0-9]|1[0-5]))$")
NIC = re.compile(r"^net(\d+)$")
MOUNT = re.compile(r"^mp(\d+)$")


# ── property strings ─────────────────────────────────────────────────────────────────────────────


def parse(text: str, first: str = "") -> Props:
    """The parts of a property string. One without a key belongs to `first`, wherever it stands."""
    found: Props = {}
    for part in filter(None, str(text).split(",")):
        key, equals, value = part.partition("=")
        if equals:
            found[key] = value
        else:
            found[first] = part
    return found


def join(props: Mapping[str, str | int | bool | None], first: str = "") -> str:
    """A property string, the value of `first` in front without its key. What is None is left out."""
    known = {key: _text(value) for key, value in props.items() if value is not None}
    head = [known.pop(first)] if first in known else []
    return ",".join([*head, *(f"{key}={value}" for key, value in known.items())])


def _text(value: str | int | bool) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def flag(value: Any) -> bool:
    """Whether something that Proxmox answered means yes."""
    return str(value).lower() in {"1", "true", "yes", "on"}


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────


def size_of(text: str) -> int | None:
    """Bytes in a size such as `8G` or `528K`; None when it is none."""
    match = _SIZE.match(text.strip())
    return int(float(match[1]) * _UNITS[match[2].upper()]) if match else None


def size_text(amount: int) -> str:
    """A whole number of KiB as Proxmox writes it: with the largest unit that divides it."""
    for unit in "TGMK":
        if amount and amount % _UNITS[unit] == 0:
            return f"{amount // _UNITS[unit]}{unit}"
    return str(amount)


def mebibytes(size: Size) -> int:
    """At least as much memory, in the unit Proxmox counts it in."""
    return math.ceil(size.bytes / MiB)


def gibibytes(size: Size) -> int:
    """At least as much disk, in the unit in which new disks are asked for."""
    return math.ceil(size.bytes / GiB)


# ── tags, keys, order ────────────────────────────────────────────────────────────────────────────


def tags_of(text: str | None) -> tuple[str, ...]:
    """Tags as they are compared: lower case, sorted, each once, whatever stood between them."""
    return tuple(sorted({tag.lower() for tag in _SPLIT_TAGS.split(text or "") if tag}))


def tags_text(tags: Iterable[str]) -> str:
    """Tags as Proxmox keeps them."""
    return ";".join(sorted({tag.lower() for tag in tags}))


def encode_keys(keys: Iterable[str]) -> str:
    """Public keys for cloud-init: percent-encoded, and a blank is %20. Proxmox takes a + for a plus."""
    return quote("\n".join(keys), safe="")


def decode_keys(text: str) -> tuple[str, ...]:
    """The public keys in what cloud-init is told."""
    return tuple(filter(None, (line.strip() for line in unquote(text).splitlines())))


def number_in(key: str) -> int:
    """The number of a device: 2 of `net2`."""
    return int(re.sub(r"\D", "", key) or 0)


def devices(config: Mapping[str, Any], pattern: re.Pattern[str]) -> list[str]:
    """The keys of a configuration that fit, in the order of their numbers."""
    return sorted(
        filter(pattern.match, config), key=lambda key: (re.sub(r"\d", "", key), number_in(key))
    )


# ── network cards ────────────────────────────────────────────────────────────────────────────────

_MODELS = re.compile(r"^(virtio|e1000\w*|e1000-\w+|rtl8139|vmxnet3|ne2k_\w+|pcnet|i825\w+)$")


def nic(text: str) -> Props:
    """A network card of either kind of guest. The model of a VM's card is under `model`, its address (`macaddr`) under
    `hwaddr`, as containers call it."""
    found: Props = {}
    for key, value in parse(text, "model").items():
        if _MODELS.match(key):
            found |= {"model": key, "hwaddr": value}
        else:
            found["hwaddr" if key == "macaddr" else key] = value
    return found


def nic_words(text: str) -> str:
    """What of a network card ALMA decides, for people: `vmbr0 vlan 5 mtu 1400 firewall`."""
    props = nic(text)
    words = [props.get("bridge", "nowhere")]
    words += [f"vlan {props['tag']}"] if "tag" in props else []
    words += [f"mtu {props['mtu']}"] if "mtu" in props else []
    words += ["firewall"] if flag(props.get("firewall", 0)) else []
    return " ".join(words)


def address_words(text: str) -> str:
    """The addresses in an `ipconfigN` or a container's card, for people: `10.0.1.5/24 via 10.0.1.1, dhcp6`."""
    props = parse(text)
    words = []
    for ip, gateway, suffix in (("ip", "gw", ""), ("ip6", "gw6", "6")):
        if ip not in props or props[ip] == "manual":
            continue
        value = props[ip]
        words.append(f"{value}{suffix}" if "/" not in value else value)
        if gateway in props:
            words[-1] += f" via {props[gateway]}"
    return ", ".join(words) or "none"


def fixed_address(text: str) -> str | None:
    """The fixed IPv4 address in an `ipconfigN` or a container's card, or the IPv6 one."""
    props = parse(text)
    for key in ("ip", "ip6"):
        if "/" in props.get(key, ""):
            return str(ipaddress.ip_interface(props[key]).ip)
    return None
