"""Terraform's providers of Proxmox VE: `bpg/proxmox` and the older `telmate/proxmox`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping

from alma.core.migration.draft import Doc
from alma.core.migration.reading.site import Entry, Reader, Site
from alma.core.migration.reading.sizes import gib, mib
from alma.core.migration.values import Values
from alma.core.model.blueprint import ResourceType

_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([KMGT])?$", re.IGNORECASE)
_PAIR = re.compile(r"(?:^|,)\s*(ip|gw)=([^,]+)")


def _options(doc: Doc, **values: str | None) -> None:
    said = {key: value for key, value in values.items() if value}
    if said:
        doc.setdefault("options", {}).setdefault("proxmox", {}).update(said)


def _tags(site: Site, entry: Entry, doc: Doc) -> None:
    tags = [
        tag
        for text in entry.values.texts("tags")
        for tag in re.split(r"[;,]", text)
        if tag not in {"", "None"}
    ]
    site.draft.labels(entry.thing, doc, dict.fromkeys(tags, "true"), "tags")


def _description(entry: Entry, doc: Doc, *keys: str) -> None:
    if text := entry.values.text(*keys):
        doc["description"] = text.strip()[:2000]


def _address(doc: Doc, text: str | None) -> None:
    """A fixed address; `dhcp` and its kin are none."""
    try:
        found = ipaddress.ip_interface(text or "")
    except ValueError:
        return
    doc.setdefault("network", {}).setdefault("private_ip", str(found.ip))


def _bpg_machine(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.VM)
    cpu, memory = values.inner("cpu"), values.inner("memory")
    _compute(
        doc,
        (cpu.number("cores") or 1) * (cpu.number("sockets") or 1),
        mib(memory.number("dedicated")),
    )
    cpu.drop("architecture", "units", "numa", "type", "limit", "hotplugged")
    _disks(site, entry, doc, values.each("disk"))
    _bpg_start(site, entry, doc)
    _cards(site, entry, doc, "network_device")
    _description(entry, doc, "description")
    _tags(site, entry, doc)
    _options(doc, node=values.text("node_name"))
    source = values.inner("clone").raw("vm_id")
    if source:
        message = f"which system the template {source} holds is not in the state"
        site.draft.remark(entry.thing, "clone", message, hint="name an image such as debian:12")
    values.drop(
        "clone",
        "operating_system",
        "serial_device",
        "vga",
        "agent",
        "scsi_hardware",
        "bios",
        "machine",
    )
    site.anew(
        entry,
        "vm_id name mac_addresses ipv4_addresses ipv6_addresses network_interface_names started "
        "acpi keyboard_layout tablet_device timeout_clone timeout_create timeout_migrate "
        "timeout_move_disk timeout_reboot timeout_shutdown_vm timeout_start_vm timeout_stop_vm "
        "migrate reboot stop_on_destroy template on_boot boot_order reboot_after_update "
        "delete_unreferenced_disks_on_destroy purge_on_destroy",
    )


def _bpg_start(site: Site, entry: Entry, doc: Doc) -> None:
    first = entry.values.inner("initialization")
    for config in first.each("ip_config"):
        _address(doc, config.inner("ipv4").text("address"))
        config.inner("ipv4").drop("gateway", "address")
        config.inner("ipv6").drop("gateway", "address")
    account = first.inner("user_account")
    if account.raw("password") or account.raw("keys"):
        site.draft.remark(entry.thing, "initialization.user_account", "not copied", code="secret")
    account.drop("username")
    first.drop("datastore_id", "interface", "type", "hostname")


def _compute(doc: Doc, cpu: float | None, memory: str | None) -> None:
    specs = doc.setdefault("specs", {})
    if cpu:
        specs["cpu"] = int(cpu) if cpu == int(cpu) else cpu
    if memory:
        specs["memory"] = memory


def _disks(site: Site, entry: Entry, doc: Doc, disks: list[Values]) -> None:
    """The first is the disk of the system, the others are volumes."""
    for number, disk in enumerate(disks):
        size = gib(disk.number("size")) or _telmate_size(disk.text("size"))
        storage = disk.text("datastore_id", "storage")
        disk.drop(*disk.data)
        if number == 0:
            if size:
                doc.setdefault("specs", {})["disk"] = size
            _options(doc, storage=storage)
            continue
        volume = site.draft.add(
            entry.thing, ResourceType.VOLUME, f"{doc['name']}-disk{number}", suffix="disk"
        )
        if size:
            volume["specs"] = {"disk": size}
        site.mount(entry, doc, volume, label=volume["name"])


def _cards(site: Site, entry: Entry, doc: Doc, key: str) -> None:
    """Cards are in networks, which are bridges there, with a tag or without."""
    for card in entry.values.each(key):
        bridge = card.text("bridge") or "vmbr0"
        tag = card.whole("vlan_id", "tag")
        card.drop(*card.data)
        name = f"{bridge}-vlan{tag}" if tag and tag > 0 else bridge
        network = site.draft.doc(name)
        if network is None:
            network = site.draft.add(entry.thing, ResourceType.NETWORK, name)
            network["options"] = {"proxmox": {"bridge": bridge}}
            if tag and 0 < tag < 4095:
                network["vlan"] = tag
        joined = doc.setdefault("network", {}).setdefault("attach", [])
        if network["name"] not in joined:
            joined.append(network["name"])


def _bpg_container(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.CONTAINER)
    cpu = values.inner("cpu")
    _compute(doc, cpu.number("cores"), mib(values.inner("memory").number("dedicated")))
    cpu.drop("architecture", "units")
    values.inner("memory").drop("swap")
    _disks(site, entry, doc, values.each("disk"))
    _bpg_start(site, entry, doc)
    _cards(site, entry, doc, "network_interface")
    template = values.inner("operating_system").text("template_file_id")
    _template(site, entry, doc, template, "operating_system")
    values.inner("operating_system").drop("type")
    _description(entry, doc, "description")
    _tags(site, entry, doc)
    _options(doc, node=values.text("node_name"))
    site.anew(
        entry,
        "vm_id started start_on_boot template ipv4 ipv6 timeout_clone timeout_create "
        "timeout_delete timeout_start timeout_update console protection",
    )


def _template(site: Site, entry: Entry, doc: Doc, template: str | None, at: str) -> None:
    match = re.search(
        r"(debian|ubuntu|alpine|rockylinux|almalinux)-(\d+(?:\.\d+)?)", template or ""
    )
    if match:
        doc["image"] = f"{match[1]}:{match[2]}"
        site.draft.assumed(
            entry.thing,
            doc,
            "image",
            f"{(template or '').rpartition('/')[2]} is taken for {doc['image']}",
        )
    elif template:
        site.draft.remark(entry.thing, at, "no image is known for that template")


def _telmate_machine(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.VM)
    cpu = values.inner("cpu")
    cores = values.number("cores") or cpu.number("cores") or 1
    sockets = values.number("sockets") or cpu.number("sockets") or 1
    _compute(doc, cores * sockets, mib(values.number("memory")))
    disks = values.each("disk") or [
        d for d in _telmate_disks(values.peek("disks")) if d.peek("size")
    ]
    _disks(site, entry, doc, disks)
    values.drop("disks")
    for key in ("ipconfig0", "ipconfig1"):
        for name, value in _PAIR.findall(values.text(key) or ""):
            if name == "ip":
                _address(doc, value)
    if values.raw("cipassword") or values.raw("sshkeys") or values.raw("ssh_private_key"):
        site.draft.remark(
            entry.thing, "cipassword", "passwords and keys are not copied", code="secret"
        )
    _cards(site, entry, doc, "network")
    _description(entry, doc, "desc", "description")
    _tags(site, entry, doc)
    _options(doc, node=values.text("target_node"), pool=values.text("pool"))
    if template := values.text("clone", "full_clone_id"):
        message = f"which system the template {template} holds is not in the state"
        site.draft.remark(entry.thing, "clone", message, hint="name an image such as debian:12")
    site.anew(
        entry,
        "vmid name default_ipv4_address default_ipv6_address ssh_host ssh_port reboot_required "
        "linked_vmid unused_disk agent scsihw boot bootdisk os_type qemu_os vm_state onboot "
        "full_clone balloon kvm tablet define_connection_info additional_wait automatic_reboot "
        "clone_wait skip_ipv4 skip_ipv6 cpu_type bios force_create vcpus numa preprovision "
        "agent_timeout automatic_reboot_severity ciuser hotplug",
    )


def _telmate_disks(found: object, depth: int = 0) -> list[Values]:
    """Disks by bus and slot, each in a list of one: `disks[0].scsi[0].scsi0[0].disk[0]`."""
    if depth > 8:
        return []
    if isinstance(found, list):
        return [disk for item in found for disk in _telmate_disks(item, depth + 1)]
    if not isinstance(found, Mapping):
        return []
    if "size" in found:
        return [Values(found, "disks")]
    return [disk for item in found.values() for disk in _telmate_disks(item, depth + 1)]


def _telmate_size(text: str | None) -> str | None:
    match = _SIZE.match(text or "")
    return f"{match[1]}{(match[2] or 'G').upper()}iB" if match else None


def _telmate_container(site: Site, entry: Entry) -> None:
    values, doc = entry.values, site.add(entry, ResourceType.CONTAINER)
    _compute(doc, values.number("cores"), mib(values.number("memory")))
    _disks(site, entry, doc, [values.inner("rootfs"), *values.each("mountpoint")])
    for card in values.each("network"):
        _address(doc, card.text("ip"))
    _cards(site, entry, doc, "network")
    _template(site, entry, doc, values.text("ostemplate"), "ostemplate")
    if values.raw("password") or values.raw("ssh_public_keys"):
        site.draft.remark(
            entry.thing, "password", "passwords and keys are not copied", code="secret"
        )
    _description(entry, doc, "description")
    _tags(site, entry, doc)
    _options(doc, node=values.text("target_node"), pool=values.text("pool"))
    site.anew(
        entry,
        "vmid hostname ostype onboot start swap arch cmode console tty cpuunits cpulimit",
    )


STEPS: tuple[Mapping[str, Reader], ...] = (
    {
        "proxmox_virtual_environment_vm": _bpg_machine,
        "proxmox_virtual_environment_container": _bpg_container,
        "proxmox_vm_qemu": _telmate_machine,
        "proxmox_lxc": _telmate_container,
    },
)
"""Guests bring their networks and disks along."""
