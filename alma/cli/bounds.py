"""Keeps single clients from holding the server's connections: uvicorn waits for the rest of a request for ever, and
reads a head of any size. And marks what comes when there are too many, which the application answers: uvicorn's own
answer names no moment to come back, and is counted nowhere.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from alma.middleware.crowding import CROWDED

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\n"
_REST = b"content-length: 0\r\nconnection: close\r\n\r\n"


class Bounded(HttpToolsProtocol):
    """HTTP/1.1 with bounds: a head of `most_head` bytes, and `patience` seconds for it, and between parts of a body."""

    most_head = 65_536
    patience = 20.0
    most_at_once: int | None = None
    """Connections, and requests at work."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = True
    _in_body = False
    _fed = 0
    _too_large = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has connected and has to say something now."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """A part of a request."""
        super().data_received(data)
        if self._in_head:
            self._fed += len(data)
            if self._fed > self.most_head and not self.transport.is_closing():
                self._end(_TOO_LARGE)
        elif self._in_body:
            self._wait()

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head, self._fed = True, 0
        self._wait()

    def on_headers_complete(self) -> None:
        """The head is there; an error raised here is answered by `send_400_response`."""
        self._in_head, self._in_body, self._fed = False, True, 0
        self._stop()
        if len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers) > self.most_head:
            self._too_large = True
            raise ValueError("the head of the request is too large")
        if self._is_crowded():
            self.scope[CROWDED] = True  # type: ignore[literal-required]  # our own application knows it
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._in_body = False
        self._stop()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Says what is wrong, and closes."""
        if self._too_large:
            self._end(_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _is_crowded(self) -> bool:
        most = self.most_at_once
        return most is not None and max(len(self.connections), len(self.tasks)) >= most

    def _wait(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.patience, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        if self._in_body and self.flow.read_paused:
            # It is the application that has not read what came.
            self._wait()
        elif self._in_body:
            self.transport.close()
        else:
            self._end(_TOO_SLOW)

    def _end(self, line: bytes) -> None:
        self.transport.write(line + _REST)
        self.transport.close()


def bounded(*, most_head: int, patience: float, most_at_once: int | None = None) -> type[Bounded]:
    """The protocol for a server's configuration."""
    bounds = {"most_head": most_head, "patience": patience, "most_at_once": most_at_once}
    return type("Bounded", (Bounded,), bounds)
