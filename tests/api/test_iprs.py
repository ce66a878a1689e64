"""Infrastructure Pull Requests over HTTP, from the first word to nothing left, on the simulation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.server import API, Server

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "depends_on": ["db-1"]},
        {"name": "db-1", "type": "database", "engine": "postgresql"},
    ],
}
ADDRESSES = {"network", "db-1-data", "db-1", "web"}


@pytest.fixture
def ipr(server: Server) -> Any:
    """A pending request."""
    made = server.post("/blueprints", SHOP)
    return server.post("/iprs", {"title": "Open the shop", "blueprint_id": made["id"]})


def approve(server: Server, ipr: Any) -> Any:
    return server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)


def deploy(server: Server, ipr: Any, **body: Any) -> Any:
    queued = server.post(f"/iprs/{ipr['id']}/deploy", body, status=202)
    return server.ended(queued["deployment_id"])


def test_a_request_shows_its_plan_and_computes_its_summary(server: Server) -> None:
    made = server.post("/blueprints", SHOP)

    answer = server.http.post(
        f"{API}/iprs",
        json={
            "title": "Open the shop",
            "blueprint_id": made["id"],
            "changes_summary": {"added": [], "removed": ["everything"], "modified": []},
        },
    )

    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"{API}/iprs/{body['id']}"
    assert body["status"] == "pending"
    assert body["blueprint_id"] == made["id"]
    assert set(body["changes_summary"]["added"]) == ADDRESSES
    assert body["changes_summary"]["removed"] == []
    assert {change["address"] for change in body["plan"]["changes"]} == ADDRESSES
    assert body["plan"]["digest"] == body["plan_digest"]


def test_what_goes_away_is_shown_first(server: Server) -> None:
    deployment = server.deployed(SHOP)
    smaller = {"name": "shop", "resources": [{"name": "db-1", "type": "database"}]}
    server.http.put(f"{API}/blueprints/{deployment['blueprint_id']}", json=smaller)

    ipr = server.post("/iprs", {"title": "less", "blueprint_id": deployment["blueprint_id"]})

    assert ipr["plan"]["destructive"][0] == ipr["plan"]["changes"][0]["address"] == "web"
    assert ipr["changes_summary"]["removed"] == ["web"]


def test_lists_filter_by_status(server: Server, ipr: Any) -> None:
    server.http.delete(f"{API}/iprs/{ipr['id']}")

    found = server.get("/iprs?status=cancelled&skip=0&limit=1")

    assert found["items"][0]["id"] == ipr["id"]
    assert found["total"] >= 1
    assert server.http.get(f"{API}/iprs?status=open").status_code == 422


def test_words_change_only_while_pending(server: Server, ipr: Any) -> None:
    url = f"{API}/iprs/{ipr['id']}"

    assert server.http.put(url, json={"title": "Other words"}).json()["title"] == "Other words"
    approve(server, ipr)

    assert server.http.put(url, json={"title": "Too late"}).status_code == 409


def test_a_review_is_recorded_as_whoever_asks_and_shows_the_name_given(
    server: Server, ipr: Any
) -> None:
    body = server.post(
        f"/iprs/{ipr['id']}/review",
        {"action": "approve", "comments": "fine", "reviewer": "Somebody Else"},
        status=200,
    )

    [review] = body["reviews"]
    assert body["status"] == "approved"
    assert (review["principal"], review["display"]) == ("local", "Somebody Else")
    assert review["self_review"] is True
    assert review["plan_digest"] == body["plan_digest"]


def test_an_approval_of_another_plan_is_refused(server: Server, ipr: Any) -> None:
    answer = server.http.post(
        f"{API}/iprs/{ipr['id']}/review", json={"action": "approve", "plan_digest": "sha256:0"}
    )

    assert answer.status_code == 409
    assert answer.json()["plan_digest"] == ipr["plan_digest"]


def test_a_rejected_request_can_not_be_deployed(server: Server, ipr: Any) -> None:
    rejected = server.post(f"/iprs/{ipr['id']}/review", {"action": "reject"}, status=200)

    answer = server.http.post(f"{API}/iprs/{ipr['id']}/deploy")

    assert rejected["status"] == "rejected"
    assert answer.status_code == 409
    assert answer.json()["code"] == "illegal_transition"


def test_an_unapproved_request_says_how_to_approve_it(server: Server, ipr: Any) -> None:
    answer = server.http.post(f"{API}/iprs/{ipr['id']}/deploy", json={"engine": "simulation"})

    assert answer.status_code == 409
    assert answer.json()["code"] == "approval_required"
    assert answer.json()["hint"] == "look at its plan and approve it first"
    request = server.get(answer.json()["links"]["ipr"].removeprefix(API))
    assert request["links"]["review"] == f"/api/v1/iprs/{ipr['id']}/review"


def test_a_dry_run_changes_nothing(server: Server, ipr: Any) -> None:
    body = server.post(f"/iprs/{ipr['id']}/deploy", {"dry_run": True}, status=200)

    assert body["dry_run"] is True
    assert body["plan"]["digest"] == ipr["plan_digest"]
    assert server.get(f"/iprs/{ipr['id']}")["status"] == "pending"


def test_the_whole_loop(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    ipr = server.post("/iprs", {"title": "Open the shop", "blueprint_id": made["id"]})
    approve(server, ipr)

    queued = server.http.post(f"{API}/iprs/{ipr['id']}/deploy", json={"engine": "simulation"})

    assert queued.status_code == 202
    links = queued.json()["links"]
    assert queued.headers["Location"] == links["self"]
    deployment = server.ended(queued.json()["deployment_id"])
    assert deployment["status"] == "succeeded"
    assert {step["state"] for step in deployment["steps"]} == {"succeeded"}
    assert {step["address"] for step in deployment["steps"]} == ADDRESSES

    shown = server.get(f"/iprs/{ipr['id']}")
    assert shown["status"] == "deployed"
    assert shown["deployment"]["id"] == deployment["id"]
    assert shown["log"][-1]["type"] == "complete"

    stack = server.http.get(links["stack"]).json()
    assert {item["address"] for item in stack["observed"]} == ADDRESSES
    assert {item["address"] for item in stack["recorded"]} == ADDRESSES
    proofs = server.post(f"/stacks/{stack['id']}/verify", status=200)
    assert proofs["passed"] is True
    assert {check["address"] for check in proofs["checks"]} >= {"web", "db-1"}

    again = server.post("/iprs", {"title": "The same", "blueprint_id": made["id"]})
    assert again["changes_summary"] == {"added": [], "modified": [], "removed": []}
    approve(server, again)
    assert deploy(server, again)["steps"] == []

    refused = server.http.delete(f"{API}/blueprints/{made['id']}")
    assert refused.status_code == 409
    gone = server.post(f"/stacks/{stack['id']}/destroy", {"volumes": True})
    assert gone["kind"] == "destroy"
    assert set(gone["changes_summary"]["removed"]) == ADDRESSES
    approve(server, gone)
    assert deploy(server, gone)["status"] == "succeeded"
    assert server.http.get(links["stack"]).json()["observed"] == []
    assert server.http.delete(f"{API}/blueprints/{made['id']}").status_code == 204


def test_a_destroy_keeps_volumes_unless_they_are_asked_for(server: Server) -> None:
    deployment = server.deployed(SHOP)

    gone = server.post(f"/stacks/{deployment['stack_id']}/destroy")
    approve(server, gone)
    deploy(server, gone)

    left = server.get(f"/stacks/{deployment['stack_id']}")["observed"]
    assert [item["address"] for item in left] == ["db-1-data"]
    kept = server.http.delete(f"{API}/blueprints/{deployment['blueprint_id']}").json()
    assert kept["detail"].endswith("has data on simulation")
    assert "with its volumes" in kept["hint"]
    assert kept["links"]["stack"] == f"{API}/stacks/{deployment['stack_id']}"


def test_deploying_twice_is_a_conflict_that_names_the_deployment(server: Server, ipr: Any) -> None:
    approve(server, ipr)
    deployment = deploy(server, ipr)

    answer = server.http.post(f"{API}/iprs/{ipr['id']}/deploy", content='{"engine": "simulation"}')

    assert answer.status_code == 409
    assert answer.json()["deployment_id"] == deployment["id"]
    assert answer.json()["detail"] == f"IPR {ipr['id']} is deployed already"
    late = server.http.post(f"{API}/iprs/{ipr['id']}/replan")
    assert late.json()["detail"] == f"IPR {ipr['id']} is deployed and can't be planned again"


def test_a_plan_that_moved_is_refused_with_the_difference_until_it_is_planned_again(
    server: Server,
) -> None:
    made = server.post("/blueprints", SHOP)
    first, second = (
        server.post("/iprs", {"title": "race", "blueprint_id": made["id"]}) for _ in range(2)
    )
    approve(server, first)
    approve(server, second)
    deploy(server, first)

    stale = server.http.post(f"{API}/iprs/{second['id']}/deploy")

    assert stale.status_code == 409
    assert stale.json()["code"] == "plan_stale"
    assert stale.json()["differences"]
    assert stale.json()["ipr_id"] == second["id"]
    planned = server.post(f"/iprs/{second['id']}/replan", status=200)
    assert planned["status"] == "pending"
    assert planned["approved"] is False


@pytest.mark.parametrize("verb", ["DELETE", "POST"])
def test_a_request_is_withdrawn_once(server: Server, ipr: Any, verb: str) -> None:
    url = f"{API}/iprs/{ipr['id']}" + ("/cancel" if verb == "POST" else "")

    assert server.http.request(verb, url).json()["status"] == "cancelled"
    again = server.http.request(verb, url)
    assert again.status_code == 409
    assert again.json()["detail"] == f"IPR {ipr['id']} is cancelled already"
    assert again.json()["hint"] == "it has ended: open a new request"


# ── the log ──────────────────────────────────────────────────────────────────────────────────────


def frames(text: str) -> list[tuple[int, Any]]:
    """The events of a stream with their ids."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(
            line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":")
        )
        if "data" in lines:
            found.append((int(lines["id"]), json.loads(lines["data"])))
    return found


