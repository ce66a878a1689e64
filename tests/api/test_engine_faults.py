"""Rehearsed failures of the engine, each on an installation of its own: what callers see of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.api.server import API, serve

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx"}],
}


def serving(home: Path, *faults: dict[str, Any]) -> Any:
    """ALMA with a simulation that fails so."""
    file = home / "faults.json"
    file.write_text(json.dumps(faults))
    return serve(home, simulation_faults=file)


def test_a_needed_engine_that_is_down_makes_the_whole_unhealthy(tmp_path: Path) -> None:
    with serving(tmp_path, {"kind": "unavailable", "operation": "check"}) as server:
        detailed = server.http.get(f"{API}/monitoring/health/detailed")
        ready = server.http.get(f"{API}/monitoring/health/ready")
        live = server.http.get(f"{API}/monitoring/health/live")

    assert detailed.status_code == 503
    assert detailed.json()["status"] == "unhealthy"
    assert detailed.json()["components"]["engine:simulation"]["status"] == "unhealthy"
    assert (ready.status_code, live.status_code) == (200, 200)


def test_refused_credentials_are_a_bad_gateway(tmp_path: Path) -> None:
    with serving(tmp_path, {"kind": "auth", "operation": "read"}) as server:
        made = server.post("/blueprints", SHOP)
        answer = server.http.post(f"{API}/blueprints/{made['id']}/plan")

    assert answer.status_code == 502
    assert answer.json()["code"] == "engine_auth_failed"


def test_a_failed_deployment_says_why_and_can_be_tried_again(tmp_path: Path) -> None:
    fault = {"kind": "rejected", "action": "create", "address": "web", "times": 1}
    with serving(tmp_path, fault | {"message": "no room at the inn"}) as server:
        failed = server.deployed(SHOP)
        shown = server.get(f"/iprs/{failed['ipr_id']}")

        assert failed["status"] == "rolled_back"
        assert "no room at the inn" in failed["error"]["message"]
        assert shown["status"] == "failed"
        assert "no room at the inn" in json.dumps(shown["log"])
        assert server.get(f"/stacks/{failed['stack_id']}")["observed"] == []

        again = server.http.post(f"{API}/deployments/{failed['id']}/retry")

        assert again.status_code == 202
        assert again.json()["deployment_id"] != failed["id"]
        # The fault struck the first deployment's change; it would strike another's first attempt as well.
        assert server.ended(again.json()["deployment_id"])["ipr_id"] == failed["ipr_id"]


def test_what_was_made_is_kept_if_so_asked(tmp_path: Path) -> None:
    fault = {"kind": "rejected", "action": "create", "address": "web"}
    with serving(tmp_path, fault) as server:
        failed = server.deployed(SHOP, on_failure="keep")
        left = server.get(f"/stacks/{failed['stack_id']}")["observed"]

    assert failed["status"] == "failed"
    assert [item["address"] for item in left] == ["network"]
