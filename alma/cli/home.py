"""Who owns a data directory, and where the server that owns it answers.

One process at a time may work on an ALMA_HOME: SQLite and the workflow engine need it. The owner holds a lock on
`alma.lock`, which the kernel takes back when the process dies, however it dies. A server also leaves `server.json` with
its address, so that commands on the same directory talk to it instead of starting one of their own.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alma.cli.errors import CliError

PATIENCE_SECONDS = 3.0
_LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Address:
    """Where a server answers, and which process it is."""

    url: str
    pid: int
    started_at: str


class Home:
    """A data directory, seen from outside."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self._lock_file = self.path / "alma.lock"
        self._address_file = self.path / "server.json"

    @property
    def token_file(self) -> Path:
        """Where a server leaves the token by which it knows those who hold the directory."""
        return self.path / "local.token"

    @property
    def log_file(self) -> Path:
        """Where a server on this directory writes its log."""
        return self.path / "alma.log"

    @contextmanager
    def owned(self, by: str, *, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
        """Owns the directory for as long as the block runs; `by` is told to others that want it.

        Waits `patience` seconds for an owner that is about to leave. Raises CliError naming the owner.
        """
        self._make()
        with self._writable():
            descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._acquire(descriptor, patience)
            note = {"pid": os.getpid(), "command": by, "since": _now()}
            with self._writable():
                os.truncate(descriptor, 0)
                os.pwrite(descriptor, json.dumps(note).encode(), 0)
            yield
            os.truncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise CliError(
                f"the data directory {self.path} can't be made: {error.strerror}",
                hint="name another one in ALMA_HOME",
                code="invalid_input",
            ) from error

    @contextmanager
    def _writable(self) -> Iterator[None]:
        """Says which directory it was that a file could not be written in: the system says only why."""
        try:
            yield
        except OSError as error:
            raise CliError(
                f"the data directory {self.path} can't be written to: {error.strerror}",
                hint="make room there, or name another one in ALMA_HOME",
                code="invalid_input",
            ) from error

    def _acquire(self, descriptor: int, patience: float) -> None:
        deadline = time.monotonic() + patience
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                raise self._in_use()
            time.sleep(_LOOK_AGAIN_SECONDS)

    def _in_use(self) -> CliError:
        owner = _read(self._lock_file)
        pid, command = owner.get("pid"), owner.get("command")
        who = f"`{command}` (pid {pid})" if pid else "another process"
        return CliError(
            f"the data directory {self.path} is in use by {who}",
            hint=_what_to_do(str(command or "")),
            code="home_in_use",
            details={"home": str(self.path), "pid": pid, "command": command},
        )

    def publish(self, url: str) -> None:
        """Says where the server answers. Nobody ever reads half of it."""
        address = Address(url=url, pid=os.getpid(), started_at=_now())
        draft = self._address_file.with_suffix(f".{address.pid}.tmp")
        try:
            with self._writable():
                draft.write_text(json.dumps(asdict(address)) + "\n")
                draft.replace(self._address_file)
        finally:
            draft.unlink(missing_ok=True)

    def withdraw(self) -> None:
        """Takes the address back, if it still is this process's."""
        address = self.address()
        if address is None or address.pid == os.getpid():
            self._address_file.unlink(missing_ok=True)

    def address(self) -> Address | None:
        """What the last server left, unless its process is gone. Whether it answers is for the caller to ask."""
        found = _read(self._address_file)
        try:
            address = Address(
                url=str(found["url"]), pid=int(found["pid"]), started_at=str(found["started_at"])
            )
        except (KeyError, ValueError, TypeError):
            return None
        return address if _alive(address.pid) else None


def _what_to_do(command: str) -> str:
    if command.startswith("alma serve"):
        return "it does not answer yet: try again shortly, or stop it"
    return "wait until it has ended; with `alma serve` running, many commands can work at the same time"


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text())
        return found if isinstance(found, dict) else {}
    return {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