def test_the_log_is_a_stream_that_ends_with_its_deployment(server: Server) -> None:
    deployment = server.deployed(SHOP)
    url = f"{API}/deployments/{deployment['id']}/events"

    answer = server.http.get(url, headers={"Accept": "text/event-stream"})

    assert answer.headers["content-type"].startswith("text/event-stream")
    events = frames(answer.text)
    assert [number for number, _ in events] == list(range(1, len(events) + 1))
    assert [event["seq"] for _, event in events] == [number for number, _ in events]
    assert events[0][1]["type"] == "status_change"
    assert events[-1][1]["type"] == "complete"
    assert events[-1][1]["deployment_id"] == deployment["id"]


def test_a_stream_goes_on_where_it_broke_off(server: Server) -> None:
    deployment = server.deployed(SHOP)
    url = f"{API}/deployments/{deployment['id']}/events"
    whole = frames(server.http.get(url, params={"stream": True}).text)

    rest = server.http.get(url, params={"stream": True, "after": 1}, headers={"Last-Event-ID": "3"})

    assert frames(rest.text) == whole[3:]


def test_a_stream_that_was_read_to_its_end_is_not_to_be_opened_again(server: Server) -> None:
    deployment = server.deployed(SHOP)
    url = f"{API}/deployments/{deployment['id']}/events"
    last = server.http.get(url).json()["last"]

    answer = server.http.get(
        url, headers={"Accept": "text/event-stream", "Last-Event-ID": str(last)}
    )

    assert answer.status_code == 204


