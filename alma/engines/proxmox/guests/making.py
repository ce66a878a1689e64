"""Makes one new guest, and no second one: whatever happens, a repeat finds what there is.

The number is chosen and kept before the call. When the reply is lost, the next attempt uses the same number again, and
either takes it over or hears that the guest exists. A number that somebody else took meanwhile is given up for another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alma.core.model.errors import ChangeRejected, EngineError, OutcomeUnknown
from alma.core.model.state import DesiredResource, Placement
from alma.engines.base import until
from alma.engines.proxmox import images, look
from alma.engines.proxmox.client.errors import Exists, Missing, Refused
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.guests import containers, removal, setup, vms
from alma.engines.proxmox.guests.work import VMID, Work
from alma.engines.proxmox.options import Kind, kind_of, options_of
from alma.engines.proxmox.sources import Source
from alma.engines.proxmox.view import View

_ATTEMPTS = 50
_KINDS: Mapping[Kind, GuestKind] = {Kind.VM: GuestKind.QEMU, Kind.LXC: GuestKind.LXC}


@dataclass(frozen=True)
class Made:
    """A new guest, or one that an earlier attempt made after all."""

    guest: Guest
    storage: str | None = None
    adopted: bool = False
    warnings: Sequence[str] = ()


@dataclass(frozen=True)
class Ready:
    """Everything that can fail before anything is made."""

    place: Placement
    source: Source
    keys: tuple[str, ...]


async def ready(work: Work, desired: DesiredResource, secrets: Mapping[str, str]) -> Ready:
    """Where it goes and what it is made from, which is there then."""
    place = desired.placement
    if place is None or "storage" not in place.site:  # it was there when the plan was made
        place = await work.place(desired, work.stack)
    source = await _source(work, desired, place)
    return Ready(place, source, setup.public_keys(work, desired, secrets))


async def _source(work: Work, desired: DesiredResource, place: Placement) -> Source:
    node, options = place.site["node"], options_of(desired)
    placed = desired.model_copy(update={"placement": place})

    async def ask() -> Source:
        return await images.template_for(
            work.session.api,
            await work.session.cluster(),
            placed,
            options=options,
            node=node,
            storage=place.site.get("image_storage"),
            log=work.log,
        )

    text = place.site.get("source", "")
    if text.isdigit():
        return await work.session.template((node, text, bool(options.linked_clone)), ask)
    return await ask()


async def make(work: Work, desired: DesiredResource, prepared: Ready) -> Made:
    """Makes the guest under a number of its own. What fails leaves nothing behind, or says what it left."""
    used = set((await work.session.cluster()).vmids)
    vmids = work.session.memory.vmids
    kept, storage = work.kept_vmid, prepared.place.site.get("storage")
    for _ in range(_ATTEMPTS):
        if kept is not None and kept not in used:
            vmid = kept
            vmids.hold(vmid)
        else:
            vmid = vmids.take(used, whom=work.address)
            await work.context.keep(VMID, str(vmid))
        work.session.memory.owners[vmid] = (work.stack.id, work.address)
        guest = _guest(work, desired, prepared.place, vmid)
        try:
            warnings = await _call(work, desired, prepared, guest)
        except Exists:
            # A number that was never ours before: whoever makes a guest under it is somebody else.
            if found := await own(work, guest, wait=vmid == kept):
                return Made(found.guest, storage, adopted=True)
            used.add(vmid)
            work.session.memory.owners.pop(vmid, None)
            continue
        except OutcomeUnknown:
            work.session.memory.made(work.stack.id, work.address, guest=guest)
            raise
        except EngineError as error:
            begun = isinstance(error, Refused) and error.upid is not None
            raise await removal.take_back(
                work, guest, error, storage=storage, begun=begun
            ) from error
        work.session.memory.made(work.stack.id, work.address, guest=guest)
        return Made(guest, storage, warnings=warnings)
    raise ChangeRejected(
        f"{work.address}: {_ATTEMPTS} VMIDs in a row were taken by others",
        hint="give ALMA a range of its own (vmid_first, vmid_last) in the engine's settings",
    )


async def _call(
    work: Work, desired: DesiredResource, prepared: Ready, guest: Guest
) -> tuple[str, ...]:
    place, source, keys = prepared.place, prepared.source, prepared.keys
    make = containers.make if guest.kind is GuestKind.LXC else vms.make
    return await make(work, desired, vmid=guest.vmid, place=place, source=source, keys=keys)


def _guest(work: Work, desired: DesiredResource, place: Placement, vmid: int) -> Guest:
    """The new guest as a listing will have it."""
    return Guest(
        vmid=vmid,
        kind=_KINDS[kind_of(desired)],
        node=place.site["node"],
        name=work.name,
        status="stopped",
        tags=tuple(work.tags(desired).split(";")),
        pool=options_of(desired).pool or work.defaults.pool,
    )


async def own(work: Work, guest: Guest, *, wait: bool = True) -> View | None:
    """The guest under a number that this change chose, if it is this change's. With `wait`, another attempt may still
    be making it, and its notes are there when that is done."""
    listed = (await work.session.cluster_now()).guest(guest.vmid)
    if listed is None:
        return None
    if wait and listed.lock in look.BEING_MADE:
        await _made(work, listed)
        listed = (await work.session.cluster_now()).guest(guest.vmid) or listed
    found = await look.one(work.session, work.stack, listed)
    return found if found and found.notes.marker.key == work.key else None


async def settled(work: Work, view: View) -> View | None:
    """The guest when nobody makes it any more; None when it is gone then. Until then its configuration is not the one
    it will have, and nobody may change it."""
    if look.BEING_MADE.isdisjoint({view.guest.lock, view.config.get("lock")}):
        return view
    await _made(work, view.guest)
    return await look.one(work.session, work.stack, view.guest)


async def _made(work: Work, guest: Guest) -> None:
    """Waits until nobody makes the guest any more. Raises OutcomeUnknown when that takes too long: what will be there
    can't be told, and another one must not be made beside it."""
    work.log(f"Guest {guest.vmid} is still being made: waiting for it")

    async def probe() -> bool | None:
        try:
            config = await work.session.api.get(f"{guest.path}/config")
        except Missing:
            return True
        return config.get("lock") not in look.BEING_MADE or None

    settings = work.session.settings
    least, most = settings.poll_least, settings.poll_most
    if await until(probe, within=settings.task_timeout, every=least, at_most=most):
        return
    work.session.memory.made(work.stack.id, work.address, guest=guest)
    raise OutcomeUnknown(
        f"{work.address}: guest {guest.vmid} on {guest.node} is still being made after {settings.task_timeout:g} s",
        hint=f"look at the task list of {guest.node}: wait for the task; if there is none any more, remove the guest",
    )
