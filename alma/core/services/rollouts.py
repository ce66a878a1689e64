"""The real plan of a blueprint as a runbook, with what is looked at before and, for blue-green, its stages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from alma.core.model.access import Permission
from alma.core.model.base import digest_of
from alma.core.model.blueprint import Blueprint
from alma.core.model.deployment import StepState
from alma.core.model.document import diagnose
from alma.core.model.errors import NotFound
from alma.core.model.plan import Pace, Plan, Strategy, Target
from alma.core.model.principal import Principal
from alma.core.model.rollout import Rollout, Stage
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    Stack,
    StackRef,
    Status,
)
from alma.core.planning.blue_green import BlueGreen, StageDraft, blue_green
from alma.core.planning.durations import Durations, StepTime
from alma.core.planning.planner import make_plan, placed
from alma.core.planning.staging import Ground, rollout
from alma.core.ports import Engine, Engines, Repositories
from alma.core.services.deployed import deployed
from alma.core.services.gate import Gate
from alma.core.services.plans import Plans
from alma.core.services.readiness import looked, told

_PAGE = 10
_MOST_DEPLOYMENTS = 50
_ENOUGH_STEPS = 3_000
_AT_ONCE = Pace()


@dataclass(frozen=True, slots=True)
class Rolled:
    """What was worked out. `stages` for blue-green, where it is possible; `notes` say what is to be known about it."""

    rollout: Rollout
    stages: tuple[Stage, ...] = ()
    notes: tuple[str, ...] = ()
    samples: int = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows of the stack and of past deployments on the engine."""

    stack: Stack | None
    running: Blueprint | None
    before: Mapping[str, DesiredResource]
    durations: Durations
    busy: tuple[str, ...] = field(default=())


class Rollouts:
    """Rollouts of the caller's project. Nothing is stored and nothing touched."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        plans: Plans,
        gate: Gate,
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._plans = plans
        self._gate = gate

    async def make(
        self,
        principal: Principal,
        blueprint: Blueprint,
        *,
        id_: int | None = None,
        engine: str | None = None,
        pace: Pace = _AT_ONCE,
        rollback: bool = True,
    ) -> Rolled:
        """The plan against what runs now, carried out at a pace. `id_` is where the blueprint is saved: its newest
        revision. Raises InvalidInput, NotFound, and EngineError when what runs can't be known."""
        principal.require(Permission.PLAN)
        staged = pace.strategy is Strategy.BLUE_GREEN
        wanted = Pace() if staged else pace
        plan = await self._plan(principal, blueprint, id_, engine=engine, pace=wanted)
        chosen = self._engines.get(plan.target.engine, project=principal.project)
        known = await asyncio.to_thread(self._known, principal, plan)
        health = await chosen.check()
        ground = Ground(chosen, chosen.traits, known.durations, known.before, rollback)
        checks = await asyncio.to_thread(
            lambda: tuple(
                looked(
                    plan,
                    health,
                    before=known.before,
                    busy=known.busy,
                    judged=self._gate.judge(principal.project, blueprint),
                )
            )
        )
        whole = await asyncio.to_thread(rollout, plan, ground, checks=checks)
        if not staged:
            return Rolled(whole, samples=known.durations.samples)
        return await self._staged(principal, blueprint, whole, known, ground)

    async def _plan(
        self,
        principal: Principal,
        blueprint: Blueprint,
        id_: int | None,
        *,
        engine: str | None,
        pace: Pace,
    ) -> Plan:
        if id_ is None:
            return await self._plans.preview(principal, blueprint, engine=engine, pace=pace)
        target = await self._plans.target(principal, id_, engine=engine, pace=pace)
        return await self._plans.make(principal, target)

    # ── what is known ────────────────────────────────────────────────────────────────────────────

    def _known(self, principal: Principal, plan: Plan) -> _Known:
        project, target = principal.project, plan.target
        with self._repositories.read() as transaction:
            stack = (
                transaction.stacks.find(
                    blueprint_id=target.blueprint_id, engine=target.engine, project=project
                )
                if target.blueprint_id
                else None
            )
            durations = self._durations(principal, target.engine)
            if stack is None:
                return _Known(None, None, {}, durations)
            before = deployed(transaction, stack_id=stack.ref.id, project=project)
            running = None
            if stack.revision:
                try:
                    found = transaction.blueprints.revision(
                        target.blueprint_id, stack.revision, project=project
                    )
                    running = found.blueprint
                except NotFound:
                    running = None
            busy = tuple(transaction.deployments.unended(stack_id=stack.ref.id))
        return _Known(stack, running, {item.address: item for item in before}, durations, busy)

    def _durations(self, principal: Principal, engine: str) -> Durations:
        """What steps of past deployments on this engine took, the newest first, as far as that stays quick to read."""
        times: list[StepTime] = []
        with self._repositories.read() as transaction:
            for skip in range(0, _MOST_DEPLOYMENTS, _PAGE):
                page = transaction.deployments.list(
                    project=principal.project, skip=skip, limit=_PAGE
                )
                for past in page:
                    if past.plan.target.engine != engine:
                        continue
                    types = {change.address: change.type for change in past.plan.changes}
                    times += [
                        StepTime(
                            types[step.address],
                            step.action,
                            (step.finished_at - step.started_at).total_seconds(),
                        )
                        for step in past.steps
                        if step.state is StepState.SUCCEEDED
                        and step.started_at is not None
                        and step.finished_at is not None
                        and step.address in types
                    ]
                if len(page) < _PAGE or len(times) >= _ENOUGH_STEPS:
                    break
        return Durations(times)

    # ── blue-green ───────────────────────────────────────────────────────────────────────────────

    async def _staged(
        self,
        principal: Principal,
        blueprint: Blueprint,
        whole: Rollout,
        known: _Known,
        ground: Ground,
    ) -> Rolled:
        samples = known.durations.samples
        if known.running is None:
            note = (
                "blue-green needs something that runs: nothing of it is deployed in full, so the first deployment "
                "is the blue one and goes all at once"
            )
            return Rolled(whole, notes=(note,), samples=samples)
        found = await asyncio.to_thread(blue_green, known.running, blueprint)
        if not found.stages:
            return Rolled(whole, notes=(f"no stages: {found.why_not}",), samples=samples)
        stages = await self._stages(principal, found, whole, known, ground)
        return Rolled(whole, stages=stages, notes=_notes(found), samples=samples)

    async def _stages(
        self,
        principal: Principal,
        found: BlueGreen,
        whole: Rollout,
        known: _Known,
        ground: Ground,
    ) -> tuple[Stage, ...]:
        """The first stage is planned against what runs; the others against what the one before leaves, if it ends as
        its plan says."""
        made: list[Stage] = []
        before, plan = known.before, None
        engine = self._engines.get(whole.engine, project=principal.project)
        for number, draft in enumerate(found.stages, start=1):
            if plan is None:
                plan = await self._plans.preview(principal, draft.blueprint, engine=whole.engine)
                checks = whole.pre_checks
            else:
                before = {c.address: c.desired for c in plan.changes if c.desired}
                plan = await asyncio.to_thread(self._following, plan, draft, engine)
                checks = ()
            there = Ground(engine, ground.traits, ground.durations, before, ground.rollback)
            carried = await asyncio.to_thread(rollout, plan, there, checks=checks)
            made.append(_stage(number, draft, carried))
        return tuple(made)

    def _following(self, previous: Plan, draft: StageDraft, engine: Engine) -> Plan:
        """The plan of a stage once the one before has ended as planned."""
        document = draft.blueprint
        resolution = self._plans.resolve(document, engine.traits)
        stood = {c.address: c.desired for c in previous.changes if c.desired}
        places: dict[str, Placement] = {
            a: item.placement for a, item in stood.items() if item.placement
        }
        target = previous.target
        return make_plan(
            target=Target(blueprint_id=target.blueprint_id, revision=0, engine=target.engine),
            blueprint_name=document.name,
            revision_digest=digest_of(document.dump()),
            desired=placed(resolution.resources, places),
            observation=_as_left(stood, engine, previous.stack),
            records=(),
            engine=engine,
            diagnostics=(*diagnose(document), *resolution.diagnostics),
        )


