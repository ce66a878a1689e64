"""Meters for Prometheus: counted with its client library, asked for over HTTP.

With a folder for several processes, each keeps its values in files there, and whoever is asked answers for all of
them; without one, a process answers for itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from alma.core.ports.telemetry import Figures, Meters, Sample
from alma.telemetry import processes
from alma.telemetry.table import TABLE, Kind, Metric

logger = logging.getLogger(__name__)

OTHER = "other"
"""What a label says for a value that is one too many."""

# The callers pass known names only; should one fail to, the damage is bounded here.
_VALUES_AT_MOST = 300

_KINDS: Mapping[Kind, type[Counter] | type[Gauge] | type[Histogram]] = {
    Kind.COUNTER: Counter,
    Kind.GAUGE: Gauge,
    Kind.HISTOGRAM: Histogram,
}


class _Nowhere:
    """Takes what can't be kept: as a child of any kind."""

    def inc(self, by: float) -> None: ...

    def observe(self, value: float) -> None: ...

    def set(self, value: float) -> None: ...


_NOWHERE = _Nowhere()


class PrometheusMeters:
    """The `Meters` and `Measurements` ports. `figures` are asked at each scrape."""

    def __init__(
        self,
        *,
        figures: Sequence[Figures] = (),
        folder: Path | None = None,
        table: Mapping[str, Metric] = TABLE,
    ) -> None:
        """`folder`: where the processes of one server keep their values together."""
        if folder is not None:
            processes.share(folder)
        self._folder = folder
        self._table = table
        self._registry = CollectorRegistry()
        self._metrics = {
            metric.name: _made(metric, self._registry)
            for metric in table.values()
            if metric.kind is not Kind.READ
        }
        self._children: dict[tuple[object, ...], Any] = {}
        self._seen: dict[tuple[str, str], set[str]] = {}
        self._lock = threading.Lock()
        self._told = False
        self._standing = _Standing(list(figures), table)
        self._probes: list[Callable[[Meters], None]] = []
        if folder is None:
            ProcessCollector(registry=self._registry)

    @property
    def covers(self) -> str:
        return "this process" if self._folder is None else "all processes of this server"

    def look_at(self, source: Figures) -> None:
        """One more source of what is read at each scrape."""
        self._standing.sources.append(source)

    def probe(self, look: Callable[[Meters], None]) -> None:
        """Something that sets gauges of this process: called at each scrape, and at each `refresh`."""
        self._probes.append(look)

    def refresh(self) -> None:
        """Sets the gauges that nobody moves."""
        for look in self._probes:
            look(self)

    def count(self, name: str, by: float = 1.0, **labels: str) -> None:
        self._child(name, labels).inc(by)

    def observe(self, name: str, value: float, **labels: str) -> None:
        self._child(name, labels).observe(value)

    def gauge(self, name: str, value: float, **labels: str) -> None:
        self._child(name, labels).set(value)

    def change(self, name: str, by: float, **labels: str) -> None:
        self._child(name, labels).inc(by)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """The Prometheus text format, or OpenMetrics for who asks for it."""
        self.refresh()
        encode, content_type = choose_encoder(accept)
        registry = CollectorRegistry()
        registry.register(_Together((self._counted(), self._standing)))
        return encode(registry), content_type

    def samples(self) -> Sequence[Sample]:
        return [
            Sample(sample.name, float(sample.value), sample.labels)
            for family in self._counted().collect()
            for sample in family.samples
        ]

    def _counted(self) -> Collector | CollectorRegistry:
        if self._folder is None:
            return self._registry
        # Somebody may sweep it away, as a folder of passing things: that costs figures, and no answer.
        self._folder.mkdir(parents=True, exist_ok=True)
        processes.forget_the_dead(self._folder)
        return processes.Together(self._folder)

    def _child(self, name: str, labels: dict[str, str]) -> Any:
        key = (name, *labels.items())
        found = self._children.get(key)
        return self._new(key, name, labels) if found is None else found

    def _new(self, key: tuple[object, ...], name: str, labels: dict[str, str]) -> Any:
        metric = self._metrics[name]
        if set(labels) != set(self._table[name].labels):
            raise KeyError(f"{name} has the labels {self._table[name].labels}, not {tuple(labels)}")
        with self._lock:
            bounded = {label: self._bounded(name, label, value) for label, value in labels.items()}
            try:
                child = metric.labels(**bounded) if bounded else metric
            except OSError as error:
                self._lost(error)
                return _NOWHERE
            # What was renamed is looked up anew each time: remembering it would fill the memory after all.
            if bounded == labels:
                self._children[key] = child
        return child

    def _lost(self, error: OSError) -> None:
        """Requests are answered whether they are counted or not."""
        if not self._told:
            self._told = True
            logger.warning("some figures are lost: they can't be kept: %s", error.strerror)

    def _bounded(self, name: str, label: str, value: str) -> str:
        seen = self._seen.setdefault((name, label), set())
        if value not in seen:
            if len(seen) >= _VALUES_AT_MOST:
                return OTHER
            seen.add(value)
        return value


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    if metric.kind is Kind.HISTOGRAM:
        return Histogram(
            metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=registry
        )
    if metric.kind is Kind.GAUGE:
        # What died no longer has anything open.
        return Gauge(
            metric.name,
            metric.help,
            metric.labels,
            registry=registry,
            multiprocess_mode="livemax" if metric.name.endswith("_rate") else "livesum",
        )
    return Counter(metric.name, metric.help, metric.labels, registry=registry)


class _Together(Collector):
    """Several collectors as one."""

    def __init__(self, parts: Sequence[Any]) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Family]:
        for part in self._parts:
            yield from part.collect()


class _Standing(Collector):
    """What is read at this moment, as families of the table."""

    def __init__(self, sources: list[Figures], table: Mapping[str, Metric]) -> None:
        self.sources = sources
        self._table = table

    def collect(self) -> Iterable[Family]:
        families: dict[str, GaugeMetricFamily] = {}
        for source in self.sources:
            for sample in source.figures():
                metric = self._table[sample.name]
                family = families.setdefault(
                    metric.name,
                    GaugeMetricFamily(metric.name, metric.help, labels=metric.labels),
                )
                family.add_metric([sample.labels[label] for label in metric.labels], sample.value)
        return families.values()
