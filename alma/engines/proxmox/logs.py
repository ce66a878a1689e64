"""What the cluster wrote down of a guest: the tasks that made, changed, started and stopped it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alma.engines.proxmox.client.errors import Missing
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.session import Session

_TASKS = 5


async def of_guest(session: Session, vmid: int, *, lines: int) -> Sequence[str]:
    """The last lines of its latest tasks, oldest first, each task under a heading. Nothing of a guest that is gone."""
    guest = (await session.cluster()).guest(vmid)
    if guest is None:
        return ()
    path = f"/nodes/{guest.node}/tasks"
    tasks = await session.api.get(path, vmid=vmid, limit=_TASKS) or ()
    found: list[str] = []
    for task in tasks:  # the newest first
        found = [*await _log(session, guest, task), *found]
        if len(found) >= lines:
            break
    return found[-lines:]


async def _log(session: Session, guest: Guest, task: dict[str, Any]) -> list[str]:
    heading = f"── {task.get('type')}: {task.get('status') or 'running'}"
    try:
        entries = await session.api.get(f"/nodes/{guest.node}/tasks/{task['upid']}/log", limit=500)
    except Missing:
        return [heading]
    return [heading, *(str(entry.get("t", "")) for entry in entries or ())]
