"""The values that pass between the core and an engine."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.state import ObservedResource, Placement, Properties, Status


class EngineTraits(Frozen):
    """What a blueprint's resolution must know of an engine before anything is read.

    `separate_networks` / `separate_volumes` / `separate_firewalls`: these are objects of their own, also those that are
    implied, a stack's network and a database's data; else the instances that refer to them carry them. `images`:
    software comes as an image rather than as packages in a guest. `clusters`: a cluster is one object; else it is
    made of guests. `replicates`: equal instances without data of their own are one object that is told how many there
    are to be. `apart`: the option of an instance, below the engine's name, which says that it was there before ALMA and
    is in none of the stack's networks. `why_no_imports`: of an engine that can't adopt what it did not make, the reason
    in half a sentence.
    """

    resource_types: frozenset[ResourceType]
    separate_networks: bool = True
    separate_volumes: bool = True
    separate_firewalls: bool = True
    images: bool = True
    clusters: bool = True
    replicates: bool = False
    apart: str | None = None
    why_no_imports: str = ""
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


# ── importing ────────────────────────────────────────────────────────────────────────────────────


class Discovered(Frozen):
    """An object that carries no stack's marker, as far as one look at everything tells. `facts` are for people;
    `obstacle` says why it can't be adopted as it is."""

    object_id: str
    name: str
    type: ResourceType
    status: Status = Status.UNKNOWN
    site: Mapping[str, str] = Field(default_factory=dict)
    facts: Mapping[str, Json] = Field(default_factory=dict)
    obstacle: str | None = None


class Wish(Frozen):
    """One object to import: its id or its name there, and its name in the blueprint, if it shall have another."""

    object: str
    name: str | None = None


class Companion(Frozen):
    """A network or volume that a candidate's description refers to by name. With an id it is an object of its own, and
    is adopted too."""

    resource: Resource
    object_id: str | None = None


class Candidate(Discovered):
    """An object that could be adopted, looked at closely.

    `resource` describes it as far as the blueprint language can, `notes` say what it can't. `properties` are those that
    a read reports once it is adopted, but for the paths `unread` (`env.` means all below `env`): nothing on the
    object tells these, so the blueprint's word is taken for them.
    """

    resource: Resource
    companions: tuple[Companion, ...] = ()
    properties: Properties = Field(default_factory=dict)
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def at(self, address: str) -> ObservedResource:
        """How it will be seen at that address of the stack that adopts it."""
        return ObservedResource(
            address=address,
            type=self.type,
            object_id=self.object_id,
            name=self.name,
            key="",
            properties=self.properties,
            status=self.status,
            site=self.site,
            extra={**self.site},
        )
