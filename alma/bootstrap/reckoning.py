"""What ALMA works out about blueprints without changing anything: prices, sizes, words, and the tools made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from alma.bootstrap.ground import Ground
from alma.bootstrap.running import Running
from alma.config import load_capacity, load_clouds, load_prices
from alma.core.economics.capacity import size_for
from alma.core.language.interpreter import Interpreter
from alma.core.model.sizing import Load, Sizing
from alma.core.services.estimates import Estimates
from alma.core.tools.kit import Kit
from alma.core.tools.registry import Toolbox


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What answers, tools and proposals compute with."""

    estimates: Estimates
    size_for: Callable[[Load], Sizing]
    interpreter: Interpreter


def reckon_with(ground: Ground) -> Reckoning:
    """Wires it from the books and tables of the configuration."""
    sizes = partial(size_for, model=load_capacity(ground.own, kept=ground.kept))
    return Reckoning(
        estimates=Estimates(
            ground.catalogue,
            load_prices(ground.own, kept=ground.kept),
            clouds=partial(load_clouds, ground.own, kept=ground.kept),
        ),
        size_for=sizes,
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
            interpreter=reckoning.interpreter,
            size_for=reckoning.size_for,
        )
    )
