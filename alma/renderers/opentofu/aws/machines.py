"""What runs on a machine of its own: an EC2 instance that starts a container, or is an operating system alone.

The container has the machine's network, so that it is reached at the machine's address under its own ports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from shlex import quote

from alma.core.model.blueprint import ResourceType, SecretRef
from alma.core.model.software import Distribution
from alma.core.model.state import DesiredResource, RenderedFile, ResolvedMount
from alma.core.model.units import Size
from alma.engines.proxmox.provisioning.job import Disk
from alma.engines.systems import image_of
from alma.renderers.opentofu.aws.ground import Ground
from alma.renderers.opentofu.aws.writing import Writing, gib, is_machine, is_system
from alma.renderers.opentofu.document import Block, literal, present
from alma.renderers.opentofu.first_start import Container, cloud_config, raw_variables

_SYSTEM = re.compile(r"^(debian|ubuntu)(?:[-: ]?(\d+(?:\.\d+)?))?$")
_USUAL = ("debian", "12")
_NEWEST = {"debian": "12", "ubuntu": "24.04"}
# Who publishes the images: Debian and Canonical.
_OWNERS = {"debian": "136693071363", "ubuntu": "099720109477"}
_ROOT = Size("10GiB")
_VOLUME = Size("8GiB")
_LETTERS = "fghijklmnop"
_FOLDER = "/srv/alma"
_ENV = "/etc/alma/container.env"


class Machines:
    """The instances, their images and their disks."""

    def __init__(self, writing: Writing, ground: Ground) -> None:
        self.writing = writing
        self.ground = ground
        self.document = writing.document
        self.owners: dict[str, DesiredResource] = {}

    def add(self, item: DesiredResource) -> None:
        """One machine, with what it needs."""
        name, about, found = self.writing.machine_type(item)
        subnet = self.ground.subnet(item)
        self._unsaid(item)
        volumes = self._volumes(item, subnet)
        block = {
            "ami": self._image(item, arm=found is not None and found.arm),
            "instance_type": name,
            "subnet_id": f"${{{subnet}.id}}",
            "vpc_security_group_ids": self.ground.groups(item),
            "associate_public_ip_address": item.public,
            "private_ip": self.ground.fixed(item),
            "key_name": self._key(),
            "user_data_base64": self._told(item, volumes),
            "root_block_device": {"volume_type": "gp3", "volume_size": self._root(item), "encrypted": True},
            "metadata_options": {"http_tokens": "required"},
            "tags": self.writing.tags(item),
            "depends_on": self._waits(item),
        }  # fmt: skip
        address = self.document.resource("aws_instance", item.address, present(block), about=about)
        self.writing.record(item, "A", ttl=60, records=[f"${{{address}.private_ip}}"])
        self._attach(item, address, volumes)

    def _root(self, item: DesiredResource) -> int:
        """Where its data is on a volume, that has the size; else the first disk does."""
        own = item.disk if item.resource.specs.disk_size and not item.mounts else None
        return max(gib(own or _ROOT), gib(_ROOT))

    def _key(self) -> str:
        told = "The name of an EC2 key pair to sign in with; none by default."
        return self.document.variable("key_name", told, default=None)

    def _waits(self, item: DesiredResource) -> list[str]:
        """Machines that are there before it. What runs on them may take longer: containers try again."""
        others = (self.writing.by_address.get(name) for name in item.depends_on)
        return [
            f"aws_instance.{self.document.word(other.address)}"
            for other in others
            if other is not None and is_machine(other)
        ]

    def _unsaid(self, item: DesiredResource) -> None:
        notes, resource = self.writing.notes, item.resource
        if resource.backup is not None and resource.backup.enabled:
            notes.unsupported(
                item,
                "backup",
                "no snapshots are planned: AWS Backup can take the volumes by their tags",
            )
        if isinstance(resource.network.public_ip, str):
            notes.unsupported(
                item,
                "network.public_ip",
                "AWS gives another public address: bring your own as an Elastic IP",
            )
        if any(port.published not in (None, port.target) for port in item.ports):
            notes.approximated(
                item,
                "ports",
                "a machine has an address of its own: its ports are reached under their own numbers",
            )
        if item.resource.specs.gpu:
            notes.left(
                f"{resource.name}.specs.gpu",
                "the type has the GPUs, and the image has no drivers for them",
                hint="install them, or name an image that has them",
            )
        if item.type is not ResourceType.VM and not is_system(item):
            notes.approximated(
                item, "type", "it is a container on a machine of its own, started by Docker"
            )
        if is_system(item) and item.ports:
            reason = "it listens on what runs in it: its network reaches all of it"
            notes.approximated(item, "network.ports", reason)
        if is_system(item) and item.command:
            notes.unsupported(
                item, "command", "a machine boots an operating system, which runs its services"
            )

    # ── images ───────────────────────────────────────────────────────────────────────────────────

    def _image(self, item: DesiredResource, *, arm: bool) -> str:
        """The newest image of the operating system by its own publisher."""
        if (item.resource.image or "").startswith("ami-"):
            return str(literal(item.resource.image))
        system, version = self._system(item)
        arch = "arm64" if arm else "amd64"
        pattern = (
            f"debian-{version}-{arch}-*"
            if system == "debian"
            else f"ubuntu/images/hvm-ssd*/ubuntu-*-{version}-{arch}-server-*"
        )
        block = {
            "most_recent": True,
            "owners": [_OWNERS[system]],
            "filter": [{"name": "name", "values": [pattern]}],
        }
        return f"${{{self.document.data('aws_ami', f'{system} {version} {arch}', block)}.id}}"

    def _system(self, item: DesiredResource) -> tuple[str, str]:
        asked = (item.resource.image or "").strip().casefold()
        if not is_system(item) and item.type is not ResourceType.VM:
            return _USUAL
        found = _SYSTEM.match(asked)
        if found is not None:
            return found[1], found[2] or _NEWEST[found[1]]
        reason = f"'{asked}' is not known" if asked else "no operating system was named"
        self.writing.notes.approximated(item, "image", f"{reason}: {' '.join(_USUAL)} is used")
        return _USUAL

    # ── volumes ──────────────────────────────────────────────────────────────────────────────────

    def _volumes(self, item: DesiredResource, subnet: str) -> dict[str, str]:
        """The volumes that are this machine's, by address, and what each is in the file."""
        mine: dict[str, str] = {}
        for mount in item.mounts:
            owner = self.owners.setdefault(mount.volume, item)
            if owner.address == item.address:
                mine[mount.volume] = self._volume(mount, subnet)
            else:
                reason = f"volume '{mount.volume}' is a disk, and {owner.address} has it: share files in another way"
                self.writing.notes.unsupported(item, "mounts", reason)
        return mine

    def _volume(self, mount: ResolvedMount, subnet: str) -> str:
        volume = self.writing.by_address[mount.volume]
        block: Block = {
            "availability_zone": f"${{{subnet}.availability_zone}}",
            "size": gib(volume.disk or _VOLUME),
            "type": "gp3",
            "encrypted": True,
            "tags": self.writing.tags(volume),
        }
        if volume.retain:
            block["lifecycle"] = {"prevent_destroy": True}
        if volume.disk is None:
            self.writing.notes.approximated(
                volume, "specs.disk", f"no size was named: {_VOLUME} is taken"
            )
        return self.document.resource("aws_ebs_volume", mount.volume, block)

    def _attach(self, item: DesiredResource, machine: str, volumes: Mapping[str, str]) -> None:
        for letter, (name, volume) in zip(_LETTERS, volumes.items(), strict=False):
            block = {
                "device_name": f"/dev/sd{letter}",
                "volume_id": f"${{{volume}.id}}",
                "instance_id": f"${{{machine}.id}}",
            }
            self.document.resource("aws_volume_attachment", name, block)
        if len(volumes) > len(_LETTERS):
            reason = f"a machine takes {len(_LETTERS)} volumes here: the others are not attached"
            self.writing.notes.unsupported(item, "mounts", reason)

    # ── its first start ──────────────────────────────────────────────────────────────────────────

    def _told(self, item: DesiredResource, volumes: Mapping[str, str]) -> str:
        """What cloud-init does, packed: AWS takes 16 kB. A disk is found by its volume's own number."""
        system = is_system(item)
        disks = [
            Disk(device=_device(volumes[m.volume]), path=m.path if system else _place(m))
            for m in item.mounts
            if m.volume in volumes
        ]
        container = Container((*self._files(item),), (*_start(item, volumes),))
        text = cloud_config(
            self.document,
            item,
            family=Distribution.DEBIAN,
            disks=disks,
            hosts={},
            more={} if system else {"packages": ["docker.io"], "package_update": True},
            container=None if system else container,
            filled=_filled(volumes),
        )
        return f"${{base64gzip({self.document.local(f'{item.address} user data', text)})}}"

    def _files(self, item: DesiredResource) -> Iterator[Block]:
        for file in item.files:
            content = self.document.secret(file.secret) if file.secret else literal(file.content)
            yield {
                "path": literal(_beside(file)),
                "content": content,
                "permissions": f"{file.mode:04o}",
            }
        secrets = {n: v for n, v in sorted(item.env.items()) if isinstance(v, SecretRef)}
        if secrets:
            yield {
                "path": _ENV,
                "content": raw_variables(self.document, secrets),
                "permissions": "0600",
            }


