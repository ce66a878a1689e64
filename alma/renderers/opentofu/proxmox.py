"""OpenTofu for Proxmox VE with the provider bpg/proxmox: the guests that the Proxmox engine would make.

Software gets into a guest by cloud-init, which the provider knows for machines only: a guest with software is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from alma.core.model.blueprint import Resource
from alma.core.model.engine import EngineTraits
from alma.core.model.plan import SupportLevel
from alma.core.model.rendering import Rendering, Subject
from alma.core.model.state import DesiredResource, StackRef
from alma.core.ports.renderers import MachineTypes
from alma.engines.proxmox import firewall, options, shape, spec
from alma.engines.proxmox.cards import cards_of
from alma.engines.proxmox.marker import guest_name
from alma.engines.proxmox.options import Kind, ProxmoxOptions
from alma.engines.proxmox.provisioning.job import Disk
from alma.renderers.notes import Notes
from alma.renderers.opentofu.containers import Containers
from alma.renderers.opentofu.document import FORMAT, Block, Document, literal, present
from alma.renderers.opentofu.first_start import cloud_config
from alma.renderers.opentofu.guest_parts import (
    ROOT_GIB,
    addresses,
    device,
    disk_at,
    family_of,
    memory,
    processor,
    startup,
    url_of,
)
from alma.renderers.secrets import secrets_in

VM = "proxmox_virtual_environment_vm"
CONTAINER = "proxmox_virtual_environment_container"
DOWNLOAD = "proxmox_virtual_environment_download_file"
SNIPPET = "proxmox_virtual_environment_file"
RULES = "proxmox_virtual_environment_firewall_rules"
RULES_ON = "proxmox_virtual_environment_firewall_options"
HA = "proxmox_virtual_environment_haresource"
_DEFAULTS = spec.Defaults()
_ASKED = {
    "node_name": ("The node that guests go to, where the blueprint names none.", None),
    "datastore": ("Where disks are.", "local-lvm"),
    "image_datastore": ("Where images, templates and snippets are.", "local"),
}


class ProxmoxRenderer:
    """See `Renderer`. One machine or container for each instance."""

    name: ClassVar[str] = "proxmox"
    formats: ClassVar[tuple[str, ...]] = (FORMAT,)
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(shape.TYPES),
        separate_networks=False,
        separate_volumes=False,
        separate_firewalls=False,
        images=False,
        clusters=False,
    )

    def render(
        self,
        resources: Sequence[DesiredResource],
        subject: Subject,
        *,
        format: str,
        types: MachineTypes,
    ) -> Rendering:
        """See `Renderer.render`."""
        writing = _Writing(resources, Document(subject, secrets=secrets_in(resources)))
        return writing.rendered(format)


@dataclass
class _Writing:
    """One file on its way."""

    resources: Sequence[DesiredResource]
    document: Document
    notes: Notes = field(default_factory=Notes)

    def rendered(self, format: str) -> Rendering:
        self._connect()
        guests = [self._kind_said(item) for item in self.resources if self._possible(item)]
        self.hosts = {
            item.address: fixed
            for item in guests
            for card in cards_of(item)
            if (fixed := card.fixed) is not None
        }
        self.kinds = {item.address: _resource_type(item) for item in guests}
        for item in guests:
            self._guest(item)
        self._tell(guests)
        return Rendering(
            engine=ProxmoxRenderer.name,
            format=format,
            files=(self.document.written(),),
            notes=self.notes.found,
        )

    def _connect(self) -> None:
        asked = self.document.variable
        self.document.require(
            "proxmox",
            source="bpg/proxmox",
            version=">= 0.78",
            settings={
                "endpoint": asked("proxmox_endpoint", "Such as https://pve.example.org:8006/."),
                "api_token": asked(
                    "proxmox_api_token", "Such as user@pve!name=secret.", sensitive=True
                ),
                # Snippets can't be uploaded by the API: the provider copies them over SSH.
                "ssh": {
                    "agent": True,
                    "username": asked(
                        "proxmox_ssh_user", "May copy files to the nodes.", default="root"
                    ),
                },
            },
        )

    def _asked(self, name: str) -> str:
        said, default = _ASKED[name]
        return self.document.variable(name, said, **({"default": default} if default else {}))

    def _possible(self, item: DesiredResource) -> bool:
        """Whether it can be made; what the engine says of it is noted."""
        support = shape.support_of(item, _DEFAULTS)
        refused = [s for s in support if s.path == "type" and s.level is SupportLevel.UNSUPPORTED]
        self.notes.told(item, refused or support)
        return not refused

    def _kind_said(self, item: DesiredResource) -> DesiredResource:
        """A guest with software is a machine, unless it is said to be a container."""
        software = item.recipe is not None and item.recipe.known
        if not software or options.options_of(item).kind or options.kind_of(item) is Kind.VM:
            return item
        self.notes.approximated(
            item, "type", "it becomes a machine: OpenTofu can set software up by cloud-init only, which containers "
            "don't have"
        )  # fmt: skip
        said = {
            **item.resource.options,
            "proxmox": {**item.resource.options.get("proxmox", {}), "kind": "vm"},
        }
        resource = item.resource.model_copy(update={"options": said})
        return item.model_copy(update={"resource": resource})

    def _tell(self, guests: Sequence[DesiredResource]) -> None:
        for name, word in self.document.asked.items():
            self.notes.left(
                f"variable.{word}",
                f"the secret '{name}' is not in the files",
                hint=f"set TF_VAR_{word}; OpenTofu keeps it in its state, so keep that safe",
            )
        nameless = sorted(item.address for item in guests if item.address not in self.hosts)
        if len(guests) > 1 and nameless:
            self.notes.left(
                "network",
                f"guests call each other by name, and addresses are not known before they are there: "
                f"{', '.join(nameless)}",
                hint="let your DHCP server tell your DNS server their names, or give them a private_ip",
            )

    # ── guests ───────────────────────────────────────────────────────────────────────────────────

    def _guest(self, item: DesiredResource) -> None:
        said = options.options_of(item)
        self._unsaid(item, said)
        node = literal(said.node) if said.node else self._asked("node_name")
        machine = options.kind_of(item) is Kind.VM
        block = {
            "description": literal(self._about(item)),
            "tags": sorted({"alma", *(tag.lower() for tag in said.tags)}),
            "node_name": node,
            "pool_id": said.pool,
            "protection": said.protection or None,
            "startup": startup(said),
            **(
                self._machine(item, said, node)
                if machine
                else Containers(self.document, self.notes).block(
                    item, said, storage=self._storage(said)
                )
            ),
        }
        if item.resource.depends_on or item.depends_on:
            block["depends_on"] = self._waits(item)
        address = self.document.resource(VM if machine else CONTAINER, item.address, present(block))
        self._walls(item, address, node, machine=machine)
        self._available(item, said, address, machine=machine)

    def _name(self, item: DesiredResource) -> str:
        """As the engine calls it: stacks don't get in each other's way."""
        stack = self.document.subject.stack
        return guest_name(StackRef(id=stack, name=stack, engine=ProxmoxRenderer.name), item.address)

    def _about(self, item: DesiredResource) -> str:
        told = item.resource.description
        labels = [f"{name}: {text}" for name, text in sorted(item.resource.labels.items())]
        about = f"{item.address} of {self.document.subject.name}{f': {told}' if told else ''}"
        return "\n".join([about, *labels])

    def _waits(self, item: DesiredResource) -> list[str]:
        kinds = self.kinds
        return [f"{kinds[a]}.{self.document.word(a)}" for a in item.depends_on if a in kinds]

    def _unsaid(self, item: DesiredResource, said: ProxmoxOptions) -> None:
        for network in item.attached:
            self._network_unsaid(item, network)
        if item.software is None and item.ports:
            reason = "it listens on what runs in it: nothing is opened, and nothing is shut"
            self.notes.approximated(item, "network.ports", reason)
        if not said.node and item.resource.count > 1 and said.anti_affinity:
            self.notes.approximated(
                item, "options.proxmox.anti_affinity", "all instances go to the node in the variable node_name: say a "
                "node for some"
            )  # fmt: skip
        if said.snapshot_before_update:
            self.notes.unsupported(
                item, "options.proxmox.snapshot_before_update", "OpenTofu makes no snapshots"
            )

    def _network_unsaid(self, item: DesiredResource, network: Resource) -> None:
        if not options.network_options(network).bridge and network.vlan is None:
            reason = f"'{network.name}' has neither a bridge nor a VLAN of its own: its guests are among all others"
            self.notes.approximated(item, "network.attach", reason)
        if network.cidr:
            reason = "guests without a fixed address get theirs from the DHCP server there, whatever its range"
            self.notes.said(f"{network.name}.cidr", reason)

    # ── machines ─────────────────────────────────────────────────────────────────────────────────

    def _machine(self, item: DesiredResource, said: ProxmoxOptions, node: str) -> Block:
        cards = cards_of(item)
        disks, mounted = self._disks(item, said, node)
        agent = said.agent is not False
        return {
            "name": self._name(item),
            "on_boot": said.onboot,
            "bios": said.bios,
            "machine": said.machine,
            "boot_order": [*said.boot_order],
            "agent": {"enabled": agent},
            "cpu": processor(item, said),
            "memory": memory(item, said),
            "clone": self._clone(item, said),
            "disk": disks,
            "efi_disk": {"datastore_id": self._storage(said), "type": "4m"} if said.bios == "ovmf" else None,
            "network_device": [device(card) for card in cards],
            "initialization": self._initialization(item, said, node, mounted=mounted, agent=agent),
            "operating_system": {"type": "l26"},
            "scsi_hardware": "virtio-scsi-single" if said.disk.iothread else "virtio-scsi-pci",
            "serial_device": [{}],
        }  # fmt: skip

    def _storage(self, said: ProxmoxOptions) -> str:
        return str(literal(said.storage)) if said.storage else self._asked("datastore")

    def _images(self, said: ProxmoxOptions) -> str:
        return (
            str(literal(said.image_storage))
            if said.image_storage
            else self._asked("image_datastore")
        )

    def _clone(self, item: DesiredResource, said: ProxmoxOptions) -> Block | None:
        if said.template is None:
            return None
        vmid: Any = said.template
        if isinstance(vmid, str):
            name = f"{self.document.word(item.resource.name)}_template"
            vmid = self.document.variable(
                name, f"The VMID of the template '{vmid}'.", type="number"
            )
        return {"vm_id": vmid, "full": said.linked_clone is not True}

    def _disks(
        self, item: DesiredResource, said: ProxmoxOptions, node: str
    ) -> tuple[list[Block], list[Disk]]:
        """The machine's disks, and where those that hold volumes appear in it."""
        root = {"interface": "scsi0", "size": spec.root_size(item) or ROOT_GIB}
        if said.template is None:
            root["import_from"] = self._image(item, said, node)
        disks = [root | self._drive(said, said.storage)]
        mounted = []
        for number, mount in enumerate(item.mounts, start=1):
            own = options.volume_options(mount)
            disk = {"interface": f"scsi{number}", "size": spec.volume_size(mount)}
            disks.append(disk | self._drive(said, own.storage) | present({"backup": own.backup}))
            mounted.append(disk_at(number, mount))
        return disks, mounted

    def _drive(self, said: ProxmoxOptions, storage: str | None) -> Block:
        behaviour = said.disk.model_dump(exclude_none=True)
        if "discard" in behaviour:
            behaviour["discard"] = "on" if behaviour["discard"] else "ignore"
        where = literal(storage) if storage else self._storage(said)
        return {"datastore_id": where, **behaviour}

    def _image(self, item: DesiredResource, said: ProxmoxOptions, node: str) -> str:
        """The image that its first disk is made from: one download for each node."""
        name = shape.image_name(item)
        url, file = url_of(name)
        if url is None:
            if ":" in name:
                return str(literal(name))
            self.notes.unsupported(
                item, "image", f"'{name}' is not known; {shape.DEFAULT_IMAGE} is taken"
            )
            url, file = url_of(shape.DEFAULT_IMAGE)
        place = said.node or "node"
        block = {
            "content_type": "import",
            "datastore_id": self._images(said),
            "node_name": node,
            "url": literal(url),
            "file_name": file,
        }
        return f"${{{self.document.resource(DOWNLOAD, f'{name} {place}', block)}.id}}"

    def _initialization(
        self,
        item: DesiredResource,
        said: ProxmoxOptions,
        node: str,
        *,
        mounted: Sequence[Disk],
        agent: bool,
    ) -> Block:
        peers = {name: address for name, address in self.hosts.items() if name != item.address}
        more: Block = {"packages": ["qemu-guest-agent"], "package_update": True} if agent else {}
        if said.ssh_keys:
            more["ssh_authorized_keys"] = literal([*said.ssh_keys])
        if said.user:
            more["user"] = literal(said.user)
        family = family_of(shape.image_name(item))
        text = cloud_config(
            self.document, item, family=family, disks=mounted, hosts=peers,
            more=more,
        )  # fmt: skip
        snippet = {
            "content_type": "snippets",
            "datastore_id": self._images(said),
            "node_name": node,
            "source_raw": {
                "data": text,
                "file_name": f"{item.address}-{self.document.subject.stack}.yaml",
            },
        }
        file = self.document.resource(SNIPPET, item.address, snippet)
        return {
            **addresses(cards_of(item), said),
            "datastore_id": self._storage(said),
            "user_data_file_id": f"${{{file}.id}}",
        }

    # ── what is around a guest ───────────────────────────────────────────────────────────────────

    def _walls(self, item: DesiredResource, address: str, node: str, *, machine: bool) -> None:
        rules = firewall.rules_of(item)
        if not rules:
            return
        whose = {"node_name": node, "vm_id" if machine else "container_id": f"${{{address}.vm_id}}"}
        written = [
            {
                key: literal(rule[key])
                for key in ("type", "action", "source", "proto", "dport", "comment")
                if key in rule
            }
            for rule in rules
        ]
        self.document.resource(RULES, item.address, {**whose, "rule": written})
        policy = firewall.policy_of(rules)
        self.document.resource(
            RULES_ON, item.address, {**whose, "enabled": True, "input_policy": policy}
        )

    def _available(
        self, item: DesiredResource, said: ProxmoxOptions, address: str, *, machine: bool
    ) -> None:
        if said.ha is None:
            return
        kind = "vm" if machine else "ct"
        given = said.ha.model_dump(mode="json", exclude_none=True)
        self.document.resource(
            HA, item.address, {"resource_id": f"{kind}:${{{address}.vm_id}}", **given}
        )


def _resource_type(item: DesiredResource) -> str:
    return VM if options.kind_of(item) is Kind.VM else CONTAINER
