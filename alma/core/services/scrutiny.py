"""What a plan goes through before a person decides on it, and the gate that it has to pass when one has.

`services` knows no council: whoever examines is handed in.
"""

from __future__ import annotations

import asyncio

from alma.core.model.blueprint import Blueprint
from alma.core.model.council import CouncilReport
from alma.core.model.ipr import IPR
from alma.core.model.plan import Plan, PlanKind
from alma.core.model.principal import Principal
from alma.core.ports import Examiner, Repositories
from alma.core.services.gate import Gate


class Scrutiny:
    """Examines plans, and holds requests to mandatory rules."""

    def __init__(self, *, repositories: Repositories, gate: Gate, examiner: Examiner) -> None:
        self._repositories = repositories
        self._gate = gate
        self._examiner = examiner

    async def examine(self, principal: Principal, plan: Plan) -> CouncilReport:
        """What the council says of a plan of a saved revision."""
        return await self._examiner.examine(principal, plan)

    def require(self, principal: Principal, ipr: IPR) -> None:
        """Raises PolicyViolation where the request's plan may not run, PlanStale where it was made by other rules or
        prices than those that hold. Asks every rule again: what was said when it was opened may be weeks old."""
        if ipr.plan.target.kind is PlanKind.DEPLOY:
            blueprint = self._planned(principal, ipr.plan)
            self._gate.require(principal.project, blueprint, ipr.plan, ipr_id=ipr.id)

    async def required(self, principal: Principal, ipr: IPR) -> None:
        """The same, off the event loop."""
        await asyncio.to_thread(self.require, principal, ipr)

    def _planned(self, principal: Principal, plan: Plan) -> Blueprint:
        with self._repositories.read() as transaction:
            return transaction.blueprints.revision(
                plan.target.blueprint_id, plan.target.revision, project=principal.project
            ).blueprint
