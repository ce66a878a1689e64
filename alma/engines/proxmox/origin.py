"""What guests are made from, and what is asked for: the words that `sources` answers in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from alma.core.model.base import Frozen
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.cluster import Guest
from alma.engines.proxmox.options import Kind, ProxmoxOptions, kind_of
from alma.engines.proxmox.shape import image_name
from alma.engines.proxmox.systems import System, Systems, load

VOLUME = re.compile(r"^(?P<storage>[A-Za-z][\w.-]*):(?P<folder>vztmpl|import)/(?P<file>[^/]+)$")


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
