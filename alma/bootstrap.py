"""The one composition root: settings in, wired services out. Nothing else knows both the core and the adapters.

`build` makes everything and starts nothing; `start` migrates the database and begins to take deployments off the queue.
Tests override a part by passing it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from alma import __version__
from alma.config import (
    load_capacity,
    load_catalogue,
    load_connections,
    load_models,
    load_prices,
    load_templates,
)
from alma.core.agent.dialogue import Dialogue
from alma.core.agent.drafts import Drafts
from alma.core.agent.generating import Generating
from alma.core.agent.live import GRACE_SECONDS, LiveTurns
from alma.core.agent.lookups import look_ups
from alma.core.agent.parts import Parts
from alma.core.agent.reading import Reader
from alma.core.agent.turns import TurnWork
from alma.core.economics.capacity import size_for
from alma.core.language.interpreter import Interpreter
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal
from alma.core.model.sizing import Load, Sizing
from alma.core.model.software import Catalogue
from alma.core.services.answers import Answers
from alma.core.services.blueprints import Blueprints
from alma.core.services.connections import Connections, SavedConnections
from alma.core.services.conversations import Conversations
from alma.core.services.deploying import Deploying
from alma.core.services.deployments import Deployments
from alma.core.services.drafting import Drafting
from alma.core.services.estimates import Estimates
from alma.core.services.execution import Execution
from alma.core.services.health import HealthChecks
from alma.core.services.importing import Importing
from alma.core.services.iprs import IPRs, ReviewRules
from alma.core.services.journal import Journal
from alma.core.services.plans import Plans
from alma.core.services.proposals import Proposals
from alma.core.services.replying import Replying
from alma.core.services.stacks import Stacks
from alma.core.services.standing import Standings
from alma.core.services.templates import Templates
from alma.db.database import Database, open_database
from alma.db.usage_ledger import UsageLedger
from alma.engines import ConnectionFile, EngineRegistry
from alma.llm import ModelMeter, Models, Surroundings, build_models
from alma.llm.settings import Use
from alma.settings import Settings, variable
from alma.workflow.alive import Pulse
from alma.workflow.bus import LocalBus
from alma.workflow.durable import DurableQueue, Worker

if TYPE_CHECKING:
    from alma.core.ports import Clock, LanguageModel

# How often engines that nobody uses any more are looked for.
_TEND_SECONDS = 60.0

logger = logging.getLogger(__name__)


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class Alma:
    """Everything an edge (HTTP, command line, worker) may call."""

    settings: Settings
    catalogue: Catalogue
    templates: Templates
    blueprints: Blueprints
    plans: Plans
    iprs: IPRs
    deployments: Deployments
    stacks: Stacks
    importing: Importing
    connections: Connections
    conversations: Conversations
    standings: Standings
    dialogue: Dialogue
    generating: Generating
    drafts: Drafts
    estimates: Estimates
    model: LanguageModel | None
    health: HealthChecks
    engines: EngineRegistry
    database: Database
    queue: DurableQueue
    worker: Worker
    _started: bool = field(default=False, init=False)
    _tending: asyncio.Task[None] | None = field(default=None, init=False)

    async def start(self) -> None:
        """Brings the database up to date and starts to run deployments. Raises AlmaError when that can't be, and when
        the default engine does not exist or its settings are not valid."""
        await asyncio.to_thread(self.database.claim)
        await asyncio.to_thread(self.database.migrate)
        await asyncio.to_thread(self.engines.get, self.settings.default_engine)
        await self.worker.start()
        self._tending = asyncio.create_task(self._tend())
        self._started = True

    async def stop(self) -> None:
        """Stops taking work and gives everything back; a deployment under way goes on at the next start."""
        # Last in, first out, and each even if one before it fails.
        async with AsyncExitStack() as closing:
            closing.callback(self.database.close)
            closing.push_async_callback(self.engines.close)
            closing.callback(self.queue.close)
            if self.model is not None:
                closing.push_async_callback(self.model.close)
            if self._tending is not None:
                self._tending.cancel()
            if self._started:
                closing.push_async_callback(self.worker.stop)
                self._started = False
            closing.push_async_callback(self.dialogue.close)
            closing.push_async_callback(self.drafts.close)

    async def _tend(self) -> None:
        """Gives back engines whose connection was changed, now and then."""
        while True:
            await asyncio.sleep(_TEND_SECONDS)
            try:
                await self.engines.tend()
            except AlmaError as error:
                logger.warning("an engine that was replaced did not close: %s", error.message)


def build(
    settings: Settings,
    *,
    clock: Clock | None = None,
    model: LanguageModel | None = None,
    grace: float = GRACE_SECONDS,
) -> Alma:
    """Wires all parts. Touches the data directory (to find the secret key), but no engine and no database row. `model`
    is asked instead of the one in the settings; an answer that nobody has followed for `grace` seconds is given up."""
    # Without a given clock the database uses its own: workers on several machines must agree on the time.
    given, clock = clock, clock or SystemClock()
    settings.home.mkdir(parents=True, exist_ok=True)
    own, kept = settings.home / "config", settings.home / "cache"
    catalogue = load_catalogue(own, kept=kept)
    templates = Templates(load_templates(own, kept=kept))
    database = open_database(
        settings.url, home=settings.home, secret_key=settings.secret_key, clock=given
    )
    engines = _engines(settings, database)
    bus = LocalBus()
    plans = Plans(
        repositories=database,
        engines=engines,
        catalogue=catalogue,
        default_engine=settings.default_engine,
    )
    journal = Journal(repositories=database, bus=bus, clock=clock)
    execution = Execution(repositories=database, engines=engines, plans=plans, journal=journal)
    answering, meter = _Later(), ModelMeter()
    own_models = None if model is not None else _models(settings, database, clock, own, meter)
    model = model or own_models
    worker = _worker(settings, database, execution, answering)
    queue = DurableQueue(database_engine=database.workflow_engine, worker=worker)
    blueprints = Blueprints(database)
    rules = ReviewRules(
        require_review=settings.ipr_require_review, auto_approve=settings.ipr_auto_approve
    )
    deploying = Deploying(repositories=database, plans=plans, queue=queue, bus=bus, clock=clock)
    iprs = IPRs(repositories=database, plans=plans, deploying=deploying, clock=clock, rules=rules)
    stacks = Stacks(repositories=database, engines=engines)
    estimates = Estimates(catalogue, load_prices(own, kept=kept))
    capacity = load_capacity(own, kept=kept)
    conversations = Conversations(repositories=database, clock=clock)
    parts = _conversing(
        _Wired(
            database=database,
            clock=clock,
            catalogue=catalogue,
            templates=templates,
            plans=plans,
            iprs=iprs,
            engines=engines,
            estimates=estimates,
            size_for=partial(size_for, model=capacity),
            conversations=conversations,
        ),
        model,
    )
    dialogue = answering.dialogue = Dialogue(parts, queue=queue, grace=grace)
    generating = Generating(parts)
    return Alma(
        settings=settings,
        catalogue=catalogue,
        templates=templates,
        blueprints=blueprints,
        plans=plans,
        iprs=iprs,
        deployments=Deployments(repositories=database, bus=bus),
        stacks=stacks,
        importing=Importing(
            engines=engines, blueprints=blueprints, stacks=stacks, plans=plans, iprs=iprs
        ),
        connections=Connections(repositories=database, engines=engines, known=engines),
        conversations=conversations,
        standings=Standings(repositories=database, conversations=conversations),
        dialogue=dialogue,
        generating=generating,
        drafts=Drafts(generating, grace=grace),
        estimates=estimates,
        model=model,
        health=HealthChecks(
            repositories=database,
            queue=queue,
            engines=engines,
            default_engine=settings.default_engine,
            version=__version__,
            model=model,
            usage=meter.facts,
        ),
        engines=engines,
        database=database,
        queue=queue,
        worker=worker,
    )


@dataclass(frozen=True)
class _Wired:
    """What conversations are wired with."""

    database: Database
    clock: Clock
    catalogue: Catalogue
    templates: Templates
    plans: Plans
    iprs: IPRs
    engines: EngineRegistry
    estimates: Estimates
    size_for: Callable[[Load], Sizing]
    conversations: Conversations


def _conversing(wired: _Wired, model: LanguageModel | None) -> Parts:
    interpreter = Interpreter(
        wired.catalogue, templates=wired.templates.entries, sizing=wired.size_for
    )
    answers = Answers(
        templates=wired.templates,
        plans=wired.plans,
        engines=wired.engines,
        catalogue=wired.catalogue,
        clock=wired.clock,
        interpreter=interpreter,
        estimates=wired.estimates,
        size_for=wired.size_for,
    )
    return Parts(
        repositories=wired.database,
        conversations=wired.conversations,
        interpreter=interpreter,
        drafting=Drafting(templates=wired.templates, plans=wired.plans, estimates=wired.estimates),
        replying=Replying(plans=wired.plans, answers=answers),
        proposals=Proposals(
            repositories=wired.database,
            plans=wired.plans,
            iprs=wired.iprs,
            estimates=wired.estimates,
        ),
        live=LiveTurns(),
        reader=None if model is None else _reader(wired, model, interpreter),
        use=model.use if isinstance(model, Models) else lambda project: Use.ALWAYS.value,
    )


def _models(
    settings: Settings, database: Database, clock: Clock, folder: Path, meter: ModelMeter
) -> Models | None:
    """The language models that are configured, if any are."""
    return build_models(
        settings.llm,
        Surroundings(clock=clock, ledger=UsageLedger(database), counts=meter),
        projects=load_models(folder),
        folder=folder,
        variable=variable,
    )


def _reader(wired: _Wired, model: LanguageModel, interpreter: Interpreter) -> Reader:
    knowledge = look_ups(
        repositories=wired.database,
        templates=wired.templates,
        catalogue=wired.catalogue,
        estimate=wired.estimates.estimate,
        size_for=wired.size_for,
    )
    return Reader(
        model=model, knowledge=knowledge, interpreter=interpreter, templates=wired.templates
    )


class _Later:
    """Answers turns with what is wired after the worker: requests need the queue, and the queue the worker."""

    dialogue: Dialogue

    async def work(self, principal: Principal, turn_id: str) -> TurnWork:
        return await self.dialogue.work(principal, turn_id)

    async def give_up(self, turn_id: str, error: AlmaError) -> None:
        await self.dialogue.give_up(turn_id, error)

    def unanswered(self) -> Sequence[str]:
        return self.dialogue.unanswered()


def _worker(
    settings: Settings, database: Database, execution: Execution, answering: _Later
) -> Worker:
    """On SQLite this process is alone, and finds what it left under the one name it always has; on a server, workers
    share the database and take over from each other."""
    alone = settings.url.startswith("sqlite")
    one_of_many = settings.executor_id or f"{socket.gethostname()}-{uuid4().hex[:8]}"
    name = "local" if alone else one_of_many
    return Worker(
        execution=execution,
        database_engine=database.workflow_engine,
        executor_id=name,
        parallel=settings.worker_parallel,
        pulse=None if alone else Pulse(repositories=database, executor_id=name),
        answering=answering,
    )


def _engines(settings: Settings, database: Database) -> EngineRegistry:
    folder = settings.home / "config"
    return EngineRegistry(
        _engine_settings(settings),
        common=_common_settings(settings),
        file=ConnectionFile(folder, load_connections(folder)),
        saved=SavedConnections(database),
        variable=variable,
    )


def _engine_settings(settings: Settings) -> dict[str, dict[str, object]]:
    """The default connection of each engine, as plain values: the engine's own model makes settings of them."""
    return {
        "simulation": {
            "seed": settings.simulation_seed,
            "time_scale": settings.simulation_time_scale,
            "faults_file": settings.simulation_faults,
        },
        "docker": {
            "host": settings.docker_host,
            "publish_address": settings.docker_publish_address,
        },
        "proxmox": {_PLURAL.get(name, name): value for name, value in settings.proxmox.items()},
    }


# One node is one URL.
_PLURAL = {"url": "urls"}


def _common_settings(settings: Settings) -> dict[str, dict[str, object]]:
    """Where engines keep what is theirs: the same for every connection, and nobody else's to say."""
    return {
        "simulation": {"path": settings.home / "simulation.db"},
        "proxmox": {"state_dir": settings.home / "proxmox"},
    }
