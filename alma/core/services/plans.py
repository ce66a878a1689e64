"""Makes plans: reads what runs, compares it with a revision, and says what would be done.

Every plan starts from a fresh read. If the read fails there is no plan: unknown is not empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from alma.core.model.access import Permission
from alma.core.model.base import digest_of, slug
from alma.core.model.blueprint import Blueprint, Revision
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.document import diagnose
from alma.core.model.engine import Candidate, EngineTraits
from alma.core.model.errors import AlmaError, EngineError, NotFound
from alma.core.model.plan import Pace, Plan, PlanKind, Target
from alma.core.model.principal import Principal
from alma.core.model.software import Catalogue
from alma.core.model.state import Observation, Stack, StackRef, StateRecord
from alma.core.planning.planner import make_plan, placed
from alma.core.planning.resolve import Resolution, resolve
from alma.core.planning.strategy import at_pace
from alma.core.ports import Engine, Engines, Prepares, Repositories
from alma.core.ports.telemetry import NoTracing, Tracing
from alma.core.services.candidates import inspected, with_candidates
from alma.core.services.gate import Gate, Stamp

T = TypeVar("T")

_UNSTAMPED = Stamp()

# Above this many instances the comparison leaves the event loop, so that other requests go on.
_OFF_LOOP = 200
_AT_ONCE = Pace()


@dataclass(frozen=True)
class _Inputs:
    """Not `claimed`: there is no stack yet, and nothing carries the marker of the one that stands for it."""

    revision: Revision
    stack: StackRef
    records: Sequence[StateRecord] = ()
    claimed: bool = False
    stamp: Stamp = _UNSTAMPED


class Plans:
    """Plans of the caller's project."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        catalogue: Catalogue,
        gate: Gate,
        default_engine: str,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing or NoTracing()
        self._repositories = repositories
        self._gate = gate
        self._engines = engines
        self._catalogue = catalogue
        self.default_engine = default_engine

    def engine_for(self, project: str, blueprint: Blueprint, asked: str | None = None) -> str:
        """Where a blueprint lands: as asked, else as it says itself, else the installation's default."""
        return self.engine_for_name(project, asked or blueprint.engine or self.default_engine)

    def landing(self, project: str, blueprint: Blueprint) -> Sequence[Diagnostic]:
        """A warning when the blueprint names an engine that it can't land on here. It may be kept all the same: for
        another installation, or for a later day."""
        if blueprint.engine is None:
            return ()
        try:
            self._engines.get(blueprint.engine, project=project)
        except AlmaError as error:
            message = f"can't be deployed here: {error.message}"
            return [
                Diagnostic(
                    severity=Severity.WARNING,
                    code="engine_missing",
                    path="engine",
                    message=message,
                    hint=error.hint,
                )
            ]
        return ()

    def engine_names(self, project: str) -> Sequence[str]:
        """Where blueprints of a project can land."""
        return self._engines.places(project=project)

    def engine_for_name(self, project: str, name: str) -> str:
        """The proper name of an engine that was asked for, with its connection. Raises InvalidInput naming the known
        ones, EngineUnavailable when it can't be used here."""
        self._engines.get(name, project=project)
        return self._engines.canonical(name, project=project)

    async def target(
        self,
        principal: Principal,
        blueprint_id: int,
        *,
        engine: str | None = None,
        kind: PlanKind = PlanKind.DEPLOY,
        volumes: bool = False,
        adopt: Mapping[str, str] | None = None,
        pace: Pace = _AT_ONCE,
    ) -> Target:
        """The newest revision of a blueprint, on the engine it lands on. Raises NotFound, and InvalidInput also for a
        pace that one plan can't go at; what is left of a deleted blueprint can be destroyed."""
        principal.require(Permission.PLAN)
        revision = await asyncio.to_thread(self._latest, principal, blueprint_id, kind)
        target = Target(
            blueprint_id=blueprint_id,
            revision=revision.number,
            engine=self.engine_for(principal.project, revision.blueprint, engine),
            kind=kind,
            volumes=volumes,
            adopt=adopt or {},
        )
        return at_pace(target, pace)

    async def make(
        self,
        principal: Principal,
        target: Target,
        *,
        claim: bool = False,
        earlier: Plan | None = None,
        holder: str | None = None,
    ) -> Plan:
        """The plan for a target, against what runs at this moment. Stores nothing, except that `claim` makes the stack
        when there is none yet: a plan that is to be approved must say which. Instances go where the plan `earlier` put
        them, as far as they still can; a run gives itself as `holder`, for the plan of the very engine that it holds.
        Raises EngineError when what runs can't be known, NotFound for what was deleted.
        """
        principal.require(Permission.PLAN)
        with self._tracing.span("plan", **{"alma.engine": target.kind_of_engine}):
            return await self._made(principal, target, claim=claim, earlier=earlier, holder=holder)

    async def _made(
        self,
        principal: Principal,
        target: Target,
        *,
        claim: bool,
        earlier: Plan | None,
        holder: str | None,
    ) -> Plan:
        engine = self._engines.get(target.engine, project=principal.project, holder=holder)
        inputs = await asyncio.to_thread(self._load, principal, target)
        with self._tracing.span("engine.read", **{"alma.engine": target.kind_of_engine}):
            observation = await engine.read(inputs.stack)
        if claim and not inputs.claimed:
            # After the first look: an engine that can't be read leaves no stack behind.
            await asyncio.to_thread(self._claim, principal, target, inputs.revision)
            inputs = await asyncio.to_thread(self._load, principal, target)
            observation = await engine.read(inputs.stack)
        wanted = sum(resource.count for resource in inputs.revision.blueprint.resources)
        big = wanted + len(observation.resources) > _OFF_LOOP
        resolution = await _work(big, lambda: self._resolved(target, engine, inputs))
        candidates = await inspected(engine, target, observation)
        there = with_candidates(
            observation, target, candidates, desired=resolution.resources, engine=engine
        )
        resolution = await _prepared(engine, resolution, there, earlier)
        return await _work(
            big,
            lambda: _compared(
                target, engine, inputs, observation, resolution=resolution, candidates=candidates
            ),
        )

    async def preview(
        self,
        principal: Principal,
        document: Blueprint,
        *,
        engine: str | None = None,
        pace: Pace = _AT_ONCE,
    ) -> Plan:
        """The plan of a blueprint that is not saved, against what runs of the one of that name: nothing is stored.

        Its revision is 0, so nobody can approve it. Raises InvalidInput and EngineError.
        """
        principal.require(Permission.PLAN)
        place = self.engine_for(principal.project, document, engine)
        chosen = self._engines.get(place, project=principal.project)
        stack = await asyncio.to_thread(self._stack_named, principal, document.name, place)
        if stack is None:
            observation = Observation(stack=_no_stack(principal, document, place), place="")
        else:
            observation = await chosen.read(stack.ref)
        resolution = await asyncio.to_thread(self.resolve, document, chosen.traits)
        try:
            resolution = await _prepared(chosen, resolution, observation, None)
        except EngineError as error:
            if stack is not None:
                raise
            # Nothing was asked of the engine so far, and a conversation goes on without it.
            resolution = _with(resolution, _not_looked(error))
        target = at_pace(
            Target(
                blueprint_id=stack.blueprint_id if stack else 0,
                revision=0,
                engine=observation.stack.engine,
            ),
            pace,
        )
        stamp = await asyncio.to_thread(
            self._gate.stamp, principal.project, document, PlanKind.DEPLOY
        )
        return await asyncio.to_thread(
            _plan_unsaved,
            document,
            chosen,
            stack,
            observation,
            resolution=resolution,
            target=target,
            stamp=stamp,
        )

    def _stack_named(self, principal: Principal, name: str, engine: str) -> Stack | None:
        """Of several blueprints of one name, the one that runs somewhere, else the newest."""
        project = principal.project
        with self._repositories.read() as transaction:
            ids = [found.id for found in transaction.blueprints.list(project=project, name=name)]
            running = [
                id_
                for id_ in ids
                if any(
                    s.records for s in transaction.stacks.list(project=project, blueprint_id=id_)
                )
            ]
            for id_ in [*running, *ids][:1]:
                return transaction.stacks.find(blueprint_id=id_, engine=engine, project=project)
        return None

    def resolve(self, blueprint: Blueprint, traits: EngineTraits) -> Resolution:
        """The instances of a blueprint on an engine with these traits."""
        return resolve(blueprint, self._catalogue, traits)

    def _latest(self, principal: Principal, blueprint_id: int, kind: PlanKind) -> Revision:
        project = principal.project
        with self._repositories.read() as transaction:
            try:
                return transaction.blueprints.latest(blueprint_id, project=project)
            except NotFound:
                stacks = transaction.stacks.list(project=project, blueprint_id=blueprint_id)
                if kind is PlanKind.DEPLOY or not stacks:
                    raise
            # Any revision says as much about nothing as the other.
            number = next((stack.revision for stack in stacks if stack.revision), 1)
            return transaction.blueprints.revision(blueprint_id, number, project=project)

    def _load(self, principal: Principal, target: Target) -> _Inputs:
        project, id_ = principal.project, target.blueprint_id
        with self._repositories.read() as transaction:
            if target.kind is PlanKind.DEPLOY:
                transaction.blueprints.latest(id_, project=project)  # raises for a deleted one
            revision = transaction.blueprints.revision(id_, target.revision, project=project)
            stack = transaction.stacks.find(blueprint_id=id_, engine=target.engine, project=project)
        stamp = self._gate.stamp(project, revision.blueprint, target.kind)
        if stack is None:
            place = _no_stack(principal, revision.blueprint, target.engine)
            return _Inputs(revision, place, stamp=stamp)
        return _Inputs(revision, stack.ref, stack.records, claimed=True, stamp=stamp)

    def _claim(self, principal: Principal, target: Target, revision: Revision) -> None:
        with self._repositories.write() as transaction:
            transaction.stacks.ensure(
                blueprint_id=target.blueprint_id,
                blueprint_name=revision.blueprint.name,
                engine=target.engine,
                project=principal.project,
            )

    def _resolved(self, target: Target, engine: Engine, inputs: _Inputs) -> Resolution:
        """What shall be there, with the remarks on the document."""
        if target.kind is PlanKind.DESTROY:
            return Resolution(resources=())
        blueprint = inputs.revision.blueprint
        resolution = self.resolve(blueprint, engine.traits)
        diagnostics = (*diagnose(blueprint), *resolution.diagnostics)
        return resolution.model_copy(update={"diagnostics": diagnostics})


