"""Takes guests away: only ALMA's own, never a protected one, and never more of a storage than belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from alma.core.model.errors import ChangeRejected, EngineError, OutcomeUnknown
from alma.engines.proxmox import look, spec, values
from alma.engines.proxmox.client.errors import Missing
from alma.engines.proxmox.client.tasks import Log
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.guests import power, setup
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import View

_DISK = re.compile(rf"{values.DRIVE.pattern}|{values.MOUNT.pattern}|unused\d+$")


def require_free(views: Iterable[View]) -> None:
    """Raises ChangeRejected when one of them is protected: before anything is shut down."""
    for view in views:
        if values.flag(view.config.get("protection", 0)):
            name, guest = view.notes.marker.address, view.guest
            raise ChangeRejected(
                f"{name} (guest {guest.vmid} on {guest.node}) is protected: it is neither removed nor replaced",
                hint="switch its protection off first (options.proxmox.protection, or Options of the guest)",
            )


async def remove(session: Session, view: View, *, log: Log | None = None) -> Sequence[str]:
    """Shuts a guest down, switches it off if it does not go, and destroys it with its disks: on whichever node it is by
    then. Returns the volumes under its number that are still there, as far as they can be seen."""
    own, there = view.notes.marker, view
    while not await _removed(session, there.guest, name=own.address, log=log):
        moved = await look.moved(session, there)
        if moved is None:
            break
        there = moved
    _forget(session, view)
    await setup.forget_keys(session, view)
    with suppress(EngineError):
        return await _volumes(session, there.guest, _storages(view.config))
    return ()


async def _removed(session: Session, guest: Guest, *, name: str, log: Log | None) -> bool:
    """Whether it was there, and is not any more."""
    running = await power.state(session, guest)
    if running is None:
        return False
    if running == "running":
        await power.stop(session, guest, name=name, log=log)
    try:
        await _destroy(session, guest, name=name, log=log)
    except Missing as error:
        if not error.is_guest:
            raise
        return False
    return True


async def _destroy(session: Session, guest: Guest, *, name: str, log: Log | None = None) -> None:
    """Destroys a guest that does not run. It goes from backup jobs, replication and HA as well; disks that its
    configuration does not mention go only when the settings say so."""
    unreferenced = int(session.settings.discard_unreferenced_disks)
    await session.api.run(
        "DELETE",
        guest.path,
        {"purge": 1, "destroy-unreferenced-disks": unreferenced},
        doing=f"Destroying {name}",
        log=log,
        strict=True,
    )


def _forget(session: Session, view: View) -> None:
    own = view.notes.marker
    session.memory.gone(own.stack, own.address, vmid=view.guest.vmid)


async def take_back(
    work: Work,
    guest: Guest,
    error: EngineError,
    *,
    storage: str | None = None,
    begun: bool = True,
) -> EngineError:
    """Removes what a failed attempt has made, if it is this change's own, and returns the error with what is left.
    `begun`: something was made, or may have been."""
    left: Sequence[str] = ()
    try:
        left = await _taken_back(work, guest, storage)
    except EngineError as second:
        if begun:
            left = (f"guest {guest.vmid} on {guest.node} ({second.message})",)
    if left:
        told = f"left behind: {', '.join(left)}"
        work.log(f"{work.address}: {told}")
        error.hint = f"{error.hint}; {told}" if error.hint else told
        error.details["left_behind"] = [*left]
    return error


async def _taken_back(work: Work, guest: Guest, storage: str | None) -> Sequence[str]:
    """The volumes that are left."""
    session, memory = work.session, work.session.memory
    found = await look.one(session, work.stack, guest)
    if found is None or found.notes.marker.key != work.key:
        memory.vmids.give_back(guest.vmid)
        memory.owners.pop(guest.vmid, None)
        return await _volumes(session, guest, {storage} if storage else ())
    work.log(f"Removing guest {guest.vmid}, which could not be completed")
    try:
        return await remove(session, found, log=work.log)
    except OutcomeUnknown:
        if await look.one(session, work.stack, guest) is None:
            return ()
        return await remove(session, found, log=work.log)


def _storages(config: Mapping[str, Any]) -> set[str]:
    """Where its disks are."""
    keys = [key for key in config if key == spec.ROOT or _DISK.match(key)]
    volumes = [values.parse(str(config[key]), "volume").get("volume", "") for key in keys]
    return {volume.partition(":")[0] for volume in volumes if ":" in volume}


async def _volumes(session: Session, guest: Guest, storages: Iterable[str]) -> Sequence[str]:
    """The volumes under the guest's number that are still there, though it is not."""
    found: list[str] = []
    for storage in sorted(storages):
        path = f"/nodes/{guest.node}/storage/{storage}/content"
        entries = await session.api.get(path, vmid=guest.vmid) or ()
        found += [str(e["volid"]) for e in entries if int(e.get("vmid") or 0) == guest.vmid]
    return found
