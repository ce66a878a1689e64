"""Says what a blueprint needs and costs at every provider, or what a load would need."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.economics.demand import demand_of
from alma.core.economics.words import money
from alma.core.economics.workload_model import Availability, WorkloadSizing
from alma.core.economics.workloads import blueprint_of
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import WORKLOADS, Blueprint, Resource, ResourceType
from alma.core.model.cost import Amount, CostLine, Estimate, Item
from alma.core.model.errors import InvalidInput
from alma.core.services.estimates import ONPREM, Estimates
from alma.core.tools.kit import Call
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

_LINES = 500
_TIERS = {
    ResourceType.LOAD_BALANCER: "edge",
    ResourceType.VM: "application",
    ResourceType.CONTAINER: "application",
    ResourceType.SERVICE: "application",
    ResourceType.DATABASE: "database",
    ResourceType.CACHE: "cache",
    ResourceType.QUEUE: "queue",
    ResourceType.OBJECT_STORE: "storage",
    ResourceType.VOLUME: "storage",
    ResourceType.KUBERNETES_CLUSTER: "cluster",
    ResourceType.NETWORK: "network",
    ResourceType.FIREWALL: "network",
}


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _word(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value


class EstimateArguments(OfBlueprint):
    """A blueprint; or a kind of work and its load."""

    workload_type: str | None = Field(
        default=None, description="web, database, cache, queue, ml or analytics.", examples=["web"]
    )
    expected_load: str | None = Field(
        default=None,
        description="The load at the busiest time, people who use it, or data a day.",
        examples=["1000 requests/sec", "5,000 users", "200 GB/day"],
    )
    availability: Annotated[Availability, BeforeValidator(_word)] = Field(
        default=Availability.STANDARD, description="standard, high or critical."
    )
    provider: Annotated[tuple[str, ...], BeforeValidator(_several)] = Field(
        default=(), description="Whose prices: proxmox (your own), aws, azure, gcp. All, if empty."
    )
    region: str | None = Field(
        default=None, description="A region of a provider; elsewhere the usual one counts."
    )


class Totals(Frozen):
    """Amounts of instances together. Memory and disk in GiB; disk with backups. `ports` are those listened on."""

    instances: int = 0
    cpu: Amount = Decimal(0)
    memory_gib: Amount = Decimal(0)
    disk_gib: Amount = Decimal(0)
    backup_gib: Amount = Decimal(0)
    gpu: Amount = Decimal(0)
    public_addresses: int = 0
    networks: int = 0
    ports: int = 0


class Tier(Totals):
    """The same for one part of a system."""

    name: str
    resources: tuple[str, ...] = ()


class ProviderCost(Frozen):
    """What it costs a month at one provider. The lines add up to `monthly`; of very many, `lines_left_out` are only in
    the sum."""

    provider: str
    region: str | None
    monthly: Amount
    currency: str
    book: str
    basis: str
    complete: bool = Field(description="Whether every resource has a price.")
    lines: tuple[CostLine, ...]
    lines_left_out: int = 0
    assumptions: tuple[str, ...]
    uncounted: tuple[str, ...]


class ResourceEstimate(Answer):
    """What is needed, part by part, and what it costs."""

    totals: Totals
    tiers: tuple[Tier, ...]
    monthly_cost: dict[str, Amount] = Field(description="USD a month by provider.")
    costs: tuple[ProviderCost, ...]
    cheapest: str | None = Field(
        default=None,
        description="Of the providers with a price for everything, traffic too where one has it.",
    )
    sizing: WorkloadSizing | None = Field(default=None, description="How a load became sizes.")
    blueprint: dict[str, Json] | None = Field(
        default=None, description="The sizes of a load as a blueprint."
    )


async def run(given: EstimateArguments, call: Call) -> ResourceEstimate:
    """Raises InvalidInput when neither or both are given, and naming the kinds, providers and regions there are."""
    if given.workload_type is None and given.expected_load is None:
        subject = await subject_of(given, call)
        return await asyncio.to_thread(_estimated, subject.blueprint, given, call, None)
    if given.blueprint is not None or given.blueprint_id is not None:
        raise InvalidInput(
            "a blueprint and a load are both given", hint="give one of them: each says the sizes"
        )
    if given.expected_load is None:
        raise InvalidInput(
            "no expected_load is given", hint='say it like "1000 requests/sec" or "5,000 users"'
        )
    sizing = await asyncio.to_thread(
        call.kit.size_workload,
        given.workload_type or "web",
        demand_of(given.expected_load),
        given.availability,
    )
    return await asyncio.to_thread(_estimated, blueprint_of(sizing), given, call, sizing)


def _estimated(
    blueprint: Blueprint, given: EstimateArguments, call: Call, sizing: WorkloadSizing | None
) -> ResourceEstimate:
    known = call.kit.estimates
    own = known.estimate(blueprint)
    found = [
        own if name == ONPREM else known.estimate(blueprint, name, region=region)
        for name, region in _places(given, known)
    ]
    costs = tuple(_cost(estimate) for estimate in found)
    tiers = _tiers(blueprint, own)
    totals = _sum(tiers)
    cheapest = _cheapest(costs)
    return ResourceEstimate(
        summary=_told(totals, costs, cheapest, sizing),
        sources=tuple(cost.book for cost in costs),
        assumptions=sizing.assumptions if sizing else (),
        totals=totals,
        tiers=tiers,
        monthly_cost={cost.provider: cost.monthly for cost in costs},
        costs=costs,
        cheapest=cheapest,
        sizing=sizing,
        blueprint=blueprint.dump() if sizing else None,
    )


def _places(given: EstimateArguments, known: Estimates) -> Sequence[tuple[str, str | None]]:
    """Whose prices, and where: a region counts for those who have it."""
    names = dict.fromkeys(known.provider(name) for name in given.provider or known.providers)
    clouds = [name for name in names if name != ONPREM]
    if given.region is None or len(clouds) == 1:
        return [(name, None if name == ONPREM else given.region) for name in names]
    wanted = given.region.strip().casefold()
    having = [n for n in clouds if wanted in {r.casefold() for r in known.clouds[n].regions}]
    if not having:
        regions = ", ".join(region for name in clouds for region in known.clouds[name].regions)
        raise InvalidInput(f"there are no prices in '{given.region}'", hint=f"known are {regions}")
    return [(name, given.region if name in having else None) for name in names]


def _cost(estimate: Estimate) -> ProviderCost:
    return ProviderCost(
        provider=estimate.provider or ONPREM,
        region=estimate.region,
        monthly=estimate.monthly,
        currency=estimate.currency,
        book=estimate.book,
        basis=estimate.basis,
        complete=not estimate.unpriced,
        lines=estimate.lines[:_LINES],
        lines_left_out=max(len(estimate.lines) - _LINES, 0),
        assumptions=estimate.assumptions,
        uncounted=estimate.uncounted,
    )


# ── amounts ──────────────────────────────────────────────────────────────────────────────────────


def _tiers(blueprint: Blueprint, own: Estimate) -> tuple[Tier, ...]:
    amounts: dict[tuple[str, Item], Decimal] = {}
    for line in own.lines:
        key = (line.resource, line.what)
        amounts[key] = amounts.get(key, Decimal(0)) + line.quantity
    groups: dict[str, list[Resource]] = {}
    for resource in blueprint.resources:
        groups.setdefault(resource.labels.get("tier") or _TIERS[resource.type], []).append(resource)
    return tuple(_tier(name, group, amounts) for name, group in groups.items())


def _tier(name: str, group: list[Resource], amounts: dict[tuple[str, Item], Decimal]) -> Tier:
    def together(what: Item) -> Decimal:
        return sum((amounts.get((r.name, what), Decimal(0)) for r in group), Decimal(0))

    return Tier(
        name=name,
        resources=tuple(resource.name for resource in group),
        instances=sum(_instances(resource) for resource in group),
        cpu=together(Item.CPU),
        memory_gib=together(Item.MEMORY),
        disk_gib=together(Item.DISK),
        backup_gib=together(Item.BACKUP),
        gpu=together(Item.GPU),
        public_addresses=sum(_instances(r) for r in group if r.network.public_ip),
        networks=sum(r.count for r in group if r.type is ResourceType.NETWORK),
        ports=sum(len(r.network.ports) for r in group),
    )


def _instances(resource: Resource) -> int:
    if resource.type is ResourceType.KUBERNETES_CLUSTER:
        return sum(resource.specs.roles) * resource.count
    return resource.count if resource.type in WORKLOADS else 0


def _sum(tiers: Sequence[Tier]) -> Totals:
    return Totals.model_validate(
        {name: sum(getattr(tier, name) for tier in tiers) for name in Totals.model_fields}
    )


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _cheapest(costs: Sequence[ProviderCost]) -> str | None:
    """Of those that count most of it: who has no price for the traffic is not cheap by that."""
    whole = [cost for cost in costs if cost.complete]
    least = min((len(cost.uncounted) for cost in whole), default=0)
    alike = [cost for cost in whole if len(cost.uncounted) == least]
    return min(alike, key=lambda cost: cost.monthly).provider if len(alike) > 1 else None


def _told(
    totals: Totals,
    costs: Sequence[ProviderCost],
    cheapest: str | None,
    sizing: WorkloadSizing | None,
) -> str:
    for_load = f"For {sizing.per_second:,g} a second at the peak: " if sizing else ""
    prices = "; ".join(
        f"{cost.provider} {money(cost.monthly)}{'' if cost.complete else ' without what has no price'}"
        for cost in costs
    )
    best = f" The cheapest is {cheapest}." if cheapest else ""
    return (
        f"{for_load}{totals.instances} instance(s) with {totals.cpu:,g} vCPU, {totals.memory_gib:,.1f} GiB of memory "
        f"and {totals.disk_gib:,.1f} GiB of disk. A month costs about: {prices}.{best}"
    )


TOOL = Tool(
    name="estimate_resources",
    title="Estimate resources and costs",
    description=(
        "Adds up what a blueprint needs (cpu, memory, disk, network, by tier) and what a month of it costs on your own "
        "machines and at each cloud, with the price, source and date of every line; or turns a kind of work and its "
        "load into sizes, with the queueing arithmetic shown."
    ),
    arguments=EstimateArguments,
    answer=ResourceEstimate,
    run=run,
    words=(
        "estimate", "how much cpu", "how much memory", "what does it cost", "what does cost", "price", "costs a month",
        "how big", "sizes", "resources needed",
    ),
    examples=(
        Example("A web application for 1000 requests a second",
                {"workload_type": "web", "expected_load": "1000 requests/sec", "availability": "high"}),
        Example(
            "A server and a database on AWS in Ireland",
            {
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {"name": "web", "type": "vm", "image": "debian:12", "count": 2,
                         "specs": {"cpu": 2, "memory": "4GiB", "disk": "20GiB"}},
                        {"name": "db", "type": "database", "engine": "postgresql",
                         "specs": {"cpu": 2, "memory": "8GiB", "disk": "100GiB"}},
                    ],
                },
                "provider": "aws",
                "region": "eu-west-1",
            },
        ),
    ),
    tags=frozenset({"costs"}),
)  # fmt: skip
