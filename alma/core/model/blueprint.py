"""The blueprint language: what a person wants to run, engine-neutral, typed and complete.

A blueprint is a value: reading it needs no engine and no catalogue. What can be checked on one field is checked here;
what needs the whole document (references, cycles, address clashes) is in `checks`: all errors are found at once.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from alma.core.model.base import Frozen, Json, Name
from alma.core.model.plain import MAX_ITEMS
from alma.core.model.units import Port, Size, parse_cpu

_ENV_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
MAX_RESOURCES = MAX_ITEMS
MAX_COUNT = 1_000


class ResourceType(StrEnum):
    """The kinds of things a blueprint can ask for."""

    VM = "vm"
    CONTAINER = "container"
    SERVICE = "service"
    DATABASE = "database"
    CACHE = "cache"
    QUEUE = "queue"
    LOAD_BALANCER = "load_balancer"
    NETWORK = "network"
    VOLUME = "volume"
    OBJECT_STORE = "object_store"
    KUBERNETES_CLUSTER = "kubernetes_cluster"
    FIREWALL = "firewall"


COMPUTE = frozenset({ResourceType.VM, ResourceType.CONTAINER, ResourceType.SERVICE})
DATA = frozenset(
    {ResourceType.DATABASE, ResourceType.CACHE, ResourceType.QUEUE, ResourceType.OBJECT_STORE}
)
WORKLOADS = COMPUTE | DATA | {ResourceType.LOAD_BALANCER}

Cpu = Annotated[
    int | float,
    BeforeValidator(parse_cpu, json_schema_input_type=int | float | str),
    Field(description="Cores: 2, 0.5 or 500m.", examples=[2]),
]


def _address(value: object) -> str:
    try:
        return str(ipaddress.ip_address(_words(value)))
    except ValueError:
        raise PydanticCustomError(
            "invalid_address", "invalid address", {"hint": "write an IPv4 or IPv6 address"}
        ) from None


def _words(value: object) -> str:
    """The text. A number would be taken for an address: `false` for 0.0.0.0."""
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - what a validator has to raise
    return value


def _cidr(value: object) -> str:
    try:
        return str(ipaddress.ip_network(_words(value)))
    except ValueError:
        hint = "write a network such as 10.0.1.0/24, with no host bits set"
        raise PydanticCustomError("invalid_cidr", "invalid network", {"hint": hint}) from None


def _text(value: Any) -> Any:
    """YAML reads `version: 15` as a number; a version is a text."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Address = Annotated[str, BeforeValidator(_address, json_schema_input_type=str)]
Cidr = Annotated[str, BeforeValidator(_cidr, json_schema_input_type=str)]
Version = Annotated[
    str,
    BeforeValidator(_text, json_schema_input_type=str | int | float),
    Field(min_length=1, max_length=64),
]


class Specs(Frozen):
    """How big one instance is. `disk` and `storage` are the same property under two names."""

    cpu: Cpu | None = None
    memory: Size | None = Field(default=None, description="Main memory, such as 4GB.")
    disk: Size | None = Field(default=None, description="Disk, such as 100GB; also called storage.")
    storage: Size | None = Field(default=None, description="Another name of disk.")
    gpu: int | None = Field(default=None, ge=0, le=64, description="Number of GPUs.")
    nodes: int | None = Field(
        default=None, ge=1, le=1000, description="Nodes of a cluster, when roles don't matter."
    )
    control_plane: int | None = Field(
        default=None, ge=1, le=99, description="Control-plane nodes of a cluster."
    )
    workers: int | None = Field(
        default=None, ge=0, le=1000, description="Worker nodes of a cluster."
    )

    @model_validator(mode="after")
    def _one_disk(self) -> Specs:
        if self.disk is not None and self.storage is not None and self.disk != self.storage:
            raise PydanticCustomError(
                "contradiction",
                "disk and storage differ",
                {"hint": "they are one property: give one of them"},
            )
        return self

    @property
    def disk_size(self) -> Size | None:
        """The disk, whichever of its two names was used."""
        return self.disk or self.storage

    @property
    def roles(self) -> tuple[int, int]:
        """How many control-plane nodes and how many workers a cluster of these specs has."""
        servers = self.control_plane or 1
        if self.workers is not None:
            return servers, self.workers
        return servers, max((self.nodes or servers) - servers, 0)


