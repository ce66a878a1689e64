"""A port for metrics of a process that serves nothing else: a worker."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from alma.core.ports.telemetry import Measurements

_SECONDS = 10  # for one request: whoever is slower is no scraper


def serve(measurements: Measurements, *, host: str, port: int) -> tuple[int, Callable[[], None]]:
    """Answers `GET /metrics` from a thread of its own. The port that it listens on (`port` 0 takes a free one), and
    what ends it. Raises OSError when it can't listen there."""

    class Answer(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            if self.path.partition("?")[0].rstrip("/") != "/metrics":
                self.send_error(HTTPStatus.NOT_FOUND, "only /metrics is here")
                return
            body, content_type = measurements.exposition(self.headers.get("Accept", ""))
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a line for every scrape is no news."""

    server = ThreadingHTTPServer((host, port), Answer)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, name="alma-metrics", daemon=True)
    thread.start()

    def end() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return server.server_address[1], end
