"""Hands a guest to the cluster's HA stack, or takes it back."""

from __future__ import annotations

from alma.engines.proxmox.client.errors import Exists, Missing, Refused
from alma.engines.proxmox.cluster import Guest, GuestKind
from alma.engines.proxmox.options import HighAvailability
from alma.engines.proxmox.session import Session

RESOURCES = "/cluster/ha/resources"


def sid(guest: Guest) -> str:
    """What the HA stack calls a guest."""
    return f"{'vm' if guest.kind is GuestKind.QEMU else 'ct'}:{guest.vmid}"


async def give(session: Session, guest: Guest, wanted: HighAvailability, *, name: str) -> Guest:
    """The HA stack runs the guest from now on, as it is wanted."""
    doing = f"Handing {name} to the HA stack"
    data = wanted.model_dump(exclude_none=True)
    try:
        await session.api.post(RESOURCES, {"sid": sid(guest), **data}, doing=doing)
    except Exists:
        await session.api.put(f"{RESOURCES}/{sid(guest)}", data, doing=doing)
    return guest.model_copy(update={"ha_state": guest.ha_state or wanted.state})


async def take(session: Session, guest: Guest, *, name: str) -> Guest:
    """The HA stack has no more to do with the guest, which goes on as it is."""
    doing = f"Taking {name} from the HA stack"
    try:
        await session.api.delete(f"{RESOURCES}/{sid(guest)}", doing=doing)
    except Refused as error:
        if not isinstance(error, Missing) and "not HA managed" not in error.reason:
            raise
    return guest.model_copy(update={"ha_state": None})
