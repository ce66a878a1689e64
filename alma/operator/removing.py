"""What becomes of a deployment whose Blueprint is deleted: it stays, or it is removed by a plan that was approved.

The Blueprint waits, held by its finalizer, until that is done. What nobody approves is never removed; whoever wants the
object gone all the same says so, by annotation or by another policy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from alma.core.model.declaration import Declaration, keeper
from alma.core.model.errors import (
    AlmaError,
    Conflict,
    DatabaseUnavailable,
    Forbidden,
    NotFound,
)
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import PlanKind
from alma.core.model.principal import Principal
from alma.operator import names
from alma.operator.documents import DeletionPolicy, Deploy
from alma.operator.drifting import stack_of
from alma.operator.names import Kind, Phase, Truth
from alma.operator.parts import Parts
from alma.operator.requesting import Requesting
from alma.operator.seen import SeenBlueprint, SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Outcome, Turn, request_name


class Removing:
    """Lets deleted Blueprints go, once they may."""

    def __init__(self, parts: Parts, settings: OperatorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._requesting = Requesting(parts, settings)

    async def look(self, seen: SeenBlueprint, requests: Mapping[str, SeenRequest]) -> Outcome:
        """One look at a Blueprint that is being deleted: `gone` when it may go. Raises DatabaseUnavailable; everything
        else is told."""
        turn = Turn(seen, requests, self._parts.now())
        turn.note(phase=Phase.DELETING)
        turn.moving = True
        try:
            await self._advance(turn)
        except DatabaseUnavailable:
            raise
        except AlmaError as error:
            turn.refused(error, kind=Kind.DEPLOYED)
            turn.note(phase=Phase.DELETING)
        return turn.outcome()

    async def _advance(self, turn: Turn) -> None:
        seen = turn.seen
        source = self._settings.source(seen.namespace, seen.name)
        # Whose it is the declaration knows: the namespace's grant may have been taken since.
        known = await asyncio.to_thread(self._find, seen, source)
        if known is None or known.holder != seen.uid:
            turn.gone = True
            return
        who = keeper(seen.namespace, seen.name, project=known.project)
        deploy = seen.lenient_deploy
        forget = seen.annotations.get(names.FORGET) == "true"
        if forget or deploy.deletion_policy is DeletionPolicy.RETAIN:
            await self._let_go(who, known, turn)
            return
        await self._destroy(who, known, turn, deploy)

    def _find(self, seen: SeenBlueprint, source: str) -> Declaration | None:
        who = keeper(seen.namespace, seen.name, project="")
        return self._parts.declaring.find(who, source)

    async def _let_go(self, who: Principal, declared: Declaration, turn: Turn) -> None:
        await asyncio.to_thread(self._parts.declaring.let_go, who, declared)
        stack = await stack_of(self._parts, who, declared)
        if stack is not None and stack.records:
            left = f"stack '{stack.ref.name}' on {stack.ref.engine} stays as it is"
            turn.notice("Retained", f"{left}; the same Blueprint applied again takes it up")
        turn.gone = True

    async def _destroy(
        self, who: Principal, declared: Declaration, turn: Turn, deploy: Deploy
    ) -> None:
        ipr = await self._requesting.of(who, declared)
        if ipr is not None and ipr.state is IPRState.DEPLOYING:
            await self._interrupted(who, ipr, turn)
        elif await self._nothing_left(who, declared, deploy):
            await self._finish(who, declared, turn)
            return
        elif self._wants_request(turn.seen, declared):
            declared, ipr = await self._ask(who, declared, turn, deploy)
            if ipr is None:
                await self._finish(who, declared, turn)
                return
        if ipr is not None:
            await self._requesting.proceed(who, ipr, turn, deploy=deploy)
        turn.note(phase=Phase.DELETING)
        await self._requesting.tend_others(who, turn, deploy)

    async def _interrupted(self, who: Principal, ipr: IPR, turn: Turn) -> None:
        """What is being deployed for a Blueprint that is to go is broken off at the next step, and undone."""
        if ipr.plan.target.kind is PlanKind.DESTROY or ipr.deployment_id is None:
            return
        deployments = self._parts.deployments
        run = await asyncio.to_thread(deployments.get, who, ipr.deployment_id)
        if run.ended or run.cancel_requested:
            return
        try:
            await asyncio.to_thread(deployments.cancel, who, run.id)
        except Conflict:
            return  # It ended meanwhile.
        turn.notice(
            "Cancelling", f"deployment {run.id} is broken off, for its Blueprint is deleted"
        )

    async def _nothing_left(self, who: Principal, declared: Declaration, deploy: Deploy) -> bool:
        stack = await stack_of(self._parts, who, declared)
        if stack is None:
            return True
        return not stack.records if deploy.destroy_volumes else stack.destroyed

    def _wants_request(self, seen: SeenBlueprint, declared: Declaration) -> bool:
        """One, and another one only when somebody asks: a removal that was rejected or failed is not pressed."""
        if declared.kind is not PlanKind.DESTROY or declared.ipr_id is None:
            return True
        return seen.asked is not None and seen.asked != declared.asked

    async def _ask(
        self, who: Principal, declared: Declaration, turn: Turn, deploy: Deploy
    ) -> tuple[Declaration, IPR | None]:
        seen = turn.seen
        declared, ipr = await self._parts.declaring.request(
            who,
            declared,
            title=f"Remove Blueprint {seen.namespace}/{seen.name}"[:200],
            engine=declared.engine,
            kind=PlanKind.DESTROY,
            volumes=deploy.destroy_volumes,
            asked=seen.asked,
        )
        if ipr is not None:
            turn.notice(
                "RemovalRequested", f"{request_name(seen.name, ipr.id)} waits for a decision"
            )
        return declared, ipr

    async def _finish(self, who: Principal, declared: Declaration, turn: Turn) -> None:
        """With nothing left of it the blueprint goes, too; one whose data was kept stays, to find that by."""
        await asyncio.to_thread(self._parts.declaring.let_go, who, declared)
        try:
            await asyncio.to_thread(self._parts.blueprints.delete, who, declared.blueprint_id)
            turn.notice("Removed", "nothing of it is deployed any more")
        except NotFound:
            pass
        except (Conflict, Forbidden) as error:
            turn.notice("Removed", f"nothing of it runs any more; {error.message}")
        turn.say(Kind.DEPLOYED, Truth.FALSE, "Removed")
        turn.gone = True
