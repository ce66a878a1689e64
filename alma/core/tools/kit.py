"""What tools work with: the services of one installation, and one call with who makes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.principal import Principal

if TYPE_CHECKING:
    # Who only names tools, as the API does when it starts, need not wait for what they work with.
    from alma.core.economics.capacity import CapacityModel
    from alma.core.economics.demand import Demand
    from alma.core.economics.workload_model import Availability, WorkloadModel, WorkloadSizing
    from alma.core.language.interpreter import Interpreter
    from alma.core.model.sizing import Load, Sizing
    from alma.core.model.software import Catalogue
    from alma.core.ports import Clock, Engines, Repositories
    from alma.core.services.blueprints import Blueprints
    from alma.core.services.compliance import Compliance
    from alma.core.services.converting import Converting
    from alma.core.services.designing import Designing
    from alma.core.services.diagnosing import Diagnosing
    from alma.core.services.estimates import Estimates
    from alma.core.services.migrating import Migrating
    from alma.core.services.plans import Plans
    from alma.core.services.policies import Policies
    from alma.core.services.stacks import Stacks
    from alma.core.services.templates import Templates


@dataclass(frozen=True, slots=True)
class Kit:
    """The services of one installation that tools use. A new one is a new field here and a line in `bootstrap`."""

    repositories: Repositories
    engines: Engines
    clock: Clock
    catalogue: Catalogue
    templates: Templates
    blueprints: Blueprints
    plans: Plans
    stacks: Stacks
    estimates: Estimates
    policies: Policies
    compliance: Compliance
    diagnosing: Diagnosing
    converting: Converting
    migrating: Migrating
    interpreter: Interpreter
    designing: Designing
    capacity: CapacityModel
    workloads: WorkloadModel
    size_for: Callable[[Load], Sizing]
    size_workload: Callable[[str, Demand, Availability], WorkloadSizing]


@dataclass(frozen=True, slots=True)
class Subject:
    """The blueprint a call is about: as it was given, or as it is saved."""

    blueprint: Blueprint
    id: int | None = None
    revision: int | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)


def _unheard(message: str, share: float | None) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class Call:
    """One use of a tool: for whom, with what, and who is told how far it is.

    `progress` takes a sentence and the share that is done, 0 to 1, where that is known. `draft` is the blueprint that a
    conversation is about: meant where a call names none. `context` is what a caller sent along.
    """

    principal: Principal
    kit: Kit
    draft: Blueprint | None = None
    context: Mapping[str, Json] = field(default_factory=dict)
    progress: Callable[[str, float | None], None] = _unheard
