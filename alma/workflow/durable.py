"""Deployments that survive the process: one DBOS workflow each, with the state machine of `core/agent/graph.py` inside.
Messages do in the same way: see `turns.py`.

DBOS remembers the answer of every effect by its step number. A run that is started again walks the same graph, gets
the remembered answers, and goes on where none is remembered. So every effect may run twice, and each is written to be
safe to repeat (`core/services/execution.py`); what DBOS adds is that nothing is forgotten and nothing done is redone.

What must hold, and why:
- Step numbers must not depend on which change happens to end first: each change's number is reserved in sorted order,
  then they run as their dependencies end.
- Whatever is not an `Exception` passes through untouched: a run that lost its ownership must stop, not start undoing.
- The memory is JSON, not pickle, and the application's version is set by hand: an upgrade must find running work again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_error
from dbos._dbos import _get_dbos_instance as dbos_instance

from alma.core.model.deployment import Deployment, OnFailure
from alma.core.model.engine import Health
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal
from alma.core.ports import Transaction
from alma.core.ports.telemetry import NoTracing, Tracing
from alma.core.services.execution import Execution
from alma.core.services.failure import Failure, InternalFault, failure_of
from alma.workflow.alive import Pulse
from alma.workflow.gate import Gate
from alma.workflow.retention import forget_again_and_again
from alma.workflow.schedule import run_in_order
from alma.workflow.turns import (
    TURN_QUEUE,
    TURN_WORKFLOW,
    Answering,
    answer_turn,
)

if TYPE_CHECKING:
    from alma.core.agent.effects import Effects

QUEUE = "deployments"
WORKFLOW = "alma.deployment"
# Raise it only when running work of the version before can't be finished by this one.
WORKFLOW_VERSION = "1"
APPLICATION = "alma"
# Each look is a query of each worker and queue: ten a second took a twentieth of a processor with nothing to do.
POLL_SECONDS = 0.25
# How often the workflow engine looks for messages. ALMA sends none, so a look costs nothing; but its end waits for one.
LISTEN_SECONDS = 0.02
LOST_SECONDS = 30.0
# Messages wait for a model or an engine most of the time.
TURNS_AT_ONCE = 32
# What a workflow is when it will never run again.
GONE = "not there any more"
ENDED = {"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}
OVER = ENDED | {GONE}

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)


class DurableEffects:
    """The graph's effects as DBOS steps of the current workflow."""

    def __init__(
        self, execution: Execution, deployment: Deployment, gate: Gate, tracing: Tracing
    ) -> None:
        self._execution = execution
        self._tracing = tracing
        self._gate = gate
        self._id = deployment.id
        self._plan = deployment.plan
        self._keeps = deployment.on_failure is OnFailure.KEEP
        self._parallel = execution.parallel(deployment)

    def rolls_back(self) -> bool:
        return not self._keeps

    async def lock(self) -> Failure | None:
        return await self._step("lock", self._bounded, self._execution.lock)

    async def recheck(self) -> Failure | None:
        return await self._step("recheck", self._bounded, self._execution.recheck)

    async def execute(self) -> Failure | None:
        after = {change.address: change.after for change in self._plan.effective}
        reserved = {address: DBOS.reserve_step() for address in sorted(after)}

        async def one(address: str) -> Failure | None:
            async with self._gate.step():
                outcome: Failure | None = await reserved[address].run_async(
                    {"name": f"apply {address}"}, self._apply, address
                )
                return outcome

        return await run_in_order(after, one, self._parallel)

    async def verify(self) -> Failure | None:
        return await self._step("verify", self._bounded, self._execution.verify)

    async def undo(self) -> Failure | None:
        return await self._step("undo", self._bounded, self._execution.undo)

    async def conclude(
        self, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str:
        return await self._step(
            "conclude", self._execution.conclude, self._id, failure, undone, undo_failure
        )

    async def _apply(self, address: str) -> Failure | None:
        with self._tracing.span("step apply", **{"alma.address": address}):
            failure = await self._bounded(lambda id_: self._execution.apply(id_, address))
        if failure is None or "address" in failure or failure["code"] == "cancelled":
            return failure
        with suppress(AlmaError):
            await self._execution.broke(self._id, address, failure)
        return failure | {"address": address}

    async def _bounded(self, effect: Callable[[str], Awaitable[Failure | None]]) -> Failure | None:
        """The boundary: a fault of ours is a failure like others, so that what was made is still undone."""
        try:
            return await effect(self._id)
        except AlmaError as error:
            return failure_of(error)
        except Exception as error:
            logger.exception("deployment %s met a fault of ALMA's own", self._id)
            return _fault(error)

    async def _step(
        self,
        name: str,
        effect: Callable[P, Coroutine[Any, Any, T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        async def followed(*args: P.args, **kwargs: P.kwargs) -> T:
            # Within the step: what is only remembered takes no time and is not shown again.
            with self._tracing.span(f"step {name}"):
                return await effect(*args, **kwargs)

        async with self._gate.step():
            return await DBOS.run_step_async({"name": name}, followed, *args, **kwargs)


def _lost_run(status: str) -> Failure:
    return {
        "code": "run_lost",
        "message": f"the run of this deployment is over without a result: its workflow is {status}",
        "hint": "see the server's log; plan again to see what was done",
    }


def _fault(error: Exception) -> Failure:
    return {
        "code": "internal_error",
        "message": f"ALMA failed while deploying: {type(error).__name__}",
        "hint": "see the server's log; plan again to see what was done",
    }


class Worker:
    """Takes deployments off the queue and runs them, on the event loop that started it."""

    def __init__(
        self,
        *,
        execution: Execution,
        database_engine: Any,
        executor_id: str,
        parallel: int = 4,
        pulse: Pulse | None = None,
        answering: Answering | None = None,
        retention: timedelta | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        """With `pulse`, several workers share the database and take over from each other. `answering` answers messages;
        a worker without it leaves them to others. `retention` is for how long it is remembered how a run went that has
        ended; None: for ever."""
        self._execution = execution
        self._answering = answering
        self._engine = database_engine
        self._executor_id = executor_id
        self._parallel = parallel
        self._pulse = pulse
        self._retention = retention
        self._tracing = tracing or NoTracing()
        self._running: set[asyncio.Task[Any]] = set()
        self._watches: list[asyncio.Task[None]] = []
        self._started = False
        self._draining = False
        self._gate = Gate()

    @property
    def name(self) -> str:
        """What others know it by."""
        return self._executor_id

    async def start(self) -> None:
        """Registers the workflow, recovers this executor's unfinished runs and starts to take work.

        The workflow engine runs everything on the loop it is launched from: the loop on which engines live.
        """
        if self._pulse is not None:
            await asyncio.to_thread(self._pulse.start)
        DBOS(config=self._config())

        @DBOS.workflow(name=WORKFLOW)
        async def deployment_workflow(deployment_id: str, trace: str | None = None) -> str:
            with self._tracing.span(
                "deployment", after=trace, **{"alma.deployment": deployment_id}
            ):
                return await self._tracked(self._walk(deployment_id))

        if self._answering is not None:
            self._answer_turns(self._answering)
        DBOS.launch()
        if await self._make_queues():
            # It looks for new queues once a second, and for known ones as soon as it starts. Nothing runs yet in a new
            # database, so that nothing is disturbed.
            await _let_go()
            DBOS(config=self._config())
            DBOS.launch()
        if self._pulse is not None:
            self._pulse.watch()
        self._started = True
        self._watches.append(asyncio.create_task(self._end_the_lost()))
        if self._retention is not None:
            forgetting = forget_again_and_again(
                self._retention, names=(WORKFLOW, TURN_WORKFLOW), statuses=ENDED
            )
            self._watches.append(asyncio.create_task(forgetting))

    def _answer_turns(self, answering: Answering) -> None:
        @DBOS.workflow(name=TURN_WORKFLOW)
        async def turn_workflow(
            turn_id: str, principal: dict[str, Any], trace: str | None = None
        ) -> None:
            with self._tracing.span("turn", after=trace, **{"alma.turn": turn_id}):
                await self._tracked(answer_turn(answering, turn_id, principal, gate=self._gate))

    async def _make_queues(self) -> bool:
        """Whether the database is new and had none. Messages have a queue of their own, so that they do not wait for
        deployments; an older installation gets it here."""
        new = await DBOS.retrieve_queue_async(QUEUE) is None
        for queue in (QUEUE, TURN_QUEUE) if self._answering is not None else (QUEUE,):
            await DBOS.register_queue_async(
                queue,
                worker_concurrency=self._parallel if queue == QUEUE else TURNS_AT_ONCE,
                polling_interval_sec=POLL_SECONDS,
            )
        return new

    async def prepare(self) -> None:
        """Makes the tables and the queues that others take work from, and takes none: for a process that only queues,
        which may be the first one of an installation."""
        DBOS(config=self._config())
        DBOS.listen_queues([])
        DBOS.launch()
        await self._make_queues()
        await _let_go(for_good=True)

    async def drain(self, seconds: float) -> bool:
        """Takes no more work, and lets the steps that run come to their end, at most so long; runs go no further. What
        is left is let go of by `stop`. Whether all steps have ended."""
        if not self._started:
            return True
        self._draining = True
        stop_taking_work()
        return await self._gate.close(seconds)

    async def stop(self) -> None:
        """Stops taking work and lets go of what runs: it is picked up again by the next start, or by another worker."""
        if not self._started:
            return
        self._started = False
        running = (*self._running, *self._watches)
        self._watches.clear()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await _let_go(for_good=True)
        if self._pulse is not None:
            await asyncio.to_thread(self._pulse.stop)

    async def _tracked(self, work: Coroutine[Any, Any, T]) -> T:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            return await work
        finally:
            self._running.discard(task)

    async def _walk(self, deployment_id: str) -> str:
        try:
            run = await asyncio.to_thread(_state_machine)
            deployment = await self._execution.facts(deployment_id)
            effects = await asyncio.to_thread(
                DurableEffects, self._execution, deployment, self._gate, self._tracing
            )
            return await run(effects)
        except dbos_error.DBOSException:
            raise
        except AlmaError as error:
            failure = failure_of(error)
        except Exception as error:
            logger.exception("deployment %s broke", deployment_id)
            failure = _fault(error)
        # Nothing was touched yet, or nothing more can be done: the end is visible instead of never coming.
        return await self._execution.conclude(deployment_id, failure, False, None)

    async def _end_the_lost(self) -> None:
        """Ends, again and again, the deployments and messages whose workflow is over without them: nobody else will,
        and their stacks and conversations would be busy for ever."""
        while True:
            try:
                for id_, status in await _lost(self._execution.unended):
                    await self._execution.conclude(id_, _lost_run(status), False, None)
                if self._answering is not None:
                    await self._give_up_lost(self._answering)
            except Exception:
                # The next round tries again, whatever it was: this watch must not end.
                logger.exception("looking for lost deployments failed")
            await asyncio.sleep(LOST_SECONDS)

    async def _give_up_lost(self, answering: Answering) -> None:
        for id_, status in await _lost(answering.unanswered):
            error = InternalFault(f"its answer was lost: the workflow is {status}")
            await answering.give_up(id_, error)

    def check(self) -> Health:
        """Whether this process takes work."""
        takes = self._started and not self._draining
        detail = "takes deployments" if takes else "leaving" if self._draining else "not running"
        return Health(engine="workflow", available=takes, detail=detail)

    def _config(self) -> DBOSConfig:
        return DBOSConfig(
            name=APPLICATION,
            system_database_engine=self._engine,
            application_version=WORKFLOW_VERSION,
            executor_id=self._executor_id,
            serializer=DBOSPortableJSONSerializer(),
            log_level="ERROR",
            enable_otlp=False,
            sys_db_idle_transaction_timeout_sec=60.0,
            notification_listener_polling_interval_sec=LISTEN_SECONDS,
        )


async def _lost(unended: Callable[[], Iterable[str]]) -> list[tuple[str, str]]:
    """What has not ended and never will, and what its workflow is."""
    ids = list(await asyncio.to_thread(unended))
    if not ids:
        return []
    found = await DBOS.list_workflows_async(workflow_ids=ids, load_input=False, load_output=False)
    statuses = {status.workflow_id: status.status for status in found}
    told = ((id_, statuses.get(id_, GONE)) for id_ in ids)
    return [(id_, status) for id_, status in told if status in OVER]


def stop_taking_work() -> None:
    """Ends the threads that look into the queues; what runs goes on."""
    # The workflow engine stops them itself before it lets runs end, but cuts the runs off then; no name for one
    # without the other yet. A contract test watches it.
    for event in dbos_instance().background_thread_stop_events:
        event.set()


async def _let_go(*, for_good: bool = False) -> None:
    """Ends the workflow engine; for good: with the workflows it knows."""
    await asyncio.to_thread(DBOS.destroy, destroy_registry=for_good)
    # It had made its own threads the loop's, and has ended them.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())


def _state_machine() -> Callable[[Effects], Awaitable[str]]:
    """Imported when the first deployment runs, and not on the event loop: its library takes most of a second to load,
    in which a server would answer nobody."""
    from alma.core.agent.graph import run

    return run


def _load_ahead() -> None:
    """Loads it while the queue is not looked at yet."""
    threading.Thread(target=_state_machine, name="alma-load", daemon=True).start()


def _separate(detail: str, *, available: bool) -> Health:
    """How workers are that run in other processes."""
    facts: dict[str, Any] = {"separate": True}
    return Health(engine="workflow", available=available, detail=detail, facts=facts)


class DurableQueue:
    """The `DeploymentQueue` port: queues within the caller's transaction, so that both happen or neither."""

    def __init__(
        self,
        *,
        database_engine: Any,
        worker: Worker | None,
        alive: Callable[[], Sequence[str]] = tuple,
        tracing: Tracing | None = None,
    ) -> None:
        """`worker`: the one of this process, if it has one; else `alive` says which others there are."""
        self._worker = worker
        self._alive = alive
        self._tracing = tracing or NoTracing()
        # Lazy: who queues has a connection, and would wait for a second one while others wait for his.
        self._client = DBOSClient(
            system_database_engine=database_engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(self, transaction: Transaction, deployment_id: str) -> None:
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": deployment_id,
            "app_version": WORKFLOW_VERSION,
        }
        self._client.enqueue_in_transaction(
            transaction.connection, options, deployment_id, *self._trace()
        )
        if self._worker is not None:
            transaction.after_commit(_load_ahead)

    def enqueue_turn(self, transaction: Transaction, turn_id: str, principal: Principal) -> None:
        options: EnqueueOptions = {
            "queue_name": TURN_QUEUE,
            "workflow_name": TURN_WORKFLOW,
            "workflow_id": turn_id,
            "app_version": WORKFLOW_VERSION,
        }
        asker = principal.model_dump(mode="json")
        self._client.enqueue_in_transaction(
            transaction.connection, options, turn_id, asker, *self._trace()
        )
        if self._worker is not None:
            transaction.after_commit(_load_ahead)

    def _trace(self) -> tuple[str, ...]:
        """The trace that whoever runs it goes on with, if there is one."""
        carried = self._tracing.carried()
        return () if carried is None else (carried,)

    def check(self) -> Health:
        if self._worker is not None:
            return self._worker.check()
        try:
            alive = self._alive()
        except AlmaError as error:
            return _separate(error.message, available=False)
        if not alive:
            return _separate("no worker is alive: nothing takes deployments", available=False)
        return _separate(f"workers that take deployments: {len(alive)}", available=True)

    def close(self) -> None:
        self._client.destroy()
