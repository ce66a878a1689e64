"""What one look at a Blueprint leads to: saved, planned, asked for, approved, deployed, looked after.

A look goes by what ALMA's database says, never by what an earlier look remembers: it may be the first one after a
crash, or another process may be there. Each step does at most one thing that lasts, and doing it again does nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pydantic import ValidationError

from alma.core.model.declaration import Declaration, keeper
from alma.core.model.errors import (
    AlmaError,
    BlueprintInvalid,
    Conflict,
    DatabaseUnavailable,
    InvalidInput,
    Overtaken,
)
from alma.core.model.ipr import IPR, IPRState
from alma.core.model.plan import Pace, PlanKind
from alma.core.model.principal import Principal
from alma.core.model.state import Stack
from alma.operator import names
from alma.operator.documents import Deploy, OnDrift
from alma.operator.drifting import is_due, look_for_drift, stack_of
from alma.operator.names import Kind, Phase, Truth
from alma.operator.parts import Parts
from alma.operator.requesting import ENDED, Requesting
from alma.operator.seen import SeenBlueprint, SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Outcome, Turn, request_name

# What a look at what is deployed says of it; any other word on it is older.
_LOOKED_AFTER = frozenset({"Deployed", "Unhealthy"})


class Reconciling:
    """Brings ALMA, step by step, to what Blueprints say."""

    def __init__(self, parts: Parts, settings: OperatorSettings) -> None:
        self._parts = parts
        self._settings = settings
        self._requesting = Requesting(parts, settings)

    async def look(self, seen: SeenBlueprint, requests: Mapping[str, SeenRequest]) -> Outcome:
        """One look at a Blueprint that is there, with the objects of its requests by their names. Raises
        DatabaseUnavailable, whereafter nothing is lost; everything else is told in the outcome."""
        turn = Turn(seen, requests, self._parts.now())
        try:
            await self._advance(turn)
        except BlueprintInvalid as error:
            turn.invalid(error)
            await self._tend(turn)
        except DatabaseUnavailable:
            raise
        except Overtaken:
            turn.moving = True  # Somebody was quicker; the next look sees what they have done.
        except AlmaError as error:
            turn.moving = error.retryable
            turn.refused(error)
        return turn.outcome()

    async def _advance(self, turn: Turn) -> None:
        seen = turn.seen
        deploy = _deploy(seen)
        project = self._settings.project_for(seen.namespace, deploy.project)
        who = keeper(seen.namespace, seen.name, project=project)
        declared = await asyncio.to_thread(self._declared, who, seen)
        engine = await asyncio.to_thread(self._engine, who, declared, deploy)
        turn.note(blueprint_id=declared.blueprint_id, revision=declared.revision)
        turn.note(project=project, engine=engine)
        ipr = await self._requesting.of(who, declared)
        deploying = ipr is not None and ipr.state is IPRState.DEPLOYING
        if _wants_request(seen, declared, ipr, engine) and not deploying:
            await self._refuse_other_engine(who, declared, engine)
            declared, ipr = await self._ask(who, declared, turn, deploy)
        declared = await self._proceed(who, declared, ipr, turn, deploy)
        await self._requesting.tend_others(who, turn, deploy)

    async def _tend(self, turn: Turn) -> None:
        """What was asked for before goes on, and is told."""
        seen, deploy = turn.seen, turn.seen.lenient_deploy
        project = self._settings.project_for(seen.namespace, deploy.project)
        who = keeper(seen.namespace, seen.name, project=project)
        await self._requesting.tend_others(who, turn, deploy)

    async def _proceed(
        self, who: Principal, declared: Declaration, ipr: IPR | None, turn: Turn, deploy: Deploy
    ) -> Declaration:
        settled = declared.settled == declared.revision
        if ipr is not None:
            ipr = await self._requesting.proceed(who, ipr, turn, deploy=deploy, settled=settled)
            declared = await self._settled(who, declared, ipr)
        else:
            _say_nothing_to_do(turn, declared)
        stack = await stack_of(self._parts, who, declared)
        if stack is not None and declared.settled == declared.revision:
            await self._look_after(who, declared, ipr, turn, stack=stack, deploy=deploy)
        return declared

    # ── the document ─────────────────────────────────────────────────────────────────────────────

    def _declared(self, who: Principal, seen: SeenBlueprint) -> Declaration:
        """Reads the document only when it may be another one."""
        declaring = self._parts.declaring
        source = self._settings.source(seen.namespace, seen.name)
        known = declaring.find(who, source)
        if known is not None and (
            (known.holder, known.generation) == (seen.uid, seen.generation)
            and (known.project, known.kind) == (who.project, PlanKind.DEPLOY)
            and declaring.current(who, known)
        ):
            return known
        return declaring.take(
            who,
            source,
            holder=seen.uid,
            generation=seen.generation,
            document=seen.document,
            take_over=seen.annotations.get(names.TAKE_OVER) == "true",
        )

    def _engine(self, who: Principal, declared: Declaration, deploy: Deploy) -> str:
        blueprint = self._parts.blueprints.get(who, declared.blueprint_id).blueprint
        return self._parts.plans.engine_for(who.project, blueprint, deploy.engine)

    async def _refuse_other_engine(
        self, who: Principal, declared: Declaration, engine: str
    ) -> None:
        """What runs in one place is not left behind by naming another."""
        if declared.engine in {None, engine}:
            return
        stack = await stack_of(self._parts, who, declared)
        if stack is not None and stack.records and not stack.destroyed:
            raise Conflict(
                f"stack '{stack.ref.name}' runs on {declared.engine}, and would be left there",
                hint=f"name {declared.engine} again, or delete this Blueprint and apply it under another name",
            )

    # ── the request ──────────────────────────────────────────────────────────────────────────────

    async def _ask(
        self,
        who: Principal,
        declared: Declaration,
        turn: Turn,
        deploy: Deploy,
        drift: str | None = None,
    ) -> tuple[Declaration, IPR | None]:
        seen = turn.seen
        why = "drift" if drift else f"generation {seen.generation}"
        declared, ipr = await self._parts.declaring.request(
            who,
            declared,
            title=f"Blueprint {seen.namespace}/{seen.name}: {why}"[:200],
            engine=deploy.engine,
            pace=Pace(strategy=deploy.strategy, batch=deploy.batch),
            asked=_token(seen.asked or _by_people(declared.asked), drift),
        )
        if ipr is not None:
            turn.notice("RequestOpened", f"{request_name(seen.name, ipr.id)}: {why}")
        return declared, ipr

    async def _settled(self, who: Principal, declared: Declaration, ipr: IPR) -> Declaration:
        target = ipr.plan.target
        done = ipr.state is IPRState.DEPLOYED and target.kind is PlanKind.DEPLOY
        if not done or target.revision != declared.revision:
            return declared
        if declared.settled == declared.revision:
            return declared
        return await asyncio.to_thread(self._parts.declaring.settle, who, declared)

    # ── what is deployed ─────────────────────────────────────────────────────────────────────────

    async def _look_after(
        self,
        who: Principal,
        declared: Declaration,
        ipr: IPR | None,
        turn: Turn,
        *,
        stack: Stack,
        deploy: Deploy,
    ) -> None:
        under_way = ipr is not None and ipr.state not in ENDED
        if ipr is not None and ipr.state is IPRState.DEPLOYING:
            return
        turn.note(stack=stack.ref.name)
        drift = None
        if looked := _wants_look(turn, self._every(deploy)):
            drift = await look_for_drift(self._parts, who, stack, turn)
        if not under_way:
            turn.note(phase=_phase(turn))
        if not looked:
            return
        asked = _token(_by_people(declared.asked), drift)
        mend = deploy.on_drift is OnDrift.REQUEST and not under_way
        if drift and mend and declared.asked != asked:
            _, opened = await self._ask(who, declared, turn, deploy, drift)
            turn.moving = opened is not None

    def _every(self, deploy: Deploy) -> float:
        minutes = deploy.drift_check_minutes
        return self._settings.drift_every if minutes is None else minutes * 60.0


def _deploy(seen: SeenBlueprint) -> Deploy:
    try:
        return seen.deploy
    except ValidationError as error:
        faults = [".".join(map(str, ("spec", "deploy", *e["loc"]))) for e in error.errors()]
        raise InvalidInput(
            f"spec.deploy can't be read: {', '.join(faults)}",
            hint="the CustomResourceDefinition says what it takes; apply the one of this version",
        ) from None


def _wants_request(
    seen: SeenBlueprint, declared: Declaration, ipr: IPR | None, engine: str
) -> bool:
    """Whether what is declared is neither deployed nor asked for; or somebody wants it asked again."""
    if seen.asked is not None and seen.asked != _by_people(declared.asked):
        return True
    if (declared.settled, declared.engine) == (declared.revision, engine):
        return False
    if ipr is None:
        return True
    target = ipr.plan.target
    planned = (target.kind, target.revision, target.engine)
    return planned != (PlanKind.DEPLOY, declared.revision, engine)


def _wants_look(turn: Turn, every: float) -> bool:
    """Now and then; and at once where the last look was before this generation or this deployment."""
    ready = turn.condition(Kind.READY)
    if ready is None or ready.reason not in _LOOKED_AFTER:
        return True
    stale = ready.observed_generation != turn.seen.generation
    return stale or turn.deployment != turn.seen.status.deployment or is_due(turn, every)


def _phase(turn: Turn) -> Phase:
    """As the last look found it, which may be this one."""
    now = {condition.type: condition for condition in turn.conditions()}
    if Kind.DRIFTED in now and now[Kind.DRIFTED].status is Truth.TRUE:
        return Phase.DRIFTED
    well = Kind.READY not in now or now[Kind.READY].reason != "Unhealthy"
    return Phase.DEPLOYED if well else Phase.FAILED


def _say_nothing_to_do(turn: Turn, declared: Declaration) -> None:
    turn.note(request=None, ipr_id=None)
    turn.say(Kind.PLANNED, Truth.TRUE, "NothingToDo", "all of it is there already")
    turn.say(Kind.APPROVED, Truth.TRUE, "NothingToDo")
    turn.say(Kind.DEPLOYED, Truth.TRUE, "Deployed", f"revision {declared.revision}")


# Two words in one: the one by which a person asked again, and the drift that a request was opened for.


def _token(asked: str | None, drift: str | None) -> str | None:
    return f"{asked or ''}\n{drift}" if drift else asked


def _by_people(token: str | None) -> str | None:
    return (token or "").partition("\n")[0] or None
