"""Finds a cheaper form of a blueprint, measure by measure, each with what it saves and what it risks."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from alma.core.economics.measures import Aims, Goal, Use
from alma.core.economics.words import money
from alma.core.model.base import Frozen, Json
from alma.core.model.cost import Amount, Measure, Optimisation
from alma.core.model.errors import InvalidInput
from alma.core.services.estimates import ONPREM, Estimates
from alma.core.tools.kit import Call, Subject
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

_NAMED = 8


def _share(value: Any) -> Any:
    """0.3, 30, "30" and "30%" are the same share."""
    text = str(value).strip().removesuffix("%").strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if number.is_finite() and (number >= 1 or str(value).strip().endswith("%")):
        number /= 100
    if isinstance(value, bool) or not number.is_finite() or not 0 < number < 1:
        hint = "write a share such as 0.30, or percent such as 30"
        raise PydanticCustomError("invalid_share", "not a share between 0 and 1", {"hint": hint})
    return number


def _word(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


Percent = Annotated[Decimal | None, Field(ge=0, le=100, allow_inf_nan=False)]


class Observed(Frozen):
    """What was in use of one resource, in percent of what it has."""

    cpu_usage: Percent = Field(default=None, description="Of the processors, on average.")
    cpu_peak: Percent = Field(default=None, description="Of the processors, at the busiest time.")
    memory_usage: Percent = Field(default=None, description="Of the memory, on average.")
    memory_peak: Percent = Field(default=None, description="Of the memory, at the most.")


class OptimizeArguments(OfBlueprint):
    """What to make cheaper, and what must not suffer."""

    provider: str | None = Field(
        default=None,
        description="proxmox (your own), aws, azure or gcp; else as the blueprint says.",
    )
    region: str | None = Field(default=None, description="A region of the provider.")
    optimization_goal: Annotated[Goal | None, BeforeValidator(_word)] = Field(
        default=None,
        description="cost takes high risks for it, balanced only medium ones, performance only low ones.",
    )
    target_reduction: Annotated[Decimal | None, BeforeValidator(_share)] = Field(
        default=None, description="The share to save: 0.30 or 30.", examples=[0.3]
    )
    preserve_performance: bool = Field(
        default=False, description="Take no processor, memory or instance from anything."
    )
    metrics: Mapping[str, Observed] = Field(
        default_factory=dict,
        description="What was observed, by resource: right-sizing rests on it.",
        examples=[{"web": {"cpu_peak": 25, "memory_peak": 40}}],
    )


class CostOptimization(Answer):
    """The cheaper form. `original_cost` less the savings of the measures is `optimized_cost`, to the cent; all in USD a
    month."""

    original_cost: Amount
    optimized_cost: Amount
    savings: Amount
    savings_percentage: Amount
    recommendations: tuple[str, ...]
    measures: tuple[Measure, ...]
    target_cost: Amount | None = Field(
        default=None, description="What it was meant to cost at most."
    )
    target_met: bool | None = None
    not_done: tuple[str, ...] = Field(default=(), description="What was left out, and why.")
    uncounted: tuple[str, ...] = Field(default=(), description="What costs money and is not in it.")
    provider: str
    region: str | None = None
    blueprint: dict[str, Json] = Field(description="The result, ready to be saved.")


async def run(given: OptimizeArguments, call: Call) -> CostOptimization:
    """Raises InvalidInput for a provider or region without prices, and for metrics of what is not there; NotFound."""
    subject = await subject_of(given, call)
    return await asyncio.to_thread(_optimised, subject, given, call.kit.estimates)


def _optimised(subject: Subject, given: OptimizeArguments, known: Estimates) -> CostOptimization:
    names = [resource.name for resource in subject.blueprint.resources]
    if unknown := [name for name in given.metrics if name not in names]:
        raise InvalidInput(
            f"metrics are given of '{unknown[0]}', which is not in the blueprint",
            hint=f"its resources are {', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}",
        )
    aims = Aims(
        target=given.target_reduction,
        preserve=given.preserve_performance,
        goal=given.optimization_goal,
    )
    provider = _provider(subject, given, known)
    found = known.optimise(
        subject.blueprint,
        aims,
        provider=provider,
        region=given.region if provider != ONPREM else None,
        use={name: _use(seen) for name, seen in given.metrics.items()},
        origins=subject.origins,
    )
    return _answer(found, provider)


def _provider(subject: Subject, given: OptimizeArguments, known: Estimates) -> str:
    """As the call says, else as the blueprint does, else one's own machines."""
    if given.provider is not None:
        return known.provider(given.provider)
    said = (subject.blueprint.engine or "").partition("@")[0].casefold()
    return said if said in known.clouds else ONPREM


def _use(seen: Observed) -> Use:
    return Use(
        cpu=seen.cpu_usage,
        cpu_peak=seen.cpu_peak,
        memory=seen.memory_usage,
        memory_peak=seen.memory_peak,
    )


def _answer(found: Optimisation, provider: str) -> CostOptimization:
    before, after = found.before, found.after
    share = found.savings / before.monthly * 100 if before.monthly else Decimal(0)
    return CostOptimization(
        summary=_told(found),
        sources=(before.book, before.basis),
        assumptions=(*before.assumptions, *found.assumptions),
        original_cost=before.monthly,
        optimized_cost=after.monthly,
        savings=found.savings,
        savings_percentage=share.quantize(Decimal("0.01")),
        recommendations=tuple(f"{m.title} (-{money(m.saving)}/mo)" for m in found.measures),
        measures=found.measures,
        target_cost=found.target,
        target_met=found.met,
        not_done=found.not_done,
        uncounted=after.uncounted,
        provider=provider,
        region=before.region,
        blueprint=found.blueprint.dump(),
    )


def _told(found: Optimisation) -> str:
    before, after = money(found.before.monthly), money(found.after.monthly)
    if not found.measures:
        change = f"Nothing that is allowed makes it cheaper than {before} a month"
    else:
        change = f"{len(found.measures)} measure(s) bring it from {before} to {after} a month"
    if found.met is None or found.target is None:
        return f"{change}."
    if found.met:
        return f"{change}, within the target of {money(found.target)}."
    return (
        f"{change}. The target of {money(found.target)} can't be met; {after} is the best there is."
    )


TOOL = Tool(
    name="optimize_costs",
    title="Make a blueprint cheaper",
    description=(
        "Finds ways to pay less for a blueprint: sizes that fit what was observed, cheaper storage, schedules, shared "
        "machines, other types, spot and commitments. Each measure has its saving, its risk and the edits; savings add "
        "up, and the resulting blueprint is valid. Says when a target can't be met."
    ),
    arguments=OptimizeArguments,
    answer=CostOptimization,
    run=run,
    words=(
        "optimize", "optimise", "cut costs", "cheaper", "save money", "reduce expenses", "too expensive",
        "reduce the bill",
    ),
    examples=(
        Example(
            "A third less, with what was observed of the servers",
            {
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {"name": "web", "type": "vm", "image": "debian:12", "count": 3,
                         "specs": {"cpu": 4, "memory": "8GiB", "disk": "40GiB"}},
                        {"name": "db", "type": "database", "engine": "postgresql",
                         "specs": {"cpu": 4, "memory": "16GiB", "disk": "200GiB"},
                         "backup": {"schedule": "daily", "retention_days": 30}},
                    ],
                },
                "provider": "aws",
                "target_reduction": 0.30,
                "metrics": {"web": {"cpu_peak": 25, "memory_peak": 40}},
            },
        ),
    ),
    tags=frozenset({"costs"}),
)  # fmt: skip