class Network(Frozen):
    """How a resource is reached."""

    private_ip: Address | None = Field(default=None, description="A fixed address inside.")
    public_ip: bool | Address = Field(
        default=False, description="true: reachable from outside; or a fixed address."
    )
    ports: tuple[Port, ...] = Field(
        default=(), max_length=64, description='Ports it listens on: 80, "8080:80", "53/udp".'
    )
    attach: tuple[Name, ...] = Field(default=(), description="Names of network resources to join.")

    @field_validator(
        "ports", "attach", mode="before", json_schema_input_type=list[Port | str] | str | int
    )
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


class Backup(Frozen):
    """What is kept, how often and how long."""

    enabled: bool = Field(default=True, description="Whether backups are made at all.")
    schedule: str | None = Field(
        default=None, max_length=64, description="hourly, daily, weekly, monthly, or cron."
    )
    retention_days: int | None = Field(
        default=None, ge=1, le=3650, description="How many days a backup is kept."
    )

    @field_validator("schedule")
    @classmethod
    def _known(cls, value: str | None) -> str | None:
        if (
            value is None
            or value in {"hourly", "daily", "weekly", "monthly"}
            or len(value.split()) == 5
        ):
            return value
        hint = "write hourly, daily, weekly, monthly, or a cron line of five fields"
        raise PydanticCustomError("invalid_schedule", "invalid schedule", {"hint": hint})


class NetworkPolicy(StrEnum):
    """What pods that nobody has written a rule for may reach, and be reached by."""

    OPEN = "open"
    DEFAULT_DENY = "default-deny"


class PodSecurity(StrEnum):
    """The levels of the Kubernetes Pod Security Standards, from no limit to the hardest."""

    PRIVILEGED = "privileged"
    BASELINE = "baseline"
    RESTRICTED = "restricted"


class ClusterPolicies(Frozen):
    """What a cluster refuses by itself, before anything is deployed in it. What is left out stays as the cluster is
    shipped."""

    network: NetworkPolicy | None = Field(
        default=None,
        description="default-deny: pods talk to each other only where a NetworkPolicy allows it.",
    )
    pod_security: PodSecurity | None = Field(
        default=None,
        description="The level of the Pod Security Standards that new pods are held to.",
    )


class SecretRef(Frozen):
    """A value that is never written in a blueprint: `secret: db-1.password` is the generated password of `db-1`."""

    secret: str = Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_.-]*$", max_length=128)


class Mount(Frozen):
    """A volume resource, and where it appears inside."""

    volume: Name
    path: str = Field(pattern=r"^/", max_length=256)
    read_only: bool = False


class FirewallRule(Frozen):
    """One rule; the first that matches decides. `source` and `target` are resource names, networks, or `any`."""

    action: str = Field(default="allow", pattern="^(allow|deny)$")
    source: str = "any"
    target: str = "any"
    ports: tuple[Port, ...] = ()
    description: str | None = None


EnvValue = str | int | float | bool | SecretRef


