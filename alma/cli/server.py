"""The web server of `alma serve`: says when it is ready, and ends when it is told to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn


class Server(uvicorn.Server):
    """Calls `on_start` once requests are taken. Ctrl-C and SIGTERM end it cleanly, a second Ctrl-C at once."""

    def __init__(self, config: uvicorn.Config, *, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then listens."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Notes that the end was asked for. Not kept as uvicorn does, which would raise the signal again at the end."""
        self.force_exit = bool(self.should_exit) and sig == signal.SIGINT
        self.should_exit = True
