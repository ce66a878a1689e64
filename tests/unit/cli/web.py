"""A web server of a few lines, to see how the client fares with answers that ALMA's own server seldom gives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """The URL of a server that answers every request by calling `answer`."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    for method in ("GET", "PATCH", "POST", "PUT"):
        setattr(Handler, f"do_{method}", Handler.handle_any)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def send(
    handler: BaseHTTPRequestHandler,
    body: str,
    *,
    status: int = 200,
    type_: str = "application/json",
) -> None:
    """A whole answer."""
    content = body.encode()
    handler.send_response(status)
    handler.send_header("Content-Type", type_)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def send_part(handler: BaseHTTPRequestHandler, body: str) -> None:
    """A part of a stream; then the connection is cut."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(body.encode())
    handler.close_connection = True
