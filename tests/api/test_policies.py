"""Policy over HTTP: rules, a check of a document or of what is saved, and waivers that are never overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import API, Server

CARELESS: dict[str, Any] = {
    "name": "careless",
    "resources": [{"name": "db", "type": "database", "network": {"public_ip": True}}],
}


def check(server: Server, **body: Any) -> Any:
    return server.post("/policies/check", body, status=200)


def of(rule: str, found: Any) -> Any:
    return next(item for item in found["findings"] if item["rule"] == rule)


def test_the_rules_are_listed_with_their_name_and_each_can_be_read(server: Server) -> None:
    listed = server.get("/policies")
    assert listed["bundle"].startswith("policies@")
    assert listed["problems"] == []
    rule = server.get("/policies/alma-net-001")
    assert rule in listed["items"]
    assert rule["assert"]
    assert rule["examples"]


def test_a_document_is_checked_without_being_saved(server: Server) -> None:
    found = check(server, blueprint=CARELESS)
    finding = of("ALMA-NET-001", found)
    assert finding["path"] == "resources.db.network.public_ip"
    assert finding["evidence"] == {"r.network.public_ip": True}
    assert finding["fix"][0]["value"] is False
    assert found["blocked"]
    assert found["score"]["value"] <= 4.9
    names = [item["name"] for item in server.get("/blueprints")["items"]]
    assert "careless" not in names


def test_of_many_findings_the_gravest_are_shown_and_the_others_counted(server: Server) -> None:
    names = [f"db{number}" for number in range(4)]
    careless = {**CARELESS, "resources": [{**CARELESS["resources"][0], "name": n} for n in names]}
    whole, some = (check(server, blueprint=careless, limit=most) for most in (500, 2))
    results = [item["result"] for item in whole["findings"]]

    assert whole["left_out"] == {}
    assert [item["result"] for item in some["findings"]] == ["fail"] * 2 + ["unknown"] * 2
    assert some["findings"][:2] == whole["findings"][:2]
    assert some["left_out"] == {result: results.count(result) - 2 for result in ("fail", "unknown")}
    assert all(some[key] == whole[key] for key in ("counts", "score", "blocked"))
    assert server.post("/policies/check", {"blueprint": careless, "limit": 0}, status=422)


def test_what_is_saved_is_checked_by_its_number_and_only_for_a_framework(server: Server) -> None:
    saved = server.post("/blueprints", {**CARELESS, "name": "saved-careless"})
    found = check(server, blueprint_id=saved["id"], frameworks=["pci-dss"])
    rules = {item["id"]: item for item in server.get("/policies")["items"]}
    assert of("ALMA-NET-001", found)["result"] == "fail"
    assert all("pci-dss" in rules[rule]["controls"] for rule in found["counts"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"blueprint": CARELESS, "blueprint_id": 1}, 422),
        ({"blueprint": {"name": "x", "resources": [{"name": "a"}]}}, 422),
        ({"blueprint_id": 999_999}, 404),
        ({"blueprint": CARELESS, "colour": "red"}, 422),
    ],
)
def test_what_can_not_be_checked_is_refused(server: Server, body: Any, status: int) -> None:
    assert server.http.post(f"{API}/policies/check", json=body).status_code == status


def test_a_waiver_unblocks_until_it_is_taken_back_and_stays_known(server: Server) -> None:
    rules = {
        item["rule"]
        for item in check(server, blueprint=CARELESS)["findings"]
        if item["level"] == "mandatory"
    }
    made = [
        server.post(
            "/policies/waivers",
            {"rule": rule, "blueprint": "careless", "reason": "moves soon", "expires": "2999-01-31"},
        )
        for rule in sorted(rules)
    ]  # fmt: skip
    found = check(server, blueprint=CARELESS)
    assert not found["blocked"]
    assert of("ALMA-NET-001", found)["waiver"]["reason"] == "moves soon"
    for waiver in made:
        gone = server.http.delete(f"{API}/policies/waivers/{waiver['id']}")
        assert gone.json()["revoked_by"] == "local"
    assert check(server, blueprint=CARELESS)["blocked"]
    held = {item["id"] for item in server.get("/policies/waivers")["items"]}
    known = {item["id"] for item in server.get("/policies/waivers?past=true")["items"]}
    ids = {waiver["id"] for waiver in made}
    assert not ids & held
    assert ids <= known
    assert server.http.delete(f"{API}/policies/waivers/{made[0]['id']}").status_code == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"reason": ""}, 422),
        ({"expires": "soon"}, 422),
        ({"expires": "2020-01-01"}, 422),
        ({"rule": "ALMA-XXX-1"}, 404),
    ],
)
def test_what_is_no_waiver_is_refused(server: Server, change: Any, status: int) -> None:
    body = {"rule": "ALMA-NET-001", "reason": "moves", "expires": "2999-01-01", **change}
    assert server.http.post(f"{API}/policies/waivers", json=body).status_code == status
