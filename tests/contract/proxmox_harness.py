"""Proxmox VE under the contract suite: fakepve on an address of its own.

Guests of fakepve have no system inside. What would be done there is recorded; their health checks are answered by a
small server of the harness, on the loopback addresses that the guests are given.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, ClassVar

from fakepve.certs import make_cert

from alma.core.model.blueprint import WORKLOADS, FirewallRule, Network, Resource, ResourceType
from alma.core.model.software import HealthCheck, Packages
from alma.core.model.state import DesiredResource, RenderedFile, StackRef
from alma.core.model.units import Port, Size
from alma.engines.proxmox import marker
from alma.engines.proxmox.engine import ProxmoxEngine
from alma.engines.proxmox.provisioning.job import Job, Provisioned
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import new_stack
from tests.integration.proxmox.world import TOKEN, Pve

TEMPLATES = (
    "debian-12-standard_12.7-1_amd64.tar.zst",
    "debian-13-standard_13.1-2_amd64.tar.zst",
)
RECIPE = Packages(debian=("nginx",), alpine=("nginx",), service="nginx")
GiB = 1024**3
_HOSTS = itertools.count(1)
_VMIDS = itertools.count(7001)


@cache
def _certificate(host: str) -> tuple[Path, Path]:
    cert, key, _ = make_cert(mkdtemp(prefix="pki-"), name="pve1", hosts=(host,))
    return Path(cert), Path(key)


class ProxmoxHarness:
    """A cluster of one node. Tasks take no time."""

    name: ClassVar[str] = "proxmox"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._engines: list[ProxmoxEngine] = []
        self.jobs: list[Job] = []
        self._address = f"127.77.{next(_HOSTS) % 250}.{next(_HOSTS) % 250 + 1}"

    @classmethod
    def unavailable(cls) -> str | None:
        return None

    async def start(self) -> None:
        self._cert, key = _certificate("127.0.0.1")
        self.pve = Pve(host="127.0.0.1", port=0)
        for template in TEMPLATES:
            self.pve.store_file("local", template, 100 * 1024**2, content="vztmpl")
        config: dict[str, Any] = {
            "scsi0": "local-lvm:base-9000-disk-0,size=2G",
            "ide2": "local-lvm:cloudinit,media=cdrom",
        }
        config |= {
            "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
            "boot": "order=scsi0",
            "template": 1,
        }
        self.pve.add_vm(9000, "debian-12", config=config, template=True)
        volumes = self.pve.storages["local-lvm"].setdefault("volumes", {})
        volumes["base-9000-disk-0"] = {
            "content": "images",
            "size": 2 * GiB,
            "vmid": 9000,
            "format": "raw",
        }
        await self.pve.start(str(self._cert), str(key))
        self._server = await asyncio.start_server(_answer, self._address, 0)
        self._port: int = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        for engine in self._engines:
            await engine.close()
        self._server.close()
        await self._server.wait_closed()
        await self.pve.stop()

    def stack(self) -> StackRef:
        return new_stack(self.name)

    # ── engines ──

    def _open(self, url: str | None = None) -> ProxmoxEngine:
        settings = {
            "urls": (url or self.pve.url,),
            "token": TOKEN,
            "ca_file": self._cert,
            "poll_least": 0.001,
            "poll_most": 0.01,
            "lock_timeout": 5,
            "request_timeout": 5,
            "task_timeout": 20,
            "stop_timeout": 2,
            "bridge": "vmbr0",
        }
        engine = ProxmoxEngine(ProxmoxSettings.model_validate(settings), provision=self._provision)
        self._engines.append(engine)
        return engine

    async def _provision(
        self,
        job: Job,
        *,
        log: Callable[[str], None],
        timeout: float,  # noqa: ASYNC109
    ) -> Provisioned:
        self.jobs.append(job)
        log(f"Setting up {job.name}")
        return Provisioned()

    async def engine(self) -> ProxmoxEngine:
        return self._open()

    async def down(self) -> ProxmoxEngine:
        closed = await asyncio.start_server(_answer, "127.0.0.1", 0)
        port = closed.sockets[0].getsockname()[1]
        closed.close()
        await closed.wait_closed()
        return self._open(f"https://127.0.0.1:{port}")

    async def losing_reply(self) -> ProxmoxEngine:
        self.pve.lose("POST", "/lxc")
        self.pve.lose("DELETE", "")
        return self._open()

    def cancel_moments(self) -> Sequence[float]:
        return (0, 0.002, 0.005, 0.01, 0.02, 0.04)

    # ── things to ask for ──

    def workload(self, address: str = "web-1") -> DesiredResource:
        options: dict[str, Any] = {
            "proxmox": {"address": f"{self._address}/8", "anti_affinity": False}
        }
        return DesiredResource(
            address=address,
            type=ResourceType.CONTAINER,
            resource=Resource(name=address, type=ResourceType.CONTAINER, options=options),
            image="debian-12",
            cpu=1,
            memory=Size("128MiB"),
            disk=Size("1GiB"),
            env={"MODE": "a"},
            ports=(Port(80),),
            health=HealthCheck(kind="tcp", port=self._port, start_period=5.0, interval=0.1),
        )

    def broken(self, address: str = "broken-1") -> DesiredResource:
        health = HealthCheck(kind="tcp", port=1, interval=0.1, start_period=0.3)
        return self.workload(address).model_copy(update={"health": health})

    def sample(self, type_: ResourceType) -> DesiredResource:
        workload = self.workload("sample")
        rules = (FirewallRule(source="any", target="sample", ports=(Port(80),)),)
        resource = workload.resource.model_copy(
            update={
                "name": "sample",
                "type": type_,
                "rules": rules if type_ is ResourceType.FIREWALL else (),
                "network": Network(),
            }
        )
        update: dict[str, Any] = {"type": type_, "resource": resource, "image": None}
        if type_ in {ResourceType.VM, ResourceType.CONTAINER}:
            return workload.model_copy(update=update)
        if type_ in WORKLOADS or type_ is ResourceType.KUBERNETES_CLUSTER:
            software = {"software": "nginx", "recipe": RECIPE, "rules": rules}
            return workload.model_copy(update=update | software)
        return DesiredResource(address="sample", type=type_, resource=resource)

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        changed: dict[str, dict[str, Any]] = {
            "specs.memory": {"memory": Size("256MiB")},
            "specs.disk": {"disk": Size("2GiB")},
            "specs.cpu": {"cpu": 2.5},
            "env.MODE": {"env": {**desired.env, "MODE": "b"}},
            "files./etc/motd": {"files": (RenderedFile(path="/etc/motd", content="hello\n"),)},
            "image": {"image": "debian-13"},
        }
        return {path: desired.model_copy(update=update) for path, update in changed.items()}

    # ── behind the engine's back ──

    def _guests(self, stack: StackRef) -> list[tuple[Any, str]]:
        found = []
        for guest in (*self.pve.cts, *self.pve.vms):
            notes = marker.read(guest.config.get("description"))
            if notes is not None and notes.marker.stack == stack.id:
                found.append((guest, notes.marker.address))
        return found

    def _guest(self, stack: StackRef, address: str) -> Any:
        return next(guest for guest, at in self._guests(stack) if at == address)

    async def objects(self, stack: StackRef) -> Sequence[str]:
        return [address for _, address in self._guests(stack)]

    async def plant(self, name: str) -> str:
        vmid = next(_VMIDS)
        config: dict[str, Any] = {
            "name": name,
            "cores": 2,
            "memory": "2048",
            "scsi0": f"local-lvm:vm-{vmid}-disk-0,size=8G,discard=on",
            "boot": "order=scsi0;net0",
            "net0": "virtio=BC:24:11:00:00:02,bridge=vmbr0,tag=20,firewall=1",
            "description": "Ask the accountants before you stop it.\n",
            "tags": "prod;books",
            "onboot": 1,
        }
        self.pve.add_vm(vmid, name, config=config, status="running")
        return str(vmid)

    async def losing_mark(self) -> ProxmoxEngine:
        self.pve.lose("PUT", "/config")
        return self._open()

    async def facts(self, object_id: str) -> Mapping[str, Any]:
        guest = self.pve.guest(int(object_id))
        if guest is None:
            return {}
        tags = [t for t in str(guest.config.get("tags", "")).split(";") if not marker.is_own_tag(t)]
        text = marker.beside(guest.config.get("description"))
        return {**guest.config, "tags": tags, "description": text, "status": guest.status}

    async def tamper(self, stack: StackRef, address: str) -> str:
        self._guest(stack, address).config["memory"] = 512
        return "specs.memory"

    async def halt(self, stack: StackRef, address: str) -> None:
        self._guest(stack, address).status = "stopped"

    async def remove(self, stack: StackRef, address: str) -> None:
        guest = self._guest(stack, address)
        self.pve.cts[:] = [one for one in self.pve.cts if one is not guest]
        self.pve.vms[:] = [one for one in self.pve.vms if one is not guest]


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()
