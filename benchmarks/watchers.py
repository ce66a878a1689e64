"""What a thousand WebSocket watchers cost a deployment, the server, and each other; some of them read slowly.

    python -m benchmarks.watchers [--quick] [--json | --markdown]

One `alma serve` on SQLite with its worker inside, which is the hardest case: the process that runs the deployment also
tells everybody about it. A deployment of the simulation without watchers is the baseline, and the same one with all of
them is measured against it, in turns. Each watcher has to be told every line of the log, in order, once. A twentieth of
them reads a line in 50 ms from a socket that holds 4 KiB, another twentieth reads nothing until the deployment is over.

The watchers live in a process of their own on the same machine: they are part of the load. Descriptors: the two
processes need one each for every watcher, and both take as many as the system lets them have.
"""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import httpx

from benchmarks.measuring import Options, Report, Row, Samples, Skipped, progress, run
from benchmarks.servers import alma_command, cpu_seconds, environment, free_port, serving
from tests.crash.fleet import API, approved, deployed, ended, log, shop

WATCHERS = 1_000
MACHINES = 20
# The simulation as fast as real engines are, and at ten times that: then there is more to tell than one processor can.
PACES = {"a deployment": "1", "one ten times as fast": "0.1"}
_SLOW_SECONDS = 0.05
_HANDSHAKES_AT_ONCE = 50
_PATIENCE = 120.0
_NARROW = 4_096


# ── the watchers, in a process of their own ──────────────────────────────────────────────────────


@dataclass
class Seen:
    """What one watcher was told of the deployment."""

    kind: str
    numbers: list[int] = field(default_factory=list)
    ended_at: float = 0.0
    sent_away: int = 0


