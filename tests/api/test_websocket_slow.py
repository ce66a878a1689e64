"""Who reads slowly or not at all, says nothing, or is gone without a word: nobody else notices, and it has an end."""

from __future__ import annotations

import base64
import os
import socket as sockets
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from alma.api.routes import live
from alma.core.model.event import EventType
from tests.api.server import Server, serve
from tests.api.test_websocket import address, hear, queued, say, socket, to_the_end
from tests.waiting import wait_until

# More than what the system keeps for somebody who does not read: some megabytes on either side.
LINES, SIZE = 1_600, 10_000


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """ALMA with little patience."""
    monkeypatch.setattr(live, "SLOWEST_SECONDS", 5.0)
    monkeypatch.setattr(live, "RECHECK_SECONDS", 0.05)
    with serve(tmp_path) as running:
        yield running


def ended(server: Server, name: str) -> str:
    id_ = queued(server, name)
    server.ended(id_)
    return id_


def write(server: Server, id_: str, number: int, words: str = "and on it goes") -> int:
    """Adds so many lines to a log; the number of the last one."""
    seq = 0
    with server.app.state.alma.database.write() as transaction:
        for _ in range(number):
            seq = transaction.deployments.append_event(id_, EventType.LOG, words).seq
    server.app.state.alma.bus.notify(id_)
    return seq


def lines(connection: ClientConnection, last: int) -> list[int]:
    """The numbers of the lines up to that one."""
    found: list[int] = []
    while not found or found[-1] < last:
        message = hear(connection)
        if "seq" in message and message["type"] != "lagging":
            found.append(message["seq"])
    return found


def never_reading(server: Server) -> ClientConnection:
    """A client whose machine keeps hardly anything for it."""
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    raw.connect(("127.0.0.1", int(server.url.rpartition(":")[2])))
    return connect(address(server), sock=raw, compression=None, max_queue=1, close_timeout=1)


def test_who_never_reads_is_sent_away_and_slows_neither_a_deployment_nor_anybody_else(
    server: Server,
) -> None:
    id_ = ended(server, "long")
    with never_reading(server) as stuck, socket(server) as other:
        say(stuck, action="subscribe")
        say(other, action="subscribe")
        assert hear(other) == {"type": "subscribed"}
        wait_until(lambda: server.app.state.alma.watching.number == 2)
        last = write(server, id_, LINES, "x" * SIZE)
        assert lines(other, last)[-LINES:] == list(range(last - LINES + 1, last + 1))
        # A deployment goes its way, and is told, whether or not somebody is stuck.
        run = queued(server, "meanwhile")
        told = [line for line in to_the_end(other) if line["deployment_id"] == run]
        assert told[-1]["type"] == "complete"
        assert server.get(f"/deployments/{run}")["status"] == "succeeded"
        wait_until(lambda: server.app.state.alma.watching.number == 1, what="it is sent away")
        with pytest.raises(ConnectionClosed) as closed:
            lines(stuck, last)
    assert closed.value.rcvd is None or closed.value.rcvd.code == 4408


def test_who_is_far_behind_is_told_so_and_goes_on_from_there(server: Server) -> None:
    id_ = ended(server, "behind")
    with socket(server) as quick:
        say(quick, action="subscribe")
        assert hear(quick) == {"type": "subscribed"}
        last = write(server, id_, live.LAGGING * 2)
        assert lines(quick, last)[-1] == last
        with socket(server) as late:
            say(late, action="subscribe", deployment_id=id_)
            found = hear(late)
            while found["type"] != "lagging":
                found = hear(late)
    assert found["deployment_id"] == id_
    assert found["behind"] == last - found["seq"]
    with socket(server) as again:
        say(again, action="subscribe", deployment_id=id_, after=found["seq"])
        assert lines(again, last) == list(range(found["seq"] + 1, last + 1))


def test_who_watches_nothing_is_sent_away_and_who_watches_a_silent_log_is_not(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = ended(server, "silent")
    with socket(server) as watching, socket(server) as idle:
        say(watching, action="subscribe", deployment_id=id_)
        to_the_end(watching)
        say(idle, action="subscribe", deployment_id=id_)
        to_the_end(idle)
        monkeypatch.setattr(live, "IDLE_SECONDS", 0.5)
        say(idle, action="unsubscribe")
        with pytest.raises(ConnectionClosed) as closed:
            lines(idle, LINES)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000
        say(watching, action="ping")
        assert hear(watching) == {"type": "pong"}


def test_who_is_gone_without_a_word_is_forgotten(tmp_path: Path) -> None:
    """As when a machine loses its power: the connection stays open, and answers nothing."""
    with serve(tmp_path, patience=0.5) as server:
        port = int(server.url.rpartition(":")[2])
        with sockets.create_connection(("127.0.0.1", port)) as gone:
            gone.sendall(
                b"GET /ws/deployments HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + base64.b64encode(os.urandom(16))
                + b"\r\n\r\n"
            )
            assert gone.recv(12) == b"HTTP/1.1 101"
            watching = server.app.state.alma.watching
            wait_until(lambda: watching.number == 1, what="it watches")
            wait_until(lambda: watching.number == 0, what="it is forgotten")
