"""Several real processes of ALMA on one real PostgreSQL: servers, workers, and a database that can be stopped."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

from tests.clients import ALL_KEPT
from tests.e2e.server import environment
from tests.waiting import PATIENCE, wait_until

API = "/api/v1"


@dataclass
class Worker:
    """One `alma worker`."""

    name: str
    process: subprocess.Popen[str]
    told: list[dict[str, Any]] = field(default_factory=list)

    def wait_for(self, status: str) -> dict[str, Any]:
        """Its line of that status."""

        def found() -> dict[str, Any] | None:
            return next((line for line in self.told if line["status"] == status), None)

        said = wait_until(lambda: found() or self.process.poll() is not None, timeout=PATIENCE)
        assert isinstance(said, dict), f"{self.name} has ended: {self.process.returncode}"
        return said

    def kill(self) -> None:
        """As if its machine had lost power."""
        self.process.kill()
        self.process.wait(timeout=PATIENCE)

    def terminate(self) -> None:
        """As systemd would, and waits."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)


@dataclass
class Fleet:
    """Starts processes that share a database and a data directory."""

    home: Path
    url: str
    stack: ExitStack
    settings: dict[str, str] = field(default_factory=dict)

    def server(self, name: str = "server", *options: str, **settings: str) -> httpx.Client:
        """A client of a new `alma serve`."""
        home = self.home / name
        home.mkdir(exist_ok=True)
        log = (self.home / f"{name}.out").open("wb")
        command = [sys.executable, "-m", "alma", "serve", "--port", "0", *options]
        process = subprocess.Popen(
            command, env=self._environment(home, settings), stdout=log, stderr=log
        )
        self.stack.callback(_end, process, log)

        def address() -> str:
            assert process.poll() is None, (self.home / f"{name}.out").read_text()
            found = home / "server.json"
            return str(json.loads(found.read_text())["url"]) if found.exists() else ""

        url = wait_until(address, timeout=PATIENCE)
        client = self.stack.enter_context(
            httpx.Client(base_url=url, timeout=PATIENCE, limits=ALL_KEPT)
        )
        client.headers["X-Pid"] = str(process.pid)
        return client

    def worker(self, name: str, *options: str, **settings: str) -> Worker:
        """A new `alma worker`, as soon as it takes deployments."""
        home = self.home / name
        home.mkdir(exist_ok=True)
        log = (self.home / f"{name}.out").open("wb")
        command = [sys.executable, "-m", "alma", "worker", "--json", "--name", name, *options]
        process = subprocess.Popen(
            command,
            env=self._environment(home, settings),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        self.stack.callback(_end, process, log)
        made = Worker(name, process)
        threading.Thread(target=_read, args=(process, made.told), daemon=True).start()
        made.wait_for("ready")
        return made

    def _environment(self, home: Path, settings: dict[str, str]) -> dict[str, str]:
        # The machines that are simulated are one place, whoever works on them.
        shared = self.home / "simulation.db"
        place = home / "simulation.db"
        if not place.is_symlink():
            place.symlink_to(shared)
        own = {
            "ALMA_DATABASE_URL": self.url,
            "ALMA_SECRET_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "ALMA_RATE_LIMIT_ENABLED": "false",
        }
        return environment(home, **(own | self.settings | settings))


@contextmanager
def fleet(home: Path, url: str, **settings: str) -> Iterator[Fleet]:
    """Ends every process with the block."""
    with ExitStack() as stack:
        yield Fleet(home, url, stack, settings)


def _end(process: subprocess.Popen[Any], log: IO[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=20)
    if process.stdout is not None:
        process.stdout.close()
    log.close()


def _read(process: subprocess.Popen[str], told: list[dict[str, Any]]) -> None:
    assert process.stdout is not None
    told.extend(json.loads(line) for line in process.stdout)


def shop(name: str, count: int = 4) -> dict[str, Any]:
    """A blueprint of some machines, each made after the one before."""
    names = [f"web-{number}" for number in range(count)]
    after: list[list[str]] = [[], *([before] for before in names[:-1])]
    resources = [
        {"name": own, "type": "vm", "depends_on": waits}
        for own, waits in zip(names, after, strict=True)
    ]
    return {"name": name, "resources": resources}


def posted(client: httpx.Client, path: str, body: Any, status: int = 201) -> Any:
    """The answer's values; fails on another status."""
    answer = client.post(f"{API}{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def approved(client: httpx.Client, document: dict[str, Any]) -> int:
    """The number of a request that may be deployed."""
    made = posted(client, "/blueprints", document)
    ipr = posted(client, "/iprs", {"title": "a change", "blueprint_id": made["id"]})
    posted(client, f"/iprs/{ipr['id']}/review", {"action": "approve"}, 200)
    return int(ipr["id"])


def deployed(client: httpx.Client, ipr_id: int) -> str:
    """The id of the deployment that it begins."""
    return str(posted(client, f"/iprs/{ipr_id}/deploy", {}, 202)["deployment_id"])


def log(client: httpx.Client, id_: str) -> list[dict[str, Any]]:
    """The whole log."""
    answer = client.get(f"{API}/deployments/{id_}/events", params={"limit": 500})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def ended(client: httpx.Client, id_: str, timeout: float = PATIENCE) -> dict[str, Any]:
    """The deployment, once it has ended."""

    def look() -> dict[str, Any] | None:
        answer = client.get(f"{API}/deployments/{id_}")
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found if found.get("finished_at") else None

    found = wait_until(look, timeout=timeout, what=f"the end of {id_}")
    assert found is not None
    return found


def started(client: httpx.Client, id_: str) -> None:
    """Waits until a change of it is under way."""

    def look() -> bool:
        return any(line["type"] == "progress" for line in log(client, id_))

    wait_until(look, interval=0.05, what=f"a step of {id_}")


def creates(home: Path) -> dict[str, int]:
    """How often each object was made, of all stacks."""
    with sqlite3.connect(home / "simulation.db") as connection:
        rows = connection.execute(
            "SELECT stack, address, COUNT(*) FROM operation WHERE action = 'create' GROUP BY 1, 2"
        ).fetchall()
    return {f"{stack}/{address}": number for stack, address, number in rows}


def pid_of(client: httpx.Client) -> int:
    """The process that a client talks to."""
    return int(client.headers["X-Pid"])


def send(client: httpx.Client, number: signal.Signals) -> None:
    """A signal to the process that a client talks to."""
    os.kill(pid_of(client), number)
