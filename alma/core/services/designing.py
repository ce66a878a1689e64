"""Two or three designs for what is required, each sized, priced, judged by policy, and compared with the others.

Here the capacity model, the price books, the rules and the arithmetic of availability meet. What is said of a design is
computed from it: a trade-off is a difference between two of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pydantic import Field

from alma.core.economics.availability import (
    Availability,
    AvailabilityModel,
    assumed,
    availability_of,
)
from alma.core.economics.capacity import CapacityModel
from alma.core.economics.carrying import Carried, Yardstick, carried, stations
from alma.core.economics.designs import TITLES, Draft, Kind, Wish, draft
from alma.core.economics.supply import supply_of
from alma.core.economics.words import money
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import WORKLOADS, Blueprint, ResourceType
from alma.core.model.cost import Amount, Estimate
from alma.core.model.document import parse_blueprint
from alma.core.model.engine import EngineTraits
from alma.core.model.finding import Assessment
from alma.core.model.sizing import Load
from alma.core.model.software import Catalogue
from alma.core.planning.resolve import resolve
from alma.core.services.estimates import ONPREM, Estimates
from alma.core.services.policies import Policies

_ANY_ENGINE = EngineTraits(resource_types=frozenset(ResourceType))


@dataclass(frozen=True)
class Required:
    """What is required. `availability` is a share, `budget` USD a month; None: nobody said."""

    title: str
    users: int
    data_gb: float = 0.0
    availability: float | None = None
    budget: Decimal | None = None
    extras: frozenset[str] = frozenset()
    database: str = "postgresql"
    server: str = "nginx"
    software: str | None = None
    provider: str = ONPREM
    region: str | None = None
    kinds: tuple[Kind, ...] = tuple(Kind)


class Design(Frozen):
    """One design. `fits` is whether it keeps to budget and availability, as far as they were said; `why_not` names what
    it breaks. Costs are USD a month."""

    kind: Kind
    title: str
    fits: bool
    fits_budget: bool | None
    fits_availability: bool | None
    why_not: tuple[str, ...] = ()
    monthly_cost: Amount
    cost_complete: bool = Field(description="Whether every part has a price.")
    price_book: str
    availability: Availability
    carries: Carried
    machines: int
    cpu: float
    memory_gib: float
    disk_gib: float
    survives: str = Field(description="What may be lost without anybody noticing.")
    by_hand: str = Field(description="What a person has to do.")
    trade_offs: tuple[str, ...] = Field(default=(), description="Against the next cheaper design.")
    rules_broken: int = Field(description="Of policy, none of which stops a request.")
    policy_score: float
    blueprint: dict[str, Json]


class Proposed(Frozen):
    """The designs, the cheapest first; the cheapest that fits, and what can't be had."""

    designs: tuple[Design, ...]
    recommended: Kind | None
    not_possible: tuple[str, ...] = ()
    working: tuple[str, ...]
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    draft: Draft
    blueprint: Blueprint
    estimate: Estimate
    assessment: Assessment


@dataclass(frozen=True)
class Designing:
    """Makes designs. Nothing is stored, and no engine is asked."""

    estimates: Estimates
    policies: Policies
    catalogue: Catalogue
    capacity: CapacityModel
    availability: AvailabilityModel
    balancer_us: float

    def propose(self, project: str, required: Required) -> Proposed:
        """Designs for what is required, in a project whose rules they have to keep. Raises InvalidInput for a provider
        or a region without prices."""
        by = Yardstick(self.capacity, self.balancer_us, required.software)
        need = by.size_for(Load(users=required.users))
        wish = Wish(
            title=required.title,
            need=need,
            model=self.capacity,
            extras=required.extras,
            data_gb=required.data_gb,
            database=required.database,
            server=required.server,
            region=required.region,
        )
        drafts = {kind: draft(kind, wish) for kind in required.kinds}
        made = [self._made(project, found, required) for found in drafts.values() if found]
        stopped = [item for item in made if item.assessment.gating]
        designs = [self._design(item, required, by) for item in made if item not in stopped]
        designs.sort(key=lambda design: (design.monthly_cost, list(Kind).index(design.kind)))
        told = [
            design.model_copy(
                update={"trade_offs": tuple(_trade_offs(designs[number - 1], design))}
            )
            if number
            else design
            for number, design in enumerate(designs)
        ]
        fitting = next((design.kind for design in told if design.fits), None)
        return Proposed(
            designs=tuple(told),
            recommended=fitting,
            not_possible=(
                *_impossible(drafts, stopped), *(_nothing_fits(told, required) if fitting is None else ()),
            ),
            working=need.working,
            assumptions=(*need.assumptions, *assumed(self.availability, cloud=required.provider != ONPREM)),
            sources=tuple(
                dict.fromkeys(
                    [self.capacity.version, self.availability.version, *(d.price_book for d in told),
                     self.policies.bundle(project)]
                )
            ),
        )  # fmt: skip

    def _made(self, project: str, found: Draft, required: Required) -> _Made:
        blueprint = parse_blueprint(dict(found.document))
        region = required.region if required.provider != ONPREM else None
        return _Made(
            found,
            blueprint,
            self.estimates.estimate(blueprint, required.provider, region=region),
            self.policies.assess(project, blueprint),
        )

    def _design(self, made: _Made, required: Required, by: Yardstick) -> Design:
        instances = resolve(made.blueprint, self.catalogue, _ANY_ENGINE).resources
        supply = supply_of(instances)
        there = availability_of(
            made.draft.layers, model=self.availability, cloud=required.provider != ONPREM
        )
        cost, own = made.estimate, self.estimates.estimate(made.blueprint)
        budget = None if required.budget is None else cost.monthly <= required.budget
        enough = None if required.availability is None else there.share >= required.availability
        return Design(
            kind=made.draft.kind,
            title=TITLES[made.draft.kind],
            fits=budget is not False and enough is not False,
            fits_budget=budget,
            fits_availability=enough,
            why_not=tuple(_why_not(cost, there, required)),
            monthly_cost=cost.monthly,
            cost_complete=not cost.unpriced,
            price_book=cost.book,
            availability=there,
            carries=carried(stations(instances, supply, by=by), supply, by=by),
            machines=_machines(made.blueprint),
            cpu=_amount(own, "cpu"),
            memory_gib=_amount(own, "memory"),
            disk_gib=_amount(own, "disk"),
            survives=made.draft.survives,
            by_hand=made.draft.by_hand,
            rules_broken=len(made.assessment.failed),
            policy_score=made.assessment.score.value,
            blueprint=made.blueprint.dump(),
        )


