"""Every metric of ALMA, once: its name, its labels, its buckets and what it means.

The names down to `app_info` are those that dashboards of earlier servers ask for and don't change. What is `READ` is
read from where it stands when somebody asks (the database, the pool); the rest is counted by the process that does it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `buckets` are upper bounds, in the unit of the name."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


# From an answer out of memory to one that a model was waited for.
_REQUEST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_MODEL = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
_TOOL = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60)
# A run on the simulation takes a second, a cluster of guests an hour.
_RUN = (0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
_BYTES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)

_C, _G, _H, _R = Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.READ
_ROUTE = ("method", "endpoint")

_ALL = (
    Metric(
        "http_requests_total",
        _C,
        "Requests answered, by the route's template and the status; 101 is a WebSocket that was accepted, 499 a caller "
        "who left before the answer began.",
        (*_ROUTE, "status"),
    ),
    Metric(
        "http_request_duration_seconds",
        _H,
        "From a request's arrival to the end of its answer; for event streams, to the answer's beginning.",
        _ROUTE,
        _REQUEST,
    ),
    Metric(
        "http_request_size_bytes", _H, "Bodies of requests, as far as announced.", _ROUTE, _BYTES
    ),
    Metric("http_response_size_bytes", _H, "Bodies of answers, streams included.", _ROUTE, _BYTES),
    Metric(
        "llm_requests_total",
        _C,
        "Questions to language models, every attempt, by what they were for and how they ended.",
        ("operation", "status"),
    ),
    Metric("llm_tokens_generated_total", _C, "Tokens that models wrote.", ("model",)),
    Metric("llm_tokens_consumed_total", _C, "Tokens that models read.", ("model",)),
    Metric(
        "llm_generation_duration_seconds",
        _H,
        "From a question to the end of its answer, failed attempts included.",
        ("model", "operation"),
        _MODEL,
    ),
    Metric(
        "blueprint_operations_total",
        _C,
        "Blueprints created, updated and deleted, by how it ended.",
        ("operation", "status"),
    ),
    Metric(
        "blueprint_validation_errors_total",
        _C,
        "Faults found in blueprints that were refused for them.",
    ),
    Metric(
        "blueprint_resources_count",
        _R,
        "Resources in the newest revisions of all blueprints that are not deleted.",
    ),
    Metric(
        "deployment_operations_total",
        _C,
        "Deployments queued, and deployments ended, by the engine and what happened.",
        ("engine", "status"),
    ),
    Metric(
        "deployment_duration_seconds",
        _H,
        "From a deployment's queueing to its end, however it ended.",
        ("engine",),
        _RUN,
    ),
    Metric(
        "active_deployments",
        _R,
        "Deployments that have not ended, queued ones included, as the database has them.",
        ("engine",),
    ),
    Metric(
        "tool_executions_total",
        _C,
        "Uses of tools over any surface, by how they ended.",
        ("tool_name", "status"),
    ),
    Metric(
        "tool_execution_duration_seconds",
        _H,
        "How long tools took, refused uses included.",
        ("tool_name",),
        _TOOL,
    ),
    Metric(
        "rate_limit_hits_total",
        _C,
        "Requests refused because a client had used up its limit.",
        ("endpoint",),
    ),
    Metric("rate_limit_clients", _G, "Clients whose use of the limits is being counted now."),
    Metric(
        "active_connections",
        _G,
        "Requests being answered now, with open event streams and WebSockets.",
    ),
    Metric(
        "database_connections",
        _G,
        "Connections to the database: in use, and open but idle.",
        ("state",),
    ),
    Metric(
        "database_connections_limit",
        _G,
        "Connections to the database that this server may open at most.",
    ),
    Metric(
        "cache_hit_rate",
        _R,
        "Share of reads of plans and documents that found them decoded in memory, since this process began: 0 to 1; "
        "absent before the first read.",
    ),
    Metric("app_info", _R, "1, with what runs here as labels.", ("version", "python", "database")),
    # Not in earlier servers.
    Metric("active_websockets", _G, "WebSockets that are open now."),
    Metric("active_streams", _G, "Event streams that are open now."),
    Metric(
        "http_disconnects_total",
        _C,
        "Answers that had begun and that their caller did not wait for.",
        ("endpoint",),
    ),
    Metric(
        "llm_cost_dollars_total",
        _C,
        "What models have cost, where their prices are known.",
        ("model",),
    ),
    Metric("blueprints", _R, "Blueprints that are not deleted."),
    Metric("deployments", _R, "Deployments that the database has, by state.", ("state",)),
    Metric("workflow_queue_depth", _R, "Work that no worker has begun.", ("queue",)),
    Metric(
        "workflow_queue_oldest_seconds",
        _R,
        "How long the oldest of that work has been waiting; 0 without any.",
        ("queue",),
    ),
    Metric("workflow_workers", _R, "Processes that run deployments and show signs of life."),
    Metric(
        "workflow_heartbeat_age_seconds",
        _R,
        "Since the last sign of life of the worker that has been silent for longest and has not signed off; absent "
        "where a single process does everything.",
    ),
    Metric(
        "database_up", _R, "1 if the figures of the database could be read for this answer, else 0."
    ),
    Metric("audit_failures_total", _C, "Entries that could not be written into the audit log."),
)

TABLE: Mapping[str, Metric] = {metric.name: metric for metric in _ALL}
"""Every metric by its name."""
