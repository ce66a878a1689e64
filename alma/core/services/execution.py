"""What one deployment does, effect by effect. The durable workflow decides when; these say what, safe to repeat.

Each effect records its intent, calls the engine with no transaction open, and records the outcome. A process may die
between any two lines: the same effect runs again, under the same key, and the engine finds by its marker what exists.
Failures an engine can explain are answers here, not exceptions, so that the workflow remembers them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from alma.core.model.deployment import Check, Deployment, DeploymentState, StepState
from alma.core.model.errors import AlmaError, EngineError
from alma.core.model.plan import Action, Change, Plan, PlanKind
from alma.core.model.principal import Principal
from alma.core.model.state import DesiredResource, StackRef, StateRecord
from alma.core.planning.order import waves
from alma.core.planning.planner import make_plan
from alma.core.ports import Engine, Engines, Repositories
from alma.core.services.iprs import refuse_if_moved
from alma.core.services.journal import Failure, Journal, failure_of
from alma.core.services.plans import Plans

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5
# With pauses of at most five seconds: about two minutes.
DATABASE_ATTEMPTS = 30
LONGEST_PAUSE_SECONDS = 5.0
_REMEMBERED = 64

P = ParamSpec("P")
T = TypeVar("T")


class Execution:
    """The effects of deployments. No principal: a deployment was allowed when it was queued."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        plans: Plans,
        journal: Journal,
        pause: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._plans = plans
        self._journal = journal
        self._pause = pause
        self._facts: dict[str, Deployment] = {}

    def facts(self, id_: str) -> Deployment:
        """The deployment with what never changes of it: plan, project, author. Its state may be old."""
        if id_ not in self._facts:
            if len(self._facts) >= _REMEMBERED:
                self._facts.pop(next(iter(self._facts)))
            self._facts[id_] = self._journal.load(id_)
        return self._facts[id_]

    def parallel(self, engine: str) -> int:
        """How many changes may be under way at once on an engine."""
        return self._engines.get(engine).traits.max_parallel

    async def lock(self, id_: str) -> Failure | None:
        """Takes the stack's lease and starts the run."""
        return await self._durably(self._journal.start, id_)

    async def recheck(self, id_: str) -> Failure | None:
        """Reads again and refuses when what would run is not what was approved."""
        deployment = await self._durably(self.facts, id_)
        principal = Principal(id=deployment.started_by, project=deployment.project)
        try:
            now = await self._patiently(lambda: self._plans.make(principal, deployment.plan.target))
            refuse_if_moved(deployment.plan, now)
        except AlmaError as error:
            return failure_of(error)
        words = "read again: the plan is the one that was approved"
        await self._durably(lambda: self._journal.note(id_, words, once="rechecked"))
        return None

    async def apply(self, id_: str, address: str) -> Failure | None:
        """Makes one change of the plan true and proves it, or says why not."""
        deployment = await self._durably(self.facts, id_)
        if await self._durably(self._journal.skips, id_, address):
            return {"code": "cancelled", "message": f"cancelled before '{address}'"}
        change = next(item for item in deployment.plan.effective if item.address == address)
        return await self._perform(deployment, change, f"{id_}:{address}")

    async def verify(self, id_: str) -> Failure | None:
        """Asks every workload of the plan whether it works, and stores the proofs."""
        await self._durably(
            self._journal.enter, id_, DeploymentState.VERIFYING, "verifying what runs"
        )
        plan = (await self._durably(self.facts, id_)).plan
        engine = self._engines.get(plan.target.engine)
        try:
            checks = await self._prove(engine, plan)
        except EngineError as error:
            return failure_of(error)
        await self._durably(self._journal.checks, id_, checks)
        failed = "; ".join(f"{c.address}: {c.name}: {c.detail}" for c in checks if not c.passed)
        if not failed:
            return None
        hint = "look at the resource's log, then deploy again"
        return {"code": "verification_failed", "message": failed, "hint": hint}

    async def undo(self, id_: str) -> Failure | None:
        """Brings what this deployment touched back to the revision before it, and removes what it made.

        Reads first: what an interrupted change really did is what the engine says, not what was recorded.
        """
        await self._durably(
            self._journal.enter, id_, DeploymentState.ROLLING_BACK, "undoing what was done"
        )
        deployment = await self._durably(self._journal.load, id_)
        try:
            plan = await self._undo_plan(deployment)
        except AlmaError as error:
            return failure_of(error)
        by_address = {change.address: change for change in plan.effective}
        failures: list[Failure] = []
        for address in (name for wave in waves(plan) for name in wave):
            failure = await self._perform(deployment, by_address[address], f"{id_}:undo:{address}")
            failures += [failure] if failure else []
        if not failures:
            return None
        return {
            "code": "rollback_incomplete",
            "message": "; ".join(str(item["message"]) for item in failures),
            "hint": "plan again to see what is left",
        }

    async def conclude(
        self, id_: str, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str:
        """Writes the end: the deployment's state, its request's, the stack's revision; gives back the lease."""
        endpoints = await self._endpoints(id_) if failure is None else {}
        self._facts.pop(id_, None)
        return await self._durably(
            lambda: self._journal.conclude(
                id_,
                failure=failure,
                undone=undone,
                undo_failure=undo_failure,
                endpoints=endpoints,
            )
        )

    # ── one change ───────────────────────────────────────────────────────────────────────────────

    async def _perform(self, deployment: Deployment, change: Change, key: str) -> Failure | None:
        engine = self._engines.get(deployment.plan.target.engine)
        context = _Context(self._journal, deployment, change.address)
        await self._durably(self._journal.intend, deployment, change, key)
        try:
            outcome = await self._patiently(lambda: engine.apply(change, key, context))
            await self._durably(self._journal.made, deployment, change, key, outcome)
            if change.desired is not None:
                await self._require_working(engine, change.desired, deployment.plan.stack)
        except EngineError as error:
            await context.drain()
            await self._durably(self._journal.fail, deployment, change, key, error)
            return failure_of(error) | {"address": change.address}
        await context.drain()
        await self._durably(self._journal.finish, deployment, change, key, outcome)
        return None

    async def _require_working(
        self, engine: Engine, desired: DesiredResource, stack: StackRef
    ) -> None:
        checks = await self._patiently(lambda: engine.verify(desired, stack))
        failed = [f"{check.name}: {check.detail}" for check in checks if not check.passed]
        if failed:
            hint = f"look at what '{desired.address}' printed"
            raise EngineError(f"'{desired.address}' does not work: {'; '.join(failed)}", hint=hint)

    async def _durably(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls the database in a thread; while it is away, waits for it to come back, within reason: a run must not
        fail, with its work half recorded, because a server restarts."""
        pause = self._pause
        for _ in range(DATABASE_ATTEMPTS - 1):
            try:
                return await asyncio.to_thread(call, *args, **kwargs)
            except EngineError:
                raise
            except AlmaError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return await asyncio.to_thread(call, *args, **kwargs)

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeats what may succeed later, a bounded number of times, twice as patiently each time."""
        pause = self._pause
        for _ in range(ATTEMPTS - 1):
            try:
                return await call()
            except AlmaError as error:
                if not error.retryable:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
        return await call()

    # ── proofs and endpoints ─────────────────────────────────────────────────────────────────────

    async def _prove(self, engine: Engine, plan: Plan) -> list[Check]:
        limit = asyncio.Semaphore(engine.traits.max_parallel)

        async def one(desired: DesiredResource) -> Sequence[Check]:
            async with limit:
                return await self._patiently(lambda: engine.verify(desired, plan.stack))

        found = await asyncio.gather(*(one(c.desired) for c in plan.changes if c.desired))
        return [check for checks in found for check in checks]

    async def _endpoints(self, id_: str) -> Mapping[str, tuple[str, ...]]:
        plan = (await self._durably(self.facts, id_)).plan
        try:
            observation = await self._engines.get(plan.target.engine).read(plan.stack)
        except EngineError:
            return {}  # The run has succeeded; where it answers can be asked again later.
        return {item.address: item.endpoints for item in observation.resources if item.endpoints}

    # ── undo ─────────────────────────────────────────────────────────────────────────────────────

    async def _undo_plan(self, deployment: Deployment) -> Plan:
        """The plan back to the revision before, cut down to what this deployment touched."""
        engine = self._engines.get(deployment.plan.target.engine)
        observation = await self._patiently(lambda: engine.read(deployment.plan.stack))
        before, records = await asyncio.to_thread(self._before, deployment, engine)
        touched = {step.address for step in deployment.steps if step.state is not StepState.PENDING}
        made = {step.address for step in deployment.steps if step.action is Action.CREATE}
        known = {item.address for item in before}
        target = deployment.plan.target
        plan = make_plan(
            # Volumes this deployment made go too: nothing was in them before it.
            target=target.model_copy(update={"kind": PlanKind.DEPLOY, "volumes": True}),
            blueprint_name=deployment.plan.blueprint_name,
            revision_digest="undo",
            desired=before,
            observation=observation,
            records=records,
            engine=engine,
        )
        mine = [c for c in plan.changes if c.address in touched and c.address in known | made]
        return plan.model_copy(update={"changes": tuple(mine)})

    def _before(
        self, deployment: Deployment, engine: Engine
    ) -> tuple[Sequence[DesiredResource], Sequence[StateRecord]]:
        with self._repositories.read() as transaction:
            stack = transaction.stacks.get(deployment.plan.stack.id, project=deployment.project)
        desired = self._plans.desired_at(
            Principal(id=deployment.started_by, project=deployment.project),
            blueprint_id=deployment.plan.target.blueprint_id,
            revision=stack.revision,
            engine=engine,
        )
        return desired, stack.records


class _Context:
    """What an engine gets beside its change. Log lines are written in order, off the event loop."""

    def __init__(self, journal: Journal, deployment: Deployment, address: str) -> None:
        self._journal = journal
        self._deployment = deployment
        self._address = address
        self._last: asyncio.Task[None] | None = None

    @property
    def stack(self) -> StackRef:
        return self._deployment.plan.stack

    def secret(self, name: str) -> str:
        return self._journal.secret(self.stack, self._deployment.plan, name)

    def log(self, message: str, **data: Any) -> None:
        self._last = asyncio.get_running_loop().create_task(self._write(self._last, message, data))

    async def _write(
        self, previous: asyncio.Task[None] | None, message: str, data: Mapping[str, Any]
    ) -> None:
        if previous is not None:
            await previous
        id_, address = self._deployment.id, self._address
        await asyncio.to_thread(
            lambda: self._journal.note(id_, message, address=address, data=data)
        )

    async def drain(self) -> None:
        """Waits until every line is written."""
        if self._last is not None:
            await self._last
