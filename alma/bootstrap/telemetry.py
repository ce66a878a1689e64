"""What is measured and followed, and where that goes: metrics for Prometheus, traces for an OTLP receiver."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alma import __version__
from alma.core.model.deployment import ENDED, DeploymentState
from alma.core.ports.telemetry import (
    Measurements,
    Meters,
    NoMeasurements,
    NoMeters,
    NoTracing,
    Sample,
    Tracing,
)
from alma.engines import ENGINES
from alma.settings import Settings, variable

if TYPE_CHECKING:
    from alma.db.database import Database
    from alma.telemetry.prometheus import PrometheusMeters
    from alma.telemetry.serving import Page
    from alma.workflow.durable import DurableQueue


@dataclass
class Telemetry:
    """The ports, and what has to be done for them now and then."""

    meters: Meters = field(default_factory=NoMeters)
    measurements: Measurements = field(default_factory=NoMeasurements)
    tracing: Tracing = field(default_factory=NoTracing)
    closing: Callable[[], None] = lambda: None
    prometheus: PrometheusMeters | None = None

    @property
    def counting(self) -> Meters | None:
        """What counts, None when nothing does."""
        return self.prometheus

    @property
    def following(self) -> Tracing | None:
        """What follows requests, None when nothing does."""
        return None if isinstance(self.tracing, NoTracing) else self.tracing

    def refresh(self) -> None:
        """Sets the gauges that nobody moves: with several processes, each has to say its own."""
        if self.prometheus is not None:
            self.prometheus.refresh()

    def probe(self, look: Callable[[Meters], None]) -> None:
        """Has `look` set gauges of this process whenever somebody asks for them."""
        if self.prometheus is not None:
            self.prometheus.probe(look)

    def close(self) -> None:
        """Sends what has not been sent yet."""
        self.closing()

    def serve(
        self, *, host: str, port: int, pages: Mapping[str, Page] | None = None
    ) -> tuple[int, Callable[[], None]]:
        """`/metrics`, and `pages` of JSON, on a port of its own, for a process that serves nothing else: the port, and
        what ends it. Raises OSError."""
        from alma.telemetry.serving import serve

        return serve(self.measurements, host=host, port=port, pages=pages)


def watch_with(settings: Settings) -> Telemetry:
    """Wires it. The libraries are imported only for what is on."""
    from alma.bootstrap.tracing import tracing_with

    tracing, closing = tracing_with(settings)
    if not settings.metrics_enabled:
        return Telemetry(tracing=tracing, closing=closing)
    from alma.telemetry.processes import folder_of
    from alma.telemetry.prometheus import PrometheusMeters

    folder = folder_of(settings.home, variable("PROMETHEUS_MULTIPROC_DIR"))
    meters = PrometheusMeters(folder=folder)
    return Telemetry(meters, meters, tracing, closing, meters)


def look_at(
    telemetry: Telemetry, settings: Settings, database: Database, queue: DurableQueue
) -> None:
    """What is read from where it stands, once that is wired."""
    if telemetry.prometheus is None:
        return
    from alma.db.figures import DatabaseFigures, connections, limit

    engines = sorted(ENGINES)
    one_process = settings.url.startswith("sqlite")
    telemetry.prometheus.look_at(_About(settings))
    telemetry.prometheus.look_at(
        DatabaseFigures(
            database,
            engines=engines,
            alone=(lambda: queue.check().available) if one_process else None,
        )
    )

    def pools(meters: Meters) -> None:
        for state, number in connections(database).items():
            meters.gauge("database_connections", number, state=state)
        meters.gauge("database_connections_limit", limit(database))

    telemetry.prometheus.probe(pools)
    _begin(telemetry.meters, engines)


def _begin(meters: Meters, engines: Sequence[str]) -> None:
    """What has not happened yet is 0 and not unknown: the first time then shows in rates, too."""
    for engine in engines:
        for state in (DeploymentState.QUEUED, *sorted(ENDED)):
            meters.count("deployment_operations_total", 0, engine=engine, status=state.value)
    for operation in ("create", "update", "delete"):
        meters.count("blueprint_operations_total", 0, operation=operation, status="success")


class _About:
    """What runs here."""

    def __init__(self, settings: Settings) -> None:
        self._database = "sqlite" if settings.url.startswith("sqlite") else "postgresql"

    def figures(self) -> Iterable[Sample]:
        labels = {
            "version": __version__,
            "python": platform.python_version(),
            "database": self._database,
        }
        yield Sample("app_info", 1, labels)
