"""Hours of mixed load against a real server, and what it leaves behind: memory, descriptors, database, failures.

    .venv/bin/python -m benchmarks.soak --minutes 240

Callers of REST, readers of server-sent events, watchers over WebSocket and GraphQL, deployments on the simulation, and
now and then a restart in the middle of it all. The report compares the middle of the run with its end: what grows with
the work that was done is data, what grows with nothing is a leak. Exits with 1 when something failed or leaks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

API = "/api/v1"
SAMPLE_SECONDS = 5.0
# So much more memory an hour than the work of that hour explains is a leak.
LEAK_MIB_PER_HOUR = 60.0
_WATCH = "subscription ($id: String!) { deployment_events(id: $id) { seq type } }"
_NESTED = "{ iprs(first: 10) { total nodes { id blueprint { name } deployment { status } } } }"
# What may happen while the server goes and comes back.
_GONE = (httpx.TransportError, OSError, WebSocketException, TimeoutError)


@dataclass
class Sample:
    """The server at one moment."""

    at: float
    memory_mib: float
    descriptors: int
    threads: int
    database_mib: float
    deployments: int


@dataclass
class Load:
    """Everything that was done, and what went wrong."""

    url: str
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    deployed: list[str] = field(default_factory=list)
    stopping: bool = False

    async def forever(
        self, name: str, work: Callable[[httpx.AsyncClient], Awaitable[None]]
    ) -> None:
        """Does it again and again; a connection that a restart cut is counted apart."""
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as client:
            while not self.stopping:
                try:
                    await work(client)
                    self.done[name] += 1
                except _GONE:
                    self.cut[name] += 1
                    await asyncio.sleep(0.5)
                await asyncio.sleep(random.uniform(0, 0.05))

    def check(self, name: str, answer: httpx.Response, *fine: int) -> bool:
        """Whether the answer is one of the expected ones; 503 with Retry-After is said while it starts and stops."""
        if answer.status_code in fine or answer.is_success:
            return True
        self.failed[f"{name}: {answer.status_code} {answer.text[:120]}"] += 1
        return False

    # ── what callers do ──────────────────────────────────────────────────────────────────────

    async def look(self, client: httpx.AsyncClient) -> None:
        """Reads lists and nouns."""
        for path in ("/blueprints?limit=5", "/iprs?limit=5", "/deployments?limit=5", "/stacks"):
            self.check(path, await client.get(f"{API}{path}"))

    async def talk(self, client: httpx.AsyncClient) -> None:
        """Says something, and hears the answer as it comes."""
        message = random.choice(["I need 2 web servers and a database", "I need a cache"])
        where = {"conversation_id": f"soak-{random.randrange(10**6)}"}
        body = {"message": message, "context": where}
        async with client.stream("POST", f"{API}/conversation/chat-stream", json=body) as answer:
            await answer.aread()
            self.check("chat", answer)

    async def ask(self, client: httpx.AsyncClient) -> None:
        """Asks by GraphQL for a list and what belongs to it."""
        answer = await client.post("/graphql", json={"query": _NESTED})
        if self.check("graphql", answer) and "errors" in answer.json():
            self.failed[f"graphql: {answer.text[:160]}"] += 1

    async def deploy(self, client: httpx.AsyncClient) -> None:
        """Saves, requests, approves, deploys, follows to the end, destroys."""
        name = f"soak-{random.randrange(10**9)}"
        document = {"name": name, "resources": [{"name": "web", "type": "vm", "count": 2}]}
        made = await client.post(f"{API}/blueprints", json=document)
        if not self.check("blueprint", made):
            return
        opened = await client.post(
            f"{API}/iprs", json={"title": name, "blueprint_id": made.json()["id"]}
        )
        stack = await self._carried_out(client, opened)
        if stack is not None:
            gone = await client.post(f"{API}/stacks/{stack}/destroy", json={"volumes": True})
            await self._carried_out(client, gone)

    async def _carried_out(self, client: httpx.AsyncClient, opened: httpx.Response) -> str | None:
        """Approves and deploys a request; the id of its stack when all went well."""
        if not self.check("ipr", opened):
            return None
        ipr = f"{API}/iprs/{opened.json()['id']}"
        self.check("review", await client.post(f"{ipr}/review", json={"action": "approve"}), 409)
        queued = await client.post(f"{ipr}/deploy", json={})
        if not self.check("deploy", queued):
            return None
        id_ = queued.json()["deployment_id"]
        self.deployed.append(id_)
        events = f"{API}/deployments/{id_}/events?stream=true"
        async with client.stream("GET", events) as log:
            async for _ in log.aiter_lines():
                pass
        ended = (await client.get(f"{API}/deployments/{id_}")).json()
        if ended["status"] != "succeeded":
            self.failed[f"deployment ended as {ended['status']}: {ended['error']}"] += 1
        return str(ended["stack_id"])

    async def watch(self, client: httpx.AsyncClient) -> None:
        """Watches a deployment over GraphQL to its end; sometimes leaves in the middle."""
        if not self.deployed:
            return
        url = self.url.replace("http", "ws", 1) + "/graphql"
        payload = {"query": _WATCH, "variables": {"id": random.choice(self.deployed[-20:])}}
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as watcher:
            await watcher.send(json.dumps({"type": "connection_init"}))
            await watcher.recv()
            await watcher.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
            for _ in range(random.choice([1, 5, 10_000])):
                message = json.loads(await asyncio.wait_for(watcher.recv(), 30))
                if message["type"] != "next":
                    break

    async def leave(self, client: httpx.AsyncClient) -> None:
        """Begins to read a log and leaves."""
        if not self.deployed:
            return
        events = f"{API}/deployments/{random.choice(self.deployed[-20:])}/events?stream=true"
        async with client.stream("GET", events) as log:
            async for _ in log.aiter_bytes():
                break


class Server:
    """`alma serve` in a directory of its own, started again as often as is asked."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.url = f"http://127.0.0.1:{port}"
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Returns once it answers."""
        environment = {
            **os.environ,
            "ALMA_HOME": str(self.home),
            "ALMA_DEFAULT_ENGINE": "simulation",
            "ALMA_RATE_LIMIT_ENABLED": "false",
            # As docs/production.md says: without it the C library's heaps come apart, and look like a slow leak.
            "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        }
        command = [sys.executable, "-m", "alma", "serve", "--port", str(self.port)]
        self._process = await asyncio.to_thread(self._begun, command, environment)
        async with httpx.AsyncClient(base_url=self.url) as client:
            for _ in range(600):
                try:
                    if (await client.get(f"{API}/monitoring/health/ready")).is_success:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)
        raise SystemExit(f"the server did not start: see {self.home / 'soak.log'}")

    def _begun(self, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (self.home / "soak.log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=self.home)

    async def stop(self, *, hard: bool = False) -> int:
        """Its exit code. `hard`: as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        return await asyncio.to_thread(self._process.wait, 60)

    def sample(self, deployments: int) -> Sample:
        """What it holds now, by /proc."""
        assert self._process is not None
        proc = Path(f"/proc/{self._process.pid}")
        status = dict(
            line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line
        )
        stored = sum(item.stat().st_size for item in self.home.glob("*.db*"))
        return Sample(
            at=time.monotonic(),
            memory_mib=int(status["VmRSS"].split()[0]) / 1024,
            descriptors=len([*(proc / "fd").iterdir()]),
            threads=int(status["Threads"]),
            database_mib=stored / 2**20,
            deployments=deployments,
        )


