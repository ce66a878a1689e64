"""`/ws/deployments`: deployments as they go, over one WebSocket, for as many as like to watch."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from alma.api.errors import answer_to, told
from alma.api.leaving import leaving_of
from alma.api.rechecking import RECHECK_SECONDS, refusal
from alma.api.sockets import LONGEST_MESSAGE, Action, Asked, Close, asked
from alma.core.model.access import Permission
from alma.core.model.errors import AlmaError, DatabaseUnavailable, Unauthenticated
from alma.core.model.event import Event
from alma.middleware.auth import SUBPROTOCOL, principal_of

if TYPE_CHECKING:
    from alma.core.services.watching import Watcher

HEARTBEAT_SECONDS = 15.0
# Who takes so long for one message is not worth waiting for; who watches nothing for so long, neither.
SLOWEST_SECONDS = 30.0
IDLE_SECONDS = 300.0
# Further behind than this, one is told so.
LAGGING = 500
_MOST_AT_ONCE = 5_000
_WORDS_IN_A_ROW = 50
_CACHED = 4_096

router = APIRouter()
logger = logging.getLogger(__name__)


@router.websocket("/ws/deployments")
async def watch_deployments(socket: WebSocket) -> None:
    """Tells of deployments: `subscribe` to one, or to all that the caller may see."""
    try:
        caller = principal_of(socket.scope)
        caller.require(Permission.DEPLOYMENT_READ)
    except AlmaError as error:
        await _refuse(socket, error)
        return
    watching = socket.app.state.alma.watching
    if watching.number >= room(_descriptors()):
        await socket.close(Close.TRY_LATER)
        return
    offered = socket.scope.get("subprotocols", [])
    await socket.accept(subprotocol=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    with watching.watcher(caller) as watcher, leaving_of(socket.scope).told() as leaving:
        await _Connection(socket, watcher).run(leaving)


def room(descriptors: int) -> int:
    """How many may watch at once, in a process that may have so many descriptors: requests, streams and the database
    need some as well, and a server that has none left answers nobody."""
    return min(_MOST_AT_ONCE, descriptors * 3 // 4)


def _descriptors() -> int:
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except ImportError:  # no such limit on this system
        return 2 * _MOST_AT_ONCE
    soft, _ = getrlimit(RLIMIT_NOFILE)
    return 2 * _MOST_AT_ONCE if soft == RLIM_INFINITY else soft


async def _refuse(socket: WebSocket, error: AlmaError) -> None:
    """Before the handshake: with the answer that a request would get, where the server can."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(answer_to(error))
    else:
        await socket.close(Close.FORBIDDEN)


