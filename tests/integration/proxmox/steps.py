"""What several tests of the client say: a container to make, and time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from alma.engines.proxmox.client import Api
from alma.engines.proxmox.settings import ProxmoxSettings

LXC = "/nodes/pve1/lxc"
IN_BACKGROUND = 0.0001  # a time scale at which tasks outlive the call that starts them


class Time:
    """Time that passes only when somebody waits. `then` is called after each pause with the number of pauses."""

    def __init__(self, then: Callable[[int], object] = lambda _: None) -> None:
        self.now = 1000.0
        self.pauses: list[float] = []
        self._then = then

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds
        self._then(len(self.pauses))
        await asyncio.sleep(0)

    def api(self, settings: ProxmoxSettings) -> Api:
        """With pauses as they are in earnest."""
        pauses = {"poll_least": 0.05, "poll_most": 2}
        return Api(settings.model_copy(update=pauses), sleep=self.sleep, clock=self.clock)


def container(vmid: int) -> dict[str, Any]:
    return {
        "vmid": vmid,
        "hostname": f"ct{vmid}",
        "ostemplate": "local:vztmpl/alpine.tar.xz",
        "rootfs": "local-lvm:1",
    }