def test_the_log_comes_in_pages_too(server: Server) -> None:
    deployment = server.deployed(SHOP)
    url = f"{API}/deployments/{deployment['id']}/events"

    first = server.http.get(url, params={"limit": 2}).json()
    rest = server.http.get(url, params={"after": first["last"]}).json()

    assert [event["seq"] for event in first["items"]] == [1, 2]
    assert first["ended"] is False
    assert rest["items"][0]["seq"] == 3
    assert rest["ended"] is True


@pytest.mark.parametrize("last", ["-1", "soon", "9" * 30])
def test_a_position_that_is_none_is_an_error(server: Server, last: str) -> None:
    deployment = server.deployed(SHOP)

    answer = server.http.get(
        f"{API}/deployments/{deployment['id']}/events",
        headers={"Accept": "text/event-stream", "Last-Event-ID": last},
    )

    assert answer.status_code == 422


def test_an_ended_deployment_can_not_be_cancelled(server: Server) -> None:
    deployment = server.deployed(SHOP)

    answer = server.http.post(f"{API}/deployments/{deployment['id']}/cancel")

    assert answer.status_code == 409
    assert answer.json()["deployment_id"] == deployment["id"]


def test_lists_of_deployments_count_and_filter(server: Server) -> None:
    deployment = server.deployed(SHOP)

    found = server.get("/deployments?status=succeeded&limit=1")

    assert found["items"][0]["id"] == deployment["id"]
    assert found["total"] >= 1
    assert "steps" not in found["items"][0]


