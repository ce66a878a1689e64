"""Starting and stopping guests, and waiting until it is so.

Where the cluster's HA stack runs a guest, start and stop are requests: the task ends at once and the HA manager acts
some seconds later. So the guest's own state is asked until it is the one wanted.
"""

from __future__ import annotations

from alma.core.model.errors import EngineError
from alma.engines.base import until
from alma.engines.proxmox.client.errors import Missing, NodeOffline, Refused
from alma.engines.proxmox.client.tasks import Log
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.session import Session

HA_SECONDS = 180.0


async def state(session: Session, guest: Guest) -> str | None:
    """`running` or `stopped`, asked of its node now; None when it is gone."""
    try:
        found = await session.api.get(f"{guest.path}/status/current")
    except Missing:
        return None
    return str(found.get("status") or "unknown")


async def start(
    session: Session, guest: Guest, *, name: str, log: Log | None = None
) -> tuple[str, ...]:
    """Starts a guest and returns when it runs, with the warnings of the task. One that runs already is fine."""
    doing = f"Starting {name}"
    try:
        result = await session.api.run("POST", f"{guest.path}/status/start", doing=doing, log=log)
    except Refused as error:
        if "already running" not in error.reason:
            raise
        return ()
    if guest.ha_state is not None:
        await _settled(session, guest, "running", name=name)
    return result.warnings


async def stop(session: Session, guest: Guest, *, name: str, log: Log | None = None) -> None:
    """Shuts a guest down; one that has not gone after `stop_timeout` seconds is switched off. One that does not run is
    fine."""
    seconds = session.settings.stop_timeout
    path = f"{guest.path}/status"
    try:
        await session.api.run(
            "POST", f"{path}/shutdown", {"timeout": seconds}, doing=f"Shutting {name} down", log=log
        )
    except Refused as error:
        if _not_running(error):
            return
        if log:
            log(f"{name} does not shut down in {seconds} s: switching it off")
        await _switch_off(session, guest, name=name, log=log)
    if guest.ha_state is not None:
        await _settled(session, guest, "stopped", name=name)


async def _switch_off(session: Session, guest: Guest, *, name: str, log: Log | None) -> None:
    doing = f"Switching {name} off"
    try:
        await session.api.run("POST", f"{guest.path}/status/stop", doing=doing, log=log)
    except Refused as error:
        if not _not_running(error):
            raise


def _not_running(error: Refused) -> bool:
    return isinstance(error, Missing) or "not running" in error.reason


async def _settled(session: Session, guest: Guest, wanted: str, *, name: str) -> None:
    async def probe() -> bool | None:
        try:
            return await state(session, guest) == wanted or None
        except NodeOffline:  # the HA manager may be moving it
            return None

    least, most = session.settings.poll_least, session.settings.poll_most
    if not await until(probe, within=HA_SECONDS, every=least, at_most=most):
        raise EngineError(
            f"{name} was requested to be {wanted}, and the HA stack has not done it in {HA_SECONDS:g} s",
            hint="see `ha-manager status` on a node; an HA resource in state error has to be disabled first",
        )