async def soak(minutes: float, restarts: int, home: Path, *, only: Collection[str] = ()) -> int:
    """Runs the load, prints the report, and answers with the exit code."""
    server = Server(home, _free_port())
    await server.start()
    load, runs = Load(server.url), []
    work = [load.look, load.talk, load.ask, load.deploy, load.deploy, load.watch, load.leave]
    chosen = [each for each in work if not only or each.__name__ in only]
    tasks = [asyncio.create_task(load.forever(each.__name__, each)) for each in chosen]
    share = minutes * 60 / (restarts + 1)
    for number in range(restarts + 1):
        runs.append(await _sampled(server, load, share))
        if number < restarts:
            await server.stop(hard=number % 2 == 0)
            await server.start()
    load.stopping = True
    await asyncio.wait(tasks, timeout=60)
    for task in tasks:
        task.cancel()
    # What was left behind by readers is given back once they are gone.
    await asyncio.sleep(SAMPLE_SECONDS)
    rest, code = server.sample(len(load.deployed)), await server.stop()
    return _report(load, runs, rest=rest, code=code, home=home)


async def _sampled(server: Server, load: Load, seconds: float) -> list[Sample]:
    samples, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(min(SAMPLE_SECONDS, max(0.1, end - time.monotonic())))
        samples.append(server.sample(len(load.deployed)))
    return samples