def _serial(volume: str) -> str:
    """A word that stands for the serial number of a volume's disk, which is not known yet."""
    return f"@{volume}@"


def _filled(volumes: Mapping[str, str]) -> dict[str, str]:
    """What stands behind these words: the volume's id without its hyphen."""
    return {_serial(v): f'${{replace({v}.id, "-", "")}}' for v in volumes.values()}


def _device(volume: str) -> str:
    return f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{_serial(volume)}"


def _place(mount: ResolvedMount) -> str:
    return f"/mnt/{mount.volume}"


def _beside(file: RenderedFile) -> str:
    return f"{_FOLDER}{file.path}"


def _start(item: DesiredResource, volumes: Mapping[str, str]) -> Iterator[str]:
    """The commands that start the container. Its data is below the mount, for a fresh file system is not empty, and a
    named volume gets the owner that the image has there."""
    options = ["--detach", "--name", item.address, "--network", "host"]
    options += ["--restart", "unless-stopped", "--init", "--security-opt", "no-new-privileges"]
    plain = {n: v for n, v in sorted(item.env.items()) if not isinstance(v, SecretRef)}
    for name, value in plain.items():
        options += ["--env", f"{name}={value}"]
    if len(plain) < len(item.env):
        options += ["--env-file", _ENV]
    for file in item.files:
        options += ["--volume", f"{_beside(file)}:{file.path}:ro"]
    for mount in item.mounts:
        if mount.volume in volumes:
            data = quote(f"{_place(mount)}/data")
            yield f"mkdir -p {data}"
            yield f"docker volume create --opt type=none --opt o=bind --opt device={data} {quote(mount.volume)}"
            options += [
                "--volume",
                f"{mount.volume}:{mount.path}{':ro' if mount.read_only else ''}",
            ]
    words = ["docker", "run", *options, image_of(item), *item.command]
    yield " ".join(map(quote, words))
