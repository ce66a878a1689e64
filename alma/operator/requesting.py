"""The requests of a Blueprint: decided on as their objects say, deployed once approved, and shown in those objects."""

from __future__ import annotations

import asyncio

from alma.core.model.declaration import Declaration
from alma.core.model.deployment import Deployment
from alma.core.model.errors import AlmaError, DatabaseUnavailable, NotFound, PlanStale
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.principal import Principal
from alma.operator.deciding import decided
from alma.operator.documents import Decision, Deploy, RequestStatus
from alma.operator.parts import Parts
from alma.operator.seen import SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.standing import say_request
from alma.operator.telling import deployment_status, links, request_status
from alma.operator.turn import RequestObject, Turn, request_name

ENDED = frozenset({IPRState.REJECTED, IPRState.DEPLOYED, IPRState.FAILED, IPRState.CANCELLED})


class Requesting:
    """Requests that the operator has opened."""

    def __init__(self, parts: Parts, settings: OperatorSettings) -> None:
        self._parts = parts
        self._settings = settings

    async def of(self, who: Principal, declared: Declaration) -> IPR | None:
        """The one that was opened last; None where none was, or nothing had to be done."""
        if declared.ipr_id is None:
            return None
        return await asyncio.to_thread(self._parts.iprs.get, who, declared.ipr_id)

    async def proceed(
        self, who: Principal, ipr: IPR, turn: Turn, *, deploy: Deploy, settled: bool = False
    ) -> IPR:
        """Decides as the object of the request says, deploys what is approved, and tells of it. `settled`: what is
        declared is deployed already."""
        ipr, decision = await self._decided(ipr, turn)
        if ipr.state is IPRState.APPROVED:
            ipr = await self._deployed(who, ipr, turn, deploy)
        turn.moving = turn.moving or ipr.state not in ENDED
        run = await self._run(who, ipr)
        status = await self._shown(who, ipr, turn, run=run, decision=decision)
        turn.note(
            request=request_name(turn.seen.name, ipr.id),
            ipr_id=ipr.id,
            stack=ipr.plan.stack.name,
            deployment=None if run is None else deployment_status(run),
            links=links(ipr, run, self._settings.public_url),
        )
        say_request(turn, ipr, status, run, settled=settled)
        return ipr

    # ── decide and deploy ────────────────────────────────────────────────────────────────────────

    async def _decided(self, ipr: IPR, turn: Turn) -> tuple[IPR, Decision | None]:
        request = turn.requests.get(request_name(turn.seen.name, ipr.id))
        if request is None:
            return ipr, None
        ipr, decision = await asyncio.to_thread(
            decided, self._parts.iprs, ipr, request, allowed=self._settings.approvals
        )
        _notice(turn, request, decision)
        return ipr, decision

    async def _deployed(self, who: Principal, ipr: IPR, turn: Turn, deploy: Deploy) -> IPR:
        iprs = self._parts.iprs
        try:
            await iprs.deploy(who, ipr.id, on_failure=deploy.on_failure)
        except PlanStale as error:
            # What was approved is not what would run: the plan of now has to be looked at.
            turn.notice("PlanStale", error.message, warning=True)
            return await iprs.replan(who, ipr.id)
        except DatabaseUnavailable:
            raise
        except AlmaError as error:
            turn.held = error
        return await asyncio.to_thread(iprs.get, who, ipr.id)

    # ── tell ─────────────────────────────────────────────────────────────────────────────────────

    async def _run(self, who: Principal, ipr: IPR) -> Deployment | None:
        if ipr.deployment_id is None:
            return None
        return await asyncio.to_thread(self._parts.deployments.get, who, ipr.deployment_id)

    async def _shown(
        self,
        who: Principal,
        ipr: IPR,
        turn: Turn,
        *,
        run: Deployment | None,
        decision: Decision | None,
        name: str | None = None,
    ) -> RequestStatus:
        approvals = await asyncio.to_thread(self._parts.iprs.approvals, who, ipr)
        url = self._settings.public_url
        status = request_status(
            ipr, approvals=approvals, run=run, decision=decision, public_url=url
        )
        turn.objects.append(
            RequestObject(
                name=name or request_name(turn.seen.name, ipr.id),
                namespace=turn.seen.namespace,
                ipr_id=ipr.id,
                blueprint=turn.seen.name,
                owner=turn.seen.uid,
                status=status,
            )
        )
        return status

    async def tend_others(self, who: Principal, turn: Turn, deploy: Deploy) -> None:
        """Objects of earlier requests say how those ended; the oldest beyond the limit go."""
        current = {item.name for item in turn.objects}
        others = [item for name, item in turn.requests.items() if name not in current]
        others.sort(key=lambda item: item.ipr_id, reverse=True)
        turn.remove.extend(item.name for item in others[deploy.history_limit :])
        for item in others[: deploy.history_limit]:
            if item.status is None or item.status.state not in ENDED:
                await self._tend(who, item, turn)

    async def _tend(self, who: Principal, item: SeenRequest, turn: Turn) -> None:
        try:
            ipr = await asyncio.to_thread(self._parts.iprs.get, who, item.ipr_id)
        except NotFound:
            turn.remove.append(item.name)
            return
        run = await self._run(who, ipr)
        decision = item.status.decision if item.status else None
        await self._shown(who, ipr, turn, run=run, decision=decision, name=item.name)


def _notice(turn: Turn, request: SeenRequest, decision: Decision | None) -> None:
    """What is new of a decision is told where it was made."""
    before = request.status.decision if request.status else None
    if decision is None or decision == before:
        return
    reason = decision.reason if decision.accepted else f"Refused{decision.reason}"
    turn.notice(
        reason,
        decision.message or decision.annotation,
        warning=not decision.accepted,
        request=request.name,
    )
