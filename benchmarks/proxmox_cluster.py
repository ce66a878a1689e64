"""A Proxmox VE cluster in a process of its own, played by fakepve, that counts what it is asked.

    python -m benchmarks.proxmox_cluster FOLDER --time-scale 0

It prints one line of JSON once it listens (address, token, certificate), then answers each line on its standard input
with one line: `reset` forgets all guests and calls, `calls` counts the calls by method and path, `guests` says what
there is. It ends when its input does.

fakepve (AGPL) is a development dependency: only this script imports it, and nothing of it is part of ALMA.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

NODES = ("pve1", "pve2", "pve3", "pve4")
VM_TEMPLATES = {node: 9000 + number for number, node in enumerate(NODES, start=1)}
VM_TEMPLATE_NAME = "debian-12"
CT_TEMPLATE = "local:vztmpl/alpine-3.20-default_20240908_amd64.tar.xz"
STORAGE = "local-lvm"
BRIDGE = "vmbr0"
TOKEN_ID = "root@pam!bench"
TOKEN_SECRET = "6a0d7e2c-0000-4000-8000-0123456789ab"
_GIB = 1024**3
_MAC = re.compile(r"([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")
# How long a worker takes on a node with SSDs, in the cluster's seconds, by the type in its UPID.
TASK_SECONDS = {
    "vzcreate": 6.0,
    "qmclone": 8.0,
    "qmconfig": 0.5,
    "resize": 0.5,
    "vzstart": 1.5,
    "qmstart": 2.0,
}
_STORAGE_BYTES = 100_000 * _GIB
_NODE_STATS = {
    "cpu": 0.02,
    "maxcpu": 512,
    "mem": 2 * _GIB,
    "maxmem": 4096 * _GIB,
    "disk": 4 * _GIB,
    "maxdisk": 64 * _GIB,
    "uptime": 3600,
}
# What a path names, so that calls of one kind are one line.
_NAMES = (
    (re.compile(r"/tasks/UPID:[^/]+"), "/tasks/{upid}"),
    (re.compile(r"/nodes/[^/]+"), "/nodes/{node}"),
    (re.compile(r"/(qemu|lxc)/\d+"), r"/\1/{vmid}"),
    (re.compile(r"/storage/[^/]+"), "/storage/{storage}"),
)


def pattern(path: str) -> str:
    """The path with what it names replaced, without the API's prefix."""
    for which, word in _NAMES:
        path = which.sub(word, path)
    return path.removeprefix("/api2/json")


def cluster(host: str, time_scale: float) -> Any:
    """A `FakePve` whose tasks take the time they take on a node, with templates on each node."""
    from fakepve import FakePve

    class Timed(FakePve):  # type: ignore[misc]  # fakepve has no types
        """fakepve's clones and configurations take no time of their own, its nodes and storages are small, and it has
        no DHCP."""

        @staticmethod
        def _node_stats(online: bool) -> dict[str, float]:
            return dict(_NODE_STATS) if online else {}

        async def task(
            self,
            node: str,
            ttype: str,
            tid: Any,
            user: str,
            body: Callable[[], Awaitable[Any]],
            **kwargs: Any,
        ) -> str:
            async def timed() -> Any:
                await self.pause(TASK_SECONDS.get(ttype, 0.0))
                if ttype == "qmstart":
                    vm = self.vm(int(tid))
                    vm.agent = {"interfaces": _interfaces(vm.config["net0"], vm.vmid)}
                return await body()

            upid: str = await super().task(node, ttype, tid, user, timed, **kwargs)
            return upid

        def _storage_resource(self, node: str, name: str) -> dict[str, Any] | None:
            found: dict[str, Any] | None = super()._storage_resource(node, name)
            return found and {**found, "maxdisk": _STORAGE_BYTES}

        async def _lxc_interfaces(self, user: str, values: Any) -> Any:
            container = self.ct(int(values["vmid"]))
            running = container is not None and container.status == "running"
            return _interfaces(container.config["net0"], container.vmid) if running else None

    pve = Timed(host=host, port=0)
    pve.time_scale = time_scale
    pve.max_requests = sys.maxsize
    pve.apitokens[TOKEN_ID] = TOKEN_SECRET
    furnish(pve)
    return pve


