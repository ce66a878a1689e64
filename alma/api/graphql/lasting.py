"""How long a connection may last: not longer than its server, and not with a client that does not read.

Whether its caller still may have it is looked at in `standing`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.types import Message, Receive, Scope, Send

from alma.api.leaving import leaving_of
from alma.api.sockets import Close

# Who takes so long for one message is not worth waiting for.
SLOWEST_SECONDS = 30.0
_LONGEST_REASON = 120

Serve = Callable[[Scope, Receive, Send], Awaitable[None]]
Reason = tuple[int, str]
_SLOW: Reason = (Close.TOO_SLOW, "too slow: subscribe again after the last seq")
_RESTART: Reason = (
    Close.RESTART,
    "this server ends: connect again and go on after the last seq",
)


class Lasting:
    """One connection, served until either side leaves or has to."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve
        self._slow = asyncio.Event()
        self._closed = False

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves it to its end, with a close code that says why where it was not the client's."""

        async def sent(message: Message) -> None:
            self._closed = self._closed or message["type"] == "websocket.close"
            await self._sent(send, message)

        with leaving_of(scope).told() as leaving:
            serving = asyncio.ensure_future(self._serve(scope, receive, sent))
            ends = [asyncio.ensure_future(wait()) for wait in (leaving.wait, self._slow.wait)]
            await asyncio.wait({serving, *ends}, return_when=asyncio.FIRST_COMPLETED)
            over = serving.done() and not self._slow.is_set()
            for task in (serving, *ends):
                task.cancel()
            await asyncio.wait({serving, *ends})
        if over:
            await serving
        elif not self._closed:
            await _close(send, _SLOW if self._slow.is_set() else _RESTART)

    async def _sent(self, send: Send, message: Message) -> None:
        try:
            async with asyncio.timeout(SLOWEST_SECONDS):
                await send(message)
        except TimeoutError:
            self._slow.set()
            raise


async def _close(send: Send, why: Reason) -> None:
    code, reason = why
    # Who is gone meanwhile needs no word.
    with suppress(RuntimeError, OSError, TimeoutError):
        async with asyncio.timeout(5):
            await send(
                {"type": "websocket.close", "code": code, "reason": reason[:_LONGEST_REASON]}
            )
