"""A server that is killed, and a PostgreSQL that is, while keys are renewed and things are written: nothing is done by
half, nothing that was promised is lost, and whoever is left goes on without a restart."""

from __future__ import annotations

import concurrent.futures
import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import psycopg
import pytest

from tests.crash.fleet import API, fleet, posted, send, shop
from tests.postgres import create_database, database_url, stoppable_server
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]

# So many have to be there before something is killed in the middle of the next ones.
_ENOUGH = 6


def lasting(server: Path) -> str:
    """The URL of a new database that has on the disk what it has promised, unlike those of other tests."""
    name = create_database(server)
    url = database_url(server, name)
    with psycopg.connect(url) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = on".encode())
    return url


class Busy:
    """Somebody who renews keys and writes, again and again, and remembers what was promised."""

    def __init__(self, server: httpx.Client, name: str) -> None:
        self._server = server
        self._name = name
        self.promised: list[int] = []
        self.statuses: set[int] = set()
        self.stop = Event()

    def work(self) -> None:
        while not self.stop.is_set():
            try:
                self._once()
            except httpx.HTTPError:
                return

    def _once(self) -> None:
        made = self._ask("/blueprints", shop(self._name, 1))
        if made.status_code == 201:
            self.promised.append(made.json()["id"])
        self._ask("/secrets/rotate", {"data_key": True})
        self._ask("/secrets/reencrypt", {})

    def _ask(self, path: str, body: dict[str, Any]) -> httpx.Response:
        answer = self._server.post(f"{API}{path}", json=body)
        self.statuses.add(answer.status_code)
        return answer


def meanwhile(workers: list[Busy], act: Callable[[], None]) -> None:
    """Does it while all of them work, and waits until they have ended."""
    with concurrent.futures.ThreadPoolExecutor(len(workers)) as threads:
        work = [threads.submit(one.work) for one in workers]
        try:
            act()
        finally:
            for one in workers:
                one.stop.set()
        for future in work:
            future.result(timeout=PATIENCE)


def whole(server: httpx.Client, url: str, workers: list[Busy]) -> None:
    """The chain holds, one data key is the current one, and what was promised is there and was noted."""
    assert posted(server, "/audit/verify", {}, 200)["intact"]
    keys = server.get(f"{API}/secrets").json()["data_keys"]
    assert len([key for key in keys if key["retired_at"] is None]) == 1
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT id FROM blueprint").fetchall()
        found = "SELECT count(*) FROM audit_entry WHERE action = 'blueprint.create'"
        noted = connection.execute(found).fetchone()
    made = {row[0] for row in rows}
    assert noted == (len(made),)
    assert {id_ for one in workers for id_ in one.promised} <= made


def enough(workers: list[Busy]) -> None:
    had = sum(len(one.promised) for one in workers)
    wait_until(lambda: sum(len(one.promised) for one in workers) >= had + _ENOUGH)


def test_a_server_that_is_killed_while_it_renews_keys_leaves_nothing_by_half(
    tmp_path: Path,
) -> None:
    with stoppable_server() as postgres:
        url = database_url(postgres.socket, create_database(postgres.socket))
        with fleet(tmp_path, url) as ships:
            first, second = (ships.server(name, "--no-worker") for name in ("first", "second"))
            workers = [Busy(second, f"shop-{number}") for number in range(3)]

            def kill() -> None:
                enough(workers)
                send(second, signal.SIGKILL)

            meanwhile(workers, kill)
            whole(first, url, workers)
            assert posted(first, "/secrets/reencrypt", {}, 200)["unreadable"] == []
            posted(first, "/blueprints", shop("after", 1))


def test_a_database_that_is_killed_while_keys_are_renewed_loses_nothing_it_has_promised(
    tmp_path: Path,
) -> None:
    with stoppable_server() as postgres:
        url = lasting(postgres.socket)
        with fleet(tmp_path, url) as ships:
            server = ships.server("server", "--no-worker")
            workers = [Busy(server, f"shop-{number}") for number in range(3)]

            def kill() -> None:
                for _ in range(2):
                    enough(workers)
                    postgres.kill()
                    wait_until(lambda: 503 in {s for one in workers for s in one.statuses})
                    postgres.start()
                enough(workers)

            meanwhile(workers, kill)
            # Nothing but this was ever answered, and the server is the same one.
            assert {status for one in workers for status in one.statuses} == {200, 201, 503}
            whole(server, url, workers)
