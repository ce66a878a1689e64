"""A server with as many connections as it takes says so as it says everything, and is back when they are gone."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.server import API, Server, serve
from tests.api.test_bad_input import refused
from tests.waiting import wait_until

ORIGIN = "https://dash.example"
MOST = 4


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("crowded")
    with serve(home, most_at_once=MOST, api_cors_origins=[ORIGIN]) as server:
        yield server


@contextmanager
def crowd(server: Server, size: int = MOST) -> Iterator[None]:
    """So many who have sent the beginning of a request."""
    where = urlsplit(server.url)
    with ExitStack() as open_:
        for _ in range(size):
            one = socket.create_connection((where.hostname or "", where.port or 0), timeout=20)
            open_.enter_context(one).sendall(b"GET / HT")
        wait_until(lambda: ask(server).status_code == 503)
        yield


def ask(server: Server, path: str = f"{API}/blueprints", **headers: str) -> httpx.Response:
    """One request over a connection of its own."""
    return httpx.get(server.url + path, headers=headers, timeout=20)


def test_who_comes_to_a_full_server_is_told_when_to_come_back(small: Server) -> None:
    with crowd(small):
        answer = ask(small, Origin=ORIGIN)
    body = refused(answer, 503)
    assert body["code"] == "too_many_connections"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Connection"] == "close"
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_is_there_again_when_they_are_gone(small: Server) -> None:
    with crowd(small):
        pass
    assert wait_until(lambda: ask(small).status_code == 200)


def test_a_full_server_says_that_it_lives_and_not_that_it_has_room(small: Server) -> None:
    with crowd(small):
        assert ask(small, f"{API}/monitoring/health/live").status_code == 200
        assert ask(small, f"{API}/monitoring/health/live/").status_code == 200
        assert ask(small, f"{API}/monitoring/health/ready").status_code == 503


def test_who_was_sent_away_is_counted(small: Server) -> None:
    line = f'http_requests_total{{endpoint="{API}/blueprints",method="GET",status="503"}}'

    def counted() -> float:
        lines = ask(small, "/metrics").text.splitlines()
        return sum(float(one.rpartition(" ")[2]) for one in lines if one.startswith(line))

    before = counted()
    with crowd(small):
        ask(small)
    wait_until(lambda: ask(small).status_code == 200)
    assert counted() > before
