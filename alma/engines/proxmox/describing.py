"""Describes a guest that somebody made without ALMA as a blueprint would, from its configuration. Pure.

What a blueprint can't say stays as it is on the guest and is told: ALMA neither sees nor touches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from alma.core.model.blueprint import Mount, Network, Resource, ResourceType, Specs
from alma.core.model.engine import Candidate, Companion
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.core.model.units import Size
from alma.engines.base import Marker
from alma.engines.proxmox import marker, observe, shape, spec, values
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.guests import vms
from alma.engines.proxmox.options import ENGINE, DiskOptions, Features, Startup
from alma.engines.proxmox.spec import Defaults
from alma.engines.proxmox.view import Config, Configured, View

TYPES = {GuestKind.QEMU: ResourceType.VM, GuestKind.LXC: ResourceType.CONTAINER}
_PASSED = ("hostpci", "usb", "serial", "parallel", "dev", "unused", "efidisk", "tpmstate")
_NO_ADDRESS = "none"
Options = dict[str, Any]


def candidate(
    guest: Guest, configured: Configured, *, defaults: Defaults, ha: Mapping[str, Any] | None
) -> Candidate:
    """The guest as something to adopt."""
    described = _Description(guest, configured.coming, ha)
    desired = described.desired()
    declared = shape.shape_of(desired, defaults)
    own = Marker(stack="", address=desired.address, type=desired.type, key="")
    disks = devices(desired, guest, configured.coming)
    notes = marker.Notes(marker=own, vmid=guest.vmid, declared=declared, disks=disks)
    seen = View(guest, configured, notes)
    return Candidate(
        object_id=str(guest.vmid),
        name=observe.marker_name(seen),
        type=desired.type,
        status=observe.status(guest),
        site={"node": guest.node},
        facts=facts(guest),
        obstacle=obstacle(guest) or described.obstacle(),
        resource=desired.resource,
        companions=tuple(described.companions()),
        properties=observe.properties(seen),
        unread=tuple(path for path in declared if not observe.is_read(path, guest.kind)),
        notes=tuple(described.unsaid()),
    )


def facts(guest: Guest) -> dict[str, Any]:
    """What a listing tells of its size."""
    return {
        "specs.cpu": int(guest.cpus) if guest.cpus == int(guest.cpus) else guest.cpus,
        "specs.memory": str(Size.of_bytes(guest.memory)),
        "specs.disk": str(Size.of_bytes(guest.disk)),
    }


def obstacle(guest: Guest) -> str | None:
    """Why it can't be adopted now, as far as a listing tells."""
    if guest.lock:
        return f"it is locked ({guest.lock}): wait until that is over"
    if guest.status == "unknown":
        return f"its node {guest.node} does not answer"
    if guest.status == "stopped":
        # Said before a blueprint describes it: the next import would make what that has and the stack has not.
        return "it is stopped, and what is in a stack is kept running: start it first"
    return None


def devices(desired: DesiredResource, guest: Guest, config: Config) -> dict[str, str]:
    """The device of each disk that is described, of the root under `/`."""
    if guest.kind is GuestKind.QEMU:
        root = vms.root_of(config)
        return {marker.ROOT: root} if root else {}
    found = {marker.ROOT: spec.ROOT}
    paths = {values.parse(str(config[key])).get("mp"): key for key in _mount_keys(config)}
    return found | {m.volume: paths[m.path] for m in desired.mounts if m.path in paths}


def _mount_keys(config: Config) -> list[str]:
    """The mount points that are volumes; a directory of the node is none."""
    keys = values.devices(config, values.MOUNT)
    return [key for key in keys if not _drive(config, key).get("volume", "/").startswith("/")]


def _drive(config: Config, key: str) -> dict[str, str]:
    return values.parse(str(config.get(key, "")), "volume")


