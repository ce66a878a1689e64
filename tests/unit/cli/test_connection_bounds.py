"""Rules of the connections' bounds, on real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from alma.cli.bounds import bounded
from tests.waiting import wait_until

PATIENCE = 0.3
HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    length = len(await Request(scope, receive).body())
    await PlainTextResponse(f"read {length}")(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    protocol = bounded(most_head=8192, patience=PATIENCE)
    config = uvicorn.Config(echo, port=0, http=protocol, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until(lambda: server.started, interval=0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        yield connection


def answer(client: socket.socket) -> bytes:
    """All that comes until the server closes."""
    found = b""
    try:
        while part := client.recv(65_536):
            found += part
    except ConnectionResetError:
        pass
    return found


def test_whoever_connects_and_says_nothing_is_let_go(client: socket.socket) -> None:
    assert answer(client).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_does_not_come_to_its_end_is_not_waited_for(client: socket.socket) -> None:
    client.sendall(HEAD)
    assert answer(client).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_stops_coming_is_not_waited_for(client: socket.socket) -> None:
    client.sendall(HEAD + b"Content-Length: 10\r\n\r\n12345")
    assert b" 200 " not in answer(client)


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_a_huge_head_is_refused_whether_it_ends_or_not(client: socket.socket, end: bytes) -> None:
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"x" * 20_000 + end)
    assert answer(client).startswith(b"HTTP/1.1 431 ")


def test_many_small_headers_are_refused_as_one_large_one(client: socket.socket) -> None:
    many = b"".join(b"X-%d: y\r\n" % number for number in range(3000))
    client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n")
    assert answer(client).startswith(b"HTTP/1.1 431 ")


def test_a_large_body_is_no_large_head(client: socket.socket) -> None:
    client.sendall(HEAD + b"Connection: close\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
    assert answer(client).endswith(b"read 200000")


def test_slow_clients_do_not_keep_others_waiting(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for one in slow:
        one.sendall(b"GET / HT")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 200 " in answer(client)
    for one in slow:
        one.close()