class Crowd:
    """Many who watch everything that is deployed, until one deployment has ended."""

    def __init__(self, address: str, number: int) -> None:
        self._address = address
        self._number = number
        self._over = asyncio.Event()
        self._ready = asyncio.Semaphore(_HANDSHAKES_AT_ONCE)
        self._connected = 0
        self._all_connected = asyncio.Event()

    async def watch(self) -> list[Seen]:
        """Says "connected" once all watch, and goes when the other side says "over"."""
        everybody = [Seen(_kind(number)) for number in range(self._number)]
        tasks = [asyncio.create_task(self._one(seen)) for seen in everybody]
        waiting = asyncio.create_task(self._all_connected.wait())
        done, _ = await asyncio.wait([*tasks, waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        print("connected", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        self._over.set()
        await asyncio.gather(*tasks)
        print("told", flush=True)
        return everybody

    async def _one(self, seen: Seen) -> None:
        from websockets.exceptions import ConnectionClosed

        after: dict[str, int] = {}
        while True:
            try:
                await self._listen(seen, after)
                return
            except ConnectionClosed:
                seen.sent_away += 1

    async def _listen(self, seen: Seen, after: dict[str, int]) -> None:
        from websockets.asyncio.client import connect

        narrow: dict[str, Any] = {"sock": _narrow(self._address)} if seen.kind != "prompt" else {}
        queue = 1 if seen.kind != "prompt" else 16
        async with self._ready:
            connection = await connect(
                self._address, open_timeout=_PATIENCE, max_queue=queue, **narrow
            )
        async with connection:
            await connection.send(json.dumps({"action": "subscribe", "after": after}))
            while json.loads(await connection.recv())["type"] != "subscribed":
                pass
            self._counted()
            if seen.kind == "stuck":
                await self._over.wait()
            while True:
                line = json.loads(await asyncio.wait_for(connection.recv(), _PATIENCE))
                if seen.kind == "slow":
                    await asyncio.sleep(_SLOW_SECONDS)
                if "seq" not in line or line["type"] == "lagging":
                    continue
                seen.numbers.append(line["seq"])
                after[line["deployment_id"]] = line["seq"]
                if line["type"] == "complete":
                    seen.ended_at = time.time()
                    return

    def _counted(self) -> None:
        self._connected += 1
        if self._connected >= self._number:
            self._all_connected.set()


def _kind(number: int) -> str:
    return {0: "slow", 1: "stuck"}.get(number % 20, "prompt")


def _narrow(address: str) -> socket.socket:
    """A connection whose machine keeps hardly anything for who does not read."""
    host, _, port = address.removeprefix("ws://").partition("/")[0].partition(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW)
    raw.connect((host, int(port)))
    raw.setblocking(False)
    return raw


def _as_crowd(address: str, number: int) -> int:
    everybody = asyncio.run(Crowd(address, number).watch())
    print(json.dumps([vars(seen) for seen in everybody]), flush=True)
    return 0


# ── the measurement ──────────────────────────────────────────────────────────────────────────────


@dataclass
class Watched:
    """One deployment, and what it took."""

    seconds: float
    cpu: float
    lines: int
    finished_at: float


class Scene:
    """The server, and who comes to watch it."""

    def __init__(self, url: str, pid: int, client: httpx.Client) -> None:
        self.url = url
        self._pid = pid
        self._client = client
        self._made = 0

    def deploy(self) -> Watched:
        """Runs one deployment to its end."""
        self._made += 1
        ipr = approved(self._client, shop(f"watched-{self._made}", MACHINES))
        cpu, started = cpu_seconds(self._pid), time.perf_counter()
        id_ = deployed(self._client, ipr)
        if ended(self._client, id_, timeout=600)["status"] != "succeeded":
            raise SystemExit(f"deployment {id_} failed")
        finished, took = time.time(), time.perf_counter() - started
        spent = cpu_seconds(self._pid) - cpu
        return Watched(took, spent, len(log(self._client, id_)), finished)

    def cpu(self) -> float:
        """Seconds of CPU time that the server has used."""
        return cpu_seconds(self._pid)

    def memory(self) -> float:
        """KiB that the server holds now."""
        status = Path(f"/proc/{self._pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return float(line.split()[1])

    def descriptors(self) -> int:
        """How many files and sockets the server has open."""
        return len([*Path(f"/proc/{self._pid}/fd").iterdir()])


@contextmanager
def _scene(pace: str) -> Iterator[Scene]:
    with TemporaryDirectory() as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = {
            "ALMA_DEFAULT_ENGINE": "simulation",
            "ALMA_SIMULATION_TIME_SCALE": pace,
            "ALMA_RATE_LIMIT_ENABLED": "false",
        }
        env = {**environment(Path(folder)), **settings}
        command = [alma_command(), "serve", "--port", str(port)]
        with (
            serving(command, f"{url}{API}/blueprints", env) as process,
            httpx.Client(base_url=url, timeout=60) as client,
        ):
            yield Scene(url, process.pid, client)


@contextmanager
def _crowd(url: str, number: int) -> Iterator[subprocess.Popen[str]]:
    address = url.replace("http://", "ws://") + "/ws/deployments"
    command = [sys.executable, "-m", "benchmarks.watchers", "--crowd", address, str(number)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def _said(pipe: IO[str] | None, word: str) -> None:
    assert pipe is not None
    if pipe.readline().strip() != word:
        raise SystemExit(f"the watchers' process ended before it said '{word}'")


@dataclass
class Turn:
    """One deployment with everybody watching."""

    run: Watched
    kib_each: float
    kib_each_after: float
    descriptors: int
    cpu_until_told: float
    everybody: list[Seen]

    def faults(self) -> Counter[str]:
        """How often a line was missing, came twice, or came out of order, by the kind of watcher."""
        wanted = list(range(1, self.run.lines + 1))
        return Counter(seen.kind for seen in self.everybody if seen.numbers != wanted)

    def late(self, kind: str) -> float:
        """Seconds from the end of the deployment until the median watcher of that kind had all of it."""
        found = [seen.ended_at - self.run.finished_at for seen in self.everybody]
        chosen = [late for late, seen in zip(found, self.everybody, strict=True)]
        return statistics.median(
            late for late, seen in zip(chosen, self.everybody, strict=True) if seen.kind == kind
        )


def _turn(scene: Scene, number: int) -> Turn:
    before = scene.memory()
    with _crowd(scene.url, number) as process:
        _said(process.stdout, "connected")
        connected, descriptors, cpu = scene.memory(), scene.descriptors(), scene.cpu()
        run_ = scene.deploy()
        after = scene.memory()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("over\n")
        process.stdin.flush()
        _said(process.stdout, "told")
        spent = scene.cpu() - cpu
        everybody = [Seen(**each) for each in json.loads(process.stdout.readline())]
    each, each_after = ((value - before) / number for value in (connected, after))
    return Turn(run_, each, each_after, descriptors, spent, everybody)


def measure(options: Options) -> Report:
    """The deployment without watchers and with all of them, in turns, at each pace."""
    number = WATCHERS // 4 if options.quick else WATCHERS
    _require_descriptors(number)
    rows, notes = list[Row](), list[str]()
    for what, pace in PACES.items():
        samples, turns = Samples(), list[Turn]()
        with _scene(pace) as scene:
            scene.deploy()  # warms up
            for turn in range(options.rounds):
                progress(f"watchers: {what}, turn {turn + 1} of {options.rounds}")
                _measured(scene, number, samples, turns)
        rows += _rows(f"{what}, {number} watchers", samples)
        notes += [f"{what}: {note}" for note in _notes(turns)]
    progress("")
    return Report("watchers", "", rows=tuple(rows), notes=tuple(notes))


def _measured(scene: Scene, number: int, samples: Samples, turns: list[Turn]) -> None:
    alone = scene.deploy()
    turns.append(_turn(scene, number))
    samples.add("alone", alone.seconds)
    samples.add("alone cpu", alone.cpu)
    samples.add("watched", turns[-1].run.seconds)
    samples.add("watched cpu", turns[-1].cpu_until_told)


def _rows(what: str, samples: Samples) -> Iterator[Row]:
    pair = ("watched", "alone")
    yield samples.row(what, "s", pair, against="without")
    pair = ("watched cpu", "alone cpu")
    yield samples.row("the server's CPU time, all told", "s", pair, against="without")


def _notes(turns: list[Turn]) -> Iterator[str]:
    first, told = turns[0], sum(len(seen.numbers) for turn in turns for seen in turn.everybody)
    faults = sum((turn.faults() for turn in turns), Counter[str]())
    away = sum(seen.sent_away for turn in turns for seen in turn.everybody)
    wrong = f"{sum(faults.values())} {dict(faults) or ''}".strip()
    yield f"{told} lines told; watchers with a line lost, doubled or out of order: {wrong}"
    yield (
        f"memory per watcher: {first.kib_each:.1f} KiB connected, {first.kib_each_after:.1f} KiB at "
        f"the deployment's end (first turn); {first.descriptors} descriptors"
    )
    late = {kind: statistics.median(turn.late(kind) for turn in turns) for kind in _KINDS}
    words = ", ".join(f"{kind} {seconds:+.2f} s" for kind, seconds in late.items())
    yield f"the whole log was told, counted from the deployment's end: {words}; sent away: {away}"


_KINDS = ("prompt", "slow", "stuck")


def _require_descriptors(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number + 200:
        raise Skipped(f"{number} watchers need more than the {hard} open files that are allowed")
    if soft < number + 200:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number + 200, hard))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--crowd"]:
        sys.exit(_as_crowd(sys.argv[2], int(sys.argv[3])))
    sys.exit(run("watchers", "Many who watch one deployment", measure, rounds=3))
