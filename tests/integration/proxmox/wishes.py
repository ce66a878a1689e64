"""What tests of planning wish for: guests with options, a stack that may have some already, and one way to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.model.blueprint import Network, Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.engine import Preparation
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    StackRef,
)
from alma.core.model.units import Size
from alma.engines.proxmox.client import Api
from alma.engines.proxmox.prepare import prepare
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.shape import shape_of
from alma.engines.proxmox.spec import Defaults
from tests.integration.proxmox.world import TOKEN_ID, Pve

STACK = StackRef(id="stack-1", name="shop", engine="proxmox")


def wish(
    name: str = "web",
    type_: ResourceType = ResourceType.CONTAINER,
    /,
    *,
    image: str | None = "alpine",
    memory: str = "512MiB",
    disk: str | None = "4GiB",
    cpu: int = 1,
    network: dict[str, Any] | None = None,
    attached: Sequence[Resource] = (),
    group: str | None = None,
    **options: Any,
) -> DesiredResource:
    """One guest; what is not named here is an option of Proxmox."""
    resource = Resource(
        name=group or name,
        type=type_,
        network=Network.model_validate(network or {}),
        options={"proxmox": options} if options else {},
    )
    return DesiredResource(
        address=name,
        type=type_,
        resource=resource,
        image=image,
        cpu=cpu,
        memory=Size(memory),
        disk=Size(disk) if disk else None,
        attached=tuple(attached),
    )


def machine(
    name: str = "web", /, *, image: str | None = "debian-12", **more: Any
) -> DesiredResource:
    return wish(name, ResourceType.VM, image=image, disk=more.pop("disk", "10GiB"), **more)


def there(desired: DesiredResource, vmid: int, node: str = "pve1", **more: Any) -> ObservedResource:
    """The guest as it is when it is just what is wanted."""
    changed = more.pop("properties", {})
    return ObservedResource(
        address=desired.address,
        type=desired.type,
        object_id=str(vmid),
        name=f"shop-{desired.address}",
        key="k",
        properties={**shape_of(desired, Defaults()), **changed},
        extra={"node": node, "vmid": vmid},
        **more,
    )


async def ask(
    api: Api,
    *desired: DesiredResource,
    existing: Sequence[ObservedResource] = (),
    chosen: Mapping[str, Placement] | None = None,
) -> Preparation:
    observation = Observation(stack=STACK, place="proxmox cluster lab", resources=tuple(existing))
    return await prepare(api, api.settings, desired, observation, chosen=chosen or {})


def errors(found: Preparation) -> list[Diagnostic]:
    return [item for item in found.diagnostics if item.severity == "error"]


def codes(found: Preparation) -> list[str]:
    return [item.code for item in found.diagnostics]


def only(found: Preparation, code: str) -> Diagnostic:
    """The one diagnostic with that code."""
    (one,) = [item for item in found.diagnostics if item.code == code]
    return one


# ── who may what ──

# All that a container takes from a template that is there, on the storages and the bridge of the tests.
CONTAINER = {
    "/": "Sys.Audit",
    "/vms": "VM.Allocate VM.Audit VM.PowerMgmt VM.Config.Disk VM.Config.CPU VM.Config.Memory "
    "VM.Config.Network VM.Config.Options",
    "/storage/local": "Datastore.Audit Datastore.AllocateTemplate",
    "/storage/local-lvm": "Datastore.Audit Datastore.AllocateSpace",
    "/sdn/zones/localnetwork/vmbr0": "SDN.Use",
}
MACHINE = {
    **CONTAINER,
    "/vms": f"{CONTAINER['/vms']} VM.Config.HWType VM.Config.CDROM VM.Config.Cloudinit "
    "VM.GuestAgent.Audit",
}


def grant(pve: Pve, given: dict[str, str]) -> None:
    for path, privileges in given.items():
        pve.grant(TOKEN_ID, path, *privileges.split())


def as_root(settings: ProxmoxSettings, **more: Any) -> ProxmoxSettings:
    given = {"token": None, "user": "root@pam", "password": "secret", **more}
    return ProxmoxSettings.model_validate(settings.model_dump() | given)
