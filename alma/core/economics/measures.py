"""What an optimisation looks at, what it is for, and what a proposal to pay less is.

What a proposal saves is found by estimating again, and one that saves nothing is dropped. Nothing here shrinks what
nobody has observed; that is the last resort, in `cheaper`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from alma.core.economics.cheaper import holds_data, least_of
from alma.core.economics.cloudcost import pool_line
from alma.core.economics.purchase import purchase_of
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.conversation import Edit
from alma.core.model.cost import MeasureKind, Risk
from alma.core.model.software import Catalogue

# Types that run on machines.
RUN = frozenset(ResourceType) - {
    ResourceType.NETWORK,
    ResourceType.FIREWALL,
    ResourceType.VOLUME,
    ResourceType.OBJECT_STORE,
}


class Goal(StrEnum):
    """What matters most: what is paid, nothing that could be felt, or something of both."""

    COST = "cost"
    BALANCED = "balanced"
    PERFORMANCE = "performance"


class Aims(Frozen):
    """What an optimisation is for. `target` is the share to save, of one; with `preserve` no CPU, memory or instance is
    taken from anything."""

    target: Decimal | None = Field(default=None, gt=0, lt=1)
    preserve: bool = False
    goal: Goal | None = None

    @property
    def gentle(self) -> bool:
        """Whether nothing may get smaller or slower."""
        return self.preserve or self.goal is Goal.PERFORMANCE

    @property
    def bold(self) -> Risk:
        """The greatest risk that is taken."""
        if self.goal is Goal.PERFORMANCE:
            return Risk.LOW
        if self.goal is Goal.BALANCED or (self.goal is None and self.target is None):
            return Risk.MEDIUM
        return Risk.HIGH


class Use(Frozen):
    """What has been observed of a resource, in percent of what it has. A peak is the busiest time; without one the
    average is all that is known."""

    cpu: Decimal | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    cpu_peak: Decimal | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    memory: Decimal | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)
    memory_peak: Decimal | None = Field(default=None, ge=0, le=100, allow_inf_nan=False)


@dataclass(frozen=True)
class Ground:
    """What measures are looked for in."""

    blueprint: Blueprint
    catalogue: Catalogue
    use: Mapping[str, Use]
    aims: Aims

    def plain(self) -> Iterator[Resource]:
        """Resources that have machines of their own."""
        for resource in self.blueprint.resources:
            if resource.type in RUN and purchase_of(resource)[0].pool is None:
                yield resource

    def environment(self, resource: Resource) -> str:
        """Which environment it belongs to, as somebody said it."""
        places = (resource.labels, resource.metadata, self.blueprint.metadata)
        for place in places:
            for key in ("environment", "env", "stage"):
                if isinstance(found := place.get(key), str):
                    return found.casefold()
        return ""

    def holds_data(self, resource: Resource) -> bool:
        """Whether losing an instance may lose something."""
        return holds_data(resource, least_of(resource, self.catalogue))


@dataclass(frozen=True)
class Proposal:
    """Resources in another form. `lines` are the names under which their costs stand in an estimate."""

    kind: MeasureKind
    changed: Mapping[str, Resource]
    edits: tuple[Edit, ...]
    title: str
    risk: Risk
    why: str
    danger: str
    lines: frozenset[str]


Stage = Callable[[Ground], Iterator[Proposal]]


def lines_of(resource: Resource) -> frozenset[str]:
    """Under which names what it costs stands in an estimate."""
    pool = purchase_of(resource)[0].pool
    return frozenset({resource.name, pool_line(pool)} if pool else {resource.name})
