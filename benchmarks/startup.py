"""How long a start takes: of the command line, of the server's code, and of `make run` when all is set up.

    python -m benchmarks.startup [--quick] [--json | --markdown]

The floor is Python itself (`python -c pass`); `import typer` and `import fastapi` are what any program on these
libraries pays. `make run` is timed until the port answers, on a data directory that has been used before.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring import Options, Report, Row, Samples, progress, run
from benchmarks.servers import (
    ROOT,
    alma_command,
    environment,
    free_port,
    until_answered,
)


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@dataclass(frozen=True)
class Command:
    """One that runs to its end by itself."""

    what: str
    command: tuple[str, ...]


_COMMANDS = {
    "help": Command("alma --help", (alma_command(), "--help")),
    "version": Command("alma --version", (alma_command(), "--version")),
    "verb": Command("alma deploy --help", (alma_command(), "deploy", "--help")),
    "pass": Command("python -c pass", _python("pass")),
    "typer": Command("import typer", _python("import typer")),
    "api": Command("import alma.api.app", _python("import alma.api.app")),
    "all": Command(
        "import of the whole server", _python("import alma.api.app, alma.bootstrap, uvicorn")
    ),
    "fastapi": Command("import fastapi", _python("import fastapi")),
    "libraries": Command(
        "import fastapi, sqlalchemy, dbos, uvicorn",
        _python("import fastapi, sqlalchemy, dbos, uvicorn"),
    ),
}
_PAIRS = (
    ("help", "pass"),
    ("help", "typer"),
    ("version", "typer"),
    ("verb", "typer"),
    ("api", "fastapi"),
    ("all", "libraries"),
)


def once(command: Sequence[str], env: dict[str, str], name: str, samples: Samples) -> None:
    """Runs a command to its end; adds its seconds, on the wall and of CPU time."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    samples.add(f"{name} wall", time.perf_counter() - start)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    samples.add(f"{name} cpu", used)


def answering(command: Sequence[str], path: str, env: dict[str, str], port: int) -> float:
    """Starts a server in a process group of its own, stops it once it answers; the seconds until then."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=env,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        until_answered(f"http://127.0.0.1:{port}{path}", process)
        return time.perf_counter() - start
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)


def _servers(home: Path) -> Iterator[tuple[str, list[str], str, int]]:
    """Name, command, path and port of each server; new ports each time."""
    port = free_port()
    if shutil.which("make") and (ROOT / "Makefile").exists():
        yield (
            "make run",
            ["make", "--silent", "run", f"ARGS=--port {port}"],
            "/api/v1/blueprints",
            port,
        )
    port = free_port()
    yield "alma serve", [alma_command(), "serve", "--port", str(port)], "/api/v1/blueprints", port
    port = free_port()
    bare = [
        sys.executable,
        "-m",
        "uvicorn",
        "benchmarks.bare_server:create_app",
        "--factory",
        "--port",
        str(port),
    ]
    yield "bare", bare, "/api/v1/blueprints", port


def measure(options: Options) -> Report:
    """The turns, one after another."""
    samples = Samples()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        env = {**environment(home), "BENCH_DATABASE": str(home / "alma.db")}
        for number in range(options.rounds + 1):  # the first warms the disk cache up
            progress(f"startup: turn {number} of {options.rounds}")
            into = samples if number else Samples()
            for name, item in _COMMANDS.items():
                once(item.command, env, name, into)
            for name, command, path, port in _servers(home):
                into.add(name, answering(command, path, env, port))
    progress("")
    return Report("startup", "", rows=tuple(_rows(samples)), notes=_NOTES)


_NOTES = (
    "CPU time, but for the servers: seconds on the wall until the first answer. The bare one is bare_server.py.",
)


def _rows(samples: Samples) -> Iterator[Row]:
    for ours, theirs in _PAIRS:
        pair = (f"{ours} cpu", f"{theirs} cpu")
        yield samples.row(_COMMANDS[ours].what, "s CPU", pair, against=_COMMANDS[theirs].what)
    yield samples.row(
        "alma --help", "s", ("help wall", "pass wall"), against=_COMMANDS["pass"].what
    )
    for name in ("make run", "alma serve"):
        if name in samples:
            what = f"{name}, until the port answers"
            yield samples.row(what, "s", (name, "bare"), against="bare FastAPI server")


if __name__ == "__main__":
    sys.exit(run("startup", "Starting", measure, rounds=7))
