"""The values that pass between the core and an engine."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.state import ObservedResource, Placement


class EngineTraits(Frozen):
    """What a blueprint's resolution must know of an engine before anything is read.

    `separate_networks` / `separate_volumes` / `separate_firewalls`: these are objects of their own, also those that are
    implied, a stack's network and a database's data; else the instances that refer to them carry them. `images`:
    software comes as an image rather than as packages in a guest. `clusters`: a cluster is one object; else it is
    made of guests.
    """

    resource_types: frozenset[ResourceType]
    separate_networks: bool = True
    separate_volumes: bool = True
    separate_firewalls: bool = True
    images: bool = True
    clusters: bool = True
    max_parallel: int = Field(default=8, ge=1)


class Health(Frozen):
    """Whether an engine can work now. `problems` name what is missing and the next step; facts are for people."""

    engine: str
    available: bool
    detail: str
    version: str | None = None
    problems: tuple[str, ...] = ()
    facts: Mapping[str, Json] = Field(default_factory=dict)


class Preparation(Frozen):
    """What an engine found out before a plan is shown: where each instance goes, by address, and what stands against
    the plan or should be known about it."""

    placements: Mapping[str, Placement] = Field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()


class Outcome(Frozen):
    """What a change led to. `resource` is None after a delete. `adopted`: an earlier attempt had already made it.
    `warnings` are the engine's own words, shown and kept."""

    resource: ObservedResource | None = None
    adopted: bool = False
    warnings: tuple[str, ...] = ()
