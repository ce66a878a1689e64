"""One process owns a data directory, and others can tell which and where it answers."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alma.cli.errors import CliError, ExitCode
from alma.cli.home import Home

OWNER = """
import sys
from pathlib import Path
from alma.cli.home import Home
with Home(Path(sys.argv[1])).owned("alma deploy"):
    print("mine", flush=True)
    sys.stdin.read()
"""


@contextmanager
def owner(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the directory."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "mine\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def test_a_second_owner_is_refused_with_the_pid_and_the_next_step(tmp_path: Path) -> None:
    wanted = Home(tmp_path).owned("alma serve", patience=0)
    with owner(tmp_path) as other, pytest.raises(CliError) as refused, wanted:
        pytest.fail("two owners")
    error = refused.value
    assert f"`alma deploy` (pid {other.pid})" in error.message
    assert error.hint
    assert "wait until it has ended" in error.hint
    assert error.exit_code is ExitCode.UNAVAILABLE


def test_the_directory_is_free_when_its_owner_was_killed(tmp_path: Path) -> None:
    with owner(tmp_path) as other:
        other.kill()
        other.wait()
        with Home(tmp_path).owned("alma serve", patience=0):
            assert json.loads((tmp_path / "alma.lock").read_text())["pid"] == os.getpid()


def test_an_owner_that_leaves_soon_is_waited_for(tmp_path: Path) -> None:
    with owner(tmp_path) as other:
        assert other.stdin is not None
        other.stdin.close()
        with Home(tmp_path).owned("alma status", patience=30):
            assert other.wait() == 0


def test_owning_twice_one_after_the_other_works(tmp_path: Path) -> None:
    home = Home(tmp_path / "made" / "here")
    for _ in range(2):
        with home.owned("alma status", patience=0):
            assert home.path.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = pytest.raises(CliError, match="can't be made")
    with refused as error, Home(tmp_path / "file" / "x").owned("x"):
        pytest.fail("owned")
    assert error.value.exit_code is ExitCode.INVALID


@contextmanager
def full_disk() -> Iterator[None]:
    """No file can be given a single byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_with_the_directory_and_leaves_no_half_address(tmp_path: Path) -> None:
    told = rf"{tmp_path} can't be written to: "
    with full_disk():
        with pytest.raises(CliError, match=told), Home(tmp_path).owned("x"):
            pytest.fail("owned")
        with pytest.raises(CliError, match=told):
            Home(tmp_path).publish("http://127.0.0.1:8000")
    assert [path.name for path in tmp_path.iterdir()] == ["alma.lock"]


def test_an_address_is_found_while_its_process_lives(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.publish("http://127.0.0.1:8123")
    address = home.address()
    assert address is not None
    assert (address.url, address.pid) == ("http://127.0.0.1:8123", os.getpid())
    assert [file.name for file in tmp_path.iterdir()] == ["server.json"]
    home.withdraw()
    assert home.address() is None


def test_the_address_of_a_dead_process_is_passed_over(tmp_path: Path) -> None:
    with owner(tmp_path) as other:
        other.kill()
        other.wait()
    leftover = {"url": "http://127.0.0.1:1", "pid": other.pid, "started_at": "2026-01-31"}
    (tmp_path / "server.json").write_text(json.dumps(leftover))
    assert Home(tmp_path).address() is None


def test_another_servers_address_is_not_withdrawn(tmp_path: Path) -> None:
    with owner(tmp_path) as other:
        address = {"url": "http://127.0.0.1:1", "pid": other.pid, "started_at": "2026-01-31"}
        (tmp_path / "server.json").write_text(json.dumps(address))
        Home(tmp_path).withdraw()
        assert (tmp_path / "server.json").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}', '{"url": "x", "pid": "no"}'])
def test_a_broken_address_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "server.json").write_text(content)
    assert Home(tmp_path).address() is None
