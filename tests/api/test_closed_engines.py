"""An engine that is closed to a project is closed in every way, from the next request on."""

from __future__ import annotations

import pytest

from tests.api.server import API, Server

HERE = {"X-ALMA-Project": "closed-shop"}
SHOP = {"name": "shop", "resources": [{"name": "web", "type": "vm", "engine": "nginx"}]}


@pytest.fixture(scope="module")
def closed(server: Server) -> int:
    """A blueprint of a project that may use Docker only; its request was opened before that was said."""
    server.post("/projects", {"id": "closed-shop", "name": "Closed shop"})
    made = server.http.post(f"{API}/blueprints", json=SHOP, headers=HERE).json()
    body = {"title": "Open it", "blueprint_id": made["id"], "engine": "simulation"}
    asked = server.http.post(f"{API}/iprs", json=body, headers=HERE)
    assert asked.status_code == 201, asked.text
    rules = {"rules": {"engines": ["docker"]}}
    ruled = server.http.patch(f"{API}/projects/closed-shop", json=rules)
    assert ruled.status_code == 200, ruled.text
    return int(made["id"])


def test_its_lists_leave_it_out(server: Server, closed: int) -> None:
    shown = server.http.get(f"{API}/engines", headers=HERE).json()["items"]

    usable = {engine["engine"] for engine in shown if engine.get("configured")}
    assert "simulation" not in usable


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/blueprints/{id}/plan", {"engine": "simulation"}),
        ("POST", "/blueprints/{id}/deploy", {"engine": "simulation"}),
        ("POST", "/iprs", {"title": "x", "blueprint_id": "{id}", "engine": "simulation"}),
        ("GET", "/engines/simulation/discover", None),
        ("GET", "/engines/simulation/check", None),
    ],
)
def test_every_way_to_it_is_forbidden(
    server: Server, closed: int, method: str, path: str, body: dict[str, object] | None
) -> None:
    if body and "blueprint_id" in body:
        body = {**body, "blueprint_id": closed}
    answer = server.http.request(method, API + path.format(id=closed), json=body, headers=HERE)

    assert answer.status_code == 403, answer.text
    assert answer.json()["detail"] == "project closed-shop may not use simulation"


def test_a_request_from_before_can_be_approved_and_is_not_deployed(
    server: Server, closed: int
) -> None:
    (ipr,) = server.http.get(f"{API}/iprs", headers=HERE).json()["items"]
    way = f"{API}/iprs/{ipr['id']}"
    server.http.post(f"{way}/review", json={"action": "approve"}, headers=HERE)

    answer = server.http.post(f"{way}/deploy", json={}, headers=HERE)

    assert answer.status_code == 403, answer.text
    assert server.http.get(way, headers=HERE).json()["status"] == "approved"


@pytest.mark.parametrize("rules", [{"approvals": [{"engine": "pve"}]}, {"engines": ["pve@*"]}])
def test_a_rule_about_no_engine_is_refused(server: Server, rules: dict[str, object]) -> None:
    answer = server.http.patch(f"{API}/projects/default", json={"rules": rules})

    assert answer.status_code == 422, answer.text
    assert "pve" in answer.json()["detail"]


def test_a_rule_is_kept_in_the_engine_s_own_spelling(server: Server) -> None:
    server.post("/projects", {"id": "spelled", "name": "Spelled"})
    rules = {"approvals": [{"engine": "FAKE"}], "engines": ["Docker@*", "fake"]}
    kept = server.http.patch(f"{API}/projects/spelled", json={"rules": rules}).json()["rules"]

    assert [rule["engine"] for rule in kept["approvals"]] == ["simulation"]
    assert kept["engines"] == ["docker@*", "simulation"]