def _as_left(stood: Mapping[str, DesiredResource], engine: Engine, stack: StackRef) -> Observation:
    resources = tuple(
        ObservedResource(
            address=address,
            type=item.type,
            object_id=address,
            name=address,
            key="",
            properties=engine.shape(item, stack),
            depends_on=item.depends_on,
            retain=item.retain,
            status=Status.RUNNING,
        )
        for address, item in stood.items()
    )
    return Observation(stack=stack, place="as the stage before leaves it", resources=resources)


def _stage(number: int, draft: StageDraft, carried: Rollout) -> Stage:
    approve = {
        1: "now, as a request of its own: green is made and proven while blue serves",
        2: "when the first stage has succeeded and green was tried: from then on people are on green",
        3: "when green has served long enough that nobody wants to go back",
    }
    back = {
        1: "deploy what ran before again: green is removed, and blue was never touched",
        2: "deploy the blueprint of stage 1 again: the load balancers go back to blue, which still runs",
        3: "blue is gone: it has to be made anew from its revision",
    }
    return Stage(
        number=number,
        title=draft.title,
        purpose=draft.purpose,
        approve_when=approve[number],
        go_back=back[number],
        blueprint=draft.blueprint,
        rollout=carried,
    )


def _notes(found: BlueGreen) -> tuple[str, ...]:
    named = ", ".join((found.switched or {}).values())
    notes = [
        *found.notes,
        f"what is wanted runs as {named} in the end: the next blue-green deployment goes back to the other colour",
        "stages 2 and 3 are planned against what the stage before leaves, and again when they are asked for",
    ]
    if found.in_place:
        notes.append(
            f"{told(found.in_place)}: changed in place with stage 1, so both colours must work with it"
        )
    return tuple(notes)
