"""The audit log under attack: each test has a server of its own, because it breaks it or floods it."""

from __future__ import annotations

import sqlite3

import pytest

from alma.core.services.denials import MOST_KINDS
from tests.api.server import API, serve

ROOT = "a-key-of-the-configuration"
ADMIN = {"X-API-Key": ROOT}
BLUEPRINT = {"name": "noted", "resources": [{"type": "vm", "name": "vm"}]}


def test_a_flood_of_refusals_is_counted_and_not_noted_one_by_one(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("home")
    with serve(home, api_key=ROOT, trusted_proxies=("127.0.0.1",)) as server:
        for number in range(3 * MOST_KINDS):
            headers = {"X-API-Key": "wrong", "X-Forwarded-For": f"192.0.2.{number}"}
            assert server.http.get(f"{API}/stacks", headers=headers).status_code == 401
        noted = server.http.get(f"{API}/audit/head", headers=ADMIN).json()["seq"]
        assert 1 <= noted <= 2 * MOST_KINDS + 2

    with serve(home, api_key=ROOT) as server:
        params = {"action": "access.denied_others", "everywhere": "true"}
        found = server.http.get(f"{API}/audit", params=params, headers=ADMIN).json()["items"]
        assert sum(entry["after"]["repeated"] for entry in found) + noted >= 3 * MOST_KINDS


def test_tampering_is_found_and_a_change_that_can_not_be_noted_is_not_made(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("home")
    with serve(home) as server:
        for _ in range(3):
            server.post("/blueprints", BLUEPRINT)
        noted = server.get("/audit/head")
    with sqlite3.connect(home / "alma.db") as file:
        file.execute("DROP TRIGGER audit_entry_stays")
        file.execute("UPDATE audit_entry SET principal = 'somebody' WHERE seq = 2")
    file.close()
    with serve(home) as server:
        report = server.post("/audit/verify", {"heads": [noted]}, status=200)
        assert [(fault["kind"], fault["seq"]) for fault in report["faults"]] == [("changed", 2)]
        with sqlite3.connect(home / "alma.db") as file:
            file.execute("DROP TABLE audit_entry")
        file.close()
        before = server.get("/blueprints")["total"]
        assert server.http.post(f"{API}/blueprints", json=BLUEPRINT).status_code == 503
        assert server.get("/blueprints")["total"] == before
