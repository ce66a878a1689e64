"""A request is followed to the engine's call, also where a worker goes on with it."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from alma.core.model.errors import Conflict
from alma.core.ports.telemetry import TRACE
from alma.telemetry.tracing import OpenTelemetry
from tests.api.server import API, serve

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@contextmanager
def receiver() -> Iterator[tuple[str, list[Any]]]:
    """An OTLP receiver: its address, and the spans that came."""
    came: list[Any] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    came.extend((resource.resource, span) for span in scope.spans)
            self.send_response(200 if self.path == "/v1/traces" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Not into the tests' output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", came
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_deployment_is_one_trace_from_the_request_to_the_engine(tmp_path) -> None:
    with receiver() as (address, came):
        with serve(tmp_path, otlp_endpoint=address) as server:
            server.http.headers["traceparent"] = TRACEPARENT
            server.deployed({"name": "shop", "resources": [{"name": "web", "type": "vm"}]})
            server.http.get("/health")
        spans = [span for _, span in came]
        [about] = {
            next(a.value.string_value for a in resource.attributes if a.key == "service.name")
            for resource, _ in came
        }

    assert about == "alma"
    names = {span.name for span in spans}
    assert {"plan", "engine.read", "step apply", "engine.apply", "engine.verify"} <= names
    assert not [name for name in names if "health" in name]
    # The caller's own trace goes on through all of it, across the queue.
    assert {span.trace_id.hex() for span in spans} == {TRACEPARENT.split("-")[1]}

    by_id = {span.span_id: span for span in spans}
    at = next(span for span in spans if span.name == "engine.apply")
    way = []
    while at.parent_span_id in by_id:
        at = by_id[at.parent_span_id]
        way.append(at.name)
    assert way == ["step apply", "deployment", f"POST {API}/iprs/{{id}}/deploy"]


@pytest.fixture
def followed() -> tuple[OpenTelemetry, InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    return OpenTelemetry(SimpleSpanProcessor(exporter), version="0", instance="here"), exporter


def test_an_error_is_noted_by_its_code_and_not_by_its_words(followed) -> None:
    tracing, exporter = followed
    with pytest.raises(Conflict), tracing.span("work"):
        raise Conflict("hunter2 is taken", hint="hunter3")
    [span] = exporter.get_finished_spans()
    assert span.attributes["error.type"] == "conflict"
    assert not span.status.is_ok
    assert "hunter" not in span.to_json()


def test_the_log_knows_the_trace_within_a_span_and_not_after_it(followed) -> None:
    tracing, _ = followed
    with tracing.span("work", after=TRACEPARENT):
        assert TRACE.get() == TRACEPARENT.split("-")[1]
        assert TRACEPARENT.split("-")[1] in tracing.carried()
    assert TRACE.get() is None
    assert tracing.carried() is None


@pytest.mark.parametrize("forged", ["", "00-zz", "x" * 10_000, "00-" + "0" * 32 + "-1-1"])
def test_a_forged_parent_begins_a_trace_of_its_own(followed, forged) -> None:
    tracing, exporter = followed
    with tracing.span("work", after=forged):
        pass
    assert exporter.get_finished_spans()[0].parent is None


def test_a_receiver_that_is_away_holds_nobody_up(tmp_path) -> None:
    with serve(tmp_path, otlp_endpoint="http://127.0.0.1:9") as server:
        assert server.http.get(f"{API}/blueprints").status_code == 200
