"""From a saved blueprint to what runs: plans, requests, deployments, and the worker that carries them out."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from alma.bootstrap.ground import Ground
from alma.core.agent.dialogue import Dialogue
from alma.core.agent.turns import TurnWork
from alma.core.model.errors import AlmaError, InvalidInput
from alma.core.model.principal import Principal
from alma.core.services.blueprints import Blueprints
from alma.core.services.deploying import Deploying
from alma.core.services.deployments import Deployments
from alma.core.services.execution import Execution
from alma.core.services.importing import Importing
from alma.core.services.iprs import IPRs
from alma.core.services.journal import Journal
from alma.core.services.plans import Plans
from alma.core.services.reviewing import Held, ReviewRules
from alma.core.services.stacks import Stacks
from alma.core.services.watching import Watching
from alma.core.services.whoever import whoever
from alma.db.database import Database
from alma.workflow.alive import DEAD_AFTER_SECONDS, Pulse
from alma.workflow.bus import LocalBus
from alma.workflow.durable import DurableQueue, Worker

if TYPE_CHECKING:
    from alma.bootstrap.reviewing import Reviewing
    from alma.core.ports import Transaction


class Later:
    """Answers turns with what is wired after the worker: requests need the queue, and the queue the worker."""

    dialogue: Dialogue

    async def work(self, principal: Principal, turn_id: str) -> TurnWork:
        return await self.dialogue.work(principal, turn_id)

    async def give_up(self, turn_id: str, error: AlmaError) -> None:
        await self.dialogue.give_up(turn_id, error)

    def unanswered(self) -> Sequence[str]:
        return self.dialogue.unanswered()


@dataclass(frozen=True, slots=True)
class Running:
    """Everything between a revision and a deployment."""

    blueprints: Blueprints
    plans: Plans
    stacks: Stacks
    iprs: IPRs
    deployments: Deployments
    watching: Watching
    importing: Importing
    worker: Worker | None
    preparing: Worker
    queue: DurableQueue
    bus: LocalBus


def run_with(ground: Ground, answering: Later, reviewing: Reviewing) -> Running:
    """Wires it; nothing is started."""
    database, engines, clock, bus = ground.database, ground.engines, ground.clock, LocalBus()
    plans = Plans(
        repositories=database,
        engines=engines,
        catalogue=ground.catalogue,
        gate=reviewing.gate,
        default_engine=ground.settings.default_engine,
        tracing=ground.telemetry.tracing,
    )
    preparing = _worker(ground, _execution(ground, plans, bus), answering)
    worker = preparing if ground.settings.worker else None
    queue = DurableQueue(
        database_engine=database.workflow_engine,
        worker=worker,
        alive=partial(_alive, database),
        tracing=ground.telemetry.tracing,
    )
    deploying = Deploying(
        repositories=database,
        plans=plans,
        queue=queue,
        bus=bus,
        clock=clock,
        meters=ground.telemetry.meters,
    )
    iprs = IPRs(
        repositories=database,
        plans=plans,
        deploying=deploying,
        scrutiny=reviewing.scrutiny,
        clock=clock,
        rules=_rules(ground),
    )
    blueprints, stacks = Blueprints(database), Stacks(repositories=database, engines=engines)
    return Running(
        blueprints=blueprints,
        plans=plans,
        stacks=stacks,
        iprs=iprs,
        deployments=Deployments(repositories=database, bus=bus),
        watching=Watching(repositories=database, bus=bus, clock=clock),
        importing=Importing(
            engines=engines, blueprints=blueprints, stacks=stacks, plans=plans, iprs=iprs
        ),
        worker=worker,
        preparing=preparing,
        queue=queue,
        bus=bus,
    )


def _alive(database: Database) -> Sequence[str]:
    with database.read() as transaction:
        return transaction.executors.alive(seconds=DEAD_AFTER_SECONDS)


def _rules(ground: Ground) -> ReviewRules:
    def present(transaction: Transaction, principal: str, project: str) -> Held | None:
        who = whoever(transaction, principal, ground.clock.now())
        if who is None:
            return None
        return Held(who.allowed(project), who.roles.get(project, frozenset()))

    return ReviewRules(
        require_review=ground.settings.ipr_require_review,
        auto_approve=ground.settings.ipr_auto_approve,
        present=present,
    )


def _execution(ground: Ground, plans: Plans, bus: LocalBus) -> Execution:
    journal = Journal(
        repositories=ground.database,
        bus=bus,
        clock=ground.clock,
        meters=ground.telemetry.meters,
    )
    return Execution(
        repositories=ground.database,
        engines=ground.engines,
        plans=plans,
        journal=journal,
        tracing=ground.telemetry.tracing,
    )


def _worker(ground: Ground, execution: Execution, answering: Later) -> Worker:
    """On SQLite this process is alone, and finds what it left under the one name it always has; on a server, workers
    share the database and take over from each other."""
    settings, database = ground.settings, ground.database
    days = settings.workflow_retention
    alone = settings.alone
    if alone and not settings.worker:
        raise InvalidInput(
            "an SQLite file has one process, which has to run the deployments itself",
            hint="use PostgreSQL (ALMA_DATABASE_URL) for several processes, or leave ALMA_WORKER alone",
        )
    one_of_many = settings.executor_id or f"{socket.gethostname()}-{uuid4().hex[:8]}"
    name = "local" if alone else one_of_many
    return Worker(
        execution=execution,
        database_engine=database.workflow_engine,
        executor_id=name,
        parallel=settings.worker_parallel,
        pulse=None if alone else Pulse(repositories=database, executor_id=name),
        answering=answering,
        retention=timedelta(days=days) if days else None,
        tracing=ground.telemetry.tracing,
    )
