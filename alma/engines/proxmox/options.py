"""What a blueprint may say that only Proxmox VE knows: `options: {proxmox: {node: pve2}}` of a resource.

Everything has a default that suits most, and nothing of it is needed. A key that nobody knows is a fault with the one
that was probably meant, as everywhere in a blueprint.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, ValidationError, field_validator

from alma.core.model.base import Frozen, Json, canonical_json
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.faults import faults_of
from alma.core.model.state import DesiredResource, ResolvedMount
from alma.core.model.units import Size

ENGINE = "proxmox"
M = TypeVar("M", bound=Frozen)


class Kind(StrEnum):
    """The two kinds of guests: a machine of its own, or a container that shares its node's kernel."""

    VM = "vm"
    LXC = "lxc"


def _interface(value: str) -> str:
    """`dhcp`, `none`, or an address with its prefix."""
    if value in {"dhcp", "none"}:
        return value
    if "/" not in value:
        raise ValueError("write an address with its prefix (10.0.1.5/24), dhcp or none")
    return str(ipaddress.ip_interface(value))


def _address(value: str) -> str:
    return str(ipaddress.ip_address(value))


Interface = Annotated[str, AfterValidator(_interface)]
Address = Annotated[str, AfterValidator(_address)]
# Words that go into property strings: nothing in them may end one.
Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=64)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*$", max_length=64)]
Seconds = Annotated[int, Field(ge=0, le=86_400)]


class Startup(Frozen):
    """When it starts with its node: lower orders first; `up` and `down` are seconds to wait after it."""

    order: int | None = Field(default=None, ge=0, le=999_999)
    up: Seconds | None = None
    down: Seconds | None = None


class Features(Frozen):
    """What a container may do beyond the usual. Each is sent only when it is set here."""

    nesting: bool | None = None
    keyctl: bool | None = None
    fuse: bool | None = None
    mknod: bool | None = None
    mount: tuple[Word, ...] = Field(default=(), description="File systems it may mount: nfs, cifs.")


class HighAvailability(Frozen):
    """Lets the cluster's HA stack run it."""

    group: Word | None = Field(default=None, description="HA group (up to Proxmox VE 8).")
    state: Literal["started", "stopped", "ignored", "disabled"] = "started"
    max_restart: int | None = Field(default=None, ge=0, le=100)
    max_relocate: int | None = Field(default=None, ge=0, le=100)


class DiskOptions(Frozen):
    """How a machine's disks behave. What is not set is left to Proxmox VE."""

    ssd: bool | None = None
    discard: bool | None = None
    iothread: bool | None = None
    cache: Literal["none", "writethrough", "writeback", "directsync", "unsafe"] | None = None
    backup: bool | None = None


