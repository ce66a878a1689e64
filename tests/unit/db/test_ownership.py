"""One process runs deployments on an SQLite file; the next one may as soon as it is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from alma.core.model.errors import DatabaseUnavailable
from alma.db.database import open_database

CLAIM = """
import sys, pathlib
from alma.db.database import open_database
home = pathlib.Path(sys.argv[1])
open_database(f"sqlite:///{home / 'alma.db'}", home=home).claim()
print("mine", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "mine\n"
        mine = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
        with pytest.raises(DatabaseUnavailable, match="another process runs deployments"):
            mine.claim()
        owner.kill()
        owner.wait()
        mine.claim()
        mine.close()


def test_a_claim_is_given_back_by_close(tmp_path: Path) -> None:
    for _ in range(2):
        database = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
        database.claim()
        database.claim()
        database.close()
