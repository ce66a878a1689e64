"""The council over HTTP: convened on words, documents, saved blueprints and requests, and shown with each request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import Server

OPEN: dict[str, Any] = {
    "name": "careless",
    "resources": [{"name": "db", "type": "database", "network": {"public_ip": True}}],
}


def convene(server: Server, status: int = 200, **body: Any) -> Any:
    return server.post("/council/convene", body, status=status)


def test_it_tells_who_sits_in_it_and_what_findings_call_for(server: Server) -> None:
    told = server.get("/council")
    assert [seat["agent"] for seat in told["agents"]] == ["architect", "secops", "finops"]
    assert told["verdicts"] == ["approve", "comment", "request_changes", "block"]
    assert told["calls_for"]["critical"] == "request_changes"


@pytest.mark.parametrize("key", ["request", "description"])
def test_words_are_examined_and_nothing_is_saved(server: Server, key: str) -> None:
    said = server.post("/council/convene", {key: "web app with database"}, status=200)
    assert said["blueprint"]["resources"]
    assert said["summary"].startswith("The council ")
    assert {agent["agent"] for agent in said["agents"]} == {"architect", "secops", "finops"}
    assert all(found["citations"] for found in said["findings"])
    assert said["book"] == said["estimate"]["book"]
    assert said["bundle"] == server.get("/policies")["bundle"]


def test_a_document_and_a_saved_blueprint_and_its_request_are_examined_alike(
    server: Server,
) -> None:
    saved = server.post("/blueprints", OPEN)
    ipr = server.post("/iprs", {"title": "open", "blueprint_id": saved["id"]})
    said = [
        convene(server, blueprint=OPEN),
        convene(server, blueprint_id=saved["id"]),
        convene(server, ipr_id=ipr["id"]),
        ipr["council"],
        server.get(f"/iprs/{ipr['id']}")["council"],
    ]
    assert [item["verdict"] for item in said] == ["block"] * 5
    assert all(item["shut"] for item in said)
    assert len({tuple(found["code"] for found in item["findings"]) for item in said}) == 1


def test_an_approval_that_a_mandatory_rule_forbids_is_403_and_names_rule_and_place(
    server: Server,
) -> None:
    saved = server.post("/blueprints", {**OPEN, "name": "refused"})
    ipr = server.post("/iprs", {"title": "open", "blueprint_id": saved["id"]})
    refused = server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=403)
    assert refused["code"] == "policy_violation"
    assert refused["rules"] == ["ALMA-NET-001", "ALMA-NET-002"]
    assert refused["findings"][0]["path"] == "resources.db.network.public_ip"
    assert "waive the rule" in refused["hint"]
    assert server.get(f"/iprs/{ipr['id']}")["status"] == "pending"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"request": "a cache", "blueprint_id": 1}, 422),
        ({"request": ""}, 422),
        ({"blueprint": {"name": "x", "resources": [{"name": "a", "type": "nonsense"}]}}, 422),
        ({"blueprint": OPEN, "engine": "nonsense"}, 422),
        ({"blueprint_id": 99_999}, 404),
        ({"ipr_id": 99_999}, 404),
    ],
)
def test_what_can_not_be_looked_at_is_said(
    server: Server, body: dict[str, Any], status: int
) -> None:
    assert convene(server, status=status, **body)["detail"]
