"""`alma audit` and `alma secrets` beside a server that runs: each verb does what it says, and ends with the code that a
script needs."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import environment, serving
from tests.waiting import PATIENCE, wait_until

API = "/api/v1"
BLUEPRINT = {"name": "noted", "resources": [{"type": "vm", "name": "vm"}]}
NOWHERE = "http://127.0.0.1:9"
LAB = {"urls": "127.0.0.1:9", "token": "a@pve!b=0c4f1e77", "storage": "local"}


@dataclass
class Installation:
    """A server, and the command line beside it."""

    home: Path
    http: httpx.Client

    def alma(self, *arguments: str, code: int = 0, **settings: str) -> str:
        """What the command printed on standard output. Fails on another exit code."""
        done = subprocess.run(
            [sys.executable, "-m", "alma", *arguments],
            env=environment(self.home, **settings),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == code, (arguments, done.stdout, done.stderr)
        return done.stdout

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.alma(*arguments, "--json", code=code))

    def blueprint(self) -> int:
        made = self.http.post(f"{API}/blueprints", json=BLUEPRINT)
        assert made.status_code == 201, made.text
        return int(made.json()["id"])


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    home = tmp_path / "home"
    with serving(home) as client:
        yield Installation(home, client)


def test_the_log_is_listed_shown_checked_taken_along_and_shortened(
    installation: Installation, tmp_path: Path
) -> None:
    made = [installation.blueprint() for _ in range(3)]

    listed = installation.alma("audit", "list", "--action", "blueprint.")
    assert [f"blueprint/{number}" in listed for number in made] == [True] * 3
    newest = installation.json("audit", "list", "--limit", "1")["items"][0]
    assert newest["target"] == f"blueprint/{made[-1]}"
    shown = installation.alma("audit", "show", str(newest["seq"]))
    assert "blueprint.create" in shown
    assert newest["hash"] in shown

    heads = tmp_path / "heads.txt"
    heads.write_text(installation.alma("audit", "head"))
    assert "intact: 3 entries" in installation.alma("audit", "verify", "--since-head", str(heads))

    exported = tmp_path / "audit.jsonl"
    installation.alma("audit", "export", "--output", str(exported))
    offline = ("audit", "verify", "--file", str(exported), "--since-head", str(heads))
    assert "intact: 4 entries" in installation.alma(*offline, ALMA_SERVER=NOWHERE)
    other = base64.b64encode(os.urandom(32)).decode()
    installation.alma(*offline, code=1, ALMA_SECRET_KEY=other, ALMA_SERVER=NOWHERE)
    exported.write_text(exported.read_text().replace('"blueprint.create"', '"blueprint.delete"', 1))
    assert "NOT INTACT" in installation.alma(*offline, code=1, ALMA_SERVER=NOWHERE)

    assert "0 entries went" in installation.alma("audit", "prune", "--before", "2020-01-01")
    moment = installation.json("audit", "list", "--everywhere", "--limit", "1")["items"][0]["at"]
    assert installation.json("audit", "prune", "--before", moment)["entries"] >= 3
    left = installation.json("audit", "list", "--everywhere")["items"]
    assert left[0]["action"] == "audit.prune"
    assert installation.json("audit", "verify")["intact"]
    installation.alma("audit", "prune", "--before", "2999-01-01", code=2)
    installation.alma("audit", "verify", "--head", "nonsense", code=2)


def test_tampering_ends_the_check_with_a_code_that_scripts_notice(
    installation: Installation,
) -> None:
    for _ in range(3):
        installation.blueprint()
    with sqlite3.connect(installation.home / "alma.db") as file:
        file.execute("DROP TRIGGER audit_entry_stays")
        file.execute("UPDATE audit_entry SET principal = 'somebody' WHERE seq = 2")
    file.close()

    told = installation.alma("audit", "verify", code=1)

    assert "NOT INTACT" in told
    assert "changed:" in told
    found = installation.json("audit", "verify", code=1)
    assert [(fault["kind"], fault["seq"]) for fault in found["faults"]] == [("changed", 2)]


def test_keys_are_told_rotated_and_everything_is_encrypted_again(
    installation: Installation,
) -> None:
    saved = installation.http.put(f"{API}/engines/proxmox@lab/connection", json=LAB)
    assert saved.status_code == 200, saved.text
    before = installation.json("secrets", "status")
    assert (len(before["masters"]), before["stale"]) == (1, 0)

    told = installation.alma("secrets", "rotate", "--master", "--data-key")
    after = installation.json("secrets", "status")
    assert after["masters"][1:] == before["masters"]
    assert after["droppable"] == before["masters"]
    assert "it can be dropped" in told
    assert after["stale"] >= 1

    assert f"{after['stale']} secrets" in installation.alma("secrets", "reencrypt", "--batch", "1")
    assert installation.json("secrets", "status")["stale"] == 0
    assert installation.json("audit", "verify")["intact"]


def test_a_key_outlives_the_master_key_it_was_made_under(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with serving(home) as client:
        key = client.post(f"{API}/keys", json={"name": "ci", "administrator": True}).json()[
            "secret"
        ]
        own = {"X-API-Key": key}
        assert client.get(f"{API}/blueprints", headers=own).status_code == 200
        rotated = Installation(home, client).json("secrets", "rotate", "--master")
        assert rotated["needed"] == rotated["masters"][:1]
        file = home / "secret.key"
        file.write_text(file.read_text().split(",")[0])
    with serving(home) as client:
        assert client.get(f"{API}/blueprints", headers=own).status_code == 200
        assert client.get(f"{API}/blueprints", headers={"X-API-Key": f"{key}0"}).status_code == 401
        status = client.get(f"{API}/secrets", headers=own).json()
        assert status["masters"] == rotated["masters"][:1]
        assert client.post(f"{API}/audit/verify", json={}, headers=own).json()["intact"]


async def test_what_is_older_than_is_kept_goes_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server's own tending lets go of it: nobody has to ask."""
    from alma.bootstrap import build, installation
    from alma.core.model.audit import AuditFilter
    from alma.core.model.principal import LOCAL
    from alma.settings import Settings

    class Clock:
        time = datetime(2026, 1, 1, tzinfo=UTC)

        def now(self) -> datetime:
            return self.time

    clock = Clock()
    monkeypatch.setattr(installation, "_TEND_SECONDS", 0.01)
    alma = build(Settings(home=tmp_path, audit_retention=30), clock=clock)
    await alma.start()
    try:
        for _ in range(2):
            await asyncio.to_thread(alma.keys.create, LOCAL, "ci")
        clock.time += timedelta(days=31)
        await asyncio.to_thread(alma.keys.create, LOCAL, "later")

        def actions() -> list[str]:
            found, _ = alma.auditing.list(LOCAL, AuditFilter(), everywhere=True)
            return [entry.action for entry in found]

        await asyncio.to_thread(wait_until, lambda: "audit.prune" in actions(), timeout=PATIENCE)
        assert (await asyncio.to_thread(actions)).count("key.create") == 1
        assert (await asyncio.to_thread(alma.auditing.verify, LOCAL)).intact
    finally:
        await alma.stop()
