"""Plans a move to another platform: what becomes what, in which order, how long it takes and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.economics.words import money
from alma.core.migration.amounts import told_bytes, told_seconds
from alma.core.migration.conversion import SourceObject
from alma.core.migration.moving import Downtime, Move, Transfer
from alma.core.migration.platforms import Fidelity
from alma.core.migration.target import Strategy
from alma.core.model.base import Json
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.errors import InvalidInput
from alma.core.model.units import Size
from alma.core.services.migrating import (
    Costs,
    EngineSupport,
    Mapped,
    Migration,
    Wave,
    Wishes,
)
from alma.core.tools.kit import Call, Subject
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Example, Tool

_WORDS = {
    "rehost": "lift-and-shift",
    "lift": "lift-and-shift",
    "lift-shift": "lift-and-shift",
    "re-host": "lift-and-shift",
    "re-platform": "replatform",
    "re-factor": "refactor",
    "rearchitect": "refactor",
}


def _strategy(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = "-".join(value.casefold().replace("_", " ").replace("&", "and").split())
    return _WORDS.get(word, word)


def _said(value: Any) -> Any:
    """Amounts may come as numbers: seconds."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if plain else value


Share = Annotated[Decimal | None, Field(gt=0, le=1, allow_inf_nan=False)]


class MigrateArguments(OfBlueprint):
    """From where, to where, what, and what must not suffer."""

    source_platform: str = Field(
        description="aws, azure, gcp, proxmox, docker, kubernetes, vmware or bare-metal.",
        examples=["aws"],
    )
    target_platform: str = Field(description="One of the same.", examples=["proxmox"])
    source: str | Mapping[str, Json] | None = Field(
        default=None,
        description="Instead of a blueprint: a compose file, Kubernetes manifests, a Terraform state, text or values.",
    )
    source_format: str | None = Field(
        default=None, description="compose, kubernetes or terraform; found out if left out."
    )
    migration_strategy: Annotated[Strategy, BeforeValidator(_strategy)] = Field(
        default=Strategy.LIFT,
        description="lift-and-shift keeps forms; replatform uses the target's services; refactor makes containers.",
    )
    downtime_tolerance: Annotated[str | None, BeforeValidator(_said)] = Field(
        default=None,
        max_length=64,
        description="How long it may stand still: 2 hours, 30 minutes, zero.",
        examples=["2 hours"],
    )
    bandwidth: str | None = Field(
        default=None,
        max_length=64,
        description="Of the line between both places: 1 Gbit/s, 100 Mbps, 50 MB/s.",
        examples=["1 Gbit/s"],
    )
    efficiency: Share = Field(default=None, description="Share of the line that a long copy gets.")
    change_rate: Annotated[Decimal | None, Field(ge=0, le=100, allow_inf_nan=False)] = Field(
        default=None, description="Share of the data that changes in a day: 0.05."
    )
    data: Mapping[str, Size] = Field(
        default_factory=dict,
        description="How much is really in a resource; else its whole disk counts.",
        examples=[{"db": "80GB"}],
    )
    region: str | None = Field(default=None, max_length=64, description="A region of the target.")


class MigrationPlan(Answer):
    """The way to the other platform. Times are seconds, money is USD a month."""

    source_platform: str
    target_platform: str
    migration_strategy: Strategy
    mapping: tuple[Mapped, ...]
    blueprint: dict[str, Json] = Field(description="For the target, ready to be saved.")
    waves: tuple[Wave, ...]
    moves: tuple[Move, ...] = Field(description="How the data of each resource moves.")
    transfer: Transfer
    downtime: Downtime
    costs: Costs
    support: EngineSupport
    converted: tuple[SourceObject, ...] = Field(
        default=(), description="What became of each object of a source that was no blueprint."
    )
    remarks: tuple[Diagnostic, ...] = Field(default=(), description="What that left open.")


async def run(given: MigrateArguments, call: Call) -> MigrationPlan:
    """Raises InvalidInput for an unknown platform, region, form or amount; BlueprintInvalid, NotFound."""
    subject, converted, remarks = await _subject(given, call)
    wishes = Wishes(
        source=given.source_platform,
        target=given.target_platform,
        strategy=given.migration_strategy,
        tolerance=given.downtime_tolerance,
        bandwidth=given.bandwidth,
        efficiency=given.efficiency,
        change_per_day=given.change_rate,
        region=given.region,
        data=given.data,
    )
    migrating = call.kit.migrating
    found = await asyncio.to_thread(
        migrating.plan, call.principal.project, subject.blueprint, wishes
    )
    return _answer(found, converted, remarks)


