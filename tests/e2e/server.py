"""A real ALMA server process on a free port, as a person would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.waiting import PATIENCE, wait_until


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The process's environment: its own data directory and nothing of the developer's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ALMA_")}
    # Tests ask more often than people do; those about the limits say so.
    own = {"ALMA_HOME": str(home), "NO_COLOR": "1", "ALMA_RATE_LIMIT_ENABLED": "false"}
    return kept | own | settings


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[httpx.Client]:
    """A client of a server that lives as long as the block; what it printed is shown when it dies early."""
    log = home / "server.out"
    home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "alma", "serve", "--port", "0"],
            env=environment(home, **settings),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            url = wait_until(lambda: _url(home, process, log), timeout=PATIENCE)
            with httpx.Client(base_url=url, timeout=PATIENCE) as client:
                wait_until(lambda: client.get("/api/v1/monitoring/health/ready").is_success)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def _url(home: Path, process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server answers; empty until it says so."""
    assert process.poll() is None, log.read_text()
    found = home / "server.json"
    return str(json.loads(found.read_text())["url"]) if found.exists() else ""
