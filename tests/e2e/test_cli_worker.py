"""`alma worker` and `alma serve --no-worker` say no where one process owns the database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server import environment
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    "command", [["worker"], ["serve", "--no-worker", "--port", "0"]], ids=["worker", "serve"]
)
def test_a_file_has_one_process(tmp_path: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alma", *command],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "SQLite" in done.stderr
    assert "ALMA_DATABASE_URL" in done.stderr