class _Description:
    """One guest's configuration in the words of a blueprint."""

    def __init__(self, guest: Guest, config: Config, ha: Mapping[str, Any] | None) -> None:
        self.guest, self.config, self.ha = guest, config, ha
        self.is_machine = guest.kind is GuestKind.QEMU
        name = str(config.get("name") or config.get("hostname") or guest.name or guest.vmid)
        self.name = name.replace("_", "-")[:60].strip("-.") or str(guest.vmid)
        self.cards = [values.nic(str(config[key])) for key in values.devices(config, values.NIC)]
        self.root = _drive(config, (vms.root_of(config) or "") if self.is_machine else spec.ROOT)

    # ── the whole ──

    def resource(self) -> Resource:
        memory = str(self.config.get("memory", "")).rpartition("=")[2]
        disk = values.size_of(self.root.get("size", ""))
        specs: dict[str, Any] = {
            "cpu": self._cpu(),
            "memory": Size.of_bytes(int(memory) * values.MiB) if memory.isdigit() else None,
            "disk": Size.of_bytes(disk) if disk else None,
        }
        system = None if self.is_machine else self.config.get("ostype")
        given: dict[str, Any] = {
            "name": self.name,
            "type": TYPES[self.guest.kind],
            "image": str(system) if system and system != "unmanaged" else None,
            "specs": Specs(**{key: value for key, value in specs.items() if value}),
            "network": Network(attach=tuple(net.name for net in self.networks())),
            "mounts": tuple(
                Mount(volume=m.volume, path=m.path, read_only=m.read_only) for m in self.mounts()
            ),
            "options": {ENGINE: self.options()},
        }
        return Resource(**{key: value for key, value in given.items() if value})

    def desired(self) -> DesiredResource:
        """As resolving will have it."""
        resource, networks = self.resource(), self.networks()
        return DesiredResource(
            address=self.name,
            type=resource.type,
            resource=resource,
            image=resource.image,
            cpu=resource.specs.cpu,
            memory=resource.specs.memory,
            disk=resource.specs.disk,
            networks=tuple(net.name for net in networks),
            mounts=tuple(self.mounts()),
            attached=tuple(networks),
        )

    def companions(self) -> Iterator[Companion]:
        yield from (Companion(resource=net) for net in self.networks())
        for mount in self.mounts():
            options = {ENGINE: dict(mount.options[ENGINE])} if mount.options else {}
            volume: dict[str, Any] = {"specs": Specs(disk=mount.size)} if mount.size else {}
            volume |= {"options": options} if options else {}
            yield Companion(
                resource=Resource(name=mount.volume, type=ResourceType.VOLUME, **volume)
            )

    def _cpu(self) -> int | float | None:
        limit = float(self.config.get("cpulimit") or 0)
        if "cores" not in self.config and not limit:
            return 1 if self.is_machine else None
        cores = int(self.config.get("cores") or 1) * int(self.config.get("sockets") or 1)
        wanted = limit or cores
        return int(wanted) if wanted == int(wanted) else wanted

    # ── network ──

    def networks(self) -> list[Resource]:
        """A network for each card, named after its bridge."""
        mixed = len({values.flag(card.get("firewall", 0)) for card in self.cards}) > 1
        return [self._network(card, mixed=mixed) for card in self.cards]

    def _network(self, card: Mapping[str, str], *, mixed: bool) -> Resource:
        options: Options = {"bridge": card.get("bridge", "")}
        if "mtu" in card:
            options["mtu"] = int(card["mtu"])
        if mixed:
            options["firewall"] = values.flag(card.get("firewall", 0))
        tag = card.get("tag")
        name = f"{card.get('bridge', 'net')}{f'-vlan{tag}' if tag else ''}"
        more: dict[str, Any] = {"vlan": int(tag)} if tag else {}
        return Resource(name=name, type=ResourceType.NETWORK, options={ENGINE: options}, **more)

    def _addresses(self) -> list[dict[str, str]]:
        texts = observe.address_texts(self._bare_view())
        return [values.parse(text) for text in texts]

    def _bare_view(self) -> View:
        own = Marker(stack="", address=self.name, type=TYPES[self.guest.kind], key="")
        notes = marker.Notes(marker=own, vmid=self.guest.vmid)
        return View(self.guest, Configured(self.config, self.config), notes)

    def _network_options(self) -> Options:
        addresses = self._addresses()
        if not addresses:
            return {}
        first, *others = addresses
        found: Options = {"address": _said(first, "ip")}
        found |= {"address6": first["ip6"]} if first.get("ip6", "manual") != "manual" else {}
        found |= {"gateway": first["gw"]} if "gw" in first else {}
        found |= {"gateway6": first["gw6"]} if "gw6" in first else {}
        further = [_said(props, "ip") for props in others]
        found |= {"other_addresses": further} if set(further) - {"dhcp"} else {}
        if self.cards and all(values.flag(card.get("firewall", 0)) for card in self.cards):
            found["firewall"] = True
        return found

    # ── disks ──

    def mounts(self) -> list[ResolvedMount]:
        """A container's volumes. Nobody outside knows where a machine's further disks are mounted."""
        if self.is_machine:
            return []
        return [self._mount(key) for key in _mount_keys(self.config)]

    def _mount(self, key: str) -> ResolvedMount:
        drive = _drive(self.config, key)
        size = values.size_of(drive.get("size", ""))
        options: Options = {"storage": drive["volume"].partition(":")[0]}
        if "backup" in drive:
            options["backup"] = values.flag(drive["backup"])
        return ResolvedMount(
            volume=f"{self.name[:55]}-{key}",
            path=drive.get("mp", "/"),
            read_only=values.flag(drive.get("ro", 0)),
            size=Size.of_bytes(size) if size else None,
            options={ENGINE: options},
        )

    # ── options ──

    def options(self) -> Options:
        config = self.config
        tags = [t for t in values.tags_of(config.get("tags")) if not marker.is_own_tag(t)]
        found: Options = {
            "onboot": values.flag(config.get("onboot", 0)),
            "protection": values.flag(config.get("protection", 0)) or None,
            "startup": self._startup(),
            "nameservers": str(config.get("nameserver") or "").split(),
            "search_domain": config.get("searchdomain"),
            "tags": tags,
            "pool": self.guest.pool,
            "ha": self._ha(),
            **self._network_options(),
            **(self._of_machine() if self.is_machine else self._of_container()),
        }
        return {key: value for key, value in found.items() if value not in (None, [], {}, "")}

    def _startup(self) -> Options | None:
        parts = values.parse(str(self.config.get("startup") or ""), "order")
        known = {k: int(v) for k, v in parts.items() if k in Startup.model_fields and v.isdigit()}
        return known or None

    def _ha(self) -> Options | None:
        if self.ha is None:
            return None
        found = {"state": self.ha.get("state", "started"), "group": self.ha.get("group")}
        found |= {key: self.ha.get(key) for key in ("max_restart", "max_relocate")}
        return {key: value for key, value in found.items() if value is not None}

    def _of_machine(self) -> Options:
        config = self.config
        agent = str(config.get("agent", "0"))
        balloon = str(config.get("balloon") or "0")
        sockets = int(config.get("sockets") or 1)
        boot = str(config.get("boot", ""))
        order = boot.removeprefix("order=").split(";") if boot.startswith("order=") else []
        return {
            "agent": values.flag(values.parse(agent, "enabled").get("enabled", agent)),
            "balloon": str(Size.of_bytes(int(balloon) * values.MiB)) if int(balloon) else None,
            "bios": config.get("bios"),
            "boot_order": [key for key in order if key],
            "cpu_type": values.parse(str(config.get("cpu", "")), "cputype").get("cputype"),
            "machine": values.parse(str(config.get("machine", "")), "type").get("type"),
            "sockets": sockets if sockets > 1 else None,
            "user": config.get("ciuser"),
            "ssh_keys": [*values.decode_keys(str(config.get("sshkeys", "")))],
            "disk": self._disk_options(),
        }

    def _disk_options(self) -> Options:
        found: Options = {}
        for name in DiskOptions.model_fields:
            text = self.root.get(name)
            if name == "cache" and text:
                found[name] = text
            elif text is not None and text != "ignore":
                found[name] = values.flag(text)
        return found

    def _of_container(self) -> Options:
        swap = str(self.config.get("swap") or "0")
        return {
            "unprivileged": values.flag(self.config.get("unprivileged", 0)),
            "features": self._features(),
            "swap": str(Size.of_bytes(int(swap) * values.MiB)) if int(swap) else None,
        }

    def _features(self) -> Options:
        parts = values.parse(str(self.config.get("features") or ""))
        found: Options = {
            key: values.flag(text) for key, text in parts.items() if key in Features.model_fields
        }
        if "mount" in parts:
            found["mount"] = sorted(parts["mount"].split(";"))
        return found

    # ── what can't be said ──

    def obstacle(self) -> str | None:
        """Why a blueprint can't describe it."""
        if self.guest.template or values.flag(self.config.get("template", 0)):
            return "it is a template"
        if not self.cards:
            return "it has no network card, and a blueprint's guest has one"
        bridges = [(card.get("bridge"), card.get("tag")) for card in self.cards]
        if len(set(bridges)) < len(bridges):
            return "it has two cards in one network, and a blueprint's guest has one in each"
        if None in [bridge for bridge, _ in bridges]:
            return "one of its cards is on no bridge"
        return None

    def unsaid(self) -> Iterator[str]:
        """What stays as it is, and is told."""
        if self.is_machine:
            yield "which operating system it has can't be told from outside"
            root = vms.root_of(self.config)
            for key in values.devices(self.config, values.DRIVE):
                if key != root and vms.is_disk(str(self.config[key])):
                    yield f"its disk {key} is left alone: where it is mounted can't be told from outside"
        if self._cpu() is None:
            yield "it may use every core of its node, and keeps that until the blueprint says how many"
        for key in values.devices(self.config, values.MOUNT):
            if key not in _mount_keys(self.config):
                yield f"its mount point {key} is left alone: it is a directory of its node"
        passed = sorted(key for key in self.config if key.rstrip("0123456789") in _PASSED)
        if passed:
            yield f"its devices {', '.join(passed)} are left alone"


def _said(props: Mapping[str, str], key: str) -> str:
    text = props.get(key, "manual")
    return _NO_ADDRESS if text == "manual" else text
