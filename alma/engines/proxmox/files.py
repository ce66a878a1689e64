"""Disk images and container templates: which file is meant, and which storage it is or will be on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from alma.core.model.suggest import did_you_mean
from alma.engines.proxmox.cluster import Cluster, Content, Storage
from alma.engines.proxmox.options import Kind
from alma.engines.proxmox.origin import VOLUME, Asked, Fault, Shelf, Source, SourceKind
from alma.engines.proxmox.systems import Systems
from alma.engines.proxmox.wants import amount, natural

_ARCHIVE = re.compile(r"\.tar\.(gz|xz|zst|bz2)$")


def image(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, systems: Systems
) -> Source | Fault:
    if asked.linked:
        message = f"there is no template machine '{asked.text}' to make a linked clone of"
        hint = "make one and name it in options.proxmox.template, or leave linked_clone out"
        return Fault(code="no_linked_clones", message=message, hint=hint, field="linked_clone")
    if exact := VOLUME.match(asked.text):
        return _exact(node, exact, SourceKind.IMAGE, Content.IMPORT, cluster=cluster, shelf=shelf)
    url = asked.text if "://" in asked.text else asked.system.image if asked.system else None
    if url is None:
        known = [s.name for s in systems.systems.values() if s.image]
        return _unknown(asked, cluster, known=known)
    checksums = asked.system.checksums if asked.system else None
    found = _shelved(
        node, systems.file_at(url), asked, Content.IMPORT, cluster=cluster, shelf=shelf
    )
    if isinstance(found, Fault):
        return found
    return found.model_copy(update={"url": url, "checksums": checksums})


def archive(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, systems: Systems
) -> Source | Fault:
    if asked.linked:
        message = "a container is made from an archive, and can't be a linked clone"
        return Fault(
            code="no_linked_clones", message=message, hint="leave it out", field="linked_clone"
        )
    if exact := VOLUME.match(asked.text):
        return _exact(node, exact, SourceKind.ARCHIVE, Content.VZTMPL, cluster=cluster, shelf=shelf)
    file = _newest(node, asked, shelf)
    if file is None and (elsewhere := _newest(None, asked, shelf)) is not None:
        return Fault(
            code="template_elsewhere",
            message=f"has no template {elsewhere}, and Proxmox does not list it",
            hint="put it on a storage of that node, or name a node that has it",
            field="template",
            of_node=True,
        )
    if file is None:
        known = [s.name for s in systems.systems.values() if s.container]
        return _unknown(asked, cluster, known=known, shelf=shelf)
    return _shelved(node, file, asked, Content.VZTMPL, cluster=cluster, shelf=shelf)


def _newest(node: str | None, asked: Asked, shelf: Shelf) -> str | None:
    """The newest of those that Proxmox lists and those that are on the node's storages, or on any node's."""
    here = {
        file
        for (on, _, content), names in shelf.files.items()
        if node in {None, on} and content == Content.VZTMPL
        for file in names
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
    if not has and able[0].free < ROOM[content]:
        return _no_room(able[0], file, content)
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
    hint = did_you_mean(file, known) or "put it there, or name a system, such as debian-12"
    return Fault(
        code="unknown_template",
        message=f"has no {volume}",
        hint=hint,
        field="template",
        of_node=True,
    )


_NEEDS: Mapping[Content, str] = {
    Content.VZTMPL: "container templates",
    Content.IMPORT: "disk images",
}


# Less than this is too little for a file whose size nobody says before it is there.
ROOM: Mapping[Content, int] = {Content.VZTMPL: 256 * 1024**2, Content.IMPORT: 1024**3}


def _no_room(storage: Storage, file: str, content: Content) -> Fault:
    return Fault(
        code="storage_full",
        message=f"has {amount(storage.free)} free on storage '{storage.name}', too little for {file}",
        hint=f"free some space, or name another storage for {_NEEDS[content]}",
        field="image_storage",
        of_node=True,
    )


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
