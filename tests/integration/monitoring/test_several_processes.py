"""Several processes behind one port: whoever is asked answers for all of them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.postgres import create_database, database_url, drop_database
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
REQUESTS = 12
KEY = 'http_requests_total{endpoint="/api/v1/templates",method="GET",status="200"}'


@pytest.fixture
def address(tmp_path: Path, postgres_server: Path) -> Iterator[str]:
    name = create_database(postgres_server)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "alma.api.app:create_app", "--factory"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--workers", "2", "--port", str(port), "--log-level", "warning"],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "ALMA_HOME": str(tmp_path / "home"),
                "ALMA_DATABASE_URL": database_url(postgres_server, name),
                "ALMA_RATE_LIMIT_ENABLED": "false",
            },
        )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)
        drop_database(postgres_server, name)


def _ask(url: str) -> str:
    """Each time over a connection of its own: any of the processes may take it."""
    with suppress(httpx.TransportError):
        answer = httpx.get(url, timeout=30)
        return answer.text if answer.status_code == 200 else ""
    return ""


@pytest.mark.slow
def test_every_process_tells_what_all_have_counted(address: str, tmp_path: Path) -> None:
    meeting = tmp_path / "home" / "metrics"
    wait_until(
        lambda: _ask(f"{address}/health") and len(list(meeting.glob("*/counter_*.db"))) == 2,
        timeout=90,
        interval=0.3,
    )
    # Both have begun to count; only what is asked from here on matters.
    for _ in range(REQUESTS):
        assert _ask(f"{address}/api/v1/templates")
    for _ in range(REQUESTS):
        text = wait_until(lambda: _ask(f"{address}/metrics"))
        assert f"{KEY} {REQUESTS}.0" in text.splitlines()