class _Ended(Exception):
    """The connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class _Connection:
    """One accepted connection, to its end."""

    def __init__(self, socket: WebSocket, watcher: Watcher) -> None:
        self._socket = socket
        self._watcher = watcher
        self._sending = asyncio.Lock()
        self._told_behind: set[str] = set()

    async def run(self, leaving: asyncio.Event) -> None:
        """Until either side leaves, or has to."""
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._listen(), self._tell(), self._watch_over(), _until(leaving))
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        await self._close([task.exception() for task in tasks if not task.cancelled()])

    async def _close(self, errors: Sequence[BaseException | None]) -> None:
        why = next((error for error in errors if error is not None), None)
        if isinstance(why, WebSocketDisconnect):
            return
        if not isinstance(why, _Ended):
            if why is not None:
                logger.error("a WebSocket met a fault of ALMA's own", exc_info=why)
            why = _Ended(1011, "a fault of ALMA's own: its log says more")
        # Who is gone meanwhile needs no word.
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(5):
                await self._socket.close(why.code, why.reason[:120])

    # ── what the client says ─────────────────────────────────────────────────────────────────────

    async def _listen(self) -> None:
        wrong = 0
        while True:
            try:
                message = await self._received()
                await self._do(message)
                wrong = 0
            except AlmaError as error:
                wrong += 1
                await self._send(_failure(error))
                if wrong >= _WORDS_IN_A_ROW:
                    raise _Ended(Close.RUDE, "nothing of that was understood") from error

    async def _received(self) -> Asked:
        received = await self._socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        text = received.get("text")
        if text is None:
            text = (received.get("bytes") or b"").decode("utf-8", "replace")
        if len(text) > LONGEST_MESSAGE:
            raise _Ended(Close.TOO_BIG, f"a message has at most {LONGEST_MESSAGE} characters")
        return asked(text)

    async def _do(self, message: Asked) -> None:
        match message.action:
            case Action.PING:
                await self._answer("pong", message)
            case Action.UNSUBSCRIBE:
                self._watcher.leave(message.deployment_id)
                await self._answer("unsubscribed", message)
            case Action.SUBSCRIBE if message.deployment_id is not None:
                after = message.position()
                await self._answer("subscribed", message, after=after)
                await self._watcher.watch(message.deployment_id, after=after)
            case Action.SUBSCRIBE:
                await self._watcher.watch_all(message.positions())
                await self._answer("subscribed", message)

    async def _answer(self, type_: str, message: Asked, **facts: Any) -> None:
        about = {"deployment_id": message.deployment_id} if message.deployment_id else {}
        own = {"id": message.id} if message.id is not None else {}
        await self._send({"type": type_, **about, **own, **facts})

    # ── what it is told ──────────────────────────────────────────────────────────────────────────

    async def _tell(self) -> None:
        while True:
            try:
                lines = await self._watcher.lines(HEARTBEAT_SECONDS)
            except DatabaseUnavailable as error:
                await self._send(_failure(error))
                await asyncio.sleep(RECHECK_SECONDS)
                continue
            if not lines:
                await self._send({"type": "heartbeat", "time": datetime.now(UTC).isoformat()})
                continue
            for line in lines:
                await self._send_text(_text_of(line))
            await self._tell_behind(lines[-1])

    async def _tell_behind(self, last: Event) -> None:
        id_, behind = last.deployment_id, self._watcher.behind(last.deployment_id)
        if behind > LAGGING and id_ not in self._told_behind:
            self._told_behind.add(id_)
            await self._send(
                {"type": "lagging", "deployment_id": id_, "seq": last.seq, "behind": behind}
            )
        elif not behind:
            self._told_behind.discard(id_)

    async def _send(self, body: dict[str, Any]) -> None:
        from json import dumps

        await self._send_text(dumps(body, ensure_ascii=False))

    async def _send_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(SLOWEST_SECONDS), self._sending:
                await self._socket.send_text(text)
        except TimeoutError:
            raise _Ended(Close.TOO_SLOW, "too slow: subscribe again after the last seq") from None
        except (WebSocketDisconnect, RuntimeError) as error:
            raise WebSocketDisconnect from error

    # ── whether it may go on ─────────────────────────────────────────────────────────────────────

    async def _watch_over(self) -> None:
        idle = 0.0
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            await self._require_access()
            idle = idle + RECHECK_SECONDS if self._watcher.idle else 0.0
            if idle >= IDLE_SECONDS:
                raise _Ended(1000, "nothing was subscribed to")

    async def _require_access(self) -> None:
        error = await refusal(self._socket.scope, Permission.DEPLOYMENT_READ)
        if error is not None:
            unknown = isinstance(error, Unauthenticated)
            raise _Ended(Close.UNAUTHENTICATED if unknown else Close.FORBIDDEN, error.message)


async def _until(leaving: asyncio.Event) -> None:
    await leaving.wait()
    raise _Ended(Close.RESTART, "this server ends: connect again and go on after the last seq")


def _failure(error: AlmaError) -> dict[str, Any]:
    facts = {"hint": error.hint} if error.hint else {}
    return {"type": "error", "code": error.code, "message": told(error), **facts}


_texts: OrderedDict[tuple[str, int], str] = OrderedDict()


def _text_of(line: Event) -> str:
    """The line as it goes on the wire: made once for all who watch. Lines never change."""
    key = (line.deployment_id, line.seq)
    text = _texts.get(key)
    if text is None:
        text = _texts[key] = line.model_dump_json()
        while len(_texts) > _CACHED:
            _texts.popitem(last=False)
    return text
