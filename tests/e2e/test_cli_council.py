"""The council on the command line, with a server of its own, and the gate between a deployment and what runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

OPEN = """
name: careless
resources:
  - {name: db, type: database, network: {public_ip: true}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "open.yaml").write_text(OPEN)
    return tmp_path


def alma(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ALMA_HOME": str(home / "home"), "ALMA_SIMULATION_TIME_SCALE": "0"}
    environment.pop("ALMA_SERVER", None)
    command = [sys.executable, "-m", "alma", *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=home,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )


def test_words_are_examined(home: Path) -> None:
    done = alma(home, "council", "convene", "web app with database")
    assert done.returncode == 0, done.stderr
    assert "Council: asks for changes" in done.stdout
    assert "ALMA-BCK-001" in done.stdout
    assert "at resources.db-1.backup (Architect, SecOps)" in done.stdout


def test_what_a_mandatory_rule_forbids_is_a_failure_for_scripts(home: Path) -> None:
    done = alma(home, "council", "convene", "--blueprint", "open.yaml", "--json")
    assert done.returncode == 1, done.stderr
    said = json.loads(done.stdout)
    assert said["shut"]
    assert {found["code"] for found in said["findings"] if found["gating"]} == {
        "ALMA-NET-001",
        "ALMA-NET-002",
    }


def test_nothing_is_deployed_that_a_mandatory_rule_forbids_even_with_yes(home: Path) -> None:
    done = alma(home, "deploy", "open.yaml", "--yes")
    assert done.returncode == 4, done.stdout + done.stderr
    assert "ALMA-NET-001 at resources.db.network.public_ip" in done.stderr
    assert "Nothing is deployed" in alma(home, "status").stdout


def test_one_thing_is_looked_at(home: Path) -> None:
    done = alma(home, "council", "convene")
    assert done.returncode == 2
    assert "give one thing to look at" in done.stderr
