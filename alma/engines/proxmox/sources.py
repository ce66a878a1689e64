"""What a guest is made from: a template machine to clone, a disk image, or a container's template. Pure.

What is asked for is looked up among what the cluster has (`Shelf`), for each node: a template on one node's own storage
can't be cloned to another, and a file has to be on a storage that the node reaches. The newest template that fits is
taken, and written into the plan, so that what was approved is what is used.
"""

from __future__ import annotations

from alma.engines.proxmox import files
from alma.engines.proxmox.cluster import Cluster, Content
from alma.engines.proxmox.options import Kind
from alma.engines.proxmox.origin import (
    VOLUME,
    Asked,
    Fault,
    Shelf,
    Source,
    SourceKind,
    Template,
    image_of,
)
from alma.engines.proxmox.systems import Systems, load
from alma.engines.proxmox.templates import clone, is_meant, template_of, wanted_templates

__all__ = [
    "Asked",
    "Fault",
    "Shelf",
    "Source",
    "SourceKind",
    "Template",
    "image_of",
    "kept_source",
    "source_on",
    "template_of",
    "wanted_templates",
]


def source_on(
    node: str, asked: Asked, cluster: Cluster, shelf: Shelf, *, systems: Systems | None = None
) -> Source | Fault:
    """What a guest on that node would be made from, or why it can't be."""
    if asked.kind is Kind.LXC:
        return files.archive(node, asked, cluster, shelf, systems or load())
    found = [t for t in shelf.templates if is_meant(t.guest, asked)]
    by_name = asked.named and asked.system is None and not _is_file(asked)
    if found or asked.vmid is not None or by_name:
        return clone(node, asked, cluster, found)
    return files.image(node, asked, cluster, shelf, systems or load())


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
            t for t in shelf.templates if t.guest.vmid == int(text) and is_meant(t.guest, asked)
        ]
        found = source_on(node, exact, cluster, shelf, systems=systems) if meant else None
        return found if isinstance(found, Source) else None
    match = VOLUME.match(text)
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


def _is_file(asked: Asked) -> bool:
    return "://" in asked.text or VOLUME.match(asked.text) is not None
