"""Everything a council looks at, gathered once: the blueprint, the plan, what the rules say, what it costs.

Each part is gathered by itself. One that can't be had leaves its reason instead, so that a broken book of prices does
not cost anybody their request, and nobody takes a silence for a pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from alma.core.economics.measures import Aims
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Estimate, Optimisation, Variant
from alma.core.model.errors import AlmaError, NotFound
from alma.core.model.plan import Plan, PlanKind
from alma.core.model.principal import Principal
from alma.core.ports import Repositories, Transaction
from alma.core.services.estimates import Estimates
from alma.core.services.gate import Gate, Judgement

T = TypeVar("T")

# Above this many resources nobody looks for ways to pay less: it takes an estimate for each way.
MEASURED = 200


@dataclass(frozen=True, slots=True)
class Before:
    """What a cost is compared with: `what` in words, and US dollars a month."""

    what: str
    monthly: Decimal


@dataclass(frozen=True, slots=True)
class Dossier:
    """What there is to look at. `judgement` is None where nothing is held to rules: a removal. `limit` is the most it
    may cost, US dollars a month, and `within` the nearest form that keeps to it, where it is exceeded. `unexamined`
    says what could not be had, and why."""

    blueprint: Blueprint
    plan: Plan | None = None
    judgement: Judgement | None = None
    estimate: Estimate | None = None
    before: Before | None = None
    optimisation: Optimisation | None = None
    within: Variant | None = None
    bundle: str = ""
    book: str = ""
    unexamined: tuple[str, ...] = ()

    @property
    def limit(self) -> Decimal | None:
        return limit_of(self.blueprint)

    @property
    def destroys(self) -> bool:
        """Whether it is about a removal."""
        return self.plan is not None and self.plan.target.kind is PlanKind.DESTROY


def limit_of(blueprint: Blueprint) -> Decimal | None:
    """The most that it may cost, US dollars a month."""
    constraints = blueprint.constraints
    most = constraints.max_monthly_cost if constraints else None
    return None if most is None else Decimal(str(most))


@dataclass(slots=True)
class _Gathering:
    """The reasons for what could not be had."""

    missing: list[str] = field(default_factory=list)

    def have(self, what: str, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except AlmaError as error:
            self.missing.append(f"{what}: {error.message}")
            return None


class Dossiers:
    """Dossiers of the caller's project."""

    def __init__(self, *, repositories: Repositories, gate: Gate, estimates: Estimates) -> None:
        self._repositories = repositories
        self._gate = gate
        self._estimates = estimates

    async def of_plan(self, principal: Principal, plan: Plan) -> Dossier:
        """The dossier of a plan of a saved revision. Raises NotFound when that is gone."""
        blueprint, before = await asyncio.to_thread(self._planned, principal, plan)
        return await self.of_blueprint(principal, blueprint, plan, before=before)

    async def of_blueprint(
        self,
        principal: Principal,
        blueprint: Blueprint,
        plan: Plan | None = None,
        *,
        before: tuple[str, Blueprint] | None = None,
    ) -> Dossier:
        """The dossier of a blueprint, with its plan where there is one, compared with `before` where that is given."""
        return await asyncio.to_thread(self._gathered, principal, blueprint, plan, before)

    def _gathered(
        self,
        principal: Principal,
        blueprint: Blueprint,
        plan: Plan | None,
        before: tuple[str, Blueprint] | None,
    ) -> Dossier:
        removal = plan is not None and plan.target.kind is PlanKind.DESTROY
        found = _Gathering()
        judgement = None if removal else self._gate.judge(principal.project, blueprint)
        if judgement is not None and judgement.failure is not None:
            found.missing.append(f"policy: {judgement.failure}")
        nothing = Estimate()
        estimate = (
            nothing if removal else found.have("costs", lambda: self._estimates.estimate(blueprint))
        )
        assessment = judgement.assessment if judgement else None
        return Dossier(
            blueprint=blueprint,
            plan=plan,
            judgement=judgement,
            estimate=estimate,
            before=found.have("earlier costs", lambda: self._earlier(before)),
            optimisation=None
            if removal
            else found.have("savings", lambda: self._cheaper(blueprint)),
            within=found.have("cheaper forms", lambda: self._within(blueprint, estimate)),
            bundle=assessment.bundle if assessment else "",
            book=estimate.book if estimate else "",
            unexamined=tuple(found.missing),
        )

    def _earlier(self, before: tuple[str, Blueprint] | None) -> Before | None:
        if before is None:
            return None
        what, blueprint = before
        return Before(what, self._estimates.estimate(blueprint).monthly)

    def _cheaper(self, blueprint: Blueprint) -> Optimisation | None:
        """What could be paid less for, without a target: nothing risky."""
        if not blueprint.resources or len(blueprint.resources) > MEASURED:
            return None
        return self._estimates.optimise(blueprint, Aims())

    def _within(self, blueprint: Blueprint, estimate: Estimate | None) -> Variant | None:
        """The nearest form that keeps to the limit, where this one does not."""
        limit = limit_of(blueprint)
        over = estimate is not None and limit is not None and estimate.monthly > limit
        if not over or limit is None or len(blueprint.resources) > MEASURED:
            return None
        return self._estimates.cheaper(blueprint, limit)

    def _planned(
        self, principal: Principal, plan: Plan
    ) -> tuple[Blueprint, tuple[str, Blueprint] | None]:
        target = plan.target
        with self._repositories.read() as transaction:
            planned = transaction.blueprints.revision(
                target.blueprint_id, target.revision, project=principal.project
            ).blueprint
            return planned, self._compared(transaction, principal, plan)

    def _compared(
        self, transaction: Transaction, principal: Principal, plan: Plan
    ) -> tuple[str, Blueprint] | None:
        """What runs of it now; else the revision before, if there is one."""
        target, project = plan.target, principal.project
        stack = transaction.stacks.find(
            blueprint_id=target.blueprint_id, engine=target.engine, project=project
        )
        running = stack.revision if stack is not None else None
        number = running if running is not None else target.revision - 1
        if number < 1:
            return None
        try:
            found = transaction.blueprints.revision(target.blueprint_id, number, project=project)
        except NotFound:
            return None
        what = "what is deployed" if running is not None else f"revision {number}"
        return what, found.blueprint
