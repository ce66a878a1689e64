"""What the meters say, in figures that people read without a query language.

Rates are differences between two moments, so what the meters stood at is noted now and then. Percentiles are estimated
from the buckets of histograms as Prometheus does it: nothing is known of a value but the bucket it fell into.
"""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from pydantic import Field

from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.principal import Principal
from alma.core.ports import Clock
from alma.core.ports.telemetry import Measurements, Sample

NOTE_SECONDS = 15.0
WINDOW_SECONDS = 300.0
_SHOWN = 10

Labels = frozenset[tuple[str, str]]
Key = tuple[str, Labels]
Values = Mapping[Key, float]


class Window(Frozen):
    """What the figures cover: `seconds` between `since` and `until`, of `whose` meters."""

    seconds: float
    since: datetime
    until: datetime
    whose: str


class Timing(Frozen):
    """How long something took, in milliseconds. Percentiles are estimated from histograms, by interpolation within a
    bucket; beyond the last bucket's bound it is that bound. None: nothing was timed in the window."""

    count: int = 0
    mean_ms: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None


class Requests(Frozen):
    """HTTP requests of the window. Errors by their class are in `by_class`: 4xx and 5xx."""

    total: int = 0
    per_second: float = 0.0
    by_class: Mapping[str, int] = Field(default_factory=dict)
    rate_limited: int = 0
    disconnected: int = 0
    server_error_share: float | None = None
    latency: Timing = Timing()


class Endpoint(Frozen):
    """One route's requests of the window."""

    method: str
    endpoint: str
    requests: int
    errors: int
    latency: Timing


class Models(Frozen):
    """Language models in the window."""

    requests: int = 0
    by_status: Mapping[str, int] = Field(default_factory=dict)
    tokens_consumed: Mapping[str, int] = Field(default_factory=dict)
    tokens_generated: Mapping[str, int] = Field(default_factory=dict)
    cost_dollars: Mapping[str, float] = Field(default_factory=dict)
    duration: Timing = Timing()


class ToolUse(Frozen):
    """One tool in the window."""

    tool: str
    executions: int
    failed: int
    duration: Timing


class Deployed(Frozen):
    """Deployments of the window: how many were queued, how many ended and how, by engine."""

    queued: int = 0
    ended: Mapping[str, Mapping[str, int]] = Field(default_factory=dict)
    duration: Timing = Timing()


class Saved(Frozen):
    """Blueprints in the window."""

    operations: Mapping[str, int] = Field(default_factory=dict)
    refused: int = 0
    validation_errors: int = 0


class MetricsSummary(Frozen):
    """Everything, with the window that it covers. What is `now` stands at this moment."""

    window: Window
    requests: Requests
    endpoints: Sequence[Endpoint]
    language_models: Models
    tools: Sequence[ToolUse]
    deployments: Deployed
    blueprints: Saved
    now: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Noted:
    ticks: float
    moment: datetime
    values: Values


