"""The simulation behind the engine port: faults strike, time goes by, and the world on disk changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, TypeVar

from alma.core.model.base import Json
from alma.core.model.blueprint import WORKLOADS, Resource, ResourceType
from alma.core.model.deployment import Check
from alma.core.model.engine import Candidate, Discovered, EngineTraits, Health, Outcome
from alma.core.model.errors import EngineError, NotFound
from alma.core.model.plan import Action, Change, Effect, Support, SupportLevel
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Properties,
    StackRef,
    Status,
)
from alma.core.ports import ApplyContext
from alma.engines.base import base_shape, effect_of, require_desired
from alma.engines.simulation import changes, strangers, views
from alma.engines.simulation.changes import Done, Step, Wanted
from alma.engines.simulation.faults import Faults, Met, Moment, lost_reply
from alma.engines.simulation.pace import Pace
from alma.engines.simulation.settings import FaultPoint, Kind, SimulationSettings
from alma.engines.simulation.store import NOBODY, Operation, Store, Thing, Transaction

T = TypeVar("T")

_EFFECTS: Mapping[str, Effect] = {
    **dict.fromkeys(("specs.cpu", "specs.memory", "specs.disk"), Effect.IN_PLACE),
    **dict.fromkeys(("specs.nodes", "specs.workers", "specs.control_plane"), Effect.IN_PLACE),
    **dict.fromkeys(
        ("labels", "backends", "public", "networks", "rules", "backup", "policies"), Effect.IN_PLACE
    ),
    **dict.fromkeys(("env", "files", "command", "ports", "mounts"), Effect.REBOOT),
}
_KINDS: Mapping[Action, Kind] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "delete",
    Action.ADOPT: "update",
    Action.RELEASE: "update",
    Action.NO_OP: "read",
}


class SimulationEngine:
    """A pretended place where everything can be deployed. Several processes may use the same file at once."""

    name: ClassVar[str] = "simulation"
    traits: ClassVar[EngineTraits] = EngineTraits(resource_types=frozenset(ResourceType))
    Settings: ClassVar[type[SimulationSettings]] = SimulationSettings

    def __init__(self, settings: SimulationSettings) -> None:
        self._store = Store(settings.path)
        self._place = str(settings.path.resolve())
        self._pace = Pace(settings)
        faults = settings.all_faults()
        self._faults = Faults(faults, self._store, seed=settings.seed)
        self._facts: dict[str, Json] = {"seed": settings.seed, "faults": len(faults)}

    @property
    def elapsed(self) -> float:
        """Simulated seconds since this engine was opened; work in parallel counts once."""
        return self._pace.elapsed

    # ── the contract ─────────────────────────────────────────────────────────────────────────────

    async def check(self) -> Health:
        """Whether the file can be used. Never raises."""
        try:
            await self._meet(Moment(FaultPoint.CHECK, scope=""), "check")
            counts = await self._look(lambda world: world.count())
        except EngineError as error:
            problem = f"{error.message}: {error.hint}" if error.hint else error.message
            return Health(
                engine=self.name, available=False, detail=error.message, problems=(problem,)
            )
        facts = {**self._facts, **counts, "simulated_seconds": round(self.elapsed, 3)}
        objects, stacks = counts["objects"], counts["stacks"]
        detail = (
            f"simulates {objects} object{'' if objects == 1 else 's'} "
            f"in {stacks} stack{'' if stacks == 1 else 's'}"
        )
        return Health(engine=self.name, available=True, detail=detail, facts=facts)

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        """Everything is kept as it was asked for; what only makes sense in the real world is said to be pretended."""
        level, found = SupportLevel.APPROXIMATED, []
        if desired.public and desired.type in WORKLOADS:
            reason = "simulated: the address is pretended, nothing listens there"
            found.append(Support(path="network.public_ip", level=level, reason=reason))
        if desired.resource.backup is not None and desired.resource.backup.enabled:
            reason = "simulated: the schedule is kept, but there is no data to copy"
            found.append(Support(path="backup", level=level, reason=reason))
        return found

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        """All properties in normal form: the simulation keeps what it is told."""
        return base_shape(desired)

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        """A virtual machine restarts for another size, everything else takes it while running."""
        effect = effect_of(path, _EFFECTS)
        sized = path in {"specs.cpu", "specs.memory"} and desired.type is ResourceType.VM
        return Effect.REBOOT if sized else effect

    async def read(self, stack: StackRef) -> Observation:
        """All objects of the stack, by address."""
        await self._meet(Moment(FaultPoint.READ, scope=stack.id), "read")
        things = await self._look(lambda world: world.things(stack.id))
        return Observation(
            stack=stack,
            place=self._place,
            resources=tuple(views.observed(thing, stack) for thing in things),
        )

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        """Makes one change true. Its time passes in equal parts before, between and after its effects, so that a
        process can die, or a change be cancelled, on either side of each."""
        wanted = self._wanted(change, key, context)
        scope = f"{context.stack.id}/{change.address}/{key}"
        moment = Moment(FaultPoint.APPLY, scope, change.address, change.action)
        met = await self._call(lambda: self._faults.meet(moment))
        if wanted is not None:
            wanted = replace(wanted, unhealthy=met.unhealthy)
        steps = changes.steps(change, wanted, key=key, stack=context.stack)
        seconds = self._pace.duration(_KINDS[change.action], change.address) + met.delay
        done = await self._perform(steps, seconds, met)
        if met.lost:
            raise lost_reply(moment)
        context.log(f"simulated: {moment} took {seconds:.2f} s", simulated_seconds=seconds)
        resource = views.observed(done.thing, context.stack) if done.thing else None
        return Outcome(resource=resource, adopted=done.adopted, warnings=tuple(met.warnings))

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        """Checks whose every detail says that it is simulated. A resource heals or fails by faults only, so there is
        nothing to wait for."""
        moment = Moment(FaultPoint.VERIFY, f"{stack.id}/{desired.address}", desired.address)
        met = await self._meet(moment, "verify")
        wanted = {desired.address, *(backend.address for backend in desired.backends)}
        things = await self._look(lambda world: {at: world.find(stack.id, at) for at in wanted})
        return views.checks(desired, things, failing=met.unhealthy)

    async def close(self) -> None:
        """Closes the file."""
        await self._call(self._store.close)

    # ── optional: importing, logs, wiping ───────────────────────────────────────────────────────────────────

    async def discover(self) -> Sequence[Discovered]:
        """What was planted and is nobody's, by name."""
        await self._meet(Moment(FaultPoint.READ, scope=NOBODY), "read")
        things = await self._look(lambda world: world.things(NOBODY))
        return [
            strangers.discovered(thing) for thing in sorted(things, key=lambda t: (t.name, t.id))
        ]

    async def inspect(self, object_ids: Collection[str]) -> Sequence[Candidate]:
        """Those of them that are nobody's, with the networks they are on."""
        await self._meet(Moment(FaultPoint.READ, scope=NOBODY), "read")
        return await self._look(lambda world: strangers.candidates(world, sorted(object_ids)))

    async def logs(self, observed: ObservedResource, *, lines: int = 100) -> Sequence[str]:
        """What was done to the object, a line each, oldest first."""
        id_ = observed.object_id
        operations = await self._look(lambda world: world.history(id_))
        return views.log_lines(operations[-lines:] if lines > 0 else [])

    async def wipe(self, stack: StackRef) -> None:
        """Removes everything of the stack, used or not."""

        def work(world: Transaction) -> None:
            for thing in world.things(stack.id):
                world.remove(thing, key="wipe")

        await self._within(work)

    # ── for tests and rehearsals: behind the contract's back ─────────────────────────────────────

    async def objects(self, stack: StackRef) -> Sequence[Thing]:
        """What really is there. Meets no faults and takes no time."""
        return await self._look(lambda world: world.things(stack.id))

    async def object(self, id_: str) -> Thing | None:
        """The object of that id, whosever it is."""
        return await self._look(lambda world: world.find_id(id_))

    async def operations(self, stack: StackRef) -> Sequence[Operation]:
        """Every effect there ever was on the stack, oldest first, whoever caused it: the proof that nothing was made
        twice."""
        return await self._look(lambda world: world.operations(stack.id))

    async def tamper(
        self,
        stack: StackRef,
        address: str,
        *,
        properties: Mapping[str, Json] | None = None,
        status: Status | None = None,
        remove: bool = False,
    ) -> None:
        """Changes an object as an outsider would, which is drift. A property of None is taken away. Raises NotFound."""

        def work(world: Transaction) -> None:
            found = world.find(stack.id, address)
            if found is None:
                raise NotFound(f"There is nothing at {address} in stack {stack.name}")
            if remove:
                world.remove(found, key="outsider")
                return
            merged = {**found.properties, **(properties or {})}
            kept = {path: value for path, value in merged.items() if value is not None}
            update = {"properties": kept, "status": status or found.status}
            world.put(found.model_copy(update=update), action="update", by="outsider")

        await self._within(work)

    async def plant(
        self, resource: Resource, *, number: int = 1, status: Status | None = None
    ) -> str:
        """Puts something into the world that belongs to no stack, as if it had been there before ALMA. Its id."""
        thing = strangers.stranger(resource, number=number, status=status)
        await self._within(lambda world: world.put(thing, action="create", by="outsider"))
        return thing.id

    # ── how it is done ───────────────────────────────────────────────────────────────────────────

    def _wanted(self, change: Change, key: str, context: ApplyContext) -> Wanted | None:
        """What the change wants; None when nothing. Its secrets are looked up as a real engine would before it makes
        anything, and not kept."""
        if change.action in {Action.DELETE, Action.RELEASE, Action.NO_OP}:
            return None
        desired = require_desired(change, self.traits.resource_types, engine=self.name)
        for name in desired.secret_names if change.action is not Action.ADOPT else ():
            context.secret(name)
        return Wanted(context.stack, desired, self.shape(desired, context.stack), key)

    async def _perform(self, steps: Sequence[Step], seconds: float, met: Met) -> Done:
        pause = seconds / (len(steps) + 1)
        await self._pace.spend(pause)
        await self._pace.hold(met.awaits)
        if met.error is not None:
            raise met.error
        done = Done()
        for step in steps:
            done = await self._within(step)
            await self._pace.spend(pause)
        return done

    async def _meet(self, moment: Moment, kind: Kind) -> Met:
        """Lets the time of an operation go by, then what goes wrong go wrong."""
        met = await self._call(lambda: self._faults.meet(moment))
        await self._pace.spend(self._pace.duration(kind, moment.address) + met.delay)
        if met.error is not None:
            raise met.error
        return met

    async def _within(self, work: Callable[[Transaction], T], *, reads_only: bool = False) -> T:
        def run() -> T:
            with self._store.transaction(reads_only=reads_only) as world:
                return work(world)

        return await self._call(run)

    async def _look(self, work: Callable[[Transaction], T]) -> T:
        return await self._within(work, reads_only=True)

    async def _call(self, work: Callable[[], T]) -> T:
        """Runs what blocks in a thread. Who is cancelled meanwhile waits for it to end: nothing goes on behind the
        back of a caller who was told that it is over."""
        task = asyncio.ensure_future(asyncio.to_thread(work))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})
            raise
