"""Traces by OpenTelemetry, sent to an OTLP receiver over HTTP. Needs the extra `tracing`.

Errors are noted by their code and never by their words: a span goes to another system, and may stay there for years.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from alma.core.model.errors import AlmaError
from alma.core.ports.telemetry import TRACE

_HEADER = "traceparent"
_REQUEST = "http.request.method"


class OpenTelemetry:
    """The `Tracing` port."""

    def __init__(self, processor: SpanProcessor, *, version: str, instance: str) -> None:
        """`instance` tells this process from others of the same service. What OTEL_RESOURCE_ATTRIBUTES,
        OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER say holds."""
        described = {
            "service.name": "alma",
            "service.version": version,
            "service.instance.id": instance,
        }
        # What the environment says wins over these.
        resource = Resource(described).merge(_said_by_the_environment())
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("alma", version)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, *, after: str | None = None, **attributes: str) -> Iterator[None]:
        with self._tracer.start_as_current_span(
            name,
            context=self._context(after),
            kind=SpanKind.SERVER if _REQUEST in attributes else SpanKind.INTERNAL,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            before = TRACE.get()
            TRACE.set(trace.format_trace_id(span.get_span_context().trace_id))
            try:
                yield
            except AlmaError as error:
                _failed(span, error.code)
                raise
            except Exception as error:
                _failed(span, type(error).__name__)
                raise
            finally:
                TRACE.set(before)

    def note(self, **attributes: str) -> None:
        span = trace.get_current_span()
        span.set_attributes(attributes)
        if "error.type" in attributes:
            span.set_status(Status(StatusCode.ERROR))

    def carried(self) -> str | None:
        carrier: dict[str, str] = {}
        self._propagator.inject(carrier)
        return carrier.get(_HEADER)

    def close(self) -> None:
        """Sends what is left, for a bounded time."""
        self._provider.shutdown()

    def _context(self, after: str | None) -> Context | None:
        if after is None:
            return None
        # What is no traceparent begins a trace of its own.
        return self._propagator.extract({_HEADER: after}, context=Context())


def to_receiver(endpoint: str | None) -> SpanProcessor:
    """Sends spans in the background to the receiver at that base URL, such as http://localhost:4318; without one, to
    where the OTEL_EXPORTER_OTLP_* variables say."""
    exporter = (
        OTLPSpanExporter()
        if endpoint is None
        else OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    )
    return BatchSpanProcessor(exporter)


def _said_by_the_environment() -> Resource:
    said = dict(Resource.create().attributes)
    if str(said.get("service.name", "")).startswith("unknown_service"):
        del said["service.name"]
    return Resource(said)


def _failed(span: trace.Span, code: str) -> None:
    span.set_attribute("error.type", code)
    span.set_status(Status(StatusCode.ERROR))