class Resource(Frozen):
    """One thing wanted, or `count` equal ones.

    `engine` names the software (`postgresql`, `redis`, `nginx` …) and `version` its version; where the blueprint is
    deployed is the blueprint's own `engine`. `image` is an operating system or application image.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "db-1", "type": "database", "engine": "postgresql", "version": "16"}
            ]
        }
    )

    name: Name = Field(description="Unique in the blueprint, whatever the case.")
    type: ResourceType = Field(description="What kind of thing it is.")
    description: str | None = Field(default=None, max_length=2000, description="For people.")
    engine: str | None = Field(
        default=None, min_length=1, max_length=64, description="Software to run."
    )
    version: Version | None = Field(default=None, description="The software's version.")
    image: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="An image instead of known software.",
    )
    count: int = Field(default=1, ge=1, le=MAX_COUNT, description="How many equal ones.")
    specs: Specs = Field(default=Specs(), description="How big one instance is.")
    network: Network = Field(default=Network(), description="How it is reached.")
    backup: Backup | None = Field(default=None, description="true, or what is kept and how long.")
    depends_on: tuple[Name, ...] = Field(default=(), description="What has to run before it.")
    backends: tuple[Name, ...] = Field(
        default=(), description="load_balancer: the resources it spreads over."
    )
    env: Mapping[str, EnvValue] = Field(
        default_factory=dict, description="Environment variables; secrets by reference only."
    )
    command: tuple[str, ...] = Field(default=(), description="The command instead of the image's.")
    mounts: tuple[Mount, ...] = Field(default=(), description="Volumes, and where they appear.")
    cidr: Cidr | None = Field(default=None, description="network: its address range.")
    vlan: int | None = Field(default=None, ge=1, le=4094, description="network: its VLAN tag.")
    rules: tuple[FirewallRule, ...] = Field(
        default=(), description="firewall: its rules, in order."
    )
    policies: ClusterPolicies | None = Field(
        default=None, description="kubernetes_cluster: what it refuses by itself."
    )
    labels: Mapping[str, str] = Field(
        default_factory=dict, description="Words by which people and policies find it."
    )
    options: Mapping[str, Mapping[str, Json]] = Field(
        default_factory=dict,
        description="What only one engine knows, by its name: {proxmox: {node: pve2}}.",
    )
    metadata: Mapping[str, Json] = Field(
        default_factory=dict, description="Facts that change nothing on the engine."
    )

    @field_validator("env")
    @classmethod
    def _env_names(cls, value: Mapping[str, EnvValue]) -> Mapping[str, EnvValue]:
        for key in value:
            if not _ENV_NAME.fullmatch(key):
                hint = "use letters, digits and '_', not starting with a digit"
                raise PydanticCustomError(
                    "invalid_env", f"invalid variable name '{key}'", {"hint": hint}
                )
        return value

    @field_validator("backup", mode="before", json_schema_input_type=bool | Backup | None)
    @classmethod
    def _backup_switch(cls, value: Any) -> Any:
        return {"enabled": value} if isinstance(value, bool) else value

    def instance_names(self) -> tuple[str, ...]:
        """The address of each instance. The first keeps the plain name, so that scaling never renames what runs."""
        return (self.name, *(f"{self.name}-{number}" for number in range(2, self.count + 1)))


class Constraints(Frozen):
    """Limits that hold for every later change of the blueprint."""

    max_monthly_cost: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    region: str | None = Field(default=None, max_length=64)


class Blueprint(Frozen):
    """A whole desired infrastructure."""

    version: Version = Field(default="1.0", description="Of the blueprint language.")
    name: Annotated[str, Field(min_length=1, max_length=100, description="What people call it.")]
    description: str | None = Field(default=None, max_length=4000, description="For people.")
    engine: str | None = Field(
        default=None, max_length=64, description="Where to deploy, when it is decided."
    )
    resources: tuple[Resource, ...] = Field(
        default=(), max_length=MAX_RESOURCES, description="What is wanted."
    )
    constraints: Constraints | None = Field(default=None, description="Limits for later changes.")
    metadata: Mapping[str, Json] = Field(
        default_factory=dict, description="Owner, environment, cost centre and the like."
    )

    @field_validator("version")
    @classmethod
    def _known_version(cls, value: str) -> str:
        if value not in {"1", "1.0"}:
            raise PydanticCustomError(
                "unknown_version", f"unknown version '{value}'", {"hint": 'write version: "1.0"'}
            )
        return "1.0"

    def resource(self, name: str) -> Resource | None:
        """The resource of that name, if there is one."""
        return next((resource for resource in self.resources if resource.name == name), None)

    def dump(self) -> dict[str, Any]:
        """The document as a person would write it: nothing that is unset or empty, amounts as they were written."""
        return dump_plain(self)


class Origin(StrEnum):
    """Where a field's value came from; reviewers see the guesses first."""

    WORDS = "words"
    TEMPLATE = "template"
    DEFAULT = "default"
    INFERRED = "inferred"
    MODEL = "model"
    IMPORTED = "imported"


class Revision(Frozen):
    """One saved state of a blueprint. `id` counts blueprints, `number` the revisions of one; nothing is overwritten.
    `origins` maps field paths (`resources.web-1.specs.memory`) to where their values came from."""

    id: int
    number: int
    blueprint: Blueprint
    origins: Mapping[str, Origin] = Field(default_factory=dict)
    digest: str
    created_at: datetime
    created_by: str


def dump_plain(model: Frozen) -> dict[str, Any]:
    """A model as plain JSON values, without what is unset or empty; a value equal to its default stays if set."""
    dumped: dict[str, Any] = model.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return {key: value for key, value in dumped.items() if value not in ({}, [])}
