"""A port for what watches a process that serves nothing else: metrics and health of a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from alma.core.ports.telemetry import Measurements

_SECONDS = 10  # for one request: whoever is slower is no scraper

Page = Callable[[], tuple[HTTPStatus, str]]
"""What answers an address: the status, and a body of JSON. Asked in a thread, for each request."""


def serve(
    measurements: Measurements, *, host: str, port: int, pages: Mapping[str, Page] | None = None
) -> tuple[int, Callable[[], None]]:
    """Answers `GET /metrics`, and `pages` by their paths, from threads of its own. The port that it listens on (`port`
    0 takes a free one), and what ends it. Raises OSError when it can't listen there."""
    known = dict(pages or {})

    class Answer(BaseHTTPRequestHandler):
        timeout = _SECONDS

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].rstrip("/")
            if path == "/metrics":
                body, content_type = measurements.exposition(self.headers.get("Accept", ""))
                self._answer(HTTPStatus.OK, content_type, body)
            elif path in known:
                status, text = known[path]()
                self._answer(status, "application/json", text.encode())
            else:
                here = ", ".join(["/metrics", *known])
                self.send_error(HTTPStatus.NOT_FOUND, f"only this is here: {here}")

        def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Cache-Control", "no-store")
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
