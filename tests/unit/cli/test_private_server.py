"""A command waits for its own server's start and end: neither may take longer than the work."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import uvicorn

from alma.cli.server import PrivateServer

Message = MutableMapping[str, Any]


class Application:
    """Notes when it is started and stopped; answers when it is let."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.asked, self.answer = threading.Event(), threading.Event()

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                self.events.append(phase)
                await send({"type": f"lifespan.{phase}.complete"})
            return
        self.asked.set()
        await asyncio.to_thread(self.answer.wait)
        self.events.append("answer")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@pytest.fixture
def place() -> Iterator[str]:
    with TemporaryDirectory(prefix="alma-") as folder:
        yield str(Path(folder) / "s")


@contextmanager
def serving(application: Application, place: str) -> Iterator[PrivateServer]:
    config = uvicorn.Config(application, uds=place, lifespan="on", log_config=None)
    server = PrivateServer(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        server.settled.wait()
        yield server
    finally:
        server.end()
        thread.join()


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the server slept, each time it did."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float, *rest: Any) -> None:
        slept.append(seconds)
        await sleep(seconds, *rest)

    monkeypatch.setattr("asyncio.sleep", noted)
    return slept


def test_it_starts_and_ends_without_a_nap(place: str, naps: list[float]) -> None:
    application = Application()
    with serving(application, place):
        assert application.events == ["startup"]
    assert application.events == ["startup", "shutdown"]
    assert naps == []


def test_an_answer_that_is_under_way_is_finished_first(place: str) -> None:
    application = Application()
    with socket.socket(socket.AF_UNIX) as client:
        with serving(application, place) as server:
            client.connect(place)
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            application.asked.wait()
            server.end()
            application.answer.set()
        assert client.recv(100).startswith(b"HTTP/1.1 204")
    assert application.events == ["startup", "answer", "shutdown"]


def test_it_ends_when_it_was_told_before_it_began(place: str) -> None:
    application = Application()
    server = PrivateServer(uvicorn.Config(application, uds=place, lifespan="on", log_config=None))
    server.end()
    thread = threading.Thread(target=server.run)
    thread.start()
    thread.join()
    assert application.events == ["startup", "shutdown"]
