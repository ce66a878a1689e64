"""The SSH connection of a provisioning child: one key, one host key, no agent and nothing of the user's own settings.

Imported in the child only, after gevent has patched the standard library.
"""

from __future__ import annotations

import io
import socket
import time
from pathlib import Path

import paramiko

from alma.engines.proxmox.provisioning.job import Job
from alma.engines.proxmox.provisioning.keys import fingerprint
from alma.engines.proxmox.provisioning.known_hosts import HostKeyChanged, known_keys, remember
from alma.engines.proxmox.provisioning.messages import Failure, FailureKind

CONNECT_SECONDS = 10.0
KEEPALIVE_SECONDS = 15
PAUSE_SECONDS = 1.0


class Failed(Exception):
    """Ends the child with this message."""

    def __init__(self, sort: FailureKind, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.failure = Failure(sort=sort, message=message, hint=hint)


class _FirstContact(paramiko.MissingHostKeyPolicy):
    """Keeps the key of a guest that nobody has seen before, and refuses every other unknown one."""

    def __init__(self, known_hosts: Path | None) -> None:
        self._known_hosts = known_hosts

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        if self._known_hosts is not None:
            remember(self._known_hosts, hostname, key=_text(key))


def connect(job: Job) -> paramiko.SSHClient:
    """Signs in, trying again for `login_within` seconds: a guest that has just started may not know the key yet. Raises
    Failed."""
    key = paramiko.Ed25519Key.from_private_key(io.StringIO(job.private_key))
    deadline = time.monotonic() + job.login_within
    while True:
        try:
            return _attempt(job, key)
        except HostKeyChanged as changed:
            raise _changed(job, changed) from changed
        except (OSError, EOFError, paramiko.SSHException) as error:
            if time.monotonic() >= deadline:
                raise _not_in(job, error) from error
        time.sleep(PAUSE_SECONDS)


def _attempt(job: Job, key: paramiko.PKey) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(_FirstContact(job.known_hosts))
    if job.known_hosts is not None:
        for text in known_keys(job.known_hosts, job.alias):
            entry = paramiko.hostkeys.HostKeyEntry.from_line(f"{job.alias} {text}")
            if entry is not None and entry.key is not None:
                client.get_host_keys().add(job.alias, entry.key.get_name(), entry.key)
    # With a socket of our own, the name may be the guest's alias: that is what host keys are looked up by.
    sock = socket.create_connection((job.host, job.port), timeout=CONNECT_SECONDS)
    try:
        client.connect(
            job.alias,
            username=job.user,
            pkey=key,
            sock=sock,
            allow_agent=False,
            look_for_keys=False,
            timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
            auth_timeout=CONNECT_SECONDS,
        )
    except paramiko.BadHostKeyException as error:
        client.close()
        kept, shown = _text(error.expected_key), _text(error.key)
        raise HostKeyChanged(job.alias, kept=kept, shown=shown) from error
    except BaseException:
        client.close()
        sock.close()
        raise
    if transport := client.get_transport():
        transport.set_keepalive(KEEPALIVE_SECONDS)
    return client


def _text(key: paramiko.PKey) -> str:
    return f"{key.get_name()} {key.get_base64()}"


def _changed(job: Job, changed: HostKeyChanged) -> Failed:
    return Failed(
        FailureKind.REFUSED,
        f"{job.name} at {job.host} shows another SSH host key than before: {fingerprint(changed.shown)} instead of "
        f"{fingerprint(changed.kept)}; nothing was sent to it",
        hint="somebody may have put another machine at this address. If the guest was reinstalled on purpose, remove "
        f"the line of {job.alias} from {job.known_hosts} and try again",
    )


def _not_in(job: Job, error: Exception) -> Failed:
    place = f"{job.name} at {job.host} port {job.port}"
    if isinstance(error, paramiko.AuthenticationException):
        return Failed(
            FailureKind.AUTH,
            f"{place} does not let in '{job.user}' with ALMA's key",
            hint=f"see that the key stands in ~{job.user}/.ssh/authorized_keys and that sshd allows public keys; "
            "a guest made from a template needs cloud-init to take the key over",
        )
    return Failed(
        FailureKind.UNREACHABLE,
        f"No SSH connection to {place}: {str(error) or type(error).__name__}",
        hint="see that the guest runs, has this address, and that sshd is installed and not behind a firewall",
    )
