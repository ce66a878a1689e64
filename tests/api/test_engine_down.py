"""An engine that fails: told in its own words, with the right status, and nothing is taken for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.server import API, Server, serve

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx"}],
}


@pytest.fixture(scope="module")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """ALMA with a simulation that can't be read, and no Docker Engine where one is looked for."""
    home = tmp_path_factory.mktemp("unreadable")
    faults = home / "faults.json"
    faults.write_text('[{"kind": "unavailable", "operation": "read"}]')
    nowhere = f"unix://{home}/no-docker.sock"
    with serve(home, simulation_faults=faults, docker_host=nowhere) as running:
        yield running


def test_no_plan_is_made_from_a_failed_read(unreadable: Server) -> None:
    made = unreadable.post("/blueprints", SHOP)

    answer = unreadable.http.post(f"{API}/iprs", json={"title": "x", "blueprint_id": made["id"]})

    assert answer.status_code == 503
    assert answer.json()["code"] == "engine_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert unreadable.get("/iprs")["total"] == 0
    assert unreadable.get("/stacks")["items"] == []


def test_an_absent_docker_is_told_and_no_failure_of_the_whole(unreadable: Server) -> None:
    made = unreadable.post("/blueprints", SHOP)

    check = unreadable.get("/engines/docker/check")
    planned = unreadable.http.post(
        f"{API}/iprs", json={"title": "x", "blueprint_id": made["id"], "engine": "docker"}
    )
    health = unreadable.http.get(f"{API}/monitoring/health/detailed")

    assert check["available"] is False
    assert check["problems"]
    assert planned.status_code == 503
    assert planned.json()["hint"]
    assert health.status_code == 200
    assert health.json()["status"] == "degraded"
