"""What every part of an AWS file needs: the document, the notes, the machine types, and the names of things."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.blueprint import ResourceType
from alma.core.model.rendering import MachineType, Subject
from alma.core.model.state import DesiredResource
from alma.core.model.units import Size
from alma.core.ports.renderers import MachineTypes
from alma.engines.systems import image_of
from alma.renderers.notes import Notes
from alma.renderers.opentofu.document import Block, Document, literal

GIB = 1024**3
_NAME = re.compile(r"[^a-z0-9-]+")
_RDS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mariadb"}
_CACHES = frozenset({"redis", "valkey", "memcached"})
_PLAIN_BALANCERS = frozenset({None, "haproxy", "nginx"})


@dataclass
class Writing:
    """One AWS file on its way. `addresses` are the names by which instances reach each other."""

    resources: Sequence[DesiredResource]
    document: Document
    types: MachineTypes
    notes: Notes = field(default_factory=Notes)

    def __post_init__(self) -> None:
        self.by_address = {item.address: item for item in self.resources}

    @property
    def subject(self) -> Subject:
        return self.document.subject

    @property
    def zone(self) -> str:
        """The private domain in which short names are looked up."""
        return f"{self.subject.stack}.internal"

    def name(self, address: str, limit: int = 63) -> str:
        """What something is called at AWS, in so many characters at most: lower-case letters, digits and hyphens."""
        return fitted(f"{self.subject.stack}-{address}", limit)

    def tags(self, item: DesiredResource) -> Block:
        """The blueprint's labels, and what it is called in lists."""
        labels: Mapping[str, str] = item.resource.labels
        return {**literal(labels), "Name": literal(f"{self.subject.stack}-{item.address}")}

    def machine_type(
        self, item: DesiredResource, *, families: Sequence[str] = (), prefix: str = ""
    ) -> tuple[str, str, MachineType | None]:
        """The name of the type that it fits on, what is said of it, and the type; a variable where there is none."""
        found = self.types.smallest(item, families=families)
        if found is not None:
            size = f"{found.vcpu.normalize():f} vCPU, {found.memory_gib.normalize():f} GiB"
            return f"{prefix}{found.name}", f"{prefix}{found.name} has {size}: {_need(item)}", found
        self.notes.unsupported(
            item, "specs", f"the price book has no type that it fits on ({_need(item)}): name one in a variable"
        )  # fmt: skip
        word = f"{self.document.word(item.resource.name)}_type"
        told = f"The machine type of {item.resource.name}, such as {prefix}m5.large."
        return self.document.variable(word, told), "", None

    def secret_of(self, item: DesiredResource, name: str = "password") -> str | None:
        """The reference to a generated secret of an instance; None when it has none."""
        full = f"{item.address}.{name}"
        return self.document.secret(full) if full in self.document.secrets else None

    def record(self, item: DesiredResource, type_: str, **fields: Any) -> None:
        """Lets the others find it by its address, as they would anywhere."""
        block = {"zone_id": "${aws_route53_zone.main.zone_id}", "name": item.address.lower()}
        self.document.resource(
            "aws_route53_record", item.address, {**block, "type": type_, **fields}
        )

    def alias(self, item: DesiredResource, host: str) -> None:
        """The same, for what has a name of its own."""
        self.record(item, "CNAME", ttl=60, records=[host])


def fitted(text: str, limit: int) -> str:
    """A name of at most so many characters that begins with a letter; what is cut gets a mark of the whole."""
    plain = _NAME.sub("-", text.lower()).strip("-")
    plain = plain if plain[:1].isalpha() else f"a-{plain}"
    if len(plain) <= limit:
        return plain
    mark = hashlib.sha256(plain.encode()).hexdigest()[:6]
    return f"{plain[: limit - 7].strip('-')}-{mark}"


def gib(size: Size) -> int:
    """Whole GiB that hold it."""
    return -(-size.bytes // GIB)


def _need(item: DesiredResource) -> str:
    parts = [f"{item.cpu:g} vCPU" if item.cpu else "", str(item.memory or "")]
    gpu = item.resource.specs.gpu
    wanted = " and ".join(filter(None, [*parts, f"{gpu} GPU" if gpu else ""]))
    return f"the cheapest in the price book for {wanted or 'what nobody sized'}"


# ── what becomes of what ─────────────────────────────────────────────────────────────────────────


def rds_engine(item: DesiredResource) -> str | None:
    """Under which name RDS runs it; None for what it does not run."""
    if item.type is not ResourceType.DATABASE or item.resource.image or item.resource.command:
        return None
    return _RDS.get(item.software or "")


def primary_of(item: DesiredResource) -> str | None:
    """The database that this one is a copy of, which RDS makes; None for what is none."""
    own = item.resource.image or item.resource.command
    host = item.env.get("PRIMARY_HOST")
    is_copy = item.software == "postgresql-replica" and not own and isinstance(host, str)
    return host if is_copy and isinstance(host, str) else None


def cache_engine(item: DesiredResource) -> str | None:
    """Under which name ElastiCache runs it; None for what it does not run, as a copy of another server."""
    own = item.type is ResourceType.CACHE and not item.resource.image and not item.resource.command
    return (
        item.software
        if own and item.software in _CACHES and "REDIS_REPLICAOF" not in item.env
        else None
    )


def is_broker(item: DesiredResource) -> bool:
    """Whether Amazon MQ runs it."""
    return (
        item.type is ResourceType.QUEUE and item.software == "rabbitmq" and not item.resource.image
    )


def is_balancer(item: DesiredResource) -> bool:
    """Whether it is a plain load balancer; one with features of its own software stays that software."""
    own = item.resource.image or item.resource.command or item.resource.env
    return item.type is ResourceType.LOAD_BALANCER and item.software in _PLAIN_BALANCERS and not own


def is_machine(item: DesiredResource) -> bool:
    """Whether it runs on a machine of its own."""
    other = {ResourceType.NETWORK, ResourceType.VOLUME, ResourceType.FIREWALL}
    managed = {ResourceType.OBJECT_STORE, ResourceType.KUBERNETES_CLUSTER}
    if item.type in other | managed or rds_engine(item) or primary_of(item):
        return False
    return not (cache_engine(item) or is_broker(item) or is_balancer(item))


def is_system(item: DesiredResource) -> bool:
    """Whether it is an operating system and nothing else."""
    if item.software is not None:
        return False
    named = item.image is None or image_of(item) != item.image.strip()
    return named or item.type is ResourceType.VM
