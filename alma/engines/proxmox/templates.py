"""Template machines: which one is meant, and which nodes its clones can be made on. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from alma.core.model.suggest import did_you_mean
from alma.engines.proxmox.cluster import Cluster, Guest, GuestKind
from alma.engines.proxmox.options import Kind
from alma.engines.proxmox.origin import Asked, Fault, Source, SourceKind, Template
from alma.engines.proxmox.systems import plain

_DRIVE = re.compile(r"^(ide|sata|scsi|virtio|efidisk|tpmstate)\d+$")
_LINKABLE = frozenset({"btrfs", "cephfs", "cifs", "dir", "lvmthin", "nfs", "rbd", "zfspool", "zfs"})


def wanted_templates(asked: Asked, cluster: Cluster) -> list[Guest]:
    """The template machines that may be meant: their configurations are worth a look."""
    if asked.kind is Kind.LXC:
        return []
    return [guest for guest in cluster.guests if is_meant(guest, asked)]


def template_of(guest: Guest, config: Mapping[str, object], cluster: Cluster) -> Template:
    """What the configuration of a template says."""
    drives = {
        key: str(value).partition(":")[0]
        for key, value in sorted(config.items())
        if _DRIVE.match(key) and ":" in str(value).partition(",")[0] and not _is_cd(str(value))
    }
    disks = [s for key, s in drives.items() if not key.startswith(("efidisk", "tpmstate"))]
    types = {s.name: s.type for s in cluster.storages}
    return Template(
        guest=guest,
        storages=frozenset(drives.values()),
        first=disks[0] if disks else "",
        linkable=all(types.get(name) in _LINKABLE for name in drives.values()),
    )


def _is_cd(value: str) -> bool:
    return "media=cdrom" in value and "cloudinit" not in value


def is_meant(guest: Guest, asked: Asked) -> bool:
    """By number or name; by an operating system's name also as a tag."""
    if not guest.template or guest.kind is not GuestKind.QEMU:
        return False
    if asked.vmid is not None:
        return guest.vmid == asked.vmid
    if guest.name == asked.text:
        return True
    names = asked.system.names if asked.system else ()
    return plain(guest.name) in names or any(plain(tag) in names for tag in guest.tags)


def clone(node: str, asked: Asked, cluster: Cluster, found: Sequence[Template]) -> Source | Fault:
    if not found:
        return _no_template(asked, cluster)
    here = [t for t in found if t.guest.node == node]
    able = here or [t for t in found if _reaches(node, t, cluster)]
    if not able:
        return _elsewhere(node, found, cluster)
    if len(able) > 1:
        listed = ", ".join(f"{t.guest.vmid} ({t.guest.name} on {t.guest.node})" for t in able)
        hint = "name one by its VMID in options.proxmox.template"
        message = f"has several templates that '{asked.text}' may mean: {listed}"
        return Fault(
            code="ambiguous_template", message=message, hint=hint, field="template", of_node=True
        )
    return _cloned(able[0], asked)


def _cloned(template: Template, asked: Asked) -> Source | Fault:
    guest = template.guest
    if asked.linked and not template.linkable:
        message = f"template {guest.vmid} can't have linked clones: its storage {template.first} knows none"
        hint = "leave linked_clone out: the disk is then copied"
        return Fault(code="no_linked_clones", message=message, hint=hint, field="linked_clone")
    return Source(
        kind=SourceKind.CLONE,
        vmid=guest.vmid,
        node=guest.node,
        linked=asked.linked,
        storage=template.first,
        size=guest.disk,
    )


def _reaches(node: str, template: Template, cluster: Cluster) -> bool:
    """Whether a template of another node can be cloned to this one: Proxmox wants all its disks on shared storage."""
    if template.guest.node in cluster.offline or not template.storages:
        return False
    storages = [cluster.storage(node, name) for name in template.storages]
    return all(s is not None and s.shared and s.active for s in storages)


def _elsewhere(node: str, found: Sequence[Template], cluster: Cluster) -> Fault:
    said = ", ".join(_where(template, node, cluster) for template in found)
    able = [t.guest.node for t in found if t.guest.node not in cluster.offline]
    place = f"place it on {able[0]}, " if able else ""
    hint = f"{place}keep a copy of the template on {node}, or move it to shared storage"
    message = f"can't have its template: {said}"
    return Fault(
        code="template_elsewhere", message=message, hint=hint, field="template", of_node=True
    )


def _where(template: Template, node: str, cluster: Cluster) -> str:
    guest = template.guest
    if guest.node in cluster.offline:
        return f"{guest.vmid} is on {guest.node}, which is offline"
    storages = ", ".join(sorted(template.storages)) or "a storage that ALMA may not see"
    return f"{guest.vmid} is on {guest.node}, on {storages}, which {node} does not share"


def _no_template(asked: Asked, cluster: Cluster) -> Fault:
    if asked.vmid is not None and (guest := cluster.guest(asked.vmid)) is not None:
        message = f"guest {guest.vmid} ({guest.name}) is no template of a virtual machine"
        hint = "make it a template, or name another one"
        return Fault(code="no_template", message=message, hint=hint, field="template")
    known = [g for g in cluster.guests if g.template and g.kind is GuestKind.QEMU]
    names = [*(g.name for g in known if g.name), *(str(g.vmid) for g in known)]
    hint = did_you_mean(asked.text, names) or "the cluster has no template machines that ALMA sees"
    message = f"there is no template '{asked.text}' in {cluster.name}"
    return Fault(code="unknown_template", message=message, hint=hint, field="template")
