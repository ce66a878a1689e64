"""What one deployment does, effect by effect. The durable workflow decides when; these say what, safe to repeat.

Each effect records its intent, calls the engine with no transaction open, and records the outcome. A process may die
between any two lines: the same effect runs again, under the same key, and the engine finds by its marker what exists.
Failures an engine can explain are answers here, not exceptions, so that the workflow remembers them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from alma.core.model.deployment import (
    Check,
    Deployment,
    DeploymentState,
    Step,
    StepState,
)
from alma.core.model.engine import Outcome
from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    EngineError,
    OutcomeUnknown,
    StackLocked,
)
from alma.core.model.event import EventType
from alma.core.model.ipr import IPRState
from alma.core.model.plan import Action, Change, Plan, PlanKind
from alma.core.model.principal import Principal
from alma.core.model.state import DesiredResource, StackRef, StateRecord
from alma.core.planning.order import waves
from alma.core.planning.planner import make_plan
from alma.core.ports import Clock, Engine, Engines, EventBus, Repositories, Transaction
from alma.core.services.iprs import refuse_if_moved
from alma.core.services.plans import Plans

LEASE_SECONDS = 900.0
ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.5

# The workflow's memory is JSON: an effect answers with None for "done" or with this.
Failure = dict[str, Any]


def failure_of(error: AlmaError) -> Failure:
    """An error as JSON, for the workflow's memory, the deployment and its events."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": error.details,
    }