def _machines(blueprint: Blueprint) -> int:
    return sum(
        sum(item.specs.roles) if item.type is ResourceType.KUBERNETES_CLUSTER else item.count
        for item in blueprint.resources
        if item.type in WORKLOADS | {ResourceType.KUBERNETES_CLUSTER}
    )


def _amount(estimate: Estimate, what: str) -> float:
    return round(float(sum(line.quantity for line in estimate.lines if line.what == what)), 1)


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _why_not(cost: Estimate, there: Availability, required: Required) -> Iterator[str]:
    if required.budget is not None and cost.monthly > required.budget:
        over = money(cost.monthly - required.budget)
        yield f"costs {money(cost.monthly)} a month, {over} more than the budget of {money(required.budget)}"
    if required.availability is not None and there.share < required.availability:
        yield (
            f"is there {there.percent:.3f} % of the time, less than {required.availability * 100:g} %; "
            f"what limits it most: {there.weakest}"
        )


def _trade_offs(cheaper: Design, design: Design) -> Iterator[str]:
    """What more money buys, from the differences."""
    more = design.monthly_cost - cheaper.monthly_cost
    hours = cheaper.availability.hours_away_a_year - design.availability.hours_away_a_year
    than = f"than '{cheaper.title}'"
    if hours > 0:
        each = money(more * 12 / Decimal(str(hours)))
        yield f"{money(more)} a month more {than}, for {hours:.1f} hours less away a year: {each} for each hour"
    else:
        yield f"{money(more)} a month more {than}, and not there more often ({-hours:.1f} hours more away a year)"
    machines = design.machines - cheaper.machines
    if machines:
        several = "machine" if abs(machines) == 1 else "machines"
        yield f"{abs(machines)} {several} {'more' if machines > 0 else 'fewer'} to look after"
    if design.carries.users != cheaper.carries.users:
        times = design.carries.users / max(cheaper.carries.users, 1)
        yield f"carries about {design.carries.users:,} users, {times:.2g} times as many"
    if design.survives != cheaper.survives:
        yield f"survives the loss of {design.survives}, rather than of {cheaper.survives}"


def _impossible(drafts: dict[Kind, Draft | None], stopped: Sequence[_Made]) -> Iterator[str]:
    for kind, found in drafts.items():
        if found is None:
            yield f"{TITLES[kind]}: no machine is big enough for this load, or it takes too many"
    for item in stopped:
        rules = ", ".join(sorted({finding.rule for finding in item.assessment.gating}))
        yield f"{TITLES[item.draft.kind]}: this project's rules stop it ({rules})"


def _nothing_fits(designs: Sequence[Design], required: Required) -> Iterator[str]:
    """What it would take, when nothing keeps to everything."""
    if not designs:
        return
    there = max(designs, key=lambda design: design.availability.share)
    if required.availability is not None and there.availability.share < required.availability:
        yield (
            f"{required.availability * 100:g} % can't be had in one place: the best is '{there.title}' with "
            f"{there.availability.percent:.3f} %; more takes a second place"
        )
    if required.budget is not None:
        enough = [design for design in designs if design.fits_availability is not False]
        nearest = min(enough or designs, key=lambda design: design.monthly_cost)
        if nearest.monthly_cost > required.budget:
            yield (
                f"{money(required.budget)} a month is too little: '{nearest.title}' is the cheapest that would do, "
                f"with {money(nearest.monthly_cost)}"
            )
