"""HEAD costs what it says: a head, also of what never ends."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope, Send

from alma.middleware.heads import Heads

HEAD: Scope = {"type": "http", "method": "HEAD", "path": "/", "headers": []}
START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"etag", b"1")]}


async def nobody_leaves() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


async def answered(app: Heads, scope: Scope) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, nobody_leaves, send)
    return sent


async def test_a_stream_without_an_end_is_left_once_its_head_is_sent() -> None:
    left = []

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await send(START)
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        left.append(await receive())

    sent = await answered(Heads(stream), HEAD)

    assert sent == [START, {"type": "http.response.body", "body": b"", "more_body": False}]
    assert left == [{"type": "http.disconnect"}]


async def test_every_other_method_is_left_as_it_is() -> None:
    async def whole(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send({"type": "http.response.body", "body": scope["method"].encode()})

    sent = await answered(Heads(whole), {**HEAD, "method": "POST"})

    assert sent[1]["body"] == b"POST"
