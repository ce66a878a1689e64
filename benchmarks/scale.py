"""What more workers bring, what a thousand watchers cost, and how fast the API answers meanwhile; all on PostgreSQL.

    python -m benchmarks.scale [--quick] [--json | --markdown]

A server that runs no deployments itself, 1, 2 and 4 `alma worker` beside it, and the simulation, whose machines take a
second or so. Workers are asked to do two deployments at a time each, so that a deployment mostly waits, as with a real
engine. The watchers are WebSockets of one process on the same machine, which is part of the load: a line's delay is the
time from when it was written until the last words of it were read.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from benchmarks.measuring import Options, Report, Row, Samples, progress, run
from tests.crash.fleet import API, Fleet, approved, deployed, ended, fleet, log, shop
from tests.postgres import create_database, database_url, stoppable_server

WORKERS = (1, 2, 4)
WATCHERS = 1_000
_ALONE = "1 worker"
_PACE = {"ALMA_SIMULATION_TIME_SCALE": "0.1", "ALMA_WORKER_PARALLEL": "2"}


@contextmanager
def installation() -> Iterator[tuple[Fleet, httpx.Client]]:
    """A new database and a server without workers."""
    with stoppable_server() as postgres, TemporaryDirectory() as folder:
        url = database_url(postgres.socket, create_database(postgres.socket))
        with fleet(Path(folder), url, **_PACE) as ships:
            yield ships, ships.server("api", "--no-worker")


def per_minute(server: httpx.Client, names: Sequence[str]) -> float:
    """How many of as many deployments as there are names end in a minute."""
    requests = [approved(server, shop(name, 3)) for name in names]
    started = time.perf_counter()
    ids = [deployed(server, ipr) for ipr in requests]
    for id_ in ids:
        if ended(server, id_, timeout=600)["status"] != "succeeded":
            raise SystemExit(f"deployment {id_} failed")
    return len(ids) / (time.perf_counter() - started) * 60


def answers(server: httpx.Client, number: int) -> list[float]:
    """The milliseconds of as many answers."""
    found = []
    for _ in range(number):
        started = time.perf_counter()
        server.get(f"{API}/blueprints", params={"limit": 10}).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    return found


async def watched(address: str, id_: str, number: int, last: int) -> tuple[int, list[float]]:
    """How many lines were missing with so many watchers, and the delays of the others in milliseconds."""
    from websockets.asyncio.client import connect

    ready, delays, missing = asyncio.Semaphore(100), list[float](), 0

    async def one() -> None:
        nonlocal missing
        async with ready:
            socket = await connect(address, open_timeout=60, max_queue=None)
        async with socket:
            await socket.send(json.dumps({"action": "subscribe", "deployment_id": id_}))
            seen = set()
            while True:
                line = json.loads(await asyncio.wait_for(socket.recv(), 120))
                if "seq" not in line:
                    continue
                if line["seq"] > last:
                    written = datetime.fromisoformat(line["time"])
                    delays.append((datetime.now(UTC) - written).total_seconds() * 1000)
                seen.add(line["seq"])
                if line["type"] == "complete":
                    missing += line["seq"] - len(seen)
                    return

    await asyncio.gather(*(one() for _ in range(number)))
    return missing, delays


def measure(options: Options) -> Report:
    """Throughput first, with more and more workers, then watchers, then answers."""
    samples, each = Samples(), 8 if options.quick else 24
    notes = []
    with installation() as (ships, server):
        running = 0
        for number in WORKERS:
            while running < number:
                running += 1
                ships.worker(f"worker-{running}")
            # A worker loads what it needs with its first deployment; two at a time for each, so that all get some.
            per_minute(server, [f"warm-{number}-{item}" for item in range(2 * number)])
            for turn in range(options.rounds):
                progress(f"scale: {number} workers, turn {turn + 1} of {options.rounds}")
                names = [f"app-{number}-{turn}-{item}" for item in range(each)]
                samples.add(_name(number), per_minute(server, names))
        for turn in range(options.rounds):
            progress(f"scale: answers, turn {turn + 1} of {options.rounds}")
            samples.add("idle", statistics.median(answers(server, 100)))
            ids = [
                deployed(server, approved(server, shop(f"load-{turn}-{item}", 6)))
                for item in range(each)
            ]
            samples.add("busy", statistics.median(answers(server, 100)))
            for id_ in ids:
                ended(server, id_, timeout=600)
        notes.append(_watchers(server, options))
    progress("")
    return Report("scale", "", rows=tuple(_rows(samples)), notes=tuple(notes))


def _watchers(server: httpx.Client, options: Options) -> str:
    number = WATCHERS // 4 if options.quick else WATCHERS
    progress(f"scale: {number} watchers")
    address = str(server.base_url).replace("http://", "ws://").rstrip("/") + "/ws/deployments"
    id_ = deployed(server, approved(server, shop("watched", 80)))
    already = len(log(server, id_))
    missing, delays = asyncio.run(watched(address, id_, number, already))
    late = sorted(delays)[int(len(delays) * 0.95)] if delays else 0.0
    return (
        f"{number} WebSocket watchers of one deployment: {missing} lines lost, {len(delays)} told while they watched; "
        f"median delay {statistics.median(delays):.0f} ms, p95 {late:.0f} ms."
    )


def _name(number: int) -> str:
    return _ALONE if number == 1 else f"{number} workers"


def _rows(samples: Samples) -> Iterator[Row]:
    for number in WORKERS[1:]:
        pair = (_name(number), _ALONE)
        what = f"deployments with {number} workers"
        yield samples.row(what, "a minute", pair, against="one worker", more_is_better=True)
    yield samples.row("GET /blueprints during deployments", "ms", ("busy", "idle"), against="idle")


if __name__ == "__main__":
    sys.exit(run("scale", "Several processes on one PostgreSQL", measure, rounds=3))