# ── pace ─────────────────────────────────────────────────────────────────────────────────────────────

WEBS: dict[str, Any] = {
    "name": "webs",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx", "count": 3}],
}


def test_a_request_is_opened_replanned_and_deployed_at_a_pace(server: Server) -> None:
    made = server.post("/blueprints", WEBS)
    first = server.post("/iprs", {"title": "first", "blueprint_id": made["id"]})
    approve(server, first)
    deploy(server, first)
    bigger = {**WEBS, "resources": [{**WEBS["resources"][0], "specs": {"memory": "2GB"}}]}
    server.http.put(f"{API}/blueprints/{made['id']}", json=bigger)

    body = {"title": "bigger", "blueprint_id": made["id"], "strategy": "Rolling", "batch": 2}
    rolling = server.post("/iprs", body)["plan"]
    assert (rolling["strategy"], rolling["batch"]) == ("rolling", 2)
    assert rolling["waves"] == [["web", "web-2"], ["web-3"]]

    ipr = server.post("/iprs", {"title": "bigger", "blueprint_id": made["id"]})
    canary = server.post(f"/iprs/{ipr['id']}/replan", {"strategy": "canary"}, status=200)["plan"]
    assert (canary["strategy"], canary["batch"]) == ("canary", None)
    assert canary["waves"] == [["web"], ["web-2", "web-3"]]
    looked = server.post(
        f"/iprs/{ipr['id']}/deploy", {"dry_run": True, "strategy": "all_at_once"}, status=200
    )["plan"]
    assert looked["waves"] == [["web", "web-2", "web-3"]]
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    assert deploy(server, ipr, strategy="rolling")["status"] == "succeeded"


def test_a_pace_that_is_none_is_refused_and_named(server: Server) -> None:
    made = server.post("/blueprints", WEBS)
    body = {"title": "x", "blueprint_id": made["id"]}
    told = server.post("/iprs", body | {"strategy": "blue-green"}, status=422)
    assert "generate_deployment_plan" in json.dumps(told)
    told = server.post("/iprs", body | {"strategy": "slowly"}, status=422)
    assert "'rolling'" in json.dumps(told)
    server.post("/iprs", body | {"strategy": "canary", "batch": 2}, status=422)
    server.post("/iprs", body | {"strategy": "rolling", "batch": 0}, status=422)
    plan = server.http.post(f"{API}/blueprints/plan?strategy=rolling&batch=2", json=WEBS)
    assert (plan.json()["strategy"], plan.json()["batch"]) == ("rolling", 2)
    server.post(f"/blueprints/{made['id']}/deploy", {"strategy": "bluegreen"}, status=422)


def test_the_list_tells_what_destroys_and_what_can_not_run(server: Server, ipr: Any) -> None:
    deploy(server, approve(server, ipr))
    (stack,) = server.get(f"/stacks?blueprint_id={ipr['blueprint_id']}")["items"]
    asked = server.post(f"/stacks/{stack['id']}/destroy", {"volumes": True})

    destroy, first = server.get("/iprs?limit=2")["items"]

    assert (first["destructive"], first["blocked"]) == (0, False)
    assert (destroy["destructive"], destroy["kind"]) == (
        len(asked["plan"]["destructive"]),
        "destroy",
    )
    assert destroy["destructive"] > 0


def test_the_list_can_be_what_waits_for_a_word(server: Server, ipr: Any) -> None:
    rejected = server.post("/iprs", {"title": "Not this", "blueprint_id": ipr["blueprint_id"]})
    server.post(f"/iprs/{rejected['id']}/review", {"action": "reject"}, status=200)

    def ids(query: str) -> list[int]:
        items = server.get(f"/iprs?{query}")["items"]
        return [item["id"] for item in items if item["blueprint_id"] == ipr["blueprint_id"]]

    assert ids("turn=review") == [ipr["id"]]
    assert ids("turn=mine") == [rejected["id"], ipr["id"]]
    assert ids("turn=mine&status=rejected") == [rejected["id"]]
    assert ids("turn=review&status=rejected") == []