class Execution:
    """The effects of deployments. No principal: a deployment was allowed when it was queued."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        engines: Engines,
        plans: Plans,
        bus: EventBus,
        clock: Clock,
        pause: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._repositories = repositories
        self._engines = engines
        self._plans = plans
        self._bus = bus
        self._clock = clock
        self._pause = pause

    # ── the run ──────────────────────────────────────────────────────────────────────────────────

    def load(self, id_: str) -> Deployment:
        """The deployment as it stands."""
        with self._repositories.read() as transaction:
            return transaction.deployments.get(id_)

    def parallel(self, engine: str) -> int:
        """How many changes may be under way at once on an engine."""
        return self._engines.get(engine).traits.max_parallel

    async def lock(self, id_: str) -> Failure | None:
        """Takes the stack's lease and starts the run."""

        def take() -> Failure | None:
            with self._repositories.write() as transaction:
                deployment = transaction.deployments.get(id_)
                stack = deployment.plan.stack
                if not transaction.stacks.acquire(stack.id, holder=id_, seconds=LEASE_SECONDS):
                    holder = transaction.stacks.holder(stack.id)
                    return failure_of(
                        StackLocked(
                            f"stack '{stack.name}' is held by deployment {holder}",
                            hint="wait until it has ended",
                        )
                    )
                self._move(transaction, deployment, DeploymentState.RUNNING, "started")
                return None

        return await asyncio.to_thread(take)

    async def recheck(self, id_: str) -> Failure | None:
        """Reads again and refuses when what would run is not what was approved."""
        deployment = await asyncio.to_thread(self.load, id_)
        principal = Principal(id=deployment.started_by, project=deployment.project)
        try:
            now = await self._patiently(lambda: self._plans.make(principal, deployment.plan.target))
            refuse_if_moved(deployment.plan, now)
        except AlmaError as error:
            return failure_of(error)
        await asyncio.to_thread(
            self._log, id_, "what runs is what was approved against", once="rechecked"
        )
        return None

    async def apply(self, id_: str, address: str) -> Failure | None:
        """Makes one change of the plan true and proves it, or says why not."""
        deployment = await asyncio.to_thread(self.load, id_)
        change = next(item for item in deployment.plan.effective if item.address == address)
        if await asyncio.to_thread(self._skips, deployment, address):
            return {"code": "cancelled", "message": f"{address} was not started: cancelled"}
        return await self._perform(deployment, change, f"{id_}:{address}")

    async def verify(self, id_: str) -> Failure | None:
        """Asks every workload of the plan whether it works, and stores the proofs."""
        await asyncio.to_thread(self._enter, id_, DeploymentState.VERIFYING, "verifying")
        deployment = await asyncio.to_thread(self.load, id_)
        engine = self._engines.get(deployment.plan.target.engine)
        desired = [change.desired for change in deployment.plan.changes if change.desired]
        try:
            checks = await self._prove(engine, desired, deployment.plan.stack)
        except EngineError as error:
            return failure_of(error)
        await asyncio.to_thread(self._store_checks, id_, checks)
        failed = [check for check in checks if not check.passed]
        if not failed:
            return None
        return {
            "code": "verification_failed",
            "message": "; ".join(
                f"{check.address}: {check.name}: {check.detail}" for check in failed
            ),
            "hint": "look at the resource's log, then deploy again",
        }

    async def undo(self, id_: str) -> Failure | None:
        """Brings back what this deployment touched to the revision before it, and removes what it made.

        Reads first: what an interrupted change really did is what the engine says, not what was recorded.
        """
        await asyncio.to_thread(self._enter, id_, DeploymentState.ROLLING_BACK, "rolling back")
        deployment = await asyncio.to_thread(self.load, id_)
        try:
            plan = await self._undo_plan(deployment)
        except EngineError as error:
            return failure_of(error)
        failures = [
            failure
            for change in _in_order(plan)
            if (failure := await self._perform(deployment, change, f"{id_}:undo:{change.address}"))
        ]
        if failures:
            left = "; ".join(str(item["message"]) for item in failures)
            return {
                "code": "rollback_incomplete",
                "message": left,
                "hint": "plan again to see what is left",
            }
        return None

    async def conclude(
        self, id_: str, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str:
        """Writes the end: the deployment's state, its request's, the stack's revision; gives back the lease."""
        endpoints = await self._endpoints(id_) if failure is None else {}
        return await asyncio.to_thread(
            self._conclude, id_, failure, undone, undo_failure, endpoints
        )

    # ── one change ───────────────────────────────────────────────────────────────────────────────

    async def _perform(self, deployment: Deployment, change: Change, key: str) -> Failure | None:
        engine = self._engines.get(deployment.plan.target.engine)
        context = _Context(self, deployment, change.address, asyncio.get_running_loop())
        await asyncio.to_thread(self._intend, deployment, change, key)
        try:
            outcome = await self._patiently(lambda: engine.apply(change, key, context))
            await asyncio.to_thread(self._record, deployment, change, key, outcome)
            if change.desired is not None and change.action is not Action.DELETE:
                await self._require_working(engine, change.desired, deployment.plan.stack)
        except EngineError as error:
            await context.drain()
            await asyncio.to_thread(self._record_failure, deployment, change, key, error)
            return failure_of(error) | {"address": change.address}
        await context.drain()
        await asyncio.to_thread(self._finish, deployment, change, key, outcome)
        return None

    async def _require_working(
        self, engine: Engine, desired: DesiredResource, stack: StackRef
    ) -> None:
        checks = await self._patiently(lambda: engine.verify(desired, stack))
        failed = [check for check in checks if not check.passed]
        if failed:
            raise EngineError(
                "; ".join(f"{check.name}: {check.detail}" for check in failed),
                hint=f"look at what '{desired.address}' printed",
            )

    async def _patiently(self, call: Any) -> Any:
        """Repeats what may succeed later, a bounded number of times, twice as patiently each time."""
        pause = self._pause
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await call()
            except EngineError as error:
                if not error.retryable or attempt == ATTEMPTS:
                    raise
            await asyncio.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable")

    def _skips(self, deployment: Deployment, address: str) -> bool:
        with self._repositories.read() as transaction:
            fresh = transaction.deployments.get(deployment.id)
        step = next((item for item in fresh.steps if item.address == address), None)
        # A step whose intent is recorded may have done something: it is finished, then undone if need be.
        return fresh.cancel_requested and (step is None or step.state is StepState.PENDING)

    def _intend(self, deployment: Deployment, change: Change, key: str) -> None:
        with self._repositories.write() as transaction:
            transaction.stacks.acquire(
                deployment.plan.stack.id, holder=deployment.id, seconds=LEASE_SECONDS
            )
            if not _undoing(key):
                step = _step(transaction, deployment.id, change.address)
                transaction.deployments.put_step(
                    deployment.id,
                    step.model_copy(
                        update={
                            "state": StepState.RUNNING,
                            "attempts": step.attempts + 1,
                            "started_at": step.started_at or self._clock.now(),
                        }
                    ),
                )
            self._event(
                transaction,
                deployment.id,
                EventType.PROGRESS,
                f"{change.action} {change.type} {change.address}",
                change,
                {"state": "running", "undo": _undoing(key)},
                once=f"{key}:started",
            )

    def _record(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        """Remembers what the engine made as soon as it is made, before anybody asks whether it works."""
        stack = deployment.plan.stack
        with self._repositories.write() as transaction:
            for warning in outcome.warnings:
                self._event(
                    transaction,
                    deployment.id,
                    EventType.LOG,
                    warning,
                    change,
                    {"level": "warning"},
                    once=f"{key}:warning:{warning}",
                )
            if outcome.resource is None:
                transaction.stacks.forget(stack.id, change.address)
                return
            made = outcome.resource
            transaction.stacks.record(
                stack.id,
                StateRecord(
                    address=change.address,
                    type=made.type,
                    object_id=made.object_id,
                    properties=made.properties,
                    depends_on=made.depends_on,
                    retain=made.retain,
                    deployment_id=deployment.id,
                    updated_at=self._clock.now(),
                ),
            )
            if not _undoing(key):
                step = _step(transaction, deployment.id, change.address)
                transaction.deployments.put_step(
                    deployment.id, step.model_copy(update={"object_id": made.object_id})
                )

    def _finish(self, deployment: Deployment, change: Change, key: str, outcome: Outcome) -> None:
        with self._repositories.write() as transaction:
            state = StepState.ROLLED_BACK if _undoing(key) else StepState.SUCCEEDED
            self._end_step(transaction, deployment, change, state)
            data: dict[str, Any] = {"state": state.value, "adopted": outcome.adopted}
            if outcome.resource is not None:
                data |= {
                    "object_id": outcome.resource.object_id,
                    "endpoints": list(outcome.resource.endpoints),
                }
            self._event(
                transaction,
                deployment.id,
                EventType.PROGRESS,
                f"{_PAST[change.action]} {change.type} {change.address}",
                change,
                data,
                once=f"{key}:done",
            )

    def _record_failure(
        self, deployment: Deployment, change: Change, key: str, error: EngineError
    ) -> None:
        state = StepState.UNKNOWN if isinstance(error, OutcomeUnknown) else StepState.FAILED
        with self._repositories.write() as transaction:
            if not _undoing(key):
                self._end_step(transaction, deployment, change, state, error=error.message)
            self._event(
                transaction,
                deployment.id,
                EventType.ERROR,
                f"{change.action} {change.type} {change.address} failed: {error.message}",
                change,
                {"state": state.value, "code": error.code, "hint": error.hint},
                once=f"{key}:failed",
            )

    def _end_step(
        self,
        transaction: Transaction,
        deployment: Deployment,
        change: Change,
        state: StepState,
        *,
        error: str | None = None,
    ) -> None:
        step = _step(transaction, deployment.id, change.address)
        transaction.deployments.put_step(
            deployment.id,
            step.model_copy(
                update={"state": state, "error": error, "finished_at": self._clock.now()}
            ),
        )

    # ── proofs and endpoints ─────────────────────────────────────────────────────────────────────

    async def _prove(
        self, engine: Engine, desired: Sequence[DesiredResource], stack: StackRef
    ) -> list[Check]:
        limit = asyncio.Semaphore(engine.traits.max_parallel)

        async def one(item: DesiredResource) -> Sequence[Check]:
            async with limit:
                return await self._patiently_checks(engine, item, stack)

        found = await asyncio.gather(*(one(item) for item in desired))
        return [check for checks in found for check in checks]

    async def _patiently_checks(
        self, engine: Engine, desired: DesiredResource, stack: StackRef
    ) -> Sequence[Check]:
        checks: Sequence[Check] = await self._patiently(lambda: engine.verify(desired, stack))
        return checks

    def _store_checks(self, id_: str, checks: Sequence[Check]) -> None:
        with self._repositories.write() as transaction:
            deployment = transaction.deployments.get(id_)
            transaction.deployments.update(deployment.model_copy(update={"checks": tuple(checks)}))
            for check in checks:
                type_ = EventType.LOG if check.passed else EventType.ERROR
                sign = "verified" if check.passed else "not verified"
                transaction.deployments.append_event(
                    id_,
                    type_,
                    f"{sign} {check.address}: {check.name}: {check.detail}",
                    address=check.address,
                    data=check.model_dump(mode="json"),
                    once=f"check:{check.address}:{check.name}",
                )
            transaction.after_commit(lambda: self._bus.notify(id_))

    async def _endpoints(self, id_: str) -> Mapping[str, tuple[str, ...]]:
        deployment = await asyncio.to_thread(self.load, id_)
        engine = self._engines.get(deployment.plan.target.engine)
        try:
            observation = await engine.read(deployment.plan.stack)
        except EngineError:
            return {}  # The run has succeeded; where it answers can be asked again later.
        return {item.address: item.endpoints for item in observation.resources if item.endpoints}

    # ── undo ─────────────────────────────────────────────────────────────────────────────────────

    async def _undo_plan(self, deployment: Deployment) -> Plan:
        target = deployment.plan.target
        engine = self._engines.get(target.engine)
        observation = await self._patiently(lambda: engine.read(deployment.plan.stack))
        inputs = await asyncio.to_thread(self._undo_inputs, deployment, engine)
        touched = {step.address for step in deployment.steps if step.state is not StepState.PENDING}
        made = {step.address for step in deployment.steps if step.action is Action.CREATE}
        before, records = inputs
        known = {item.address for item in before}
        plan = make_plan(
            target=target.model_copy(update={"volumes": True, "kind": PlanKind.DEPLOY}),
            blueprint_name=deployment.plan.blueprint_name,
            revision_digest="undo",
            desired=before,
            observation=observation,
            records=records,
            engine=engine,
        )
        kept = [
            change
            for change in plan.changes
            if change.address in touched and (change.address in known or change.address in made)
        ]
        return plan.model_copy(update={"changes": tuple(kept)})

    def _undo_inputs(
        self, deployment: Deployment, engine: Engine
    ) -> tuple[Sequence[DesiredResource], Sequence[StateRecord]]:
        with self._repositories.read() as transaction:
            stack = transaction.stacks.get(deployment.plan.stack.id, project=deployment.project)
        before = self._plans.desired_at(
            Principal(id=deployment.started_by, project=deployment.project),
            blueprint_id=deployment.plan.target.blueprint_id,
            revision=stack.revision,
            engine=engine,
        )
        return before, stack.records

    # ── the log and the ends ─────────────────────────────────────────────────────────────────────

    def _enter(self, id_: str, state: DeploymentState, message: str) -> None:
        with self._repositories.write() as transaction:
            self._move(transaction, transaction.deployments.get(id_), state, message)

    def _move(
        self, transaction: Transaction, deployment: Deployment, state: DeploymentState, message: str
    ) -> None:
        if deployment.state is state:
            return
        deployment.require(state)
        transaction.deployments.update(
            deployment.model_copy(update={"state": state, "updated_at": self._clock.now()})
        )
        transaction.deployments.append_event(
            deployment.id,
            EventType.STATUS_CHANGE,
            message,
            data={"state": state.value},
            once=f"state:{state.value}",
        )
        transaction.after_commit(lambda: self._bus.notify(deployment.id))

    def _log(self, id_: str, message: str, *, once: str, address: str | None = None) -> None:
        with self._repositories.write() as transaction:
            transaction.deployments.append_event(
                id_, EventType.LOG, message, address=address, once=once
            )
            transaction.after_commit(lambda: self._bus.notify(id_))

    def _event(
        self,
        transaction: Transaction,
        id_: str,
        type_: EventType,
        message: str,
        change: Change,
        data: Mapping[str, Any],
        *,
        once: str,
    ) -> None:
        transaction.deployments.append_event(
            id_,
            type_,
            message,
            address=change.address,
            data={"action": change.action.value, "resource_type": change.type.value, **data},
            once=once,
        )
        transaction.after_commit(lambda: self._bus.notify(id_))

    def log_line(self, id_: str, address: str, message: str, data: Mapping[str, Any]) -> None:
        """One line of an engine's own words about a change under way."""
        with self._repositories.write() as transaction:
            transaction.deployments.append_event(
                id_, EventType.LOG, message, address=address, data=dict(data)
            )
            transaction.after_commit(lambda: self._bus.notify(id_))

    def secret(self, stack: StackRef, plan: Plan, name: str) -> str:
        """A secret's value: made the first time it is needed, the same at every later attempt and deployment."""
        owner, _, short = name.rpartition(".")
        lengths = {c.address: c.desired.secrets for c in plan.changes if c.desired is not None}
        length = lengths.get(owner, {}).get(short)
        with self._repositories.write() as transaction:
            if length is not None:
                return transaction.secrets.ensure(stack.id, name, length=length)
            value = transaction.secrets.get(stack.id, name)
        if value is None:
            raise ChangeRejected(
                f"there is no secret '{name}' in stack '{stack.name}'",
                hint="refer to a generated secret as <resource>.<secret>, for example db-1.password",
            )
        return value

    def _conclude(
        self,
        id_: str,
        failure: Failure | None,
        undone: bool,
        undo_failure: Failure | None,
        endpoints: Mapping[str, tuple[str, ...]],
    ) -> str:
        with self._repositories.write() as transaction:
            deployment = transaction.deployments.get(id_)
            if deployment.ended:
                return deployment.state.value
            state = _end_state(deployment, failure, undone, undo_failure)
            self._settle_steps(transaction, deployment)
            if failure is None:
                self._settle_stack(transaction, deployment)
            now = self._clock.now()
            error = _merged(failure, undo_failure)
            transaction.deployments.update(
                deployment.model_copy(
                    update={
                        "state": state,
                        "error": error,
                        "endpoints": dict(endpoints),
                        "updated_at": now,
                        "finished_at": now,
                    }
                )
            )
            transaction.stacks.release(deployment.plan.stack.id, holder=id_)
            ipr = transaction.iprs.get(deployment.ipr_id, project=deployment.project, lock=True)
            if ipr.state is IPRState.DEPLOYING and ipr.deployment_id == id_:
                after = _IPR_AFTER[state]
                transaction.iprs.update(ipr.model_copy(update={"state": after, "updated_at": now}))
            data: dict[str, Any] = {
                "state": state.value,
                "endpoints": {k: list(v) for k, v in endpoints.items()},
            }
            if error is not None:
                data["error"] = error
            transaction.deployments.append_event(
                id_, EventType.COMPLETE, _closing_words(state, error), data=data, once="complete"
            )
            transaction.after_commit(lambda: self._bus.notify(id_))
            return state.value

    def _settle_steps(self, transaction: Transaction, deployment: Deployment) -> None:
        for step in deployment.steps:
            if step.state is StepState.PENDING:
                transaction.deployments.put_step(
                    deployment.id, step.model_copy(update={"state": StepState.SKIPPED})
                )

    def _settle_stack(self, transaction: Transaction, deployment: Deployment) -> None:
        plan = deployment.plan
        if plan.target.kind is PlanKind.DEPLOY:
            transaction.stacks.set_revision(plan.stack.id, plan.target.revision)
            return
        transaction.stacks.set_revision(plan.stack.id, None)
        kept = {change.address for change in plan.changes if change.action is Action.NO_OP}
        for record in transaction.stacks.get(plan.stack.id, project=deployment.project).records:
            if record.address not in kept:
                transaction.stacks.forget(plan.stack.id, record.address)
        # A kept volume needs its password again; with the last of them gone nothing does.
        if not kept:
            transaction.secrets.forget(plan.stack.id, "")


_PAST = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "deleted",
    Action.NO_OP: "left",
}
_IPR_AFTER = {
    DeploymentState.SUCCEEDED: IPRState.DEPLOYED,
    DeploymentState.FAILED: IPRState.FAILED,
    DeploymentState.ROLLED_BACK: IPRState.FAILED,
    DeploymentState.CANCELLED: IPRState.CANCELLED,
}


def _undoing(key: str) -> bool:
    return ":undo:" in key


def _step(transaction: Transaction, id_: str, address: str) -> Step:
    steps = transaction.deployments.get(id_).steps
    return next(step for step in steps if step.address == address)


def _in_order(plan: Plan) -> list[Change]:
    by_address = {change.address: change for change in plan.effective}
    return [by_address[address] for wave in waves(plan) for address in wave]


def _end_state(
    deployment: Deployment, failure: Failure | None, undone: bool, undo_failure: Failure | None
) -> DeploymentState:
    if failure is None:
        return DeploymentState.SUCCEEDED
    if undo_failure is not None:
        return DeploymentState.FAILED
    if failure["code"] == "cancelled" or deployment.cancel_requested:
        return DeploymentState.CANCELLED
    return DeploymentState.ROLLED_BACK if undone else DeploymentState.FAILED


def _merged(failure: Failure | None, undo_failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return failure | ({"rollback": undo_failure} if undo_failure else {})


def _closing_words(state: DeploymentState, error: Mapping[str, Any] | None) -> str:
    if error is None:
        return "done"
    return f"{state.value.replace('_', ' ')}: {error['message']}"


class _Context:
    """What an engine gets beside its change. Log lines are written in order, off the event loop."""

    def __init__(
        self,
        execution: Execution,
        deployment: Deployment,
        address: str,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._execution = execution
        self._deployment = deployment
        self._address = address
        self._loop = loop
        self._last: asyncio.Future[None] | None = None

    @property
    def stack(self) -> StackRef:
        return self._deployment.plan.stack

    def secret(self, name: str) -> str:
        return self._execution.secret(self.stack, self._deployment.plan, name)

    def log(self, message: str, **data: Any) -> None:
        previous = self._last

        async def write() -> None:
            if previous is not None:
                await previous
            await asyncio.to_thread(
                self._execution.log_line, self._deployment.id, self._address, message, data
            )

        self._last = self._loop.create_task(write())

    async def drain(self) -> None:
        """Waits until every line is written."""
        if self._last is not None:
            await self._last
