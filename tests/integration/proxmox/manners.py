"""How guests of a Proxmox VE cluster behave where fakepve does nothing: HA resources, disks made from images. And a way
to do something just before a call is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from aiohttp import web
from fakepve import PveError
from fakepve.lxc import format_size
from fakepve.qemu import DRIVE_KEY, join_drive, split_drive, volume_ref

CLOUD_INIT = re.compile(r"^(ci\w+|ipconfig\d+|nameserver|searchdomain|sshkeys)$")


class Manners:
    """Mixed into fakepve."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._meddling: list[tuple[str, str, Callable[[], None]]] = []

    # ── meddling ──

    def meddle(self, method: str, suffix: str, do: Callable[[], None]) -> None:
        """Does something once, just before the next call whose path ends so: what others do meanwhile."""
        self._meddling.append((method, suffix, do))

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        for entry in [*self._meddling]:
            method, suffix, do = entry
            if request.method == method and request.path.endswith(suffix):
                self._meddling.remove(entry)
                do()
        pve: Any = super()
        answer: web.StreamResponse = await pve._middleware(request, handler)
        return answer

    # ── tags ──

    async def _lxc_create(self, user: str, v: Any) -> Any:
        self._may_tag(user, v)
        pve: Any = super()
        return await pve._lxc_create(user, v)

    async def _qm_create(self, v: Any, user: str) -> Any:
        self._may_tag(user, v)
        pve: Any = super()
        return await pve._qm_create(v, user)

    def _may_tag(self, user: str, v: Any) -> None:
        """PVE asks for it on the guest alone, whatever pool the guest is going to be in."""
        if v.get("tags"):
            here: Any = self
            here.require(user, f"/vms/{v['vmid']}", "VM.Config.Options")

    # ── HA ──

    def _routes_manners(self) -> list[tuple[str, str, Any]]:
        return [
            ("POST", "/cluster/ha/resources", self._ha_add),
            ("PUT", "/cluster/ha/resources/{sid}", self._ha_set),
            ("DELETE", "/cluster/ha/resources/{sid}", self._ha_remove),
        ]

    def _managed(self, sid: str) -> Any:
        pve: Any = self
        guest = pve.guest(int(sid.partition(":")[2]))
        if guest is None:
            raise PveError(500, f"resource {sid} does not exist")
        return guest

    async def _ha_add(self, v: Any, user: str) -> None:
        guest = self._managed(v["sid"])
        if guest.ha_state is not None:
            raise PveError(500, f"resource ID '{v['sid']}' already defined")
        guest.ha_state = v.get("state") or "started"

    async def _ha_set(self, v: Any, user: str) -> None:
        self._managed(v["sid"]).ha_state = v.get("state") or "started"

    async def _ha_remove(self, v: Any, user: str) -> None:
        guest = self._managed(v["sid"])
        if guest.ha_state is None:
            raise PveError(500, f"cannot delete service '{v['sid']}', not HA managed!")
        guest.ha_state = None

    # ── disks from images ──

    def _qm_new_drive(self, vmid: int, key: str, value: Any, default: Any) -> Any:
        volume, props = split_drive(value)
        source = props.pop("import-from", None)
        pve: Any = super()
        if source is None:
            return pve._qm_new_drive(vmid, key, value, default)
        here: Any = self
        storage, name = volume_ref(source)
        image = here.storages.get(storage, {}).get("volumes", {}).get(name)
        if image is None:
            raise PveError(500, f"volume {source} does not exist")
        target = volume_ref(volume)[0] or default
        volid, _ = here._qm_alloc(target, vmid, None, image["size"])
        return join_drive(volid, {**props, "size": format_size(image["size"])}), [volid]

    async def _apply_config(self, vm: Any, user: str, p: dict[str, Any]) -> None:
        """fakepve makes the disks of a new machine, but none of one that is there; PVE does."""
        here: Any = self
        pve: Any = super()
        made = {
            key: here._qm_new_drive(vm.vmid, key, value, None)[0]
            for key, value in p.items()
            if DRIVE_KEY.match(key) and key not in vm.config
        }
        await pve._apply_config(vm, user, p | made)
        for key in made:  # a disk is plugged in at once
            vm.config[key] = vm.pending.pop(key, vm.config.get(key))
        for key in [key for key in vm.pending if CLOUD_INIT.match(key)]:
            # What cloud-init is told waits for nothing; when the guest hears of it is another matter.
            value = vm.pending.pop(key)
            vm.config.pop(key, None) if value is None else vm.config.update({key: value})
