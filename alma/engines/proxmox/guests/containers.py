"""How a container is made: one call, with everything that is known before it exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.core.model.state import DesiredResource, Placement
from alma.engines.proxmox import marker, spec, values
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.options import options_of, volume_options
from alma.engines.proxmox.sources import Source

DEFAULT_ROOT = 8  # GiB


def disks_of(
    desired: DesiredResource, config: Mapping[str, Any], known: Mapping[str, str]
) -> dict[str, str]:
    """The device of each volume: the one it has, else the next free one."""
    disks = {marker.ROOT: spec.ROOT}
    free = (f"mp{number}" for number in range(256))
    wanted = [mount.volume for mount in desired.mounts]
    disks |= {volume: key for volume, key in known.items() if volume in wanted}
    for volume in wanted:
        if volume not in disks:
            taken = {*config, *known.values(), *disks.values()}
            disks[volume] = next(key for key in free if key not in taken)
    return disks


def new_mounts(
    desired: DesiredResource, config: Mapping[str, Any], disks: Mapping[str, str], storage: str
) -> dict[str, str]:
    """The mount points of volumes that are still to be made, and those that changed."""
    found = {}
    for mount in desired.mounts:
        key = disks[mount.volume]
        at = volume_options(mount).storage or storage
        there = values.parse(str(config.get(key, "")), "volume")
        volume = there.get("volume") or f"{at}:{spec.volume_size(mount)}"
        wanted = spec.mount_point(mount, volume)
        now = {name: value for name, value in there.items() if name != "size"}
        if values.parse(wanted, "volume") != now:
            size = {"size": there["size"]} if "size" in there else {}
            found[key] = values.join({**values.parse(wanted, "volume"), **size}, "volume")
    return found


async def make(
    work: Work,
    desired: DesiredResource,
    *,
    vmid: int,
    place: Placement,
    source: Source,
    keys: tuple[str, ...],
) -> tuple[str, ...]:
    """Makes the container, which does not run then: that is a call of its own, since Proxmox ends the task of making
    one before it starts it, and says nothing of a start that fails. The warnings of the task."""
    node, storage = place.site["node"], place.site["storage"]
    disks = disks_of(desired, {}, {})
    options = options_of(desired)
    notes = work.notes(desired, vmid, disks=disks, unfinished=work.needs_setup(desired))
    data: dict[str, Any] = {
        "vmid": vmid,
        "ostemplate": source.volume,
        "hostname": work.name,
        "description": marker.write(notes),
        **work.tags_at_once(desired),
        "unprivileged": int(options.unprivileged),
        "rootfs": f"{storage}:{spec.root_size(desired) or DEFAULT_ROOT}",
        **spec.config_of(desired, work.defaults),
        **new_mounts(desired, {}, disks, storage),
    }
    # Proxmox refuses to touch the disks of a protected guest: it is protected when it is complete.
    data.pop("protection", None)
    if keys:
        data["ssh-public-keys"] = "\n".join(keys)
    if pool := options.pool or work.defaults.pool:
        data["pool"] = pool
    result = await work.session.api.run(
        "POST",
        f"/nodes/{node}/lxc",
        data,
        doing=f"Creating container {work.address}",
        node=node,
        storage=storage,
        log=work.log,
    )
    return result.warnings