async def _work(big: bool, work: Callable[[], T]) -> T:
    return await asyncio.to_thread(work) if big else work()


async def _prepared(
    engine: Engine, resolution: Resolution, observation: Observation, earlier: Plan | None
) -> Resolution:
    """With the places the engine chose, and what it found against the plan."""
    if not isinstance(engine, Prepares) or not (resolution.resources or observation.resources):
        return resolution
    changes = earlier.changes if earlier else ()
    chosen = {c.address: c.desired.placement for c in changes if c.desired and c.desired.placement}
    found = await engine.prepare(resolution.resources, observation, chosen=chosen)
    resources = placed(resolution.resources, found.placements)
    return _with(resolution.model_copy(update={"resources": resources}), *found.diagnostics)


def _with(resolution: Resolution, *diagnostics: Diagnostic) -> Resolution:
    return resolution.model_copy(update={"diagnostics": (*resolution.diagnostics, *diagnostics)})


def _not_looked(error: EngineError) -> Diagnostic:
    return Diagnostic(
        severity=Severity.WARNING,
        code="engine_not_asked",
        message=f"not compared with what the engine has: {error.message}",
        hint=error.hint,
    )


def _plan_unsaved(
    document: Blueprint,
    engine: Engine,
    stack: Stack | None,
    observation: Observation,
    *,
    resolution: Resolution,
    target: Target,
    stamp: Stamp,
) -> Plan:
    return make_plan(
        target=target,
        blueprint_name=document.name,
        revision_digest=digest_of(document.dump()),
        desired=resolution.resources,
        observation=observation,
        records=stack.records if stack else (),
        engine=engine,
        diagnostics=(*diagnose(document), *resolution.diagnostics),
        policy=stamp.policy,
        prices=stamp.prices,
    )


def _compared(
    target: Target,
    engine: Engine,
    inputs: _Inputs,
    observation: Observation,
    *,
    resolution: Resolution,
    candidates: Mapping[str, Candidate],
) -> Plan:
    return make_plan(
        target=target,
        blueprint_name=inputs.revision.blueprint.name,
        revision_digest=inputs.revision.digest,
        desired=resolution.resources,
        observation=observation,
        records=inputs.records,
        engine=engine,
        diagnostics=resolution.diagnostics,
        candidates=candidates,
        policy=inputs.stamp.policy,
        prices=inputs.stamp.prices,
    )


def _no_stack(principal: Principal, blueprint: Blueprint, engine: str) -> StackRef:
    """Stands for a stack that there is not: no object carries its marker."""
    return StackRef(
        id="preview", name=slug(blueprint.name), project=principal.project, engine=engine
    )
