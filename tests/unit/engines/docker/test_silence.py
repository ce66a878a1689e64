"""A daemon that is there and says nothing any more must not hold a run for ever: every call ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.core.model.errors import EngineUnavailable
from alma.engines.docker.client import daemon as client
from alma.engines.docker.client.daemon import Daemon
from alma.engines.docker.settings import DockerSettings

ANSWERS = {
    b"/version ": b'{"ApiVersion": "1.41"}',
    b"/containers/web/json ": b'{"Config": {"Tty": false}}',
}
PULLING = b'{"status": "Pulling from library/a", "id": "1"}\r\n'


@pytest.fixture
async def silent(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Tells its version, knows a container, begins to pull, and says no more."""

    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        request = (await reader.readuntil(b"\r\n\r\n")).splitlines()[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
        for path, body in ANSWERS.items():
            if path in request:
                writer.write(b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
                writer.close()
        if b"/images/create" in request:
            writer.write(b"\r\n" + PULLING)

    server = await asyncio.start_unix_server(serve, tmp_path / "silent.sock")
    made = Daemon(DockerSettings(host=f"unix://{tmp_path / 'silent.sock'}", request_timeout=0.2))
    yield made
    await made.close()
    server.close()
    for writer in writers:
        writer.close()
        await writer.wait_closed()


async def test_asking_for_a_log_ends(silent: Daemon) -> None:
    with pytest.raises(EngineUnavailable):
        await silent.logs("web", lines=10)


async def test_a_pull_that_stands_still_ends(
    silent: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_PULL_SILENCE_SECONDS", 0.2)
    progress = silent.pull("a:1")
    assert (await anext(progress))["status"] == "Pulling from library/a"
    with pytest.raises(EngineUnavailable, match="nothing more came"):
        await anext(progress)


async def test_looking_and_changing_end(silent: Daemon) -> None:
    with pytest.raises(EngineUnavailable):
        await silent.containers({})
