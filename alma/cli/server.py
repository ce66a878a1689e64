"""The web servers: the one of `alma serve`, and the one that a command starts for itself.

Both say when they are ready, and end when they are told to.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

import uvicorn

_LOOK_FOR_SIGNAL_SECONDS = 0.1


class Server(uvicorn.Server):
    """Calls `on_start` once requests are taken. Ctrl-C and SIGTERM end it cleanly, a second Ctrl-C at once."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        on_start: Callable[[], None],
        on_leave: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`on_leave` is awaited after SIGTERM while requests are still answered; Ctrl-C does not wait for it."""
        super().__init__(config)
        self._on_start = on_start
        self._on_leave = on_leave
        self._signal: int | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then listens."""
        await super().startup(sockets=sockets)
        if self.started:
            self._on_start()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Notes that the end was asked for. Not kept as uvicorn does, which would raise the signal again at the end."""
        self.force_exit = bool(self.should_exit) and sig == signal.SIGINT
        self._signal = sig
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """After a SIGTERM lets what is under way end first: others take over, and nobody waits at a terminal. Another
        signal cuts that short."""
        if self._on_leave is not None and self._signal == signal.SIGTERM:
            leaving = asyncio.ensure_future(self._on_leave())
            self._signal = None
            while not leaving.done() and self._signal is None:
                await asyncio.wait({leaving}, timeout=_LOOK_FOR_SIGNAL_SECONDS)
            leaving.cancel()
            await asyncio.wait({leaving})
        await super().shutdown(sockets=sockets)


# How long the end waits for connections to be seen as closed; whoever holds one longer is treated as by `alma serve`.
_LOOKS, _LOOK_SECONDS = 50, 0.001


class PrivateServer(uvicorn.Server):
    """Serves the command that started it, from another thread. uvicorn looks ten times a second whether it is to end
    and leaves others time to go; here nobody else is there, and a command has no time to give away."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told = asyncio.Event()

    def end(self) -> None:
        """Ends it, from any thread, also before it has begun."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then listens; `settled` is set then."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        self.settled.set()

    async def main_loop(self) -> None:
        """Until it is told to end."""
        if not await self.on_tick(0):
            await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends at once when all connections are closed, else like any server."""
        for _ in range(_LOOKS):
            if not self.server_state.connections and not self.server_state.tasks:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        else:
            await super().shutdown(sockets=sockets)
            return
        for server in self.servers:
            server.close()
        await self.lifespan.shutdown()
