"""A provider for tests: a real HTTP server on this machine that speaks OpenAI's chat completions as an event stream.

It stands for servers that other people run. Each request is answered by the next script, and remembered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Request:
    """What came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Wire:
    """One connection, for a script to write to."""

    writer: asyncio.StreamWriter
    reader: asyncio.StreamReader
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """A stream begins."""
        await self.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        )

    async def send(self, text: str) -> None:
        """Writes as it is."""
        self.writer.write(text.encode())
        await self.writer.drain()

    async def say(self, text: str, **more: Any) -> None:
        """A piece of the answer."""
        choice = {"index": 0, "delta": {"role": "assistant", "content": text}, **more}
        await self.event({"choices": [{"finish_reason": None, **choice}]})

    async def event(self, data: dict[str, Any]) -> None:
        """One event of the stream."""
        head = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        await self.send(f"data: {json.dumps({**head, **data})}\n\n")

    async def end(self, *, reason: str = "stop", usage: tuple[int, int] | None = (12, 34)) -> None:
        """The stream ends, with how many tokens it took."""
        await self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if usage is not None:
            read, written = usage
            counted = {"prompt_tokens": read, "completion_tokens": written}
            await self.event({"choices": [], "usage": {**counted, "total_tokens": read + written}})
        await self.send("data: [DONE]\n\n")

    async def refuse(self, status: int, body: Any, **headers: str) -> None:
        """Another answer than a stream."""
        text = body if isinstance(body, str) else json.dumps(body)
        head = {"Content-Type": "application/json", "Connection": "close", **headers}
        lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items())
        await self.send(
            f"HTTP/1.1 {status} Status\r\n{lines}Content-Length: {len(text.encode())}\r\n\r\n{text}"
        )

    async def gone(self) -> None:
        """Waits until the other side has closed the connection."""
        while await self.reader.read(1024):
            pass


Script = Callable[[Wire], Awaitable[None]]


@dataclass
class Provider:
    """The server, what it was asked, and what it will do."""

    url: str
    scripts: list[Script] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    models_status: int = 200

    def says(self, *pieces: str, usage: tuple[int, int] | None = (12, 34)) -> None:
        """The next answer is that text, in these pieces."""

        async def script(wire: Wire) -> None:
            await wire.start()
            for piece in pieces:
                await wire.say(piece)
            await wire.end(usage=usage)

        self.scripts.append(script)

    def refuses(self, status: int, body: Any = "{}", **headers: str) -> None:
        """The next answer is that status."""

        async def script(wire: Wire) -> None:
            await wire.refuse(status, body, **headers)

        self.scripts.append(script)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await _request(reader)
            wire = Wire(writer, reader)
            if request.path.endswith("/models"):
                await wire.refuse(self.models_status, {"object": "list", "data": []})
                return
            self.requests.append(request)
            await self.scripts.pop(0)(wire)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has gone away
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, json.loads(body) if body else {})


@asynccontextmanager
async def provider(port: int = 0) -> AsyncIterator[Provider]:
    """A running one, on a free port unless one is said."""
    found = Provider("")
    server = await asyncio.start_server(found._serve, "127.0.0.1", port)
    port = server.sockets[0].getsockname()[1]
    found.url = f"http://127.0.0.1:{port}/v1"
    async with server:
        yield found
