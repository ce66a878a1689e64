"""How many requests ALMA's server answers, against a bare FastAPI server that reads the same rows of the same database.

    python -m benchmarks.api [--quick] [--json | --markdown]

Both run under uvicorn with the same settings, on an SQLite file with 100 blueprints of ten resources, and are asked in
turns by the same loader over eight kept connections. The loader is part of the machine's load, so the CPU time that the
server used for a request (Linux only) says more than requests per second. The bare handler is `bare_server.py`. Single
blueprints are asked for in turn: ALMA reads each from the database every time, and keeps the JSON of those it showed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measuring import Options, Report, Row, Samples, progress, run
from benchmarks.servers import (
    alma_serving,
    cpu_seconds,
    environment,
    free_port,
    serving,
)

BLUEPRINTS = 100
CONNECTIONS = 8
_PATH = "/api/v1/blueprints"
_MICRO = 1e6


@dataclass(frozen=True)
class Server:
    """One of those that are compared."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True)
class Load:
    """Requests of one kind: their paths, one after the other, and how many make up a turn."""

    name: str
    what: str
    paths: tuple[str, ...]
    count: int


# ── the loader ───────────────────────────────────────────────────────────────────────────────────


async def _ask(port: int, paths: Iterator[str]) -> None:
    """Asks over one connection until none are left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for path in paths:
            head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n"
            writer.write(head.encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not answer.startswith(b"http/1.1 200"):
                raise SystemExit(f"GET {path} answered {answer.splitlines()[0].decode()}")
            length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
    finally:
        writer.close()


async def _all(port: int, load: Load) -> None:
    paths = islice(cycle(load.paths), load.count)
    await asyncio.gather(*(_ask(port, paths) for _ in range(CONNECTIONS)))


def loaded(server: Server, load: Load, samples: Samples) -> None:
    """One turn: adds requests a second, and the server's CPU time for one in microseconds."""
    cpu, start = cpu_seconds(server.pid), time.perf_counter()
    asyncio.run(_all(server.port, load))
    elapsed = time.perf_counter() - start
    key = f"{server.name} {load.name}"
    samples.add(f"{key} rate", load.count / elapsed)
    samples.add(f"{key} cpu", (cpu_seconds(server.pid) - cpu) / load.count * _MICRO)


# ── the servers ──────────────────────────────────────────────────────────────────────────────────


def _uvicorn(factory: str, port: int, *more: str) -> list[str]:
    command = [sys.executable, "-m", "uvicorn", factory, "--factory", "--port", str(port)]
    return [*command, "--log-level", "warning", *more]


@contextlib.contextmanager
def servers(home: Path) -> Iterator[Mapping[str, Server]]:
    """All that are compared, on one database, answering."""
    ports = {name: free_port() for name in ("alma", "bare")}
    commands = {
        "alma": _uvicorn("alma.api.app:create_app", ports["alma"], "--no-access-log"),
        "bare": _uvicorn("benchmarks.bare_server:create_app", ports["bare"], "--no-access-log"),
    }
    env = {**environment(home), "BENCH_DATABASE": str(home / "alma.db")}
    with contextlib.ExitStack() as stack:
        found = {}
        for name, command in commands.items():
            url = f"http://127.0.0.1:{ports[name]}{_PATH}?limit=1"
            process = stack.enter_context(serving(command, url, env))
            found[name] = Server(name, ports[name], process.pid)
        yield found


def fill(home: Path) -> None:
    """A hundred blueprints, saved through the API."""
    with alma_serving(home) as url:
        for number in range(BLUEPRINTS):
            body = json.dumps(_document(number)).encode()
            request = urllib.request.Request(
                f"{url}{_PATH}", body, {"Content-Type": "application/json"}
            )
            with urllib.request.urlopen(request, timeout=30) as answer:
                answer.read()


def _document(number: int) -> dict[str, Any]:
    web = [f"web-{i}" for i in range(1, 7)]
    return {
        "name": f"shop-{number}",
        "resources": [
            *(
                {
                    "name": name,
                    "type": "vm",
                    "image": "debian-12",
                    "specs": {"cpu": 2, "memory": "4GB", "disk": "20GB"},
                    "env": {"MODE": "production"},
                    "labels": {"team": f"team-{number % 7}"},
                    "depends_on": ["db"],
                }
                for name in web
            ),
            {
                "name": "db",
                "type": "database",
                "engine": "postgresql",
                "version": "16",
                "specs": {"cpu": 4, "memory": "16GB", "storage": "100GB"},
                "backup": {"enabled": True, "retention_days": 14},
            },
            {
                "name": "cache",
                "type": "cache",
                "engine": "redis",
                "specs": {"cpu": 1, "memory": "1GB"},
            },
            {"name": "files", "type": "volume", "specs": {"disk": "50GB"}},
            {"name": "lb", "type": "load_balancer", "backends": web, "network": {"ports": [80]}},
        ],
    }


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


def measure(options: Options) -> Report:
    """The turns, one server after the other."""
    scale = 1 if options.quick else 2
    each = tuple(f"{_PATH}/{number}" for number in range(1, BLUEPRINTS + 1))
    loads = (
        Load("one", "GET /blueprints/{id}, of 100", each, 1000 * scale),
        Load("list", "GET /blueprints, 100 items", (f"{_PATH}?limit=100",), 60 * scale),
    )
    samples = Samples()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        progress("api: filling the database")
        fill(home)
        with servers(home) as found:
            notes = [_difference(found, load) for load in loads]
            for load in loads:
                for server in found.values():
                    loaded(server, load, Samples())  # warms up
                for number in range(options.rounds):
                    progress(f"api: {load.name}, turn {number + 1} of {options.rounds}")
                    for server in found.values():
                        loaded(server, load, samples)
    progress("")
    return Report("api", "", rows=tuple(_rows(samples, loads)), notes=(*notes, *_NOTES))


_NOTES = (
    f"{CONNECTIONS} connections from one loader; uvicorn with one process each, both without an access log.",
)


def _difference(found: Mapping[str, Server], load: Load) -> str:
    """Says whether the servers answer the same, and how much it is."""
    answers = {}
    for name, server in found.items():
        with urllib.request.urlopen(
            f"http://127.0.0.1:{server.port}{load.paths[0]}", timeout=30
        ) as answer:
            answers[name] = answer.read()
    size = f"{len(answers['alma']) / 1000:.1f} kB"
    if json.loads(answers["alma"]) == json.loads(answers["bare"]):
        return f"{load.what}: {size}, the same JSON from both."
    return f"{load.what}: the answers are NOT the same, so this compares two things: look at bare_server.py."


def _rows(samples: Samples, loads: tuple[Load, ...]) -> Iterator[Row]:
    for load in loads:
        for unit, key, more in (("requests/s", "rate", True), ("µs CPU", "cpu", False)):
            pair = (f"alma {load.name} {key}", f"bare {load.name} {key}")
            yield samples.row(load.what, unit, pair, against="bare FastAPI", more_is_better=more)


if __name__ == "__main__":
    sys.exit(run("api", "Answering over HTTP, 100 blueprints of 10 resources", measure, rounds=9))
