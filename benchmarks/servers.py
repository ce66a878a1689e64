"""Starts servers as processes of their own, waits until they answer, and says how much CPU they used."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 0.01
_TICKS = os.sysconf("SC_CLK_TCK")


def alma_command() -> str:
    """The installed `alma` that belongs to this Python."""
    return str(Path(sys.executable).with_name("alma"))


_LIMITS = ("RPM", "BURST", "STREAM_RPM", "GENERATION_RPM", "TOOLS_RPM", "CRUD_RPM")


def environment(home: Path) -> dict[str, str]:
    """This process's environment without any ALMA settings but the data directory and limits."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALMA_")}
    # Counted like any request, and never refused: what is measured is the way, not the gate.
    unlimited = {f"ALMA_RATE_LIMIT_{name}": "1000000000" for name in _LIMITS}
    return {**kept, **unlimited, "ALMA_HOME": str(home), "NO_COLOR": "1"}


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_answered(url: str, process: subprocess.Popen[bytes] | None = None) -> None:
    """Waits for any answer below 500. Ends the benchmark when the process dies or nothing comes."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise SystemExit(f"the server ended with {process.returncode} before it answered {url}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            time.sleep(_LOOK_AGAIN_SECONDS)
    raise SystemExit(f"no answer from {url} within {PATIENCE_SECONDS:.0f} s")


@contextlib.contextmanager
def serving(
    command: Sequence[str], url: str, env: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """The process, answering; it is stopped at the end."""
    process = subprocess.Popen(
        command, env=dict(env), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        until_answered(url, process)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process as an operator would; by force after ten seconds."""
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def alma_serving(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """`alma serve` on a free port, with more settings if need be; its URL."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [alma_command(), "serve", "--port", str(port)]
    env = {**environment(home), **(settings or {})}
    with serving(command, f"{url}/api/v1/blueprints", env):
        yield url


def cpu_seconds(pid: int) -> float:
    """CPU time that a process has used in all its threads, those that ended included. Linux only."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    user, system = text.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / _TICKS
