"""The council on request: about words, a document, a saved blueprint, or an open request. Nothing is kept of it."""

from __future__ import annotations

import asyncio

from alma.core.agent.council import Council
from alma.core.agent.generating import Generating
from alma.core.model.access import Permission
from alma.core.model.blueprint import Blueprint
from alma.core.model.council import Convened, CouncilReport, Matter
from alma.core.model.errors import EngineError, InvalidInput
from alma.core.model.plan import Plan
from alma.core.model.principal import Principal
from alma.core.services.blueprints import Blueprints
from alma.core.services.council_words import council_words
from alma.core.services.iprs import IPRs
from alma.core.services.plans import Plans


class Convening:
    """Brings matters before the council."""

    def __init__(
        self,
        council: Council,
        *,
        generating: Generating,
        blueprints: Blueprints,
        plans: Plans,
        iprs: IPRs,
    ) -> None:
        self._council = council
        self._generating = generating
        self._blueprints = blueprints
        self._plans = plans
        self._iprs = iprs

    async def convene(self, principal: Principal, matter: Matter) -> Convened:
        """Looks at the matter as it is now. An engine that does not answer leaves the blueprint to look at, and the
        report says so. Raises InvalidInput unless exactly one thing is named, or when words name nothing; NotFound."""
        principal.require(*_needed(matter))
        given = (matter.words, matter.document, matter.blueprint_id, matter.ipr_id)
        if sum(item is not None for item in given) != 1:
            raise InvalidInput(
                "it is not clear what the council shall look at",
                hint="give exactly one of: a request in words, a blueprint, blueprint_id, ipr_id",
            )
        if matter.ipr_id is not None:
            ipr = await asyncio.to_thread(self._iprs.get, principal, matter.ipr_id)
            return await self._of_plan(principal, ipr.plan)
        if matter.blueprint_id is not None:
            return await self._of_saved(principal, matter.blueprint_id, matter.engine)
        blueprint = matter.document or await self._drafted(principal, str(matter.words))
        return await self._of_document(principal, blueprint, matter.engine)

    async def _drafted(self, principal: Principal, words: str) -> Blueprint:
        drafted = await self._generating.generate(principal, words)
        assert drafted.blueprint is not None  # else it would have raised
        return drafted.blueprint

    async def _of_plan(self, principal: Principal, plan: Plan) -> Convened:
        number, id_ = plan.target.revision, plan.target.blueprint_id
        found = await asyncio.to_thread(self._blueprints.get, principal, id_, revision=number)
        report = await self._council.examine(principal, plan, convened=True)
        return _told(found.blueprint, report)

    async def _of_saved(self, principal: Principal, id_: int, engine: str | None) -> Convened:
        revision = await asyncio.to_thread(self._blueprints.get, principal, id_)
        try:
            target = await self._plans.target(principal, id_, engine=engine)
            plan = await self._plans.make(principal, target)
        except EngineError as error:
            return await self._without_plan(principal, revision.blueprint, error)
        report = await self._council.examine(principal, plan, convened=True)
        return _told(revision.blueprint, report)

    async def _of_document(
        self, principal: Principal, blueprint: Blueprint, engine: str | None
    ) -> Convened:
        try:
            plan = await self._plans.preview(principal, blueprint, engine=engine)
        except EngineError as error:
            return await self._without_plan(principal, blueprint, error)
        return _told(blueprint, await self._council.convene(principal, blueprint, plan))

    async def _without_plan(
        self, principal: Principal, blueprint: Blueprint, error: EngineError
    ) -> Convened:
        report = await self._council.convene(principal, blueprint)
        missing = (f"plan: {error.message}", *report.unexamined)
        return _told(blueprint, report.model_copy(update={"unexamined": missing}))


def _needed(matter: Matter) -> tuple[Permission, ...]:
    """What looking at the matter takes: what is not planned yet is planned, what is only words is drafted."""
    if matter.ipr_id is not None:
        return Permission.BLUEPRINT_READ, Permission.IPR_READ
    if matter.words is not None:
        return Permission.BLUEPRINT_READ, Permission.PLAN, Permission.BLUEPRINT_WRITE
    return Permission.BLUEPRINT_READ, Permission.PLAN


def _told(blueprint: Blueprint, report: CouncilReport) -> Convened:
    return Convened(blueprint=blueprint, report=report, summary=council_words(report))
