"""Takes guests away: only ALMA's own, never a protected one, and never more of a storage than belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from alma.core.model.errors import ChangeRejected, EngineError
from alma.engines.proxmox import look, values
from alma.engines.proxmox.client.errors import Missing
from alma.engines.proxmox.client.tasks import Log
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.guests import power, setup
from alma.engines.proxmox.guests.work import Work
from alma.engines.proxmox.session import Session
from alma.engines.proxmox.view import View


def require_free(views: Iterable[View]) -> None:
    """Raises ChangeRejected when one of them is protected: before anything is shut down."""
    for view in views:
        if values.flag(view.config.get("protection", 0)):
            name, guest = view.notes.marker.address, view.guest
            raise ChangeRejected(
                f"{name} (guest {guest.vmid} on {guest.node}) is protected: it is neither removed nor replaced",
                hint="switch its protection off first (options.proxmox.protection, or Options of the guest)",
            )


async def remove(session: Session, view: View, *, log: Log | None = None) -> None:
    """Shuts a guest down, switches it off if it does not go, and destroys it with its disks."""
    own, guest = view.notes.marker, view.guest
    running = await power.state(session, guest)
    if running is None:
        _forget(session, view)
        return
    if running == "running":
        await power.stop(session, guest, name=own.address, log=log)
    await destroy(session, guest, name=own.address, log=log)
    _forget(session, view)
    await setup.forget_keys(session, view)


async def destroy(session: Session, guest: Guest, *, name: str, log: Log | None = None) -> None:
    """Destroys a guest that does not run. It goes from backup jobs, replication and HA as well; disks that its
    configuration does not mention go only when the settings say so."""
    unreferenced = int(session.settings.discard_unreferenced_disks)
    with suppress(Missing):
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
    work: Work, guest: Guest, error: EngineError, *, storage: str | None = None
) -> EngineError:
    """Removes what a failed attempt has made, if it is this change's own, and returns the error with what is left."""
    left: Sequence[str] = ()
    try:
        found = await look.one(work.session, work.stack, guest)
        if found is not None and found.notes.marker.key == work.key:
            work.log(f"Removing guest {guest.vmid}, which could not be completed")
            await remove(work.session, found, log=work.log)
        else:
            work.session.memory.vmids.give_back(guest.vmid)
        left = await _volumes(work, guest, storage)
    except EngineError as second:
        left = (f"guest {guest.vmid} on {guest.node} ({second.message})",)
    if left:
        told = f"left behind: {', '.join(left)}"
        work.log(f"{work.address}: {told}")
        error.hint = f"{error.hint}; {told}" if error.hint else told
        error.details["left_behind"] = [*left]
    return error


async def _volumes(work: Work, guest: Guest, storage: str | None) -> Sequence[str]:
    """The volumes under the guest's number that are still there, though it is not."""
    if storage is None:
        return ()
    path = f"/nodes/{guest.node}/storage/{storage}/content"
    entries = await work.session.api.get(path, vmid=guest.vmid) or ()
    return [str(e["volid"]) for e in entries if int(e.get("vmid") or 0) == guest.vmid]
