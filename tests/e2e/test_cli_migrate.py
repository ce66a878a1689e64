"""`alma migrate` brings a database up to date as a step of its own, so that servers find it done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from alma.db.tables import HEAD
from tests.e2e.server import environment, serving
from tests.postgres import create_database, database_url, drop_database, postgres_server
from tests.waiting import PATIENCE

__all__ = ["postgres_server"]


def migrate(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alma", "migrate", "--json"],
        env=environment(home, **variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_an_empty_file_gets_its_tables_and_the_next_time_nothing_is_done(tmp_path: Path) -> None:
    first, second = migrate(tmp_path), migrate(tmp_path)
    assert json.loads(first.stdout) == {"before": None, "after": HEAD}, first.stderr
    assert json.loads(second.stdout) == {"before": HEAD, "after": HEAD}


def test_a_file_that_a_running_server_owns_is_left_to_it(tmp_path: Path) -> None:
    with serving(tmp_path):
        done = migrate(tmp_path)
    assert done.returncode == 5
    assert "another process" in json.loads(done.stdout)["detail"]


@pytest.mark.slow
def test_several_on_one_postgresql_migrate_once(postgres_server: Path, tmp_path: Path) -> None:
    name = create_database(postgres_server)
    try:
        url = database_url(postgres_server, name)
        command = [sys.executable, "-m", "alma", "migrate", "--json"]
        running = [
            subprocess.Popen(
                command,
                env=environment(tmp_path / str(number), ALMA_DATABASE_URL=url),
                stdout=subprocess.PIPE,
                text=True,
            )
            for number in range(3)
        ]
        told = [json.loads(one.communicate(timeout=PATIENCE)[0]) for one in running]
        assert {one["after"] for one in told} == {HEAD}
        assert json.loads(migrate(tmp_path / "later", ALMA_DATABASE_URL=url).stdout) == {
            "before": HEAD,
            "after": HEAD,
        }
    finally:
        drop_database(postgres_server, name)
