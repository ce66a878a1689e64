"""How long 20 containers and 20 clones take on Proxmox VE, against Ansible and against a bare script.

    python -m benchmarks.proxmox [--quick] [--json | --markdown]

The cluster is fakepve in a process of its own. Everybody makes the same 40 guests on the same four nodes: created (the
machines as full clones), given one core and 1 GiB, and started; after each turn the cluster is asked whether all of
them are there, run and have that size. Each way is timed as a whole process: `alma deploy` by itself and with a server
that is running already, `ansible-playbook` with 20 forks and the free strategy, and `proxmox_bare.py`, which makes the
calls that it can't do without on 16 connections and nothing else. ALMA also plans, looks at the cluster's capacity and
privileges, marks every guest, records each step durably, proves that each guest runs, and reads all again at the end.

Twice: with tasks that take no time, where only the clients' own time counts, and with tasks as long as on a node with
SSDs, one real second for twenty of the cluster's. Then a plan of 1,000 guests that changes nothing.

Needs fakepve (`make setup` installs it). Ansible is installed from the package index into the user's cache directory at
the first run, and left out, with the reason, where that can't be.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.measuring import Options, Report, Row, Samples, Skipped, progress, run
from benchmarks.proxmox_ansible import FORKS, Ansible
from benchmarks.proxmox_bare import CONNECTIONS
from benchmarks.proxmox_guests import Broken, Cluster, Json, blueprint, cluster, job
from benchmarks.servers import ROOT, alma_command, alma_serving, environment

EACH = 20
COUNT = 2 * EACH
MANY = 1_000
MANY_QUICKLY = 200
AT_ONCE = 0.0
REALISTIC = 0.05
_LAST_LINES = 5


# ── the ways ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Alma:
    """`alma` as a process, by itself or with a server."""

    home: Path
    settings: Mapping[str, str]
    server: str | None = None

    def write(self, name: str, each: int) -> None:
        """The blueprint, where the commands find it."""
        text = json.dumps(blueprint(name, each))
        (self.home / "blueprint.json").write_text(text, encoding="utf-8")

    def deploy(self) -> None:
        """The whole command."""
        self._call("deploy", "--yes")

    def plan(self) -> None:
        """The whole command. Raises Broken when there is something to change."""
        self._call("plan", "--exit-code")

    def _call(self, verb: str, *options: str) -> None:
        where = ["--server", self.server] if self.server else []
        file = str(self.home / "blueprint.json")
        command = [alma_command(), verb, file, "--engine", "proxmox", "--json", *options, *where]
        called(command, {**environment(self.home), **self.settings})


def called(command: list[str], env: Mapping[str, str]) -> None:
    """Runs a command to its end. Raises Broken with what it printed last if it fails."""
    # What is compiled once is kept, as it is where ALMA is installed.
    kept = {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env=kept, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = " | ".join(lines[-_LAST_LINES:])
        raise Broken(f"`{' '.join(command[1:3])}` ended with {done.returncode}: {said}")


def bare(file: Path) -> None:
    """The whole script."""
    called([sys.executable, "-m", "benchmarks.proxmox_bare", str(file)], os.environ)


# ── measuring ────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Bench:
    """One cluster, the ways to fill it, and what is found out."""

    cluster: Cluster
    ways: Mapping[str, Callable[[str], None]]
    samples: Samples
    calls: dict[str, Json]

    def turn(self, which: str) -> None:
        """Each way once, on an empty cluster."""
        found = Samples()
        for way, work in self.ways.items():
            progress(f"proxmox: {which}, {way}")
            self.cluster.ask("reset")
            with timed(found, way):
                work(which)
            self.calls[way] = self.cluster.ask("calls") or {}
            self.cluster.require_all(COUNT)
        self.samples.take(found)


@contextlib.contextmanager
def timed(samples: Samples, name: str) -> Iterator[None]:
    """Adds `<name>`, the seconds on the wall, and `<name> cpu`, the CPU seconds of the commands called."""
    cpu, wall = _children_cpu(), time.perf_counter()
    yield
    samples.add(name, time.perf_counter() - wall)
    samples.add(f"{name} cpu", _children_cpu() - cpu)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(options: Options) -> Report:
    """Both speeds, then the plan that changes nothing."""
    if find_spec("fakepve") is None:
        raise Skipped("fakepve is not installed; it is one of ALMA's development dependencies")
    rows: list[Row] = []
    notes: list[str] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        ansible = _ansible(folder, notes)
        for scale in (AT_ONCE, REALISTIC):
            found, said = _deployments(folder / f"at-{scale}", scale, ansible, options.rounds)
            rows += found
            notes += said
        found, said = _unchanged(folder / "many", MANY_QUICKLY if options.quick else MANY)
    progress("")
    return Report("proxmox", "", rows=(*rows, *found), notes=(*notes, *said))


def _ansible(folder: Path, notes: list[str]) -> Ansible | None:
    place = folder / "ansible"
    place.mkdir()
    try:
        found = Ansible.found(place)
    except Skipped as reason:
        notes.append(f"no Ansible: {reason}")
        return None
    notes.append(f"{found.version}; {FORKS} forks, free strategy")
    return found


def _deployments(
    folder: Path, scale: float, ansible: Ansible | None, rounds: int
) -> tuple[list[Row], list[str]]:
    homes = {way: folder / way for way in ("alone", "served")}
    for home in homes.values():
        home.mkdir(parents=True)
    with cluster(folder, scale) as there:
        given = job(there.address, EACH)
        (folder / "job.json").write_text(json.dumps(given), encoding="utf-8")
        settings = there.settings()
        with alma_serving(homes["served"], settings) as url:
            ways = {
                "alma": _deploying(Alma(homes["alone"], settings)),
                "alma --server": _deploying(Alma(homes["served"], settings, url)),
                "bare": lambda _: bare(folder / "job.json"),
            }
            if ansible is not None:
                ansible.write(given)
                ways["ansible"] = lambda _: _played(ansible)
            return _turns(Bench(there, ways, Samples(), {}), scale, rounds)


def _deploying(way: Alma) -> Callable[[str], None]:
    def work(which: str) -> None:
        # Another blueprint each time: the cluster forgets its guests between turns, and ALMA does not.
        way.write(which.replace(" ", "-"), EACH)
        way.deploy()

    return work


def _played(ansible: Ansible) -> None:
    done = ansible.run()
    if done.returncode:
        raise Broken(f"ansible-playbook ended with {done.returncode}: {done.stdout[-500:]}")


def _turns(bench: Bench, scale: float, rounds: int) -> tuple[list[Row], list[str]]:
    # The first start makes the data directory and compiles what is new: not what is asked here.
    warm = Bench(bench.cluster, _without(bench.ways, "ansible"), Samples(), {})
    broken: list[str] = []
    try:
        warm.turn("warm up")
        for number in range(rounds):
            bench.turn(f"turn {number + 1} at {str(scale).replace('.', '-')}")
    except Broken as error:
        broken.append(f"broken off: {error}")
    if not bench.samples:
        raise Skipped("; ".join(broken))
    return list(_rows(bench, scale)), [*_counted(bench, scale), *broken]


def _without(ways: Mapping[str, Callable[[str], None]], name: str) -> dict[str, Any]:
    return {way: work for way, work in ways.items() if way != name}


def _rows(bench: Bench, scale: float) -> Iterator[Row]:
    when = "tasks in no time" if scale == AT_ONCE else f"tasks {1 / scale:g} times too fast"
    against = {
        "bare": f"bare script, {CONNECTIONS} connections",
        "ansible": f"Ansible, {FORKS} forks",
    }
    for way in ("alma", "alma --server"):
        for other, words in against.items():
            if other in bench.ways:
                what = f"{way} deploy, {EACH} LXC + {EACH} VM, {when}"
                yield bench.samples.row(what, "s", (way, other), against=words)
    yield bench.samples.row(
        f"alma deploy, {when}, CPU of the command",
        "s",
        ("alma cpu", "bare cpu"),
        against=against["bare"],
    )


def _counted(bench: Bench, scale: float) -> Iterator[str]:
    """How many calls each way needed, and which."""
    if scale != AT_ONCE:
        return
    for way, calls in bench.calls.items():
        if way != "alma --server":
            most = ", ".join(f"{number} {call}" for call, number in calls.items())
            yield f"calls, {way}: {sum(calls.values()) / COUNT:.2g} a guest ({most})"


# ── a plan that changes nothing ──────────────────────────────────────────────────────────────────


def _unchanged(folder: Path, many: int) -> tuple[list[Row], list[str]]:
    folder.mkdir()
    with cluster(folder, AT_ONCE) as there:
        settings = there.settings()
        with alma_serving(folder, settings) as url:
            way = Alma(folder, settings, url)
            way.write("many", many // 2)
            progress(f"proxmox: making {many} guests")
            way.deploy()
            there.require_all(many)
            warm = [_planned(there, way) for _ in range(3)]
        cold = [_planned(there, Alma(folder, settings)) for _ in range(3)]
        floor = [_listed(there, folder, many) for _ in range(3)]
    return _plan_rows(many, cold, warm, floor), _plan_notes(many, cold, warm)


def _planned(there: Cluster, way: Alma) -> tuple[float, Json]:
    before = there.ask("calls") or {}
    start = time.perf_counter()
    way.plan()
    seconds = time.perf_counter() - start
    after = there.ask("calls") or {}
    more = {call: number - before.get(call, 0) for call, number in after.items()}
    return seconds, {call: number for call, number in more.items() if number}


def _listed(there: Cluster, folder: Path, many: int) -> tuple[float, Json]:
    """One listing and every guest's configuration: what a client does that remembers nothing."""
    (folder / "job.json").write_text(json.dumps({**there.address, "read": many}), encoding="utf-8")
    start = time.perf_counter()
    bare(folder / "job.json")
    return time.perf_counter() - start, {}


def _plan_rows(many: int, *found: list[tuple[float, Json]]) -> list[Row]:
    cold, warm, floor = (tuple(seconds for seconds, _ in samples) for samples in found)
    against = f"bare script, reads {many:,} configurations"
    what = f"plan of {many:,} guests, no change"
    return [
        Row(f"alma {what}", "s", cold, against, floor),
        Row(f"alma --server {what}", "s", warm, against, floor),
    ]


def _plan_notes(
    many: int, cold: list[tuple[float, Json]], warm: list[tuple[float, Json]]
) -> list[str]:
    words = {"a new process": cold[-1], "a server that has read them before": warm[-1]}
    return [
        f"calls, plan of {many:,} guests by {who}: {sum(calls.values())} "
        f"({', '.join(f'{number} {call}' for call, number in calls.items())})"
        for who, (_, calls) in words.items()
    ]


if __name__ == "__main__":
    sys.exit(run("proxmox", "Deploying on Proxmox VE (fakepve)", measure, rounds=3))
