"""What a guest is made from: a template machine to clone, a disk image, or a container's template. Pure.

What is asked for is looked up among what the cluster has (`Shelf`), for each node: a template on one node's own storage
can't be cloned to another, and a file has to be on a storage that the node reaches. The newest template that fits is
taken, and written into the plan, so that what was approved is what is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

from alma.core.model.base import Frozen
from alma.core.model.state import DesiredResource
from alma.core.model.suggest import did_you_mean
from alma.engines.proxmox.cluster import Cluster, Content, Guest, GuestKind, Storage
from alma.engines.proxmox.options import Kind, ProxmoxOptions, kind_of
from alma.engines.proxmox.shape import image_name
from alma.engines.proxmox.systems import System, Systems, file_of, load, plain
from alma.engines.proxmox.wants import natural

_ARCHIVE = re.compile(r"\.tar\.(gz|xz|zst|bz2)$")
_VOLUME = re.compile(r"^(?P<storage>[A-Za-z][\w.-]*):(?P<folder>vztmpl|import)/(?P<file>[^/]+)$")
_DRIVE = re.compile(r"^(ide|sata|scsi|virtio|efidisk|tpmstate)\d+$")
_LINKABLE = frozenset({"btrfs", "cephfs", "cifs", "dir", "lvmthin", "nfs", "rbd", "zfspool", "zfs"})


class SourceKind(StrEnum):
    """The three kinds of things guests are made from."""

    CLONE = "clone"
    IMAGE = "image"
    ARCHIVE = "archive"


class Source(Frozen):
    """What one guest is made from, as one node reaches it.

    A CLONE has the `vmid` of a template, the `node` it is on, and `storage`, where its first disk is; `size` is that
    disk's, in bytes. The others have a `volume`, on `storage`, which is `there` or will be downloaded: from `url`, or
    by name from Proxmox's own list of templates.
    """

    kind: SourceKind
    storage: str
    vmid: int | None = None
    node: str | None = None
    linked: bool = False
    size: int = 0
    volume: str | None = None
    there: bool = True
    url: str | None = None
    checksums: str | None = None

    @property
    def text(self) -> str:
        """As it stands in a plan."""
        return str(self.vmid) if self.vmid is not None else self.volume or ""

    @property
    def file(self) -> str:
        """The file's name, of an image or a container's template."""
        return (self.volume or "").partition("/")[2]


class Fault(Frozen):
    """Why there is no source. `field` is the option that it is about; empty: the blueprint's own image. Where it is the
    node's, the message follows the node's name."""

    code: str
    message: str
    of_node: bool = False
    hint: str | None = None
    field: str = ""


class Asked(Frozen):
    """What a guest shall be made from, as far as its wish says. `text` is a person's own words."""

    kind: Kind
    text: str
    system: System | None = None
    named: bool = False
    vmid: int | None = None
    linked: bool = False
    image_storage: str | None = None


class Template(Frozen):
    """A template machine and what its configuration says of its disks. `first` is where its first disk is."""

    guest: Guest
    storages: frozenset[str] = frozenset()
    first: str = ""
    linkable: bool = True


class Shelf(Frozen):
    """What the cluster has to make guests from. `files` are names by node, storage and content; `listed` is Proxmox's
    own list of container templates."""

    files: Mapping[tuple[str, str, str], frozenset[str]] = {}
    listed: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()


def image_of(
    desired: DesiredResource, options: ProxmoxOptions, *, systems: Systems | None = None
) -> Asked:
    """What is asked for: the option `template`, else the blueprint's image, else the default system."""
    text = image_name(desired) if options.template is None else str(options.template)
    return Asked(
        kind=kind_of(desired),
        text=text,
        system=(systems or load()).find(text),
        named=options.template is not None,
        vmid=options.template if isinstance(options.template, int) else None,
        linked=bool(options.linked_clone),
        image_storage=options.image_storage,
    )


def source_on(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, *, systems: Systems | None = None
) -> Source | Fault:
    """What a guest on that node would be made from, or why it can't be."""
    if asked.kind is Kind.LXC:
        return _archive(node, asked, cluster, shelf, systems or load())
    found = [t for t in shelf.templates if _is_meant(t.guest, asked)]
    by_name = asked.named and asked.system is None and not _is_file(asked)
    if found or asked.vmid is not None or by_name:
        return _clone(node, asked, cluster, found, shelf)
    return _image(node, asked, cluster, shelf, systems or load())


def wanted_templates(asked: Asked, cluster: Cluster) -> list[Guest]:
    """The template machines that may be meant: their configurations are worth a look."""
    if asked.kind is Kind.LXC:
        return []
    return [guest for guest in cluster.guests if _is_meant(guest, asked)]


