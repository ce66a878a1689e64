"""Containers of Proxmox VE as the provider bpg/proxmox makes them: without cloud-init, and so without software."""

from __future__ import annotations

import math

from alma.core.model.state import DesiredResource, ResolvedMount
from alma.engines.proxmox import options, shape, spec, values
from alma.engines.proxmox.cards import cards_of
from alma.engines.proxmox.options import ProxmoxOptions
from alma.renderers.notes import Notes
from alma.renderers.opentofu.document import Block, Document, literal, present
from alma.renderers.opentofu.guest_parts import ROOT_GIB, addresses, family_of, host_of, link


class Containers:
    """What is said of containers alone."""

    def __init__(self, document: Document, notes: Notes) -> None:
        self.document = document
        self.notes = notes

    def block(self, item: DesiredResource, said: ProxmoxOptions, *, storage: str) -> Block:
        """The arguments that machines don't have, or have in another way. `storage` is where its disks are."""
        self._unsaid(item)
        cards = cards_of(item)
        keys = {"user_account": {"keys": literal([*said.ssh_keys])}} if said.ssh_keys else {}
        swap = values.mebibytes(said.swap) if said.swap else 0
        features = (
            said.features.model_dump(mode="json", exclude_none=True) if said.features else None
        )
        return {
            "unprivileged": said.unprivileged,
            "start_on_boot": said.onboot,
            "features": features,
            "cpu": {"cores": math.ceil(item.cpu or spec.DEFAULT_CPUS)},
            "memory": {"dedicated": spec.memory(item), "swap": swap},
            "disk": {"datastore_id": storage, "size": spec.root_size(item) or ROOT_GIB},
            "initialization": {"hostname": host_of(item.address), **addresses(cards, said), **keys},
            "network_interface": [
                {"name": f"eth{n}", **link(card)} for n, card in enumerate(cards)
            ],
            "mount_point": [_mount_point(mount, storage) for mount in item.mounts],
            "operating_system": self._system(item, said),
        }

    def _unsaid(self, item: DesiredResource) -> None:
        if item.recipe is not None and item.recipe.known:
            reason = "OpenTofu sets no software up in a container: leave the kind out, and it becomes a machine"
            self.notes.unsupported(item, "engine", reason)
        if item.env:
            self.notes.unsupported(item, "env", "OpenTofu puts no variables into a container")
        if item.cpu is not None and item.cpu != math.ceil(item.cpu):
            reason = "the provider knows whole cores of a container only"
            self.notes.approximated(item, "specs.cpu", reason)

    def _system(self, item: DesiredResource, said: ProxmoxOptions) -> Block:
        name = shape.image_name(item)
        asked = str(said.template or "")
        if ":vztmpl/" in asked or ":vztmpl/" in name:
            file = str(literal(asked if ":vztmpl/" in asked else name))
        else:
            told = f"The container template of {name}, as `pveam list` names it: local:vztmpl/…"
            file = self.document.variable(f"{self.document.word(name)}_template", told)
        type_ = "ubuntu" if "ubuntu" in name else family_of(name).value
        return {"template_file_id": file, "type": type_}


def _mount_point(mount: ResolvedMount, storage: str) -> Block:
    own = options.volume_options(mount)
    return present(
        {
            "volume": literal(own.storage) if own.storage else storage,
            "size": f"{spec.volume_size(mount)}G",
            "path": literal(mount.path),
            "read_only": mount.read_only or None,
            "backup": own.backup,
        }
    )