class Monitoring:
    """Summaries of what the meters of this server stand at."""

    def __init__(
        self,
        measurements: Measurements,
        *,
        clock: Clock,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """`ticks` counts seconds and never goes back; `clock` says which moment that was."""
        self._measurements = measurements
        self._clock = clock
        self._ticks = ticks
        self._lock = Lock()
        # Everything begins at nothing.
        self._noted: deque[_Noted] = deque([_Noted(ticks(), clock.now(), {})])
        # A window has twenty notes of thousands of names that hardly change, so all notes share one copy of each.
        self._keys: dict[Key, Key] = {}

    def note(self) -> None:
        """Keeps what the meters stand at, and the newest note that is old enough for a whole window."""
        now = self._look()
        with self._lock:
            self._noted.append(now)
            self._keys = {key: key for key in now.values}
            while len(self._noted) > 1 and now.ticks - self._noted[1].ticks >= WINDOW_SECONDS:
                self._noted.popleft()

    def summary(self, principal: Principal) -> MetricsSummary:
        """The figures of the last five minutes, or since the start if that is less. Raises Forbidden."""
        principal.require(Permission.METRICS_READ)
        now = self._look()
        with self._lock:
            since = self._noted[0]
        return _Reading(since, now).summary(self._measurements.covers)

    def _look(self) -> _Noted:
        samples = self._measurements.samples()
        known = self._keys
        values = {}
        for item in samples:
            key = (item.name, frozenset(item.labels.items()))
            values[known.get(key, key)] = item.value
        return _Noted(self._ticks(), self._clock.now(), values)


class _Reading:
    """What changed between two notes."""

    def __init__(self, since: _Noted, now: _Noted) -> None:
        self._since = since
        self._now = now
        self._seconds = max(now.ticks - since.ticks, 1e-9)
        self._by_name: dict[str, list[Sample]] = defaultdict(list)
        for (name, labels), value in now.values.items():
            before = since.values.get((name, labels), 0.0)
            # Counters of a process that is gone may be, too: less than before is a new beginning.
            change = value - before if value >= before else value
            self._by_name[name].append(Sample(name, change, dict(labels)))

    def summary(self, whose: str) -> MetricsSummary:
        return MetricsSummary(
            window=Window(
                seconds=round(self._seconds, 3),
                since=self._now.moment - timedelta(seconds=self._seconds),
                until=self._now.moment,
                whose=whose,
            ),
            requests=self._requests(),
            endpoints=self._endpoints(),
            language_models=self._models(),
            tools=self._tools(),
            deployments=self._deployments(),
            blueprints=self._blueprints(),
            now=self._standing(),
        )

    def _requests(self) -> Requests:
        classes: dict[str, int] = defaultdict(int)
        for item in self._changed("http_requests_total"):
            classes[f"{item.labels['status'][0]}xx"] += round(item.value)
        total = sum(classes.values())
        return Requests(
            total=total,
            per_second=round(total / self._seconds, 3),
            by_class=dict(sorted(classes.items())),
            rate_limited=self._sum("http_requests_total", status="429"),
            disconnected=self._sum("http_disconnects_total")
            + self._sum("http_requests_total", status="499"),
            server_error_share=classes.get("5xx", 0) / total if total else None,
            latency=self._timing("http_request_duration_seconds"),
        )

    def _endpoints(self) -> list[Endpoint]:
        found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for item in self._changed("http_requests_total"):
            counts = found[item.labels["method"], item.labels["endpoint"]]
            counts[0] += round(item.value)
            counts[1] += round(item.value) if item.labels["status"][0] in "45" else 0
        busiest = sorted(found.items(), key=lambda entry: (-entry[1][0], entry[0]))[:_SHOWN]
        return [
            Endpoint(
                method=method,
                endpoint=endpoint,
                requests=requests,
                errors=errors,
                latency=self._timing(
                    "http_request_duration_seconds", method=method, endpoint=endpoint
                ),
            )
            for (method, endpoint), (requests, errors) in busiest
        ]

    def _models(self) -> Models:
        statuses = self._by("llm_requests_total", "status")
        return Models(
            requests=sum(statuses.values()),
            by_status=statuses,
            tokens_consumed=self._by("llm_tokens_consumed_total", "model"),
            tokens_generated=self._by("llm_tokens_generated_total", "model"),
            cost_dollars={
                item.labels["model"]: item.value for item in self._changed("llm_cost_dollars_total")
            },
            duration=self._timing("llm_generation_duration_seconds"),
        )

    def _tools(self) -> list[ToolUse]:
        uses = self._by("tool_executions_total", "tool_name")
        return [
            ToolUse(
                tool=tool,
                executions=number,
                failed=number
                - self._sum("tool_executions_total", tool_name=tool, status="success"),
                duration=self._timing("tool_execution_duration_seconds", tool_name=tool),
            )
            for tool, number in uses.items()
        ]

    def _deployments(self) -> Deployed:
        ended: dict[str, dict[str, int]] = defaultdict(dict)
        for item in self._changed("deployment_operations_total"):
            if item.labels["status"] != "queued":
                ended[item.labels["engine"]][item.labels["status"]] = round(item.value)
        return Deployed(
            queued=self._sum("deployment_operations_total", status="queued"),
            ended=ended,
            duration=self._timing("deployment_duration_seconds"),
        )

    def _blueprints(self) -> Saved:
        operations, refused = {}, 0
        for item in self._changed("blueprint_operations_total"):
            if item.labels["status"] == "success":
                operations[item.labels["operation"]] = round(item.value)
            else:
                refused += round(item.value)
        return Saved(
            operations=operations,
            refused=refused,
            validation_errors=self._sum("blueprint_validation_errors_total"),
        )

    def _standing(self) -> dict[str, float]:
        """Gauges as they are: with their labels in the name where there are any."""
        return {
            name + "".join(f"_{value}" for _, value in sorted(labels)): value
            for (name, labels), value in self._now.values.items()
            if name in _STANDING
        }

    def _changed(self, name: str) -> Iterable[Sample]:
        return (item for item in self._by_name[name] if item.value)

    def _sum(self, name: str, **labels: str) -> int:
        return round(sum(i.value for i in self._by_name[name] if _has(i, labels)))

    def _by(self, name: str, label: str) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for item in self._changed(name):
            found[item.labels[label]] += round(item.value)
        return dict(sorted(found.items()))

    def _timing(self, name: str, **labels: str) -> Timing:
        count = self._sum(f"{name}_count", **labels)
        if not count:
            return Timing()
        buckets: dict[float, float] = defaultdict(float)
        for item in self._by_name[f"{name}_bucket"]:
            if _has(item, labels):
                buckets[float(item.labels["le"])] += item.value
        total = sum(i.value for i in self._by_name[f"{name}_sum"] if _has(i, labels))
        at = [_milliseconds(quantile(share, buckets)) for share in (0.5, 0.95, 0.99)]
        return Timing(
            count=count,
            mean_ms=_milliseconds(total / count),
            p50_ms=at[0],
            p95_ms=at[1],
            p99_ms=at[2],
        )


_STANDING = frozenset(
    {
        "active_connections",
        "active_websockets",
        "active_streams",
        "database_connections",
        "rate_limit_clients",
    }
)


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """The value below which that share of the observations lies, by the counts at or below each upper bound: linear
    within the bucket, as `histogram_quantile` of Prometheus has it. None without observations."""
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0
    if not total:
        return None
    rank, lower, below = share * total, 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank:
            if bound == float("inf"):
                return lower
            inside = buckets[bound] - below
            return lower + (bound - lower) * ((rank - below) / inside if inside else 1.0)
        lower, below = bound, buckets[bound]
    return lower


def _has(item: Sample, labels: Mapping[str, str]) -> bool:
    return all(item.labels[name] == value for name, value in labels.items())


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
