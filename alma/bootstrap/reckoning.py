"""What ALMA works out about blueprints without changing anything: prices, sizes, words, and the tools made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from alma.bootstrap.diagnosing import diagnose_with
from alma.bootstrap.ground import Ground
from alma.bootstrap.running import Running
from alma.config import (
    load_availability,
    load_capacity,
    load_clouds,
    load_migration,
    load_prices,
    load_workloads,
)
from alma.config.controls import load_controls
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.economics.capacity import CapacityModel, size_for
from alma.core.economics.demand import Demand
from alma.core.economics.workload_model import Availability, WorkloadModel, WorkloadSizing
from alma.core.economics.workloads import size_workload
from alma.core.language.interpreter import Interpreter
from alma.core.model.sizing import Load, Sizing
from alma.core.services.compliance import Compliance
from alma.core.services.converting import Converting
from alma.core.services.designing import Designing
from alma.core.services.estimates import Estimates
from alma.core.services.migrating import Migrating
from alma.core.services.policies import Policies
from alma.core.tools.kit import Kit
from alma.core.tools.registry import Toolbox


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What answers, tools and proposals compute with."""

    estimates: Estimates
    policies: Policies
    converting: Converting
    capacity: CapacityModel
    workloads: WorkloadModel
    size_for: Callable[[Load], Sizing]
    size_workload: Callable[[str, Demand, Availability], WorkloadSizing]
    interpreter: Interpreter


def reckon_with(ground: Ground) -> Reckoning:
    """Wires it from the books and tables of the configuration."""
    capacity = load_capacity(ground.own, kept=ground.kept)
    workloads = load_workloads(ground.own, kept=ground.kept)
    sizes = partial(size_for, model=capacity)
    estimates = Estimates(
        ground.catalogue,
        load_prices(ground.own, kept=ground.kept),
        clouds=partial(load_clouds, ground.own, kept=ground.kept),
    )
    return Reckoning(
        estimates=estimates,
        converting=Converting(catalogue=ground.catalogue, estimates=estimates),
        policies=Policies(
            repositories=ground.database,
            packs=PolicyFiles(ground.own, kept=ground.kept),
            catalogue=ground.catalogue,
            lifecycle=partial(load_lifecycle, ground.own, kept=ground.kept),
            clock=ground.clock,
        ),
        capacity=capacity,
        workloads=workloads,
        size_for=sizes,
        size_workload=partial(size_workload, model=workloads, capacity=capacity),
        interpreter=Interpreter(ground.catalogue, templates=ground.templates.entries, sizing=sizes),
    )


def toolbox(ground: Ground, running: Running, reckoning: Reckoning) -> Toolbox:
    """The tools, with every service they use. A new service of theirs is a field of `Kit` and a line here."""
    return Toolbox(
        Kit(
            repositories=ground.database,
            engines=ground.engines,
            clock=ground.clock,
            catalogue=ground.catalogue,
            templates=ground.templates,
            blueprints=running.blueprints,
            plans=running.plans,
            stacks=running.stacks,
            estimates=reckoning.estimates,
            policies=reckoning.policies,
            compliance=Compliance(reckoning.policies, partial(load_controls, kept=ground.kept)),
            diagnosing=diagnose_with(ground, running),
            converting=reckoning.converting,
            migrating=Migrating(
                table=partial(load_migration, ground.own, kept=ground.kept),
                catalogue=ground.catalogue,
                estimates=reckoning.estimates,
                engines=ground.engines,
            ),
            interpreter=reckoning.interpreter,
            designing=Designing(
                estimates=reckoning.estimates,
                policies=reckoning.policies,
                catalogue=ground.catalogue,
                capacity=reckoning.capacity,
                availability=load_availability(ground.own, kept=ground.kept),
                balancer_us=float(reckoning.workloads.balancer.us.value),
            ),
            capacity=reckoning.capacity,
            workloads=reckoning.workloads,
            size_for=reckoning.size_for,
            size_workload=reckoning.size_workload,
        ),
        meters=ground.telemetry.meters,
        tracing=ground.telemetry.tracing,
    )
