"""Rules of the body limit, without a server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from alma.core.model.errors import DocumentTooLarge
from alma.middleware.body_limit import BodyLimit


class Reader:
    """An application that reads its body to the end."""

    def __init__(self) -> None:
        self.body = b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                return


class Client:
    """Sends a body in parts and counts how many were taken."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = list(parts)
        self.taken = 0

    async def receive(self) -> Message:
        part = self.parts[self.taken]
        self.taken += 1
        return {"type": "http.request", "body": part, "more_body": self.taken < len(self.parts)}


async def read(client: Client, *, limit: int, length: bytes | None = None) -> bytes:
    headers = [] if length is None else [(b"content-length", length)]
    scope: dict[str, Any] = {"type": "http", "headers": headers}
    reader = Reader()

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await BodyLimit(reader, limit=limit)(scope, client.receive, send)
    return reader.body


async def test_a_body_up_to_the_limit_passes() -> None:
    assert await read(Client([b"12", b"34"]), limit=4, length=b"4") == b"1234"


async def test_a_body_is_cut_off_where_it_passes_the_limit() -> None:
    client = Client([b"12", b"34", b"5", b"never asked for"])

    with pytest.raises(DocumentTooLarge):
        await read(client, limit=4)

    assert client.taken == 3


async def test_nothing_of_an_announced_body_that_is_too_large_is_read() -> None:
    client = Client([b"12345"])

    with pytest.raises(DocumentTooLarge):
        await read(client, limit=4, length=b"5")

    assert client.taken == 0


@pytest.mark.parametrize("length", [b"none", b"-5", b"", b"9" * 5000])
async def test_a_false_announcement_helps_nobody(length: bytes) -> None:
    with pytest.raises(DocumentTooLarge):
        await read(Client([b"12345"]), limit=4, length=length)
