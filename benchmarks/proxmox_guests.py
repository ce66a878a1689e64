"""The cluster that the deployment benchmark fills, from outside, and the guests that everybody makes on it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Skipped
from benchmarks.proxmox_bare import CONNECTIONS
from benchmarks.proxmox_cluster import BRIDGE, CT_TEMPLATE, NODES, STORAGE, VM_TEMPLATES
from benchmarks.servers import ROOT

MEMORY_MIB = 1024
_FIRST_VMID = 200

Json = dict[str, Any]


class Broken(Exception):
    """A way did not do the work; the message says how."""


@dataclass(frozen=True)
class Cluster:
    """The process that plays the cluster."""

    process: subprocess.Popen[str]
    address: Json

    def ask(self, what: str) -> Json | None:
        """Its answer to `reset`, `calls` or `guests`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        found: Json | None = json.loads(self.process.stdout.readline())
        return found

    def require_all(self, count: int) -> None:
        """Raises Broken unless exactly so many guests are there, run and have the size that was asked for."""
        if self.ask("guests") != {"made": count, "running": count, "sized": count}:
            raise Broken(f"of {count} guests there are {self.ask('guests')}")

    def settings(self) -> dict[str, str]:
        """What ALMA needs to know about it. As many tasks at a time as the others start: they know no limits."""
        return {
            "ALMA_PROXMOX_URLS": self.address["url"],
            "ALMA_PROXMOX_TOKEN": self.address["token"],
            "ALMA_PROXMOX_FINGERPRINT": self.address["fingerprint"],
            "ALMA_PROXMOX_STORAGE": STORAGE,
            "ALMA_PROXMOX_BRIDGE": BRIDGE,
            "ALMA_PROXMOX_CONNECTIONS": str(CONNECTIONS),
            "ALMA_PROXMOX_TASKS_PER_NODE": str(CONNECTIONS),
            "ALMA_PROXMOX_TASKS_PER_STORAGE": str(CONNECTIONS),
            "ALMA_PROXMOX_CLONES_PER_SOURCE": str(CONNECTIONS),
        }


@contextlib.contextmanager
def cluster(folder: Path, time_scale: float) -> Iterator[Cluster]:
    """A cluster for as long as the block runs."""
    script = [sys.executable, "-m", "benchmarks.proxmox_cluster", str(folder)]
    process = subprocess.Popen(
        [*script, "--time-scale", str(time_scale)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        line = process.stdout.readline()
        if not line:
            raise Skipped("the cluster could not be started")
        yield Cluster(process, json.loads(line))
    finally:
        process.communicate()


# ── the guests ───────────────────────────────────────────────────────────────────────────────────


def job(address: Json, each: int) -> Json:
    """So many containers and as many machines, as the bare script and Ansible are told them."""
    guests = [*map(_container, range(each)), *map(_vm, range(each, 2 * each))]
    return {**address, "guests": guests}


def _container(number: int) -> Json:
    name, network = f"ct-{number + 1}", f"name=eth0,bridge={BRIDGE},ip=dhcp"
    config = {
        "hostname": name,
        "ostemplate": CT_TEMPLATE,
        "cores": 1,
        "memory": MEMORY_MIB,
        "swap": 0,
        "rootfs": f"{STORAGE}:4",
        "net0": network,
        "unprivileged": 1,
    }
    return {
        "kind": "container",
        "vmid": _FIRST_VMID + number,
        "name": name,
        "node": NODES[number % len(NODES)],
        "config": config,
        "ansible": {"disk": f"{STORAGE}:4", "netif": {"net0": network}},
    }


def _vm(number: int) -> Json:
    node = NODES[number % len(NODES)]
    return {
        "kind": "vm",
        "vmid": _FIRST_VMID + number,
        "name": f"vm-{number + 1}",
        "node": node,
        "template": VM_TEMPLATES[node],
        "config": {"cores": 1, "memory": MEMORY_MIB},
    }


def blueprint(name: str, each: int) -> Json:
    """So many containers and as many machines, spread over the nodes as the others spread them."""
    size = {"cpu": 1, "memory": f"{MEMORY_MIB}MiB"}
    resources = []
    for node, vmid in VM_TEMPLATES.items():
        container = {"node": node, "template": CT_TEMPLATE, "address": "dhcp"}
        vm = {"node": node, "template": vmid}
        resources += [
            _resource("container", node, container, {**size, "disk": "4GiB"}),
            _resource("vm", node, vm, size),
        ]
    return {"name": name, "resources": [{**one, "count": each // len(NODES)} for one in resources]}


def _resource(kind: str, node: str, options: Json, size: Json) -> Json:
    return {
        "name": f"{kind}-{node}",
        "type": kind,
        "specs": size,
        "options": {"proxmox": options},
    }
