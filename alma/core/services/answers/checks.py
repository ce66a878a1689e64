"""What can be said against a draft by looking at it: computed, each remark with its path and the words that mend it.

These are no policy rules: nothing here blocks, waives or proves anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from alma.core.language.vocabulary.defaults import TITLES
from alma.core.model.base import Frozen
from alma.core.model.blueprint import COMPUTE, DATA, Blueprint, Resource, ResourceType, SecretRef
from alma.core.model.software import Catalogue

_T = ResourceType
_HOLDS_DATA = frozenset({_T.DATABASE, _T.QUEUE, _T.OBJECT_STORE})
# Ports by which whoever gets in owns the machine, or its data. Assigned by IANA, as the software's own default.
_PORTS = {
    22: "SSH",
    23: "Telnet",
    2375: "Docker",
    3306: "MySQL",
    3389: "remote desktop",
    5432: "PostgreSQL",
    5900: "VNC",
    6379: "Redis",
    6443: "the Kubernetes API",
    8006: "Proxmox VE",
    9200: "Elasticsearch",
    11211: "Memcached",
    27017: "MongoDB",
}
_SECRET = re.compile(r"(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY)", re.IGNORECASE)
_ANYWHERE = {"any", "0.0.0.0/0", "::/0"}


class About(StrEnum):
    """What a remark is about."""

    SECURITY = "security"
    DATA = "data"
    AVAILABILITY = "availability"
    CARE = "care"


@dataclass(frozen=True)
class Around:
    """What a resource is looked at with: the rest of the draft, and what software there is."""

    draft: Blueprint
    catalogue: Catalogue

    @cached_property
    def numbers(self) -> Counter[tuple[ResourceType, str | None, str | None]]:
        """How many instances of each kind there are."""
        counted: Counter[tuple[ResourceType, str | None, str | None]] = Counter()
        for item in self.draft.resources:
            counted[self.kind(item)] += item.count
        return counted

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """The draft's resources."""
        return {item.name: item for item in self.draft.resources}

    def kind(self, item: Resource) -> tuple[ResourceType, str | None, str | None]:
        """What makes two resources do the same work: type, software (the default one if none is named) and image."""
        default = self.catalogue.defaults.get(item.type) if item.image is None else None
        return item.type, item.engine or default, item.image


class Remark(Frozen):
    """One thing about the draft. `path` is where (`resources.db-1.backup`), `say` what mends it when said."""

    about: About
    path: str
    text: str
    say: str | None = None


def remarks(draft: Blueprint, catalogue: Catalogue) -> tuple[Remark, ...]:
    """Everything that is noticed, the gravest first."""
    around = Around(draft, catalogue)
    found = [
        remark
        for resource in draft.resources
        for check in _EACH
        for remark in check(resource, around)
    ]
    order = list(About)
    return tuple(sorted(found, key=lambda remark: order.index(remark.about)))