def _interfaces(card: str, vmid: int) -> list[dict[str, Any]]:
    """The guest's only interface, with the address that it got on the network."""
    address = f"10.{vmid >> 16 & 255}.{vmid >> 8 & 255}.{vmid & 255}"
    mac = _MAC.search(card)
    found = {"ip-address": address, "ip-address-type": "ipv4", "prefix": 8}
    return [
        {
            "name": "eth0",
            "hardware-address": mac[0].lower() if mac else "",
            "ip-addresses": [found],
        }
    ]


def furnish(pve: Any) -> None:
    """Nodes, storages and templates, and nothing else."""
    pve.vms[:], pve.cts[:] = [], []
    pve.tasks.clear()
    pve.tasklog.clear()
    pve.requests.clear()
    pve.nodes.clear()
    for node in NODES:
        pve.add_node(node)
    volume = CT_TEMPLATE.partition(":")[2]
    facts = {"content": "vztmpl", "format": "txz", "size": 3 * 1024**2, "ctime": 0}
    pve.storages["local"].update(avail=900 * _GIB, total=1000 * _GIB, volumes={volume: facts})
    pve.storages[STORAGE].update(avail=_STORAGE_BYTES, total=_STORAGE_BYTES, volumes={})
    for node, vmid in VM_TEMPLATES.items():
        _template(pve, node, vmid)


def _template(pve: Any, node: str, vmid: int) -> None:
    disk = f"base-{vmid}-disk-0"
    config = {
        "cores": 1,
        "memory": "512",
        "scsihw": "virtio-scsi-pci",
        "scsi0": f"{STORAGE}:{disk},size=2G",
        "ide2": f"{STORAGE}:vm-{vmid}-cloudinit,media=cdrom",
        "boot": "order=scsi0",
        "net0": f"virtio=BC:24:11:00:00:{vmid % 256:02X},bridge={BRIDGE}",
        "template": 1,
    }
    pve.add_vm(vmid, VM_TEMPLATE_NAME, node=node, config=config, template=True)
    facts = {"content": "images", "format": "raw", "size": 2 * _GIB, "vmid": vmid, "ctime": 0}
    pve.storages[STORAGE]["volumes"][disk] = facts


def calls(pve: Any) -> dict[str, int]:
    """How often what was asked, the most frequent first."""
    counted = Counter(f"{method} {pattern(path)}" for method, path, _ in pve.requests)
    return dict(counted.most_common())


def guests(pve: Any) -> dict[str, int]:
    """How many guests there are beside the templates, and how many of them run with the size that was asked for."""
    made = [guest for guest in (*pve.vms, *pve.cts) if not guest.template]
    running = [guest for guest in made if guest.status == "running"]
    sized = [guest for guest in running if str(guest.config.get("memory")) == "1024"]
    return {"made": len(made), "running": len(running), "sized": len(sized)}


async def _serve(folder: Path, time_scale: float) -> None:
    from fakepve.certs import make_cert

    pve = cluster("127.0.0.1", time_scale)
    certificate, key, der = make_cert(str(folder), hosts=(pve.host,))
    await pve.start(certificate, key)
    address = {
        "url": pve.url,
        "token": f"{TOKEN_ID}={TOKEN_SECRET}",
        "fingerprint": hashlib.sha256(der).hexdigest(),
        "ca_file": certificate,
    }
    print(json.dumps(address), flush=True)
    try:
        await _answer(pve)
    finally:
        await pve.stop()


async def _answer(pve: Any) -> None:
    answers: dict[str, Callable[[Any], Any]] = {
        "reset": furnish,
        "calls": calls,
        "guests": guests,
    }
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := await lines.readline():
        print(json.dumps(answers[line.decode().strip()](pve)), flush=True)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="A cluster that counts what it is asked.")
    parser.add_argument("folder", type=Path, help="where its certificate goes")
    parser.add_argument("--time-scale", type=float, default=0.0, help="real seconds for one of its")
    chosen = parser.parse_args()
    asyncio.run(_serve(chosen.folder, chosen.time_scale))


if __name__ == "__main__":
    main()
