"""How a machine is made: cloned from a template, or created around a disk image.

A clone takes a name, notes and a pool, and everything else comes after it. So what a clone lacks is what `lifecycle`
gives to any guest that is not as it should be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.model.state import DesiredResource, Placement
from alma.engines.proxmox import marker, spec, values
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.options import options_of, volume_options
from alma.engines.proxmox.sources import Source, SourceKind

ROOT = "scsi0"
CLOUD_INIT = "ide2"
# What Proxmox's web interface takes, too: without a word, it is one on which many systems of today don't start.
CPU = "x86-64-v2-AES"


async def make(
    work: Work,
    desired: DesiredResource,
    *,
    vmid: int,
    place: Placement,
    source: Source,
    keys: tuple[str, ...],
) -> tuple[str, ...]:
    """Makes the machine; it is not complete and does not run. The warnings of the task."""
    if source.kind is SourceKind.CLONE:
        return await _clone(work, desired, vmid=vmid, place=place, source=source)
    return await _create(work, desired, vmid=vmid, place=place, source=source, keys=keys)


async def _clone(
    work: Work, desired: DesiredResource, *, vmid: int, place: Placement, source: Source
) -> tuple[str, ...]:
    """A linked clone is where its template is: Proxmox takes neither storage nor format for it."""
    node, storage = place.site["node"], place.site["storage"]
    at = source.node or node
    data: dict[str, Any] = {
        "newid": vmid,
        "name": work.name,
        "description": marker.write(work.notes(desired, vmid, disks={}, unfinished=True)),
        "full": int(not source.linked),
        **({} if source.linked else {"storage": storage}),
        **({"target": node} if at != node else {}),
    }
    if pool := options_of(desired).pool or work.defaults.pool:
        data["pool"] = pool
    result = await work.session.api.run(
        "POST",
        f"/nodes/{at}/qemu/{source.vmid}/clone",
        data,
        doing=f"Cloning machine {work.address} from template {source.vmid}",
        node=at,
        storage=source.storage if source.linked else storage,
        source=source.vmid,
        log=work.log,
    )
    return result.warnings


async def _create(
    work: Work,
    desired: DesiredResource,
    *,
    vmid: int,
    place: Placement,
    source: Source,
    keys: tuple[str, ...],
) -> tuple[str, ...]:
    node, storage = place.site["node"], place.site["storage"]
    options = options_of(desired)
    disks = {marker.ROOT: ROOT}
    image = {"volume": f"{storage}:0", "import-from": source.volume, **spec.drive(None, desired)}
    notes = work.notes(desired, vmid, disks=disks, unfinished=True)
    data: dict[str, Any] = {
        "vmid": vmid,
        "name": work.name,
        "description": marker.write(notes),
        **work.tags_at_once(desired),
        "ostype": "l26",
        "cpu": CPU,
        "scsihw": "virtio-scsi-single",
        # Cloud images write their log there, and some don't boot without.
        "serial0": "socket",
        "boot": f"order={ROOT}",
        ROOT: values.join(image, "volume"),
        CLOUD_INIT: f"{storage}:cloudinit",
        **spec.config_of(desired, work.defaults),
        **cloud_init(desired, keys),
    }
    data.pop("protection", None)
    if options.bios == "ovmf":
        data["efidisk0"] = f"{storage}:1,efitype=4m"
    if pool := options.pool or work.defaults.pool:
        data["pool"] = pool
    result = await work.session.api.run(
        "POST",
        f"/nodes/{node}/qemu",
        data,
        doing=f"Creating machine {work.address} from {source.volume}",
        node=node,
        storage=storage,
        log=work.log,
    )
    return result.warnings


# ── what is in it ────────────────────────────────────────────────────────────────────────────────


def cloud_init(desired: DesiredResource, keys: tuple[str, ...]) -> dict[str, str]:
    """What cloud-init is told beside addresses: who may get in."""
    return {"sshkeys": values.encode_keys(keys)} if keys else {}


def root_of(config: Mapping[str, Any]) -> str | None:
    """The disk it boots from: the first in its boot order, else the first there is."""
    order = str(config.get("boot", "")).partition("order=")[2].split(";")
    disks = [key for key in values.devices(config, values.DRIVE) if is_disk(str(config[key]))]
    return next((key for key in order if key in disks), disks[0] if disks else None)


def is_disk(text: str) -> bool:
    """Whether a drive holds data, and is no CD, no cloud-init and no firmware."""
    props = values.parse(text, "volume")
    return props.get("media") != "cdrom" and "cloudinit" not in props.get("volume", "")


def has_cloud_init(config: Mapping[str, Any]) -> bool:
    """Whether there is a drive by which it learns its addresses and keys."""
    return any("cloudinit" in str(config[key]) for key in values.devices(config, values.DRIVE))


def cloud_init_drive(config: Mapping[str, Any], storage: str) -> dict[str, str]:
    """Such a drive, where there is room for one."""
    free = next((key for key in (CLOUD_INIT, "ide0", "ide1", "ide3") if key not in config), None)
    return {free: f"{storage}:cloudinit"} if free else {}


def disks_of(
    desired: DesiredResource, config: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, str]:
    """The device of each volume: the one it has, else the next free one."""
    disks = dict(known)
    if (root := root_of(config)) is not None:
        disks.setdefault(marker.ROOT, root)
    free = (f"scsi{number}" for number in range(1, 31))
    for mount in desired.mounts:
        if mount.volume not in disks:
            taken = {*config, *disks.values()}
            disks[mount.volume] = next(key for key in free if key not in taken)
    wanted = {marker.ROOT, *(mount.volume for mount in desired.mounts)}
    return {volume: key for volume, key in disks.items() if volume in wanted}


def new_disks(
    desired: DesiredResource, config: Mapping[str, Any], disks: Mapping[str, str], storage: str
) -> dict[str, str]:
    """The disks of volumes that are still to be made."""
    found = {}
    for mount in desired.mounts:
        if (key := disks[mount.volume]) not in config:
            at = volume_options(mount).storage or storage
            volume = {"volume": f"{at}:{spec.volume_size(mount)}", **spec.drive(mount, desired)}
            found[key] = values.join(volume, "volume")
    return found


def storage_of(config: Mapping[str, Any]) -> str | None:
    """Where its first disk is."""
    root = root_of(config)
    return str(config[root]).partition(":")[0] if root else None
