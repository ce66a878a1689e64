"""Facts that are said: one short function for each path, over the fields a blueprint has.

Only the paths that some rule asks for are computed: a rule set that never asks for images costs nothing for images.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource, ResourceType, SecretRef
from alma.core.model.software import Catalogue
from alma.core.model.units import Size
from alma.core.policy.plaintext import inline_secrets, secrets_elsewhere

GIB = 1024**3
_HOURS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720}
_OS = re.compile(
    r"(?:^|/)(debian|ubuntu|alpine|fedora|rockylinux|rocky|almalinux|centos|opensuse/leap|amazonlinux)"
    r"(?:[:-](?:stream)?-?([0-9][0-9.]*|[a-z]+))?",
)
_CODENAMES = {
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
    "bionic": "18.04",
    "focal": "20.04",
    "jammy": "22.04",
    "noble": "24.04",
}
_OS_NAMES = {"rocky": "rockylinux", "opensuse/leap": "opensuse"}


def plain_number(value: float | None) -> int | float | None:
    """A whole number as such: a rule that compares 4 with 4.0 compares equals."""
    return int(value) if value is not None and float(value).is_integer() else value


def gib(size: Size | None) -> int | float | None:
    """An amount in GiB, to a thousandth."""
    return None if size is None else plain_number(round(size.bytes / GIB, 3))


def software_of(resource: Resource, catalogue: Catalogue | None) -> str | None:
    """The software's id: what is said, by the name the catalogue has for it, else the type's own unless an image says
    what runs."""
    if resource.engine is not None:
        found = catalogue.find(resource.engine) if catalogue else None
        return found.id if found and found.id else resource.engine.casefold()
    if catalogue is None or resource.image is not None:
        return None
    return catalogue.defaults.get(resource.type)


def image_parts(image: str | None) -> tuple[str | None, str | None]:
    """Tag and digest of an image's reference; a port of a registry is no tag."""
    if image is None:
        return None, None
    name, _, digest = image.partition("@")
    last = name.rpartition("/")[2]
    return last.partition(":")[2] or None, digest or None


def os_of(image: str | None) -> tuple[str | None, str | None]:
    """The operating system an image is, and its version: ("ubuntu", "22.04")."""
    match = _OS.search(image.casefold()) if image else None
    if match is None:
        return None, None
    version = match[2]
    return _OS_NAMES.get(match[1], match[1]), _CODENAMES.get(version or "", version)


def hours_between(schedule: str | None) -> int | float | None:
    """Hours between two backups. Of a cron line only the plain forms are known: every n minutes or hours, certain
    hours, certain days of the week or month."""
    if schedule is None or schedule in _HOURS:
        return _HOURS.get(schedule or "")
    minute, hour, day, month, weekday = schedule.split()
    if month != "*":
        return None
    if day == weekday == "*":
        return _hours_in_a_day(minute, hour)
    if day == "*":
        days = _steps(weekday, 7)
        return plain_number(round(168 / days, 2)) if days else None
    times = _steps(day, 30) if weekday == "*" else None
    return plain_number(round(720 / times, 2)) if times else None


def _hours_in_a_day(minute: str, hour: str) -> int | float | None:
    if hour == "*":
        times = _steps(minute, 60)
        return plain_number(round(1 / times, 3)) if times else None
    times = _steps(hour, 24)
    return plain_number(round(24 / times, 2)) if times else None


def _steps(field: str, of: int) -> int | None:
    """How often a field of a cron line matches within `of`."""
    if field == "*":
        return of
    if match := re.fullmatch(r"\*/([0-9]+)", field):
        return max(of // int(match[1]), 1) if int(match[1]) else None
    return len(field.split(",")) if re.fullmatch(r"[0-9a-zA-Z]+(,[0-9a-zA-Z]+)*", field) else None


Reading = Callable[[Resource], Any]


def _image(resource: Resource) -> str | None:
    return None if resource.type is ResourceType.VM else resource.image


SAID: Mapping[str, Reading] = {
    "r.name": lambda r: r.name,
    "r.type": lambda r: r.type.value,
    "r.version": lambda r: r.version,
    "r.count": lambda r: r.count,
    "r.image.ref": _image,
    "r.image.tag": lambda r: image_parts(_image(r))[0],
    "r.image.digest": lambda r: image_parts(_image(r))[1],
    "r.os.name": lambda r: os_of(r.image)[0],
    "r.os.version": lambda r: os_of(r.image)[1],
    "r.specs.cpu": lambda r: r.specs.cpu,
    "r.specs.memory_gib": lambda r: gib(r.specs.memory),
    "r.specs.disk_gib": lambda r: gib(r.specs.disk_size),
    "r.specs.gpu": lambda r: r.specs.gpu,
    "r.specs.nodes": lambda r: r.specs.nodes,
    "r.specs.control_plane": lambda r: r.specs.control_plane,
    "r.specs.workers": lambda r: r.specs.workers,
    "r.network.public_ip": lambda r: bool(r.network.public_ip),
    "r.network.public_address": lambda r: (
        r.network.public_ip if isinstance(r.network.public_ip, str) else None
    ),
    "r.network.private_ip": lambda r: r.network.private_ip,
    "r.network.ports": lambda r: tuple(map(str, r.network.ports)),
    "r.network.attach": lambda r: r.network.attach,
    "r.backup.enabled": lambda r: r.backup.enabled if r.backup else None,
    "r.backup.schedule": lambda r: r.backup.schedule if r.backup else None,
    "r.backup.frequency_hours": lambda r: hours_between(r.backup.schedule) if r.backup else None,
    "r.backup.retention_days": lambda r: r.backup.retention_days if r.backup else None,
    "r.depends_on": lambda r: r.depends_on,
    "r.backends": lambda r: r.backends,
    "r.env.names": lambda r: tuple(r.env),
    "r.secrets.inline": lambda r: tuple(inline_secrets(r.env)) if r.env else (),
    "r.secrets.elsewhere": lambda r: tuple(secrets_elsewhere(r)),
    "r.secrets.referenced": lambda r: tuple(
        value.secret for value in r.env.values() if isinstance(value, SecretRef)
    ),
    "r.mounts.volumes": lambda r: tuple(mount.volume for mount in r.mounts),
    "r.mounts.writable": lambda r: tuple(m.volume for m in r.mounts if not m.read_only),
    "r.cidr": lambda r: r.cidr,
    "r.vlan": lambda r: r.vlan,
    "r.policies.network": lambda r: _value(r.policies.network) if r.policies else None,
    "r.policies.pod_security": lambda r: _value(r.policies.pod_security) if r.policies else None,
}
"""All but `r.engine`, which needs the catalogue."""


def _value(choice: Any) -> str | None:
    return None if choice is None else str(choice.value)


def said_of_blueprint(blueprint: Blueprint) -> dict[str, Any]:
    """The facts below `bp`, all but the open ones."""
    limits = blueprint.constraints
    return {
        "bp.name": blueprint.name,
        "bp.description": blueprint.description,
        "bp.engine": blueprint.engine,
        "bp.region": limits.region if limits else None,
        "bp.max_monthly_cost": plain_number(limits.max_monthly_cost if limits else None),
        "bp.environment": word_of(blueprint.metadata.get("environment")),
        "bp.owner": word_of(blueprint.metadata.get("owner")),
        "bp.cost_center": word_of(blueprint.metadata.get("cost_center")),
    }


def word_of(value: object) -> str | None:
    """A text, or None for anything else and for nothing."""
    return value.strip() or None if isinstance(value, str) else None
