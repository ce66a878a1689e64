"""A connection ends with its server, with a client that does not read, and otherwise when it is over."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from alma.api.graphql import lasting
from alma.api.graphql.lasting import Lasting
from alma.api.leaving import Leaving


class Drained:
    """What is told that the server ends."""

    async def drain(self) -> None:
        """Has nothing to hand over."""


def scope_of(leaving: Leaving) -> Scope:
    return {"type": "websocket", "app": SimpleNamespace(state=SimpleNamespace(leaving=leaving))}


async def nothing() -> Message:
    raise AssertionError("nobody listens")


async def _open(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "websocket.accept"})
    await asyncio.Event().wait()


async def test_a_connection_is_told_that_its_server_ends() -> None:
    leaving, sent = Leaving(), asyncio.Queue[Message]()
    async with asyncio.timeout(30):
        running = asyncio.ensure_future(Lasting(_open).run(scope_of(leaving), nothing, sent.put))
        assert (await sent.get())["type"] == "websocket.accept"
        await leaving.leave(Drained())
        await running
    closed = sent.get_nowait()
    assert (closed["type"], closed["code"]) == ("websocket.close", 1012)


async def test_who_does_not_read_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "SLOWEST_SECONDS", 0.01)
    told: list[Message] = []

    async def stuck(message: Any) -> None:
        if message["type"] == "websocket.accept":
            await asyncio.Event().wait()
        told.append(message)

    async with asyncio.timeout(30):
        await Lasting(_open).run(scope_of(Leaving()), nothing, stuck)
    assert [(message["type"], message["code"]) for message in told] == [("websocket.close", 4408)]


async def test_a_connection_that_is_over_is_closed_once() -> None:
    told: list[Message] = []

    async def short(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.close", "code": 1000})

    async def keep(message: Message) -> None:
        told.append(message)

    await Lasting(short).run(scope_of(Leaving()), nothing, keep)
    assert [message["code"] for message in told] == [1000]


async def test_a_fault_within_is_no_end_of_its_own() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("a fault")

    async def keep(message: Message) -> None:
        raise AssertionError(message)

    with pytest.raises(LookupError):
        await Lasting(broken).run(scope_of(Leaving()), nothing, keep)
