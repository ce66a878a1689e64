"""`alma serve` in the foreground: what it says, where it can be found, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.server import environment
from tests.waiting import PATIENCE, wait_until


@contextmanager
def started(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A server that has said all it says at the start, and the file it says it to."""
    said = home.parent / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "alma", "serve", "--port", "0", *words],
            env=environment(home),
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or "Ctrl-C stops it" in said.read_text())
        assert process.poll() is None, said.read_text()
        yield process, said
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_where_it_is_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    with started(home) as (process, said):
        address = json.loads((home / "server.json").read_text())
        assert address["pid"] == process.pid
        port = address["url"].rpartition(":")[2]
        text = said.read_text()
        assert f"http://localhost:{port}" in text
        assert str(home) in text
        assert "simulation: simulates 0 objects in 0 stacks (default)" in text
        assert text.startswith("ALMA "), "its own look at the engines is no news"
        command = text.partition("try      ")[2].partition(" chat ")[0]
        assert subprocess.run([command, "--version"], check=False).returncode == 0
        assert f"curl -X POST http://localhost:{port}/api/v1/conversation/chat" in text

        process.send_signal(number)
        assert process.wait(timeout=PATIENCE) == 0
    assert said.read_text().endswith("Stopped.\n")
    assert "Traceback" not in said.read_text()
    assert not (home / "server.json").exists()


def test_after_a_kill_the_next_one_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with started(home) as (process, _):
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with started(home) as (process, _):
        assert json.loads((home / "server.json").read_text())["pid"] == process.pid


def test_a_taken_port_is_told_with_the_next_step(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = subprocess.run(
            [sys.executable, "-m", "alma", "serve", "--port", port],
            env=environment(tmp_path / "home"),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert answer.returncode == 5
    assert f"can't listen on 127.0.0.1 port {port}: another program uses it" in answer.stderr
    assert f"alma serve --port {int(port) + 1}" in answer.stderr
    assert not (tmp_path / "home").exists()


def test_what_keeps_it_from_starting_is_told_in_two_lines(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "alma", "serve", "--port", "0"],
        env=environment(tmp_path / "home", ALMA_DATABASE_URL="nonsense://x"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
    assert "error: " in answer.stderr
    assert "hint: " in answer.stderr
