"""What kinds of work are, what they need for one unit of it, and what a sizing of them says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum

from pydantic import Field

from alma.core.economics.figures import Figure, Given
from alma.core.model.base import Frozen, digest_of
from alma.core.model.blueprint import ResourceType
from alma.core.model.units import Size

WEB = "web"


class Availability(StrEnum):
    """How much may fail without anybody noticing."""

    STANDARD = "standard"
    HIGH = "high"
    CRITICAL = "critical"


class Reserve(Frozen):
    """What is there beside what the load needs."""

    spare: Given
    copies: Given


class Workload(Frozen):
    """A kind of work: microseconds of a core, bytes, and how long things stay, for one unit of it."""

    title: str
    unit: str
    type: ResourceType
    software: str | None = None
    holds_data: bool = False
    us: Given
    per_request: Given
    bytes: Given
    memory_gb: Given
    memory_gb_per_core: Given | None = None
    held_seconds: Given | None = None
    kept_days: Given | None = None
    written_share: Given | None = None
    cores_each: Given | None = Field(default=None, description="Cores that one instance can use.")
    public: bool = Field(default=False, description="Whether its answers leave for the internet.")
    store: bool = Field(default=False, description="Whether data lies in an object store.")

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Every figure that goes into a sizing, by its name."""
        for name in type(self).model_fields:
            if isinstance(found := getattr(self, name), Figure):
                yield name, found


class Balancer(Frozen):
    """What stands in front of a web application."""

    us: Given
    response_bytes: Given


class WorkloadModel(Frozen):
    """All figures that such a sizing rests on."""

    id: str
    availability: Mapping[Availability, Reserve]
    workloads: Mapping[str, Workload]
    balancer: Balancer

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of work that are known."""
        return (WEB, *self.workloads)

    @property
    def version(self) -> str:
        """The model and the digest of everything in it."""
        return f"{self.id}@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"


class TierSize(Frozen):
    """One part of what is needed: so many equal ones of this size. `network_mbit` is for all of them, at the peak."""

    name: str
    type: ResourceType
    software: str | None = None
    count: int
    cpu: int
    memory: Size
    disk: Size | None = None
    network_mbit: float


class WorkloadSizing(Frozen):
    """What a load needs. `working` are the steps in order, `waiting_ms` what 95 of 100 wait at most at the peak."""

    workload: str
    availability: Availability
    tiers: tuple[TierSize, ...]
    per_second: float
    waiting_ms: float
    egress_gb_month: float
    working: tuple[str, ...]
    assumptions: tuple[str, ...]
    sensitivity: tuple[str, ...] = ()
