"""What operators watch that the database knows better than any process: true after restarts and takeovers, too."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from sqlalchemy import QueuePool, Text, cast, func, select
from sqlalchemy.dialects import postgresql

from alma.core.model.conversation import TurnState
from alma.core.model.deployment import ENDED, DeploymentState
from alma.core.model.errors import AlmaError
from alma.core.model.recent import Recent
from alma.core.ports.telemetry import Sample
from alma.db import tables
from alma.db.database import Database
from alma.db.repository import Repository

_deployment, _stack, _turn = tables.deployment.c, tables.stack.c, tables.turn.c
_blueprint, _revision, _executor = tables.blueprint.c, tables.revision.c, tables.executor.c

# Several who ask at once, or one who asks often, cost the database one look.
FRESH_SECONDS = 2.0
# Counting resources opens every blueprint's text.
COUNTED_SECONDS = 60.0
# A worker that has been silent for so long is not counted; alma/workflow/alive.py takes its work over at the same time.
SILENT_SECONDS = 6.0


class FigureRows(Repository):
    """The counts, of all projects, in one transaction."""

    def active(self) -> Mapping[str, int]:
        """Deployments that have not ended, by the kind of engine."""
        statement = (
            select(_stack.engine, func.count().label("number"))
            .join_from(tables.deployment, tables.stack, _deployment.stack_id == _stack.id)
            .where(_deployment.state.not_in([state.value for state in ENDED]))
            .group_by(_stack.engine)
        )
        found: Counter[str] = Counter()
        for row in self._rows(statement):
            found[row["engine"].partition("@")[0]] += row["number"]
        return found

    def states(self) -> Mapping[str, int]:
        """Deployments by state."""
        statement = select(_deployment.state, func.count().label("number")).group_by(
            _deployment.state
        )
        return {row["state"]: row["number"] for row in self._rows(statement)}

    def waiting(self) -> Mapping[str, tuple[int, float]]:
        """What waits in each queue, and for how many seconds the oldest of it has."""
        return {
            "deployments": self._waiting(
                _deployment.created_at, _deployment.state == DeploymentState.QUEUED.value
            ),
            "turns": self._waiting(_turn.created_at, _turn.state == TurnState.ANSWERING.value),
        }

    def _waiting(self, moment: Any, which: Any) -> tuple[int, float]:
        statement = select(func.count().label("number"), func.min(moment).label("oldest"))
        row = self._rows(statement.where(which))[0]
        return row["number"], self._age(row["oldest"])

    def _age(self, moment: datetime | None) -> float:
        if moment is None:
            return 0.0
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (self._lease_time() - moment).total_seconds())

    def heartbeats(self) -> Sequence[float]:
        """Seconds since each worker's last sign of life."""
        rows = self._execute(select(_executor.beat_at)).scalars()
        return [self._age(beat) for beat in rows]

    def blueprints(self) -> tuple[int, int]:
        """How many there are, and the resources in their newest revisions."""
        text = cast(_revision.blueprint, Text)
        if self._connection.dialect.name == "sqlite":
            length: Any = func.json_array_length(text, "$.resources")
        else:
            length = func.json_array_length(cast(text, postgresql.JSON)["resources"])
        statement: Any = (
            select(
                func.count().label("number"),
                func.coalesce(func.sum(length), 0).label("resources"),
            )
            .join_from(
                tables.blueprint,
                tables.revision,
                (_revision.id == _blueprint.id) & (_revision.number == _blueprint.latest),
            )
            .where(_blueprint.deleted_at.is_(None))
        )
        row = self._rows(statement)[0]
        return int(row["number"]), int(row["resources"])


class DatabaseFigures:
    """The `Figures` port. Never raises for a database that is away: it says so, and leaves out what it can't know."""

    def __init__(
        self,
        database: Database,
        *,
        engines: Sequence[str] = (),
        alone: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`engines` are shown with 0, too. `alone`: whether the only process there is takes work; None where workers
        show their signs of life in the database."""
        self._database = database
        self._engines = tuple(engines)
        self._alone = alone
        self._clock = clock
        self._lock = Lock()
        self._fresh: tuple[float, list[Sample]] = (float("-inf"), [])
        self._counted: tuple[float, list[Sample]] = (float("-inf"), [])

    def figures(self) -> Iterable[Sample]:
        with self._lock:
            read_at, samples = self._fresh
            if self._clock() - read_at >= FRESH_SECONDS:
                samples = self._looked()
                self._fresh = (self._clock(), samples)
            return [*samples, *_hit_rate(self._database)]

    def _looked(self) -> list[Sample]:
        try:
            with self._database.read() as transaction:
                rows = FigureRows(transaction.scope)
                return [
                    Sample("database_up", 1),
                    *self._deployments(rows),
                    *self._workers(rows),
                    *self._blueprints(rows),
                ]
        except AlmaError:
            return [Sample("database_up", 0)]

    def _deployments(self, rows: FigureRows) -> Iterator[Sample]:
        active = rows.active()
        for engine in sorted({*self._engines, *active}):
            yield Sample("active_deployments", active.get(engine, 0), {"engine": engine})
        states = rows.states()
        for state in DeploymentState:
            yield Sample("deployments", states.get(state.value, 0), {"state": state.value})
        for queue, (number, seconds) in rows.waiting().items():
            yield Sample("workflow_queue_depth", number, {"queue": queue})
            yield Sample("workflow_queue_oldest_seconds", seconds, {"queue": queue})

    def _workers(self, rows: FigureRows) -> Iterator[Sample]:
        if self._alone is not None:
            yield Sample("workflow_workers", int(self._alone()))
            return
        ages = rows.heartbeats()
        yield Sample("workflow_workers", sum(age <= SILENT_SECONDS for age in ages))
        if ages:
            yield Sample("workflow_heartbeat_age_seconds", max(ages))

    def _blueprints(self, rows: FigureRows) -> list[Sample]:
        counted_at, samples = self._counted
        if self._clock() - counted_at >= COUNTED_SECONDS:
            number, resources = rows.blueprints()
            samples = [
                Sample("blueprints", number),
                Sample("blueprint_resources_count", resources),
            ]
            self._counted = (self._clock(), samples)
        return samples


def connections(database: Database) -> Mapping[str, int]:
    """This process's connections to the database: `in_use`, and `idle` ones kept open."""
    pools = [engine.pool for engine in database.engines if isinstance(engine.pool, QueuePool)]
    return {
        "in_use": sum(pool.checkedout() for pool in pools),
        "idle": sum(pool.checkedin() for pool in pools),
    }


def limit(database: Database) -> int:
    """How many connections to the database this process may open."""
    pools = [engine.pool for engine in database.engines if isinstance(engine.pool, QueuePool)]
    return sum(pool.size() + pool._max_overflow for pool in pools)  # noqa: SLF001 - it has no public name


def _hit_rate(database: Database) -> Iterator[Sample]:
    caches: list[Recent[Any]] = list(database.caches)
    found = sum(cache.hits for cache in caches)
    looked = found + sum(cache.misses for cache in caches)
    if looked:
        yield Sample("cache_hit_rate", found / looked)
