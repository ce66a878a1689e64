"""A cluster with templates, an engine over it, and one stack: what tests about guests begin with.

Guests of fakepve have no system inside, so what would be done there is written down in `jobs`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.engine import Outcome
from alma.core.model.errors import EngineError
from alma.core.model.plan import Action, Change
from alma.core.model.state import DesiredResource, Observation, ObservedResource
from alma.core.model.units import Size
from alma.engines.proxmox.engine import ProxmoxEngine
from alma.engines.proxmox.provisioning.job import Job, Provisioned
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.contract.harness import Context, new_key, new_stack
from tests.integration.proxmox.world import Pve, Seen

GIB = 1024**3
TEMPLATE = 9000
ARCHIVES = (
    "debian-12-standard_12.12-1_amd64.tar.zst",
    "alpine-3.22-default_20250617_amd64.tar.xz",
)
IMAGE = "debian-12-generic-amd64.qcow2"


class Yard:
    """One stack on one cluster. `engine` may be exchanged for another: what a restarted process opens."""

    def __init__(self, pve: Pve, settings: ProxmoxSettings, *, stocked: bool = True) -> None:
        self.pve = pve
        self.settings = settings
        self.jobs: list[Job] = []
        self.refusal: EngineError | None = None
        self.stack = new_stack("proxmox")
        self.context = Context(self.stack)
        self.engines: list[ProxmoxEngine] = []
        self.engine = self.open()
        if stocked:
            self._stock()

    def open(self, **settings: Any) -> ProxmoxEngine:
        """One more engine over the cluster."""
        given = self.settings.model_copy(update=settings)
        self.engines.append(ProxmoxEngine(given, provision=self._provision))
        return self.engines[-1]

    async def close(self) -> None:
        for engine in self.engines:
            await engine.close()

    async def _provision(
        self,
        job: Job,
        *,
        log: Callable[[str], None],
        timeout: float,  # noqa: ASYNC109  # as the real one
    ) -> Provisioned:
        self.jobs.append(job)
        if self.refusal is not None:
            raise self.refusal
        return Provisioned()

    def _stock(self) -> None:
        for name in ARCHIVES:
            self.pve.store_file("local", name, GIB // 10, content="vztmpl")
        self.pve.store_file("local", IMAGE, 2 * GIB, content="import")
        self.add_template(TEMPLATE, "debian-12")

    def add_template(self, vmid: int, name: str, **config: Any) -> Any:
        """A template machine with a disk of 2 GiB and a drive for cloud-init."""
        disk = f"base-{vmid}-disk-0"
        found: dict[str, Any] = {
            "scsi0": f"local-lvm:{disk},size=2G",
            "ide2": f"local-lvm:vm-{vmid}-cloudinit,media=cdrom",
            "net0": "virtio=BC:24:11:00:00:01,bridge=vmbr0",
            "boot": "order=scsi0",
            "template": 1,
        }
        volumes = self.pve.storages["local-lvm"].setdefault("volumes", {})
        volumes[disk] = {"content": "images", "size": 2 * GIB, "vmid": vmid, "format": "raw"}
        return self.pve.add_vm(vmid, name, config=found | config, template=True)

    # ── changes ──

    async def create(self, desired: DesiredResource, *, key: str | None = None) -> Outcome:
        return await self.apply(Action.CREATE, desired, key=key)

    async def update(self, desired: DesiredResource, *, key: str | None = None) -> Outcome:
        return await self.apply(Action.UPDATE, desired, key=key)

    async def apply(
        self, action: Action, desired: DesiredResource, *, key: str | None = None
    ) -> Outcome:
        change = Change(
            address=desired.address,
            type=desired.type,
            action=action,
            reason="a test asks for it",
            desired=None if action is Action.DELETE else desired,
        )
        key = key or new_key()
        return await self.engine.apply(change, key, self.context.under(key))

    async def delete(self, desired: DesiredResource, *, key: str | None = None) -> Outcome:
        return await self.apply(Action.DELETE, desired, key=key)

    async def observe(self) -> Observation:
        return await self.engine.read(self.stack)

    async def see(self, address: str = "web-1") -> ObservedResource:
        found = (await self.observe()).resources
        return next(item for item in found if item.address == address)

    def shape(self, desired: DesiredResource) -> dict[str, Any]:
        return dict(self.engine.shape(desired, self.stack))

    # ── behind the engine's back ──

    def guest(self, outcome: Outcome) -> Any:
        """The guest in the cluster."""
        assert outcome.resource is not None
        return self.pve.guest(int(outcome.resource.object_id))

    def changes(self, since: int = 0) -> list[Seen]:
        """Every call so far that may have changed something."""
        return [seen for seen in self.pve.seen[since:] if seen.method != "GET"]

    def order(self, since: int = 0) -> list[str]:
        """The changes in order: `POST clone`, `PUT config`."""
        return [f"{seen.method} {seen.path.rpartition('/')[2]}" for seen in self.changes(since)]

    def form(self, method: str, suffix: str) -> dict[str, str]:
        """What the last such call said."""
        seen = [s for s in self.pve.seen if s.method == method and s.path.endswith(suffix)][-1]
        return {key: found[-1] for key, found in parse_qs(seen.body.decode() or seen.query).items()}


def container(address: str = "web-1", /, **more: Any) -> DesiredResource:
    """A small container; what is not named here is an option of Proxmox."""
    return _guest(ResourceType.CONTAINER, "alpine", address, more)


def machine(address: str = "web-1", /, **more: Any) -> DesiredResource:
    """A small machine from a template; what is not named here is an option of Proxmox."""
    return _guest(ResourceType.VM, "debian-12", address, more)


_FIELDS = frozenset(DesiredResource.model_fields) - {"address", "resource", "user"}


def _guest(type_: ResourceType, image: str, address: str, given: dict[str, Any]) -> DesiredResource:
    options = {key: value for key, value in given.items() if key not in _FIELDS}
    fields: dict[str, Any] = {"image": image, "cpu": 1, "memory": Size("512MiB")}
    fields |= {"disk": Size("4GiB")} | {k: v for k, v in given.items() if k in _FIELDS}
    resource = Resource(name=address, type=type_, options={"proxmox": options} if options else {})
    return DesiredResource(address=address, type=type_, resource=resource, **fields)
