"""The connection to a guest, against a real sshd of the tests' own user: no Docker, and nothing is run in it."""

from __future__ import annotations

import contextlib
import getpass
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.errors import EngineUnavailable
from alma.engines.proxmox.provisioning.job import Job
from alma.engines.proxmox.provisioning.keys import keypair
from alma.engines.proxmox.provisioning.known_hosts import forget, known_keys
from alma.engines.proxmox.provisioning.messages import FailureKind
from alma.engines.proxmox.provisioning.run import wait_for_ssh
from alma.engines.proxmox.provisioning.session import Failed, connect
from tests.conftest import required
from tests.waiting import wait_until

SSHD = Path("/usr/sbin/sshd")
KEYS = keypair("the key that is let in")


class Server:
    """One sshd at a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        (folder / "authorized_keys").write_text(KEYS.public_openssh + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, secret: str) -> None:
        """With the host key of that secret."""
        key = self.folder / f"host-{secret}"
        key.write_text(keypair(secret).private_openssh)
        key.chmod(0o600)
        settings = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": key,
            "AuthorizedKeysFile": self.folder / "authorized_keys",
            "StrictModes": "no",
            "UsePAM": "no",
            "PasswordAuthentication": "no",
            "PidFile": "none",
        }
        config = self.folder / "sshd_config"
        config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([str(SSHD), "-D", "-e", "-f", str(config)], stderr=log)
        wait_until(self._answers, what=(self.folder / "log").read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5):
            return True
        return False

    def job(self, **fields: object) -> Job:
        whole: dict[str, object] = {
            "name": "web-1",
            "alias": "stack-web-1",
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "private_key": KEYS.private_openssh,
            "known_hosts": self.folder / "state" / "known_hosts",
            "login_within": 0,
            **fields,
        }
        return Job.model_validate(whole)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    if not SSHD.exists():
        reason = f"there is no {SSHD} (Debian: apt-get install openssh-server)"
        if "sshd" in required():
            pytest.fail(f"ALMA_TEST_REQUIRE names sshd, but {reason}", pytrace=False)
        pytest.skip(reason)
    if getpass.getuser() == "root":
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # as its init script does
    made = Server(tmp_path)
    try:
        yield made
    finally:
        made.stop()


def test_the_first_contact_keeps_the_host_key_and_the_next_one_checks_it(server: Server) -> None:
    server.start(secret="one")
    job = server.job()
    connect(job).close()
    connect(job).close()
    assert job.known_hosts is not None
    shown = " ".join(keypair("one").public_openssh.split()[:2])
    assert known_keys(job.known_hosts, "stack-web-1") == (shown,)


def test_another_host_key_is_refused_with_both_fingerprints_and_the_line_to_remove(
    server: Server,
) -> None:
    server.start(secret="one")
    job = server.job()
    connect(job).close()
    server.stop()
    server.start(secret="two")
    with pytest.raises(Failed) as caught:
        connect(job)
    failure = caught.value.failure
    assert failure.sort is FailureKind.REFUSED
    assert keypair("one").fingerprint in failure.message
    assert keypair("two").fingerprint in failure.message
    assert job.known_hosts is not None
    assert str(job.known_hosts) in failure.hint
    assert "stack-web-1" in failure.hint
    forget(job.known_hosts, "stack-web-1")
    connect(job).close()


def test_a_guest_at_a_used_address_is_another_guest(server: Server) -> None:
    server.start(secret="one")
    connect(server.job()).close()
    server.stop()
    server.start(secret="two")
    connect(server.job(alias="stack-web-2")).close()


def test_a_key_that_is_not_let_in_is_a_failure_of_access(server: Server) -> None:
    server.start(secret="one")
    with pytest.raises(Failed) as caught:
        connect(server.job(private_key=keypair("stranger").private_openssh))
    assert caught.value.failure.sort is FailureKind.AUTH
    assert "authorized_keys" in caught.value.failure.hint


def test_nobody_there_is_a_guest_that_can_not_be_reached(server: Server) -> None:
    with pytest.raises(Failed) as caught:
        connect(server.job())
    assert caught.value.failure.sort is FailureKind.UNREACHABLE
    assert f"port {server.port}" in caught.value.failure.message


async def test_waiting_ends_when_the_server_greets(server: Server) -> None:
    server.start(secret="one")
    await wait_for_ssh("127.0.0.1", port=server.port, within=20)


async def test_a_port_that_something_else_has_is_no_ssh_server() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(EngineUnavailable, match=f"No SSH server answers at 127.0.0.1 port {port}"):
        await wait_for_ssh("127.0.0.1", port=port, within=0)


def test_the_child_ends_with_the_process_that_started_it() -> None:
    # A second attempt after a crash must never meet the first one in the same guest.
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    job = Job(
        name="web-1",
        alias="web-1",
        host="127.0.0.1",
        port=port,
        private_key=KEYS.private_openssh,
        login_within=1000,
    )
    command = [sys.executable, "-m", "alma.engines.proxmox.provisioning"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(job.model_dump_json().encode() + b"\n")
        child.stdin.flush()
        assert b"connecting to 127.0.0.1" in child.stdout.readline()
        child.stdin.close()
        assert child.wait(30) == 3
