"""ALMA without its edges: a real database, real durable workflows and the simulation, in one directory.

The same directory opened again, by this or another process, is the same installation: what crash tests need.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alma.config import load_prices
from alma.config.loading import load_lifecycle
from alma.config.packs import PolicyFiles
from alma.core.agent.council import Council
from alma.core.model.deployment import Deployment, OnFailure
from alma.core.model.event import Event
from alma.core.model.ipr import IPR, ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.ports import Clock
from alma.core.services.blueprints import Blueprints
from alma.core.services.deploying import Deploying
from alma.core.services.deployments import Deployments
from alma.core.services.dossiers import Dossiers
from alma.core.services.estimates import Estimates
from alma.core.services.execution import Execution
from alma.core.services.gate import Gate
from alma.core.services.importing import Importing
from alma.core.services.iprs import IPRs
from alma.core.services.journal import Journal
from alma.core.services.plans import Plans
from alma.core.services.policies import Policies
from alma.core.services.reviewing import ReviewRules
from alma.core.services.scrutiny import Scrutiny
from alma.core.services.stacks import Stacks
from alma.db.database import Database, open_database
from alma.engines import EngineRegistry
from alma.engines.simulation import SimulationEngine
from alma.workflow.alive import Pulse
from alma.workflow.bus import LocalBus
from alma.workflow.durable import DurableQueue, Worker
from tests.unit.core.planning.worlds import CATALOGUE

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "count": 3, "depends_on": ["db"]},
        {"name": "db", "type": "database"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    ],
}
# The network, the database with its volume, three servers and the load balancer.
SHOP_ADDRESSES = {"network", "db-data", "db", "web", "web-2", "web-3", "lb"}


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class World:
    """The services a test speaks to."""

    database: Database
    engines: EngineRegistry
    journal: Journal
    execution: Execution
    worker: Worker
    blueprints: Blueprints
    plans: Plans
    gate: Gate
    policies: Policies
    iprs: IPRs
    deployments: Deployments
    importing: Importing

    @property
    def simulation(self) -> SimulationEngine:
        engine = self.engines.get("simulation")
        assert isinstance(engine, SimulationEngine)
        return engine

    async def request(
        self,
        document: dict[str, Any] = SHOP,
        *,
        blueprint_id: int | None = None,
        kind: PlanKind = PlanKind.DEPLOY,
        volumes: bool = False,
    ) -> IPR:
        """An approved request for the document, as a new blueprint or as a new revision of one."""
        if blueprint_id is None:
            blueprint_id = self.blueprints.create(LOCAL, document).id
        elif kind is PlanKind.DEPLOY:
            self.blueprints.update(LOCAL, blueprint_id, document)
        ipr = await self.iprs.open(
            LOCAL, title="a change", blueprint_id=blueprint_id, kind=kind, volumes=volumes
        )
        return self.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)

    async def run(self, ipr: IPR, *, on_failure: OnFailure = OnFailure.ROLL_BACK) -> Deployment:
        """Deploys the request and waits for the end."""
        queued = await self.iprs.deploy(LOCAL, ipr.id, on_failure=on_failure)
        return await self.ended(queued.id)

    async def ended(self, id_: str, *, seconds: float = 60) -> Deployment:
        """The deployment, once it has ended."""
        async with asyncio.timeout(seconds):
            async for _ in self.deployments.follow(LOCAL, id_):
                pass
        return self.deployments.get(LOCAL, id_)

    def log(self, id_: str) -> list[Event]:
        return list(self.deployments.events(LOCAL, id_, limit=500))


@asynccontextmanager
async def world(
    home: Path,
    *,
    url: str | None = None,
    rules: ReviewRules | None = None,
    simulation: dict[str, Any] | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    executor_id: str = "local",
    started: bool = True,
    shared: bool = False,
    clock: Clock | None = None,
) -> AsyncIterator[World]:
    """Opens the installation in `home`; `others` are the settings of engines besides the simulation. With `started`, it
    takes deployments off the queue; with `shared`, other processes do so too and take over from each other."""
    clock = clock or SystemClock()
    database = open_database(url or f"sqlite:///{home / 'alma.db'}", home=home, clock=clock)
    await asyncio.to_thread(database.migrate)
    settings = {"path": home / "simulation.db", "time_scale": 0.0, **(simulation or {})}
    engines = EngineRegistry({"simulation": settings, **(others or {})})
    bus = LocalBus()
    review = _review(home, database, clock)
    plans = Plans(
        repositories=database,
        engines=engines,
        catalogue=CATALOGUE,
        gate=review.gate,
        default_engine="simulation",
    )
    journal = Journal(repositories=database, bus=bus, clock=clock)
    execution = Execution(
        repositories=database, engines=engines, plans=plans, journal=journal, pause=0.01
    )
    worker = _worker(execution, database, executor_id, shared=shared)
    queue = DurableQueue(database_engine=database.workflow_engine, worker=worker)
    deploying = Deploying(repositories=database, plans=plans, queue=queue, bus=bus, clock=clock)
    iprs = IPRs(
        repositories=database,
        plans=plans,
        deploying=deploying,
        scrutiny=review.scrutiny,
        clock=clock,
        rules=rules or ReviewRules(),
    )
    blueprints = Blueprints(database)
    stacks = Stacks(repositories=database, engines=engines)
    made = World(
        database=database,
        engines=engines,
        journal=journal,
        execution=execution,
        worker=worker,
        blueprints=blueprints,
        plans=plans,
        gate=review.gate,
        policies=review.policies,
        iprs=iprs,
        deployments=Deployments(repositories=database, bus=bus),
        importing=Importing(
            engines=engines, blueprints=blueprints, stacks=stacks, plans=plans, iprs=iprs
        ),
    )
    if started:
        await worker.start()
    try:
        yield made
    finally:
        await worker.stop()
        queue.close()
        await engines.close()
        database.close()


@dataclass(frozen=True)
class _Review:
    """What looks at plans before anybody approves them."""

    policies: Policies
    gate: Gate
    scrutiny: Scrutiny


def _review(home: Path, database: Database, clock: Clock) -> _Review:
    estimates = Estimates(CATALOGUE, load_prices())
    policies = Policies(
        repositories=database,
        packs=PolicyFiles(home / "config"),
        catalogue=CATALOGUE,
        lifecycle=load_lifecycle,
        clock=clock,
    )
    gate = Gate(policies, estimates)
    council = Council(Dossiers(repositories=database, gate=gate, estimates=estimates))
    return _Review(policies, gate, Scrutiny(repositories=database, gate=gate, examiner=council))


def _worker(execution: Execution, database: Database, executor_id: str, *, shared: bool) -> Worker:
    """With a `shared` database it shows that it lives, faster than a real one, so that no test waits for it."""
    pulse = Pulse(
        repositories=database, executor_id=executor_id, beat_seconds=0.2, dead_after_seconds=2
    )
    return Worker(
        execution=execution,
        database_engine=database.workflow_engine,
        executor_id=executor_id,
        pulse=pulse if shared else None,
    )