async def _subject(
    given: MigrateArguments, call: Call
) -> tuple[Subject, tuple[SourceObject, ...], tuple[Diagnostic, ...]]:
    if given.source is None:
        return await subject_of(given, call), (), ()
    if given.blueprint is not None or given.blueprint_id is not None:
        raise InvalidInput("a source and a blueprint are both given", hint="give one of them")
    content = given.source if isinstance(given.source, str) else dict(given.source)
    made = await asyncio.to_thread(call.kit.converting.convert, content, form=given.source_format)
    return Subject(made.blueprint, origins=made.origins), made.objects, made.remarks


def _answer(
    found: Migration, converted: tuple[SourceObject, ...], remarks: tuple[Diagnostic, ...]
) -> MigrationPlan:
    return MigrationPlan(
        summary=_told(found),
        sources=found.sources,
        assumptions=found.assumptions,
        source_platform=found.source,
        target_platform=found.target,
        migration_strategy=found.strategy,
        mapping=found.mapping,
        blueprint=found.blueprint.dump(),
        waves=found.waves,
        moves=found.moves,
        transfer=found.transfer,
        downtime=found.downtime,
        costs=found.costs,
        support=found.support,
        converted=converted,
        remarks=remarks,
    )


def _told(found: Migration) -> str:
    counted = {kind: sum(m.fidelity is kind for m in found.mapping) for kind in Fidelity}
    kinds = ", ".join(f"{number} {kind}" for kind, number in counted.items() if number)
    told = f"{len(found.mapping)} resource(s) from {found.source} to {found.target} ({kinds or 'none'})"
    size, line = told_bytes(found.transfer.bytes), found.transfer.bandwidth
    copy = f"{size} take {told_seconds(found.transfer.seconds)} over {line}"
    return f"{told}, in {len(found.waves)} wave(s). {copy}; {_downtime(found)}. {_costs(found)}."


def _downtime(found: Migration) -> str:
    down = found.downtime
    seconds = told_seconds(down.seconds)
    still = f"it stands still for {seconds}" if down.seconds else "nothing stands still"
    if unknown := found.transfer.unknown:
        still = f"it stands still for {seconds} and as long as {', '.join(unknown[:3])} takes, which is not known"
    if down.met is None or down.tolerance_seconds is None:
        return still
    verdict = "within" if down.met else "more than"
    return f"{still}, {verdict} the {told_seconds(down.tolerance_seconds)} tolerated"


def _costs(found: Migration) -> str:
    costs = found.costs
    return f"It costs {money(costs.after)} a month there, {money(costs.before)} now"


TOOL = Tool(
    name="migrate_infrastructure",
    title="Plan a move to another platform",
    description=(
        "Plans the move of a blueprint, or of a compose file, Kubernetes manifests or a Terraform state, to another "
        "platform: what stands for each resource there and how near it is, a valid blueprint for the target, waves "
        "with their rollback, how long data takes, how long it stands still against what is tolerated, and costs."
    ),
    arguments=MigrateArguments,
    answer=MigrationPlan,
    run=run,
    words=("migrate", "move to", "migration plan", "lift and shift", "from aws to", "replatform"),
    examples=(
        Example(
            "From AWS to Proxmox VE within two hours",
            {
                "source_platform": "aws",
                "target_platform": "proxmox",
                "downtime_tolerance": "2 hours",
                "data": {"db": "80GB"},
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {"name": "web", "type": "container", "image": "registry.example.org/shop:2", "count": 2,
                         "network": {"ports": [8080]}, "specs": {"cpu": 1, "memory": "1GiB"}, "depends_on": ["db"]},
                        {"name": "db", "type": "database", "engine": "postgresql",
                         "specs": {"cpu": 2, "memory": "8GiB", "disk": "100GiB"}},
                        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
                    ],
                },
            },
        ),
    ),
    tags=frozenset({"migration"}),
)  # fmt: skip
