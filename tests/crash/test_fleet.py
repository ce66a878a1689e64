"""Servers and workers on one PostgreSQL, as real processes: work is shared, and whoever dies or leaves is replaced."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.crash.fleet import (
    API,
    Fleet,
    Worker,
    approved,
    creates,
    deployed,
    ended,
    fleet,
    log,
    send,
    shop,
    started,
)
from tests.postgres import create_database, database_url, postgres_server, stoppable_server
from tests.waiting import PATIENCE, wait_until

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]

__all__ = ["postgres_server"]

# Slow enough that a deployment can be met in the middle: a machine takes a second or two.
SLOW = {"ALMA_SIMULATION_TIME_SCALE": "0.1"}


@pytest.fixture
def ships(tmp_path: Path, postgres_server: Path) -> Iterator[Fleet]:
    url = database_url(postgres_server, create_database(postgres_server))
    with fleet(tmp_path, url) as made:
        yield made


def executors(ships: Fleet) -> dict[str, str]:
    """Who ran, or runs, each deployment."""
    with psycopg.connect(ships.url) as connection:
        rows = connection.execute(
            "SELECT workflow_uuid, executor_id FROM dbos.workflow_status WHERE name = 'alma.deployment'"
        )
        return dict(rows.fetchall())


def whole(lines: list[dict[str, Any]]) -> None:
    """A log has every number once, and one end."""
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert [line["type"] for line in lines].count("complete") == 1
    assert lines[-1]["type"] == "complete"


def test_deployments_are_spread_and_told_on_a_server_that_runs_none(ships: Fleet) -> None:
    server = ships.server("api", "--no-worker", **SLOW)
    report = server.get(f"{API}/monitoring/health/detailed")
    assert report.status_code == 503
    assert "nothing takes deployments" in report.json()["components"]["workflow"]["detail"]
    assert server.get(f"{API}/monitoring/health/ready").status_code == 200

    for name in ("one", "two"):
        ships.worker(name, ALMA_WORKER_PARALLEL="1", **SLOW)
    assert server.get(f"{API}/monitoring/health/detailed").status_code == 200
    requests = [approved(server, shop(f"shop-{number}", 2)) for number in range(6)]
    address = str(server.base_url).replace("http://", "ws://").rstrip("/") + "/ws/deployments"
    with connect(address) as socket:
        socket.send('{"action": "subscribe"}')
        ids = [deployed(server, ipr) for ipr in requests]
        told: dict[str, list[int]] = {id_: [] for id_ in ids}
        open_ = set(ids)
        while open_:
            line = json.loads(socket.recv(timeout=PATIENCE))
            if "seq" in line:
                told[line["deployment_id"]].append(line["seq"])
                if line["type"] == "complete":
                    open_.discard(line["deployment_id"])
    for id_ in ids:
        assert ended(server, id_)["status"] == "succeeded"
        lines = log(server, id_)
        whole(lines)
        assert told[id_] == [line["seq"] for line in lines]
    assert set(executors(ships).values()) == {"one", "two"}


def begun(ships: Fleet, server: httpx.Client) -> tuple[str, Worker, Worker]:
    """A deployment under way, the worker that runs it, and another one."""
    two = {name: ships.worker(name, **SLOW) for name in ("first", "second")}
    id_ = deployed(server, approved(server, shop("shop", 8)))
    started(server, id_)
    owner = two.pop(executors(ships)[id_])
    (other,) = two.values()
    return id_, owner, other


def test_a_worker_that_is_killed_is_replaced_and_every_effect_happens_once(ships: Fleet) -> None:
    server = ships.server("api", "--no-worker", **SLOW)
    id_, owner, heir = begun(ships, server)
    owner.kill()
    assert server.get(f"{API}/deployments/{id_}").json()["finished_at"] is None
    assert ended(server, id_)["status"] == "succeeded"
    whole(log(server, id_))
    assert executors(ships) == {id_: heir.name}
    made = creates(ships.home)
    assert len(made) >= 8
    assert set(made.values()) == {1}


def test_a_worker_that_is_told_to_end_ends_its_steps_and_hands_over(ships: Fleet) -> None:
    server = ships.server("api", "--no-worker", **SLOW)
    id_, owner, heir = begun(ships, server)
    owner.terminate()
    assert owner.process.returncode == 0
    assert [line["status"] for line in owner.told] == ["ready", "leaving", "stopped"]
    run = ended(server, id_)
    assert run["status"] == "succeeded"
    # Nothing was broken off, so nothing was done twice.
    assert {step["attempts"] for step in run["steps"]} == {1}
    assert executors(ships) == {id_: heir.name}
    whole(log(server, id_))
    assert set(creates(ships.home).values()) == {1}


def test_a_server_that_leaves_says_so_first_and_closes_its_sockets_for_a_restart(
    ships: Fleet,
) -> None:
    server = ships.server("api", "--no-worker", ALMA_SHUTDOWN_DELAY="2")
    address = str(server.base_url).replace("http://", "ws://").rstrip("/") + "/ws/deployments"
    with connect(address) as socket:
        send(server, signal.SIGTERM)
        wait_until(
            lambda: server.get(f"{API}/monitoring/health/ready").status_code == 503, interval=0.02
        )
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012


def test_a_worker_whose_clock_is_wrong_takes_nobody_s_work(ships: Fleet) -> None:
    server = ships.server("api", "--no-worker", **SLOW)
    ships.worker("right", **SLOW)
    id_ = deployed(server, approved(server, shop("shop", 6)))
    started(server, id_)
    hours_ahead = ships.home / "ahead"
    hours_ahead.mkdir()
    (hours_ahead / "sitecustomize.py").write_text(
        "import datetime, time\n"
        "real = time.time\n"
        "time.time = lambda: real() + 600\n"
        "time.time_ns = lambda: int((real() + 600) * 1e9)\n"
        "class Ahead(datetime.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None):\n"
        "        return cls.fromtimestamp(real() + 600, tz)\n"
        "datetime.datetime = Ahead\n"
    )
    ships.worker("ahead", PYTHONPATH=str(hours_ahead), **SLOW)
    assert ended(server, id_)["status"] == "succeeded"
    assert executors(ships) == {id_: "right"}
    assert set(creates(ships.home).values()) == {1}


def test_a_database_that_goes_away_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    with stoppable_server() as postgres:
        url = database_url(postgres.socket, create_database(postgres.socket))
        with fleet(tmp_path, url, **SLOW) as ships:
            server = ships.server("api", "--no-worker")
            worker = ships.worker("one", "--metrics-port", "0")
            health = worker.wait_for("ready")["metrics"].replace("/metrics", "/health")
            assert httpx.get(f"{health}/live", timeout=PATIENCE).json() == {"status": "alive"}
            assert httpx.get(f"{health}/ready", timeout=PATIENCE).status_code == 200
            requests = [approved(server, shop(f"shop-{number}", 6)) for number in range(3)]
            ids = [deployed(server, ipr) for ipr in requests]
            started(server, ids[0])
            postgres.stop()
            answer = server.get(f"{API}/blueprints")
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert server.get(f"{API}/monitoring/health/live").status_code == 200
            assert server.get(f"{API}/monitoring/health/ready").status_code == 503
            assert httpx.get(f"{health}/live", timeout=PATIENCE).status_code == 200
            assert httpx.get(f"{health}/ready", timeout=PATIENCE).status_code == 503
            postgres.start()
            wait_until(lambda: server.get(f"{API}/blueprints").is_success)
            for id_ in ids:
                assert ended(server, id_)["status"] == "succeeded"
                whole(log(server, id_))
            assert worker.process.poll() is None
            assert set(creates(tmp_path).values()) == {1}


async def _asked_at_once(times: int, url: str) -> list[httpx.Response]:
    """The answers to as many requests, each on a connection of its own. In one thread: of threads that share a client
    one closes another's connection when none may be kept."""
    limits = httpx.Limits(max_connections=times, max_keepalive_connections=0)
    async with httpx.AsyncClient(timeout=PATIENCE, limits=limits) as many:
        return list(await asyncio.gather(*(many.get(url) for _ in range(times))))


def test_a_thousand_requests_at_once_wait_or_are_told_to_come_again(ships: Fleet) -> None:
    server = ships.server("api", "--no-worker", ALMA_DATABASE_CONNECTIONS="5")
    approved(server, shop("shop"))
    answers = asyncio.run(_asked_at_once(1_000, f"{server.base_url}{API}/blueprints"))
    statuses = {answer.status_code for answer in answers}
    assert statuses <= {200, 503}
    assert 200 in statuses
    assert all(int(a.headers["Retry-After"]) > 0 for a in answers if a.status_code == 503)
    assert server.get(f"{API}/blueprints").status_code == 200
