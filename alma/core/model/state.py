"""What a stack should be, instance by instance, and what an engine saw: the two sides every plan compares.

A *desired* resource is one instance of a blueprint's resource with everything filled in from the software catalogue, so
that an engine needs neither blueprint nor catalogue. An *observed* resource is what an engine read back. They meet in
`Properties`: flat, JSON-ready, keyed by the blueprint's paths (`image`, `specs.memory`, `env.MODE`, `ports`). An
engine's `shape` gives the desired ones and `read` the observed ones, with the same keys and the same normal form: sizes
as `Size.of_bytes` writes them, lists sorted. Both key sets are compared, so `read` reports only what ALMA itself set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import FirewallRule, Resource, ResourceType, SecretRef
from alma.core.model.software import HealthCheck, Packages
from alma.core.model.units import Port, Size

Properties = Mapping[str, Json]


def differing(one: Properties, other: Properties) -> list[str]:
    """The paths at which two sets of properties differ, sorted."""
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


def is_among(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether the path is one of these; a pattern that ends in `.` stands for all below it."""
    return any(
        path.startswith(pattern) if pattern.endswith(".") else path == pattern
        for pattern in patterns
    )


class StackRef(Frozen):
    """Which stack: what engines put into their markers. `name` is unique per engine and project and fit for hosts."""

    id: str
    name: str
    project: str = "default"
    engine: str


class RenderedFile(Frozen):
    """A file to be in place before the instance starts. A `secret` file's content is looked up when it is applied."""

    path: str
    content: str = ""
    secret: str | None = None
    mode: int = 0o644


class ResolvedMount(Frozen):
    """A volume (by address in the stack) and where it appears inside. `size` and `options` (the volume's own) are given
    where volumes are no objects of their own: it is then a disk of the instance."""

    volume: str
    path: str
    read_only: bool = False
    size: Size | None = None
    options: Mapping[str, Mapping[str, Json]] = Field(default_factory=dict)


class Backend(Frozen):
    """An instance that a load balancer spreads over."""

    address: str
    port: int


class Placement(Frozen):
    """Where an engine puts an instance, in its own terms (`node`, `storage`), and why there and not elsewhere."""

    site: Mapping[str, str]
    reason: str = ""


class DesiredResource(Frozen):
    """One instance, fully resolved.

    `address` is unique in the stack and stays the same over revisions. `implied` ones were not written in the blueprint
    (the stack's network, a database's volume); `retain` ones survive a destroy unless volumes are asked for.

    Where networks, volumes or firewalls are no objects of their own (`EngineTraits`), an instance carries what concerns
    it: `attached`, the sizes in `mounts`, and `rules`. `recipe` is how its software gets into a guest, where software
    does not come as an image; `access_secret` names the secret from which the key to get in is made.

    `replicas` is more than one where an engine keeps equal instances as one object: it then stands for all of them.

    `user` and `writable` are what the catalogue says of its own image (see `Software`); an image of somebody else's has
    none.
    """

    address: str
    type: ResourceType
    resource: Resource
    index: int = 0
    replicas: int = 1
    software: str | None = None
    image: str | None = None
    user: int | None = None
    writable: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    cpu: int | float | None = None
    memory: Size | None = None
    disk: Size | None = None
    env: Mapping[str, str | SecretRef] = Field(default_factory=dict)
    ports: tuple[Port, ...] = ()
    public: bool = False
    files: tuple[RenderedFile, ...] = ()
    mounts: tuple[ResolvedMount, ...] = ()
    networks: tuple[str, ...] = ()
    backends: tuple[Backend, ...] = ()
    health: HealthCheck | None = None
    secrets: Mapping[str, int] = Field(
        default_factory=dict,
        description="Generated secrets by short name (`password`), and their lengths.",
    )
    attached: tuple[Resource, ...] = ()
    rules: tuple[FirewallRule, ...] = ()
    recipe: Packages | None = None
    access_secret: str | None = None
    placement: Placement | None = None
    depends_on: tuple[str, ...] = ()
    implied: bool = False
    retain: bool = False

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The secrets that making this resource takes, each once, sorted."""
        names = {value.secret for value in self.env.values() if isinstance(value, SecretRef)}
        names |= {file.secret for file in self.files if file.secret}
        return tuple(sorted(names | ({self.access_secret} if self.access_secret else set())))


class Status(StrEnum):
    """What an engine says of an object."""

    RUNNING = "running"
    STOPPED = "stopped"
    STARTING = "starting"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"
    PRESENT = "present"
    UNKNOWN = "unknown"


class ObservedResource(Frozen):
    """An object that carries the stack's marker. `object_id` is the engine's own name for it, `key` that of the change
    that made it.

    `site` is where it is, in the engine's own terms (`node`); empty where there is only one place. `status`, `site`,
    `endpoints` and `extra` describe the moment and are no part of a plan's digest.
    """

    address: str
    type: ResourceType
    object_id: str
    name: str
    key: str
    properties: Properties = Field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    retain: bool = False
    status: Status = Status.UNKNOWN
    site: Mapping[str, str] = Field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    extra: Mapping[str, Json] = Field(default_factory=dict)


class Observation(Frozen):
    """Everything of one stack that an engine found in one read. An empty one means: looked, and nothing is there.

    `place` is where the engine looked and how it acts there, as far as settings decide: the platform's own id of
    itself, and what a setting does to everything made there. It is part of a plan's digest, so that an approval for one
    host never holds for another; it is the same in every process, and no secret is in it.
    """

    stack: StackRef
    place: str
    resources: tuple[ObservedResource, ...] = ()
    diagnostics: tuple[str, ...] = ()


class StateRecord(Frozen):
    """What ALMA recorded after its own last change of one address."""

    address: str
    type: ResourceType
    object_id: str | None
    properties: Properties = Field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    retain: bool = False
    site: Mapping[str, str] = Field(default_factory=dict)
    deployment_id: str
    updated_at: datetime


def recorded_names(resource: Resource, records: Iterable[StateRecord]) -> tuple[str, ...]:
    """The addresses of a resource's instances, by what is recorded: one where the engine keeps them as one object."""
    first = next((record for record in records if record.address == resource.name), None)
    together = first is not None and "count" in first.properties
    return (resource.name,) if together else resource.instance_names()


class Stack(Frozen):
    """A blueprint living on an engine."""

    ref: StackRef
    blueprint_id: int
    created_at: datetime
    records: tuple[StateRecord, ...] = ()
    revision: int | None = Field(default=None, description="The revision last deployed in full.")

    @property
    def destroyed(self) -> bool:
        """Whether nothing of it is left, or only data that was kept."""
        return self.revision is None and all(record.retain for record in self.records)
