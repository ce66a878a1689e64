"""A Proxmox VE cluster whose guests are inhabited: each has a real system behind its address, in a container.

The API is an imitation's; what ALMA does inside guests (SSH, packages, services, health checks) happens for real.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fakepve.certs import make_cert

from tests.integration.proxmox.guests import Yard
from tests.integration.proxmox.world import TOKEN, Pve

GIB = 1024**3
TEMPLATE = 9000
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")


class Inhabited(Pve):
    """A guest that runs is moved into when its addresses are first asked for, with the key it was given."""

    def __init__(self, yard: Yard, **options: Any) -> None:
        super().__init__(**options)
        self._yard = yard
        self._keys: dict[int, str] = {}
        self._homes: dict[int, asyncio.Task[str]] = {}
        self.store_file(
            "local", "debian-12-standard_12.12-1_amd64.tar.zst", 100 * 1024**2, content="vztmpl"
        )
        self.node("pve1", memory=64)
        self._add_template()

    def _add_template(self) -> None:
        disk = f"base-{TEMPLATE}-disk-0"
        config = {
            "scsi0": f"local-lvm:{disk},size=2G",
            "ide2": "local-lvm:cloudinit,media=cdrom",
            "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
            "boot": "order=scsi0",
            "template": 1,
        }
        self.add_vm(TEMPLATE, "debian-12", config=config, template=True)
        volumes = self.storages["local-lvm"].setdefault("volumes", {})
        volumes[disk] = {"content": "images", "size": 2 * GIB, "vmid": TEMPLATE, "format": "raw"}

    async def address(self, guest: Any) -> str:
        """Where the system of a guest is reached; it is set up the first time."""
        if guest.vmid not in self._homes:
            key = self._keys.get(guest.vmid) or unquote(str(guest.config.get("sshkeys", "")))
            move_in = asyncio.to_thread(self._yard.guest, f"of-{guest.vmid}", key=key.strip())
            self._homes[guest.vmid] = asyncio.create_task(self._moved_in(move_in))
        return await self._homes[guest.vmid]

    async def _moved_in(self, move_in: Any) -> str:
        return str((await move_in).address)

    async def _lxc_create(self, user: str, v: Any) -> Any:
        self._keys[int(v["vmid"])] = str(v.get("ssh-public-keys", ""))
        return await super()._lxc_create(user, v)

    async def _lxc_interfaces(self, user: str, v: Any) -> Any:
        guest = self.ct(int(v["vmid"]))
        return [await self._interface(guest)] if guest.status == "running" else []

    async def _agent_call(self, match: Any, values: Any) -> Any:
        guest = self.vm(int(values["vmid"]))
        if guest.status == "running":
            guest.agent = {"interfaces": [await self._interface(guest)]}
        return await super()._agent_call(match, values)

    async def _interface(self, guest: Any) -> dict[str, Any]:
        found = _MAC.search(str(guest.config.get("net0", "")))
        address = {"ip-address-type": "ipv4", "ip-address": await self.address(guest), "prefix": 16}
        mac = found[0].lower() if found else ""
        return {
            "name": "eth0",
            "hwaddr": mac,
            "hardware-address": mac,
            "ip-addresses": [address],
        }

    def names(self) -> dict[str, str]:
        """What each guest that is no template is called, and where it is."""
        homes = {vmid: task.result() for vmid, task in self._homes.items() if task.done()}
        there = [g for g in (*self.vms, *self.cts) if g.vmid != TEMPLATE]
        return {
            str(g.config.get("name") or g.config.get("hostname")): homes.get(g.vmid, "")
            for g in there
        }


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[Inhabited, dict[str, str]]]:
    """Such a cluster, and the settings with which ALMA reaches it."""
    folder.mkdir(parents=True, exist_ok=True)
    yard = Yard(folder)
    try:
        with reachable(folder, pve := Inhabited(yard, host="127.0.0.1", port=0)) as settings:
            yield pve, settings
    finally:
        yard.close()


@contextmanager
def reachable(folder: Path, pve: Pve) -> Iterator[dict[str, str]]:
    """Runs a cluster in a thread of its own; the settings with which ALMA reaches it."""
    folder.mkdir(parents=True, exist_ok=True)
    cert, key, _ = make_cert(str(folder), name="pve1", hosts=("127.0.0.1",))
    loop, started = asyncio.new_event_loop(), threading.Event()

    async def start() -> None:
        await pve.start(cert, key)
        started.set()

    thread = threading.Thread(target=_run, args=(loop, start), daemon=True)
    thread.start()
    assert started.wait(30)
    try:
        yield {
            "ALMA_PROXMOX_URLS": pve.url,
            "ALMA_PROXMOX_TOKEN": TOKEN,
            "ALMA_PROXMOX_CA_FILE": cert,
        }
    finally:
        asyncio.run_coroutine_threadsafe(pve.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def _run(loop: asyncio.AbstractEventLoop, start: Any) -> None:
    loop.run_until_complete(start())
    loop.run_forever()