def kept_source(
    node: str,
    text: str,
    asked: Asked,
    cluster: Cluster,
    shelf: Shelf,
    *,
    systems: Systems | None = None,
) -> Source | None:
    """The source of an earlier plan, if the node still reaches it and it is still what is asked for."""
    if text.isdigit():
        exact = asked.model_copy(update={"vmid": int(text)})
        meant = [
            t for t in shelf.templates if t.guest.vmid == int(text) and _is_meant(t.guest, asked)
        ]
        found = source_on(node, exact, cluster, shelf, systems=systems) if meant else None
        return found if isinstance(found, Source) else None
    match = _VOLUME.match(text)
    if match is None or (asked.kind is Kind.LXC) != (match["folder"] == Content.VZTMPL):
        return None
    one = shelf.model_copy(
        update={
            "listed": tuple(f for f in shelf.listed if f == match["file"]),
            "files": {k: names & {match["file"]} for k, names in shelf.files.items()},
        }
    )
    narrow = asked.model_copy(update={"image_storage": match["storage"]})
    if asked.image_storage not in {None, match["storage"]}:
        return None
    found = source_on(node, narrow, cluster, one, systems=systems)
    return found if isinstance(found, Source) and found.text == text else None


# ── template machines ────────────────────────────────────────────────────────────────────────────


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


def _is_file(asked: Asked) -> bool:
    return "://" in asked.text or _VOLUME.match(asked.text) is not None


def _is_meant(guest: Guest, asked: Asked) -> bool:
    """By number or name; by an operating system's name also as a tag."""
    if not guest.template or guest.kind is not GuestKind.QEMU:
        return False
    if asked.vmid is not None:
        return guest.vmid == asked.vmid
    if guest.name == asked.text:
        return True
    names = asked.system.names if asked.system else ()
    return plain(guest.name) in names or any(plain(tag) in names for tag in guest.tags)


def _clone(
    node: str, asked: Asked, cluster: Cluster, found: Sequence[Template], shelf: Shelf
) -> Source | Fault:
    if not found:
        return _no_template(asked, cluster)
    here = [t for t in found if t.guest.node == node]
    able = here or [t for t in found if _reaches(node, t, cluster)]
    if not able:
        return _elsewhere(node, found)
    if len(able) > 1:
        listed = ", ".join(f"{t.guest.vmid} ({t.guest.name} on {t.guest.node})" for t in able)
        hint = "name one by its VMID in options.proxmox.template"
        message = f"several templates are meant by '{asked.text}': {listed}"
        return Fault(code="ambiguous_template", message=message, hint=hint, field="template")
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
    if template.guest.node in cluster.offline:
        return False
    storages = [cluster.storage(node, name) for name in template.storages]
    return all(s is not None and s.shared and s.active for s in storages)


def _elsewhere(node: str, found: Sequence[Template]) -> Fault:
    said = ", ".join(
        f"{t.guest.vmid} is on {t.guest.node}, on {', '.join(sorted(t.storages)) or 'no storage'}"
        for t in found
    )
    hint = f"place it on {found[0].guest.node}, keep a copy of the template on {node}, or move it to shared storage"
    message = f"can't have its template: {said}, which {node} does not share"
    return Fault(
        code="template_elsewhere", message=message, hint=hint, field="template", of_node=True
    )


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


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _image(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, systems: Systems
) -> Source | Fault:
    if asked.linked:
        message = f"there is no template machine '{asked.text}' to make a linked clone of"
        hint = "make one and name it in options.proxmox.template, or leave linked_clone out"
        return Fault(code="no_linked_clones", message=message, hint=hint, field="linked_clone")
    if exact := _VOLUME.match(asked.text):
        return _exact(node, exact, SourceKind.IMAGE, Content.IMPORT, cluster=cluster, shelf=shelf)
    url = asked.text if "://" in asked.text else asked.system.image if asked.system else None
    if url is None:
        known = [s.name for s in systems.systems.values() if s.image]
        return _unknown(asked, cluster, known=known)
    checksums = asked.system.checksums if asked.system else None
    found = _shelved(node, file_of(url), asked, Content.IMPORT, cluster=cluster, shelf=shelf)
    if isinstance(found, Fault):
        return found
    return found.model_copy(update={"url": url, "checksums": checksums})


def _archive(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, systems: Systems
) -> Source | Fault:
    if asked.linked:
        message = "a container is made from an archive, and can't be a linked clone"
        return Fault(
            code="no_linked_clones", message=message, hint="leave it out", field="linked_clone"
        )
    if exact := _VOLUME.match(asked.text):
        return _exact(node, exact, SourceKind.ARCHIVE, Content.VZTMPL, cluster=cluster, shelf=shelf)
    file = _newest(node, asked, shelf)
    if file is None:
        known = [s.name for s in systems.systems.values() if s.container]
        return _unknown(asked, cluster, known=known, shelf=shelf)
    return _shelved(node, file, asked, Content.VZTMPL, cluster=cluster, shelf=shelf)