def _report(load: Load, runs: list[list[Sample]], *, rest: Sample, code: int, home: Path) -> int:
    print(f"done      {dict(load.done)}")
    print(f"cut       {dict(load.cut)} (by restarts)")
    print(f"failed    {sum(load.failed.values())}")
    for what, times in load.failed.most_common(10):
        print(f"          {times} × {what}")
    for number, samples in enumerate(runs, 1):
        _tell(number, samples)
    print(
        f"at rest   {rest.memory_mib:.0f} MiB, {rest.descriptors} descriptors, {rest.threads} threads"
    )
    print(f"exit code {code} of the last stop")
    unended, events = _left(home)
    print(f"database  {unended} deployments unended, {events} lines of logs")
    leaking = _growth(runs[-1]) > LEAK_MIB_PER_HOUR and len(runs[-1]) > 100
    if leaking:
        print("LEAK      memory grows by more than the work explains")
    return int(bool(load.failed) or leaking or code != 0)


def _tell(number: int, samples: list[Sample]) -> None:
    if not samples:
        return
    first, last = samples[len(samples) // 3], samples[-1]
    print(
        f"run {number}     memory {first.memory_mib:.0f} → {last.memory_mib:.0f} MiB "
        f"({_growth(samples):+.1f} MiB/h), descriptors {first.descriptors} → {last.descriptors} "
        f"(at most {max(s.descriptors for s in samples)}), threads {last.threads}, "
        f"database {first.database_mib:.1f} → {last.database_mib:.1f} MiB, "
        f"{last.deployments - samples[0].deployments} deployments"
    )
    words = ", ".join("-" if kib is None else f"{kib:+.0f}" for kib in quarters(samples))
    print(f"          KiB of memory for each deployment, quarter by quarter: {words}")


def quarters(samples: list[Sample]) -> list[float | None]:
    """KiB that the memory grew by for each deployment, in each quarter of a run; None for one without deployments.

    What is kept up to a bound makes the first ones large and the last ones small. A leak has the same in all of them.
    """
    ends = [samples[(len(samples) - 1) * quarter // 4] for quarter in range(5)]
    return [
        (after.memory_mib - before.memory_mib) * 1024 / made
        if (made := after.deployments - before.deployments)
        else None
        for before, after in pairwise(ends)
    ]


def _growth(samples: list[Sample]) -> float:
    """MiB an hour, by the line through the last two thirds: the first is warming up."""
    late = samples[len(samples) // 3 :]
    if len(late) < 3:
        return 0.0
    line = statistics.linear_regression([s.at for s in late], [s.memory_mib for s in late])
    return line.slope * 3600


def _left(home: Path) -> tuple[int, int]:
    with closing(sqlite3.connect(home / "alma.db")) as database:
        ended = "'succeeded', 'failed', 'cancelled', 'rolled_back'"
        (unended,) = database.execute(
            f"SELECT count(*) FROM deployment WHERE state NOT IN ({ended})"
        ).fetchone()
        (lines,) = database.execute("SELECT count(*) FROM deployment_event").fetchone()
        return int(unended), int(lines)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--restarts", type=int, default=2, help="every other one is a kill -9")
    parser.add_argument(
        "--home", type=Path, help="keep everything here instead of a temporary place"
    )
    parser.add_argument("--only", nargs="*", default=(), help="look talk ask deploy watch leave")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        home = given.home or Path(made)
        home.mkdir(parents=True, exist_ok=True)
        sys.exit(asyncio.run(soak(given.minutes, given.restarts, home, only=given.only)))


if __name__ == "__main__":
    main()