def _public_data(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type in DATA and item.network.public_ip:
        yield Remark(
            about=About.SECURITY,
            path=_path(item, "network.public_ip"),
            text=f"{item.name} holds data and can be reached from outside",
            say=f"make {item.name} private",
        )


def _open_ports(item: Resource, around: Around) -> Iterator[Remark]:
    if not item.network.public_ip or item.type in DATA:
        return
    risky = [(p.target, _PORTS[p.target]) for p in item.network.ports if p.target in _PORTS]
    for number, what in risky:
        yield Remark(
            about=About.SECURITY,
            path=_path(item, "network.ports"),
            text=f"{item.name} shows port {number} ({what}) to everybody",
            say=f"make {item.name} private",
        )


def _open_rules(item: Resource, around: Around) -> Iterator[Remark]:
    for index, rule in enumerate(item.rules):
        numbers = [port.target for port in rule.ports]
        risky = [number for number in numbers if number in _PORTS]
        wide = rule.action == "allow" and rule.source in _ANYWHERE
        if wide and (risky or not numbers):
            what = ", ".join(f"{n} ({_PORTS[n]})" for n in risky) or "every port"
            yield Remark(
                about=About.SECURITY,
                path=_path(item, f"rules.{index}"),
                text=f"{item.name} lets everybody reach {what} of {rule.target}",
            )


def _written_secrets(item: Resource, around: Around) -> Iterator[Remark]:
    for key, entry in item.env.items():
        if _SECRET.search(key) and not key.endswith("_FILE") and not isinstance(entry, SecretRef):
            yield Remark(
                about=About.SECURITY,
                path=_path(item, f"env.{key}"),
                text=f"{item.name} has {key} written in the blueprint, where every reader sees it",
            )


def _no_backup(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type in _HOLDS_DATA and (item.backup is None or not item.backup.enabled):
        yield Remark(
            about=About.DATA,
            path=_path(item, "backup"),
            text=f"{item.name} ({TITLES[item.type]}) has no backups",
            say=f"add daily backups to {item.name}",
        )


def _only_database(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type is _T.DATABASE and _number(item, around) == 1:
        yield Remark(
            about=About.AVAILABILITY,
            path=_path(item, "count"),
            text=f"{item.name} is the only {item.engine or 'database'} and has no replica",
            say=f"add a replica of {item.name}",
        )


def _only_server(item: Resource, around: Around) -> Iterator[Remark]:
    serves = item.type in COMPUTE and (item.network.ports or item.engine or item.image)
    if serves and _number(item, around) == 1:
        yield Remark(
            about=About.AVAILABILITY,
            path=_path(item, "count"),
            text=f"{item.name} is the only one of its kind: when it stops, what it serves stops",
            say=f"scale {item.name} to 2",
        )


def _unbalanced(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type is not _T.LOAD_BALANCER:
        return
    behind = [around.by_name[name] for name in item.backends if name in around.by_name]
    if sum(r.count for r in behind) == 1:
        yield Remark(
            about=About.AVAILABILITY,
            path=_path(item, "backends"),
            text=f"{item.name} spreads over a single server",
            say=f"scale {behind[0].name} to 2",
        )


def _small_cluster(item: Resource, around: Around) -> Iterator[Remark]:
    """A cluster's store needs most of its control-plane nodes: of 1 none may fail, and of 2 none either."""
    if item.type is not _T.KUBERNETES_CLUSTER:
        return
    control = item.specs.control_plane or (1 if item.specs.workers is not None else None)
    number = control if control is not None else item.specs.nodes
    if number is not None and number < 3:
        yield Remark(
            about=About.AVAILABILITY,
            path=_path(item, "specs.control_plane" if control is not None else "specs.nodes"),
            text=f"{item.name} stops when one of its {number} control-plane nodes does",
            say=f"scale {item.name} to 3 control plane nodes",
        )


def _unpinned(item: Resource, around: Around) -> Iterator[Remark]:
    image = (item.image or "").rpartition("/")[2]
    if image.endswith(":latest") or (item.image and "/" in item.image and ":" not in image):
        yield Remark(
            about=About.CARE,
            path=_path(item, "image"),
            text=f"{item.name} takes whatever version of {item.image} is newest on the day",
        )
    elif item.type in DATA and item.engine and item.version is None and not item.image:
        known = around.catalogue.find(item.engine)
        yield Remark(
            about=About.CARE,
            path=_path(item, "version"),
            text=f"{item.name} names no version of {item.engine}: another catalogue may bring another one",
            say=f"use version {known.default_version} for {item.name}" if known else None,
        )


def _number(item: Resource, around: Around) -> int:
    """How many instances do the same work."""
    return around.numbers[around.kind(item)]


def _path(item: Resource, path: str) -> str:
    return f"resources.{item.name}.{path}"


_EACH: Sequence[Callable[[Resource, Around], Iterator[Remark]]] = (
    _public_data,
    _open_ports,
    _open_rules,
    _written_secrets,
    _no_backup,
    _only_database,
    _only_server,
    _unbalanced,
    _small_cluster,
    _unpinned,
)
CHECKED = (
    "data that can be reached from outside, remote access open to everybody, secrets written out, missing backups, "
    "single points of failure and versions that are not pinned"
)
"""What the checks look at, for people."""
