"""From what Proxmox says of a guest to what ALMA sees: the same properties as `shape`, in the same form. Pure.

Only what ALMA set is reported, as it is now. What a guest's configuration can't show (files, labels, software) is
reported as its notes declare it. A change that waits for a reboot counts as made, and is named by `pending`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alma.core.model.base import Json
from alma.core.model.state import ObservedResource, Status
from alma.core.model.units import Size
from alma.engines.base import normal_size
from alma.engines.proxmox import firewall, marker, spec, values
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.shape import LEFTOVERS, PENDING, UNFINISHED
from alma.engines.proxmox.view import KINDS, View

_BEING_MADE = frozenset({"create", "clone"})


def resource(view: View) -> ObservedResource:
    """The guest as ALMA sees it."""
    own, guest = view.notes.marker, view.guest
    return ObservedResource(
        address=own.address,
        type=own.type,
        object_id=str(guest.vmid),
        name=guest.name or marker_name(view),
        key=own.key,
        properties=properties(view),
        depends_on=own.depends_on,
        retain=own.retain,
        status=status(guest),
        site={"node": guest.node},
        endpoints=endpoints(view),
        extra=_extra(view),
    )


def marker_name(view: View) -> str:
    """The name in the configuration: a listing knows it a few seconds later."""
    return str(view.config.get("name") or view.config.get("hostname") or view.guest.vmid)


def status(guest: Guest) -> Status:
    """What the listing says of it."""
    if guest.lock in _BEING_MADE:
        return Status.STARTING
    if guest.ha_state in {"error", "fence"}:
        return Status.FAILED
    return {"running": Status.RUNNING, "stopped": Status.STOPPED}.get(guest.status, Status.UNKNOWN)


def endpoints(view: View) -> tuple[str, ...]:
    """Where its ports are reached, as far as its address is known."""
    known = view.addresses or tuple(filter(None, [_private_ip(view)]))
    if not known:
        return ()
    host = f"[{known[0]}]" if ":" in known[0] else known[0]
    found = []
    for port in _listed(view.notes.declared.get("ports")):
        number, _, protocol = str(port).partition("/")
        found.append(f"{protocol or 'tcp'}://{host}:{number.rpartition(':')[2]}")
    return tuple(found)


def _extra(view: View) -> dict[str, Json]:
    guest = view.guest
    found: dict[str, Json] = {
        "vmid": guest.vmid,
        "node": guest.node,
        "kind": KINDS[guest.kind].value,
        "addresses": [*(view.addresses or filter(None, [_private_ip(view)]))],
        "lock": guest.lock,
        "pool": guest.pool,
        "ha": guest.ha_state,
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


# ── properties ───────────────────────────────────────────────────────────────────────────────────


def properties(view: View) -> dict[str, Json]:
    """What it has of what was declared, and what is unfinished."""
    found: dict[str, Json] = {}
    for path, declared in view.notes.declared.items():
        value = _reader(path)(view, path, declared)
        if value not in (None, [], "", False):
            found[path] = value
        elif path.startswith(("labels.", "env.")):
            found[path] = declared  # an empty text is a value there
    if view.guest.running and (names := waiting(view)):
        found[PENDING] = [*names]
    if unfinished := _unfinished(view):
        found[UNFINISHED] = [*unfinished]
    if view.leftovers:
        found[LEFTOVERS] = [*view.leftovers]
    return dict(sorted(found.items()))


def _unfinished(view: View) -> list[str]:
    """What a guest lacks that it should have from ALMA: its software, or the tags by which a listing shows it."""
    tags = values.tags_of(view.config.get("tags"))
    own = {marker.TAG, marker.tag_of(view.notes.marker.stack)}
    lost = view.configured.notes is not None and not own <= {*tags}
    return ["software"] * view.notes.unfinished + ["tags"] * lost


Reader = Callable[[View, str, Json], Json]


def is_read(path: str, kind: GuestKind) -> bool:
    """Whether a guest's configuration tells it; else the notes' word is taken for it."""
    if path == "options.ssh_keys" or path.startswith("mounts."):
        return kind is GuestKind.QEMU or path.startswith("mounts.")
    return path in _READERS


def _reader(path: str) -> Reader:
    if path.startswith("mounts."):
        return _mount_size
    return _READERS.get(path, _as_declared)


def _as_declared(view: View, path: str, declared: Json) -> Json:
    return declared


def _listed(value: Json) -> list[Any]:
    return value if isinstance(value, list) else []


def _cpu(view: View, path: str, declared: Json) -> Json:
    limit = float(view.config.get("cpulimit") or 0)
    cores = int(view.config.get("cores") or 1) * int(view.config.get("sockets") or 1)
    if "cores" not in view.config and limit == 0:
        return 1 if view.guest.kind is GuestKind.QEMU else None
    wanted = limit or cores
    return int(wanted) if wanted == int(wanted) else wanted


def _amount(view: View, path: str, *, bytes_: int | None, raw: str, declared: Json) -> Json:
    """What was declared while it is as it was set; else what it is now."""
    if view.notes.as_set.get(path) == raw:
        return declared
    return normal_size(Size.of_bytes(bytes_)) if bytes_ else None


def _memory_of(key: str) -> Reader:
    def read(view: View, path: str, declared: Json) -> Json:
        text = str(view.config.get(key, ""))
        raw = text.rpartition("=")[2]
        mebibytes = int(raw) if raw.isdigit() else 0
        return _amount(view, path, bytes_=mebibytes * values.MiB, raw=raw, declared=declared)

    return read


def _size(view: View, path: str, *, volume: str, declared: Json) -> Json:
    raw = view.drive(volume).get("size", "")
    size = values.size_of(raw)
    normal = values.size_text(size) if size else raw
    return _amount(view, path, bytes_=size, raw=normal, declared=declared)


def _disk(view: View, path: str, declared: Json) -> Json:
    return _size(view, path, volume=marker.ROOT, declared=declared)


def _mount_size(view: View, path: str, declared: Json) -> Json:
    volume = path.removeprefix("mounts.").removesuffix(".size")
    return _size(view, path, volume=volume, declared=declared)


def _mounts(view: View, path: str, declared: Json) -> Json:
    """Those whose disks are there. A container's configuration says at which path; a machine's own system decides."""
    found: list[Json] = []
    for text in _listed(declared):
        volume = str(text).partition(":")[0]
        drive = view.drive(volume)
        if not drive:
            continue
        if view.guest.kind is GuestKind.QEMU:
            found.append(text)
        else:
            read_only = ":ro" if values.flag(drive.get("ro", 0)) else ""
            found.append(f"{volume}:{drive.get('mp', '')}{read_only}")
    return found


def card_texts(view: View) -> list[str]:
    """Its network cards."""
    return [str(view.config[key]) for key in values.devices(view.config, values.NIC)]


def address_texts(view: View) -> list[str]:
    """What holds the addresses: a container's card itself, a machine's cloud-init."""
    if view.guest.kind is GuestKind.LXC:
        return card_texts(view)
    keys = values.devices(view.config, values.NIC)
    return [str(view.config.get(f"ipconfig{values.number_in(key)}", "")) for key in keys]


def _interfaces(view: View, path: str, declared: Json) -> Json:
    return [values.nic_words(card) for card in card_texts(view)]


def _addresses(view: View, path: str, declared: Json) -> Json:
    return [values.address_words(text) for text in address_texts(view)]


def _private_ip(view: View, path: str = "", declared: Json = None) -> str | None:
    found = [values.fixed_address(text) for text in address_texts(view)]
    return next(filter(None, found), None)


def _plain(key: str) -> Reader:
    def read(view: View, path: str, declared: Json) -> Json:
        value: Json = view.config.get(key)
        # While it means the same, it is told as it was written.
        return declared if spec.same(key, _written(declared), value) else value

    return read


def _written(declared: Json) -> str:
    if isinstance(declared, list):
        return " ".join(map(str, declared))
    return str(int(declared)) if isinstance(declared, bool) else str(declared)


def _words(key: str) -> Reader:
    def read(view: View, path: str, declared: Json) -> Json:
        return [*str(view.config.get(key) or "").split()]

    return read


def _switch(key: str, first: str = "") -> Reader:
    def read(view: View, path: str, declared: Json) -> Json:
        text = str(view.config.get(key, 0))
        return values.flag(values.parse(text, first).get(first, text) if first else text)

    return read


def _cpu_type(view: View, path: str, declared: Json) -> Json:
    return values.parse(str(view.config.get("cpu", "")), "cputype").get("cputype")


def _machine(view: View, path: str, declared: Json) -> Json:
    return values.parse(str(view.config.get("machine", "")), "type").get("type")


def _sockets(view: View, path: str, declared: Json) -> Json:
    return int(view.config.get("sockets") or 1)


def _boot_order(view: View, path: str, declared: Json) -> Json:
    return [*filter(None, str(view.config.get("boot", "")).removeprefix("order=").split(";"))]


def _disk_options(view: View, path: str, declared: Json) -> Json:
    wanted = values.parse(str(declared))
    drive = view.drive(marker.ROOT)
    there = {key: drive.get(key, "0").replace("on", "1") for key in wanted}
    return values.join(there)


def _tags(view: View, path: str, declared: Json) -> Json:
    """Those of ours that are still there: tags that people add are theirs."""
    there = values.tags_of(view.config.get("tags"))
    return [tag for tag in _listed(declared) if tag in there]


def _keys(view: View, path: str, declared: Json) -> Json:
    if (
        view.guest.kind is GuestKind.LXC
    ):  # they are put in when it is made, and seen nowhere after that
        return declared
    there = values.decode_keys(str(view.config.get("sshkeys", "")))
    return [key for key in _listed(declared) if key in there]


_READERS: Mapping[str, Reader] = {
    "specs.cpu": _cpu,
    "specs.memory": _memory_of("memory"),
    "specs.disk": _disk,
    "mounts": _mounts,
    "network.interfaces": _interfaces,
    "network.addresses": _addresses,
    "network.private_ip": _private_ip,
    "rules": lambda view, _path, _declared: [*firewall.seen(view.configured.rules)],
    "options.kind": lambda view, _path, _declared: KINDS[view.guest.kind].value,
    "options.pool": lambda view, _path, _declared: view.guest.pool,
    "options.ha": lambda view, _path, declared: declared if view.guest.ha_state else None,
    "options.swap": _memory_of("swap"),
    "options.balloon": _memory_of("balloon"),
    "options.onboot": _switch("onboot"),
    "options.protection": _switch("protection"),
    "options.unprivileged": _switch("unprivileged"),
    "options.agent": _switch("agent", "enabled"),
    "options.features": _plain("features"),
    "options.startup": _plain("startup"),
    "options.bios": _plain("bios"),
    "options.user": _plain("ciuser"),
    "options.search_domain": _plain("searchdomain"),
    "options.nameservers": _words("nameserver"),
    "options.cpu_type": _cpu_type,
    "options.machine": _machine,
    "options.sockets": _sockets,
    "options.boot_order": _boot_order,
    "options.disk": _disk_options,
    "options.tags": _tags,
    "options.ssh_keys": _keys,
}

# ── what waits for a reboot ──────────────────────────────────────────────────────────────────────

_PATHS: Mapping[str, str] = {
    "agent": "options.agent",
    "balloon": "options.balloon",
    "bios": "options.bios",
    "boot": "options.boot_order",
    "ciuser": "options.user",
    "cores": "specs.cpu",
    "cpu": "options.cpu_type",
    "cpulimit": "specs.cpu",
    "features": "options.features",
    "machine": "options.machine",
    "memory": "specs.memory",
    "nameserver": "options.nameservers",
    "searchdomain": "options.search_domain",
    "sockets": "options.sockets",
    "sshkeys": "options.ssh_keys",
    "swap": "options.swap",
}


def waiting(view: View) -> list[str]:
    """What ALMA manages and differs from what runs. What others changed beside that is none of its business."""
    found = {path_of(key, view) for key in view.configured.waiting}
    return sorted(path for path in found if path)


def path_of(key: str, view: View) -> str | None:
    """The property that a key of the configuration stands for; None where it is none of ALMA's."""
    if values.NIC.match(key):
        return "network.interfaces"
    if key.startswith("ipconfig"):
        return "network.addresses"
    if key in view.notes.disks.values() or values.MOUNT.match(key):
        return "mounts"
    return _PATHS.get(key)


def waits(views: Sequence[View]) -> list[str]:
    """A sentence for each guest on which changes wait."""
    return [
        f"{view.notes.marker.address}: {', '.join(names)} changed and needs a reboot to take effect"
        for view in views
        if view.guest.running and (names := waiting(view))
    ]
