"""Stands between an engine and the Docker daemon and does to their conversation what networks do."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path

_VERSION = re.compile(rb"^([A-Z]+) /v[\d.]+")


class Proxy:
    """A Unix socket that passes everything on to the daemon, except what it is told to lose."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lose: list[bytes] = []
        self._drop: re.Pattern[str] | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        self._server.close()
        for end in list(self._ends):
            end.close()
        await self._server.wait_closed()

    def lose(self, *beginnings: str) -> None:
        """A request that begins so (`POST /containers/create`, without the API's version) reaches the daemon, and its
        answer is lost together with the connection. All of them: HTTP clients repeat some by themselves."""
        self._lose = [beginning.encode() for beginning in beginnings]

    def drop(self, pattern: str) -> None:
        """A request such as `POST /containers/1234/start` that matches never reaches the daemon: the connection ends,
        as it does when the client is killed just before it would have asked."""
        self._drop = re.compile(pattern)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        there = await asyncio.open_unix_connection(upstream.removeprefix("unix://"))
        self._ends |= {writer, there[1]}
        losing = asyncio.Event()
        ways = [
            asyncio.create_task(self._requests(reader, there[1], losing)),
            asyncio.create_task(_answers(there[0], writer, losing)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, there[1]):
                end.close()
                self._ends.discard(end)

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
    ) -> None:
        while data := await reader.read(65536):
            start = _VERSION.sub(rb"\1 ", data[:200])
            if _VERSION.match(data):
                request = start.split(b" HTTP/")[0].decode(errors="replace")
                if self._drop and self._drop.match(request):
                    return
                self.requests.append(request)
            if any(start.startswith(beginning) for beginning in self._lose):
                losing.set()
            writer.write(data)
            await writer.drain()


async def _answers(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, losing: asyncio.Event
) -> None:
    while data := await reader.read(65536):
        if losing.is_set():
            return
        writer.write(data)
        await writer.drain()