class ProxmoxOptions(Frozen):
    """The options of a guest. `None` means: the setting of that name, or what ALMA finds best."""

    kind: Kind | None = Field(
        default=None, description="vm or lxc, where the type leaves a choice."
    )
    node: Word | None = None
    storage: Word | None = Field(default=None, description="Where its disks are.")
    image_storage: Word | None = Field(default=None, description="Where images and templates are.")
    pool: str | None = Field(default=None, pattern=r"^[A-Za-z0-9_./-]+$", max_length=128)
    anti_affinity: bool = Field(
        default=True, description="Replicas on different nodes, if possible."
    )

    template: Annotated[int, Field(ge=100, le=999_999_999)] | str | None = Field(
        default=None,
        description="VM: the template to clone, by name or VMID. Container: a template's volume or file name.",
    )
    linked_clone: bool | None = Field(
        default=None,
        description="Share the template's disk; only from templates. Default: copy it.",
    )

    bridge: Word | None = Field(default=None, description="Where nothing is attached.")
    vlan: int | None = Field(default=None, ge=1, le=4094, description="Where nothing is attached.")
    address: Interface | None = Field(default=None, description="10.0.1.5/24, dhcp or none.")
    address6: (
        Annotated[str, AfterValidator(lambda v: v if v == "auto" else _interface(v))] | None
    ) = Field(default=None, description="fd00::5/64, dhcp, auto or none.")
    other_addresses: tuple[Interface, ...] = Field(
        default=(), description="Of the second network, the third and so on. Default: dhcp."
    )
    gateway: Address | None = None
    gateway6: Address | None = None
    nameservers: tuple[Address, ...] = ()
    search_domain: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]+$", max_length=253)
    firewall: bool | None = Field(default=None, description="Default: when there are rules for it.")

    user: Word | None = Field(default=None, description="VM: the user that cloud-init makes.")
    ssh_keys: tuple[str, ...] = Field(
        default=(), max_length=64, description="Public keys of people."
    )
    agent: bool | None = Field(default=None, description="VM: QEMU guest agent. Default: true.")

    tags: tuple[Tag, ...] = Field(default=(), max_length=64)
    onboot: bool = True
    startup: Startup | None = None
    protection: bool = False
    ha: HighAvailability | None = None

    cpu_type: Word | None = None
    sockets: int | None = Field(default=None, ge=1, le=16)
    bios: Literal["seabios", "ovmf"] | None = None
    machine: Word | None = None
    balloon: Size | None = Field(default=None, description="VM: the memory it may be squeezed to.")
    boot_order: tuple[Word, ...] = Field(default=(), description="VM: such as [scsi0, net0].")
    disk: DiskOptions = DiskOptions()

    unprivileged: bool = True
    features: Features | None = None
    swap: Size | None = Field(default=None, description="Container: default none.")

    snapshot_before_update: bool = Field(
        default=False, description="Keep a snapshot from before each change, where storage can."
    )

    @field_validator("ssh_keys")
    @classmethod
    def _public_keys(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if "PRIVATE KEY" in key or len(key.split()) < 2 or len(key.splitlines()) > 1:
                raise ValueError("a public key is one line: ssh-ed25519 AAAA… name")
        return tuple(key.strip() for key in keys)

    @field_validator("tags")
    @classmethod
    def _free_tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        for tag in tags:
            if tag.lower() == "alma" or tag.lower().startswith("alma-"):
                raise ValueError("tags that are or begin with 'alma' are ALMA's own")
        return tags


class NetworkOptions(Frozen):
    """The options of a network: which bridge or VNet it is. `gateway` is told to the guests with fixed addresses."""

    bridge: Word | None = Field(default=None, description="A bridge, or the VNet of an SDN zone.")
    gateway: Address | None = None
    mtu: int | None = Field(default=None, ge=576, le=65_520)
    firewall: bool | None = None


class VolumeOptions(Frozen):
    """The options of a volume: a disk or mount point of the guest that mounts it."""

    storage: Word | None = None
    backup: bool | None = None


# What stands in a property string, and in a file of mounts.
_PATH = re.compile(r"/[^,;\"'\\\x00-\x1f\x7f]*")


# ── reading them ─────────────────────────────────────────────────────────────────────────────────


def options_of(desired: DesiredResource) -> ProxmoxOptions:
    """The options of a guest. What is not valid counts as not written: `faults` says so, and stops the plan."""
    return _read(ProxmoxOptions, desired.resource.options)


def kind_of(desired: DesiredResource) -> Kind:
    """Which kind of guest it becomes: a vm and the nodes of a cluster machines, all else containers, unless its options
    say otherwise."""
    machines = {ResourceType.VM, ResourceType.KUBERNETES_CLUSTER}
    return options_of(desired).kind or (Kind.VM if desired.type in machines else Kind.LXC)


def network_options(network: Resource) -> NetworkOptions:
    """The options of a network that is attached to a guest."""
    return _read(NetworkOptions, network.options)


def volume_options(mount: ResolvedMount) -> VolumeOptions:
    """The options of a volume that a guest mounts."""
    return _read(VolumeOptions, mount.options)


def faults(desired: DesiredResource) -> list[Diagnostic]:
    """Everything that is wrong with the options of a guest and of what it carries. Paths begin with an address."""
    found = [*_faults(ProxmoxOptions, desired.resource.options, desired.address)]
    for network in desired.attached:
        found += _faults(NetworkOptions, network.options, network.name)
    for mount in desired.mounts:
        found += _faults(VolumeOptions, mount.options, mount.volume)
        if not _PATH.fullmatch(mount.path):
            found.append(_unfit(desired.address, mount))
    return found


def _unfit(address: str, mount: ResolvedMount) -> Diagnostic:
    return Diagnostic(
        code="invalid_path",
        path=f"{address}.mounts",
        message=f"Proxmox can't mount '{mount.volume}' at {mount.path!r}: in its settings, a comma ends the path",
        hint="leave out commas, quotes, backslashes and line breaks",
    )


def _read(model: type[M], options: Mapping[str, Mapping[str, Json]]) -> M:
    given = options.get(ENGINE)
    found = _remembered(model, given) if given else _parsed(model, "{}")
    assert isinstance(found, model)  # what a cache returns has lost its type
    return found


# Writing them out costs more than all else that is done with them, and each guest's are asked for again and again. What
# is remembered is kept alive by that, so no other mapping can be taken for it.
_KNOWN: dict[tuple[type[Frozen], int], tuple[object, Frozen]] = {}
_MOST = 4096


def _remembered(model: type[Frozen], given: object) -> Frozen:
    at = (model, id(given))
    known = _KNOWN.get(at)
    if known is None:
        if len(_KNOWN) >= _MOST:
            _KNOWN.clear()
        known = _KNOWN[at] = (given, _parsed(model, canonical_json(given)))
    return known[1]


# Many instances of a resource share their options, and each is asked several times.
@lru_cache(maxsize=4096)
def _parsed(model: type[Frozen], text: str) -> Frozen:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return model()


def _faults(
    model: type[Frozen], options: Mapping[str, Mapping[str, Json]], address: str
) -> Iterator[Diagnostic]:
    given: Any = options.get(ENGINE)
    if not given:
        return
    try:
        model.model_validate_json(canonical_json(given))
    except ValidationError as error:
        for fault in faults_of(error, given, model=model):
            path = ".".join(filter(None, (f"{address}.options.{ENGINE}", fault.diagnostic.path)))
            yield fault.diagnostic.model_copy(update={"path": path})