def _newest(node: str, asked: Asked, shelf: Shelf) -> str | None:
    """The newest of those that Proxmox lists and those that are on the node's storages."""
    here = {
        f
        for (n, _, c), names in shelf.files.items()
        if n == node and c == Content.VZTMPL
        for f in names
    }
    known = {*shelf.listed, *here}
    if _ARCHIVE.search(asked.text):
        return asked.text if asked.text in known else None
    pattern = asked.system.container if asked.system else None
    patterns = [pattern] if pattern else [f"{asked.text}_*", f"{asked.text}-*_*"]
    for one in patterns:
        if found := [file for file in known if fnmatchcase(file, one)]:
            return max(found, key=lambda file: (natural(file), file))
    return None


def _shelved(
    node: str, file: str, asked: Asked, content: Content, *, cluster: Cluster, shelf: Shelf
) -> Source | Fault:
    """On the storage that has it already, else where it would be put: the one asked for, or the one with most space."""
    kind = SourceKind.ARCHIVE if content is Content.VZTMPL else SourceKind.IMAGE
    able = cluster.storages_for(node, content)
    if asked.image_storage is not None:
        able = tuple(s for s in able if s.name == asked.image_storage)
        if not able:
            return _wrong_storage(node, asked.image_storage, content, cluster)
    if not able:
        return _no_storage(node, content)
    has = sorted(s.name for s in able if file in shelf.files.get((node, s.name, content), ()))
    name = has[0] if has else able[0].name
    return Source(kind=kind, storage=name, volume=f"{name}:{content}/{file}", there=bool(has))


def _exact(
    node: str,
    match: re.Match[str],
    kind: SourceKind,
    content: Content,
    *,
    cluster: Cluster,
    shelf: Shelf,
) -> Source | Fault:
    storage, file, volume = match["storage"], match["file"], match[0]
    if match["folder"] != content:
        what = "a container" if kind is SourceKind.ARCHIVE else "a virtual machine"
        message = f"{what} can't be made from {volume}"
        return Fault(
            code="unknown_template", message=message, hint=f"it takes a volume in {content}/"
        )
    known = shelf.files.get((node, storage, content), frozenset())
    if file in known:
        return Source(kind=kind, storage=storage, volume=volume)
    message = f"{node} has no {volume}"
    hint = (
        did_you_mean(file, known)
        or f"put it there, or name an operating system such as {load().names[0]}"
    )
    return Fault(code="unknown_template", message=message, hint=hint, field="template")


_NEEDS: Mapping[Content, str] = {
    Content.VZTMPL: "container templates",
    Content.IMPORT: "disk images",
}


def _no_storage(node: str, content: Content) -> Fault:
    what = _NEEDS[content]
    hint = f"allow '{content}' on one of its storages, such as local"
    if content is Content.IMPORT:
        hint += " (Proxmox VE 8.3 and later), or make a template machine and name it in options.proxmox.template"
    message = f"has no active storage for {what} ('{content}')"
    return Fault(
        code="no_image_storage", message=message, hint=hint, field="image_storage", of_node=True
    )


def _wrong_storage(node: str, name: str, content: Content, cluster: Cluster) -> Fault:
    storage = cluster.storage(node, name)
    others = ", ".join(s.name for s in cluster.storages_for(node, content)) or "none"
    hint = f"storages for {_NEEDS[content]} there: {others}"
    if storage is None:
        return Fault(
            code="unknown_storage",
            message=f"has no storage '{name}'",
            hint=hint,
            field="image_storage",
            of_node=True,
        )
    why = _why_not(storage, content)
    return Fault(
        code="storage_content",
        message=f"has storage '{name}', {why}",
        hint=hint,
        field="image_storage",
        of_node=True,
    )


def _why_not(storage: Storage, content: Content) -> str:
    if str(content) in storage.content:
        return "and can't reach it"
    holds = ", ".join(sorted(storage.content)) or "nothing"
    return f"for {holds}, not for {_NEEDS[content]} ('{content}')"


def _unknown(
    asked: Asked, cluster: Cluster, *, known: Sequence[str], shelf: Shelf | None = None
) -> Fault:
    what = "container template" if asked.kind is Kind.LXC else "image or template"
    message = f"there is no {what} for '{asked.text}' in {cluster.name}"
    names = [*known, *_packages(shelf)] if shelf else [*known]
    names += [g.name for g in cluster.guests if g.template and asked.kind is Kind.VM and g.name]
    hint = did_you_mean(asked.text, names)
    if shelf is not None and not shelf.listed:
        more = "the node's list of templates is empty: `pveam update` on it fetches the list"
        hint = f"{hint}; {more}" if hint else more
    field = "template" if asked.named else ""
    return Fault(code="unknown_template", message=message, hint=hint, field=field)


def _packages(shelf: Shelf) -> Iterator[str]:
    for file in shelf.listed:
        yield file.partition("_")[0]
