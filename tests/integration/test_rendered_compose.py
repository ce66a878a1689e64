"""Compose starts what is rendered, and it works: pages through the balancer, and a database with its password."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.rendering import Rendering
from tests.unit.renderers.rendering import rendered
from tests.unit.renderers.test_compose import compose_command
from tests.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.slow]

_SECONDS = 300
PASSWORD = secrets.token_urlsafe(16)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def shop(port: int) -> list[dict[str, Any]]:
    small = {"cpu": 0.5, "memory": "256MiB"}
    return [
        {"name": "db", "type": "database", "engine": "postgresql", "version": "16", "specs": small},
        {
            "name": "web",
            "type": "service",
            "engine": "nginx",
            "count": 2,
            "specs": small,
            "network": {"ports": [80]},
            "depends_on": ["db"],
            "env": {"DATABASE_PASSWORD": {"secret": "db.password"}, "PRICE": "$5"},
        },
        {
            "name": "lb",
            "type": "load_balancer",
            "engine": "haproxy",
            "specs": small,
            "backends": ["web"],
            "network": {"ports": [f"{port}:80"]},
        },
    ]


class Project:
    """What a person does with the files: lays them down, fills in the secrets, and starts."""

    def __init__(self, folder: Path, made: Rendering) -> None:
        command = compose_command()
        if command is None or shutil.which("docker") is None:
            pytest.skip("neither docker compose nor docker-compose is here")
        self.folder = folder
        self.name = f"alma-render-{uuid.uuid4().hex[:8]}"
        self.command = [*command, "-p", self.name, "-f", "compose.yaml"]
        for file in made.files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            # Compose 1 takes a project's name from its command line alone.
            path.write_text(file.content.replace("\nname: shop\n", "\n"), encoding="utf-8")
            path.chmod(file.mode)
        self.fill_in(made)

    def fill_in(self, made: Rendering) -> None:
        for note in made.notes:
            if note.path.startswith("secrets/"):
                path = self.folder / note.path
                path.parent.mkdir(exist_ok=True)
                path.write_text(PASSWORD)
                path.chmod(0o444)
            elif note.code == "left_to_you":
                (self.folder / ".env").write_text(f"{note.path}={PASSWORD}\n")

    def run(self, *words: str, check: bool = True) -> str:
        done = subprocess.run(
            [*self.command, *words],
            cwd=self.folder,
            env={**os.environ, "COMPOSE_INTERACTIVE_NO_CLI": "1"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        assert done.returncode == 0 or not check, f"{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Iterator[tuple[Project, int]]:
    port = free_port()
    made = Project(tmp_path, rendered(shop(port), "docker"))
    yield made, port
    made.run("down", "--volumes", "--timeout", "1", check=False)


def page(port: int) -> str | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return str(answer.read().decode())
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return None


def test_what_is_rendered_starts_and_works(project: tuple[Project, int]) -> None:
    started, port = project
    started.run("up", "-d")
    assert wait_until(lambda: page(port), timeout=120, what="a page through the balancer")
    asked = f"PGPASSWORD={PASSWORD} psql -h db -U alma -d app -Atc 'select 6 * 7'"
    assert started.run("exec", "-T", "db", "sh", "-c", asked).strip() == "42"
    seen = started.run("exec", "-T", "web", "sh", "-c", 'echo "$DATABASE_PASSWORD $PRICE"')
    assert seen.strip() == f"{PASSWORD} $5"
