"""A document is planned against what runs of the blueprint of that name, and nothing of it is kept."""

from __future__ import annotations

from typing import Any

from tests.api.server import Server


def document(name: str, count: int = 1) -> dict[str, Any]:
    return {
        "name": name,
        "resources": [{"name": "web", "type": "service", "engine": "nginx", "count": count}],
    }


def test_a_name_that_is_not_known_is_all_new(server: Server) -> None:
    plan = server.post("/blueprints/plan", document("unheard-of", 2), status=200)
    assert {change["action"] for change in plan["changes"]} == {"create"}
    assert plan["revision"] == 0
    assert [c["wanted"]["image"] for c in plan["changes"] if c["address"] == "web-2"]


def test_nothing_is_saved(server: Server) -> None:
    server.post("/blueprints/plan", document("only-a-look"), status=200)
    assert server.get("/blueprints?name=only-a-look")["total"] == 0
    assert all(stack["name"] != "only-a-look" for stack in server.get("/stacks")["items"])


def test_what_is_wrong_with_it_is_said(server: Server) -> None:
    body = server.post("/blueprints/plan", {"name": "x", "resources": [{"name": "y"}]}, status=422)
    assert body["code"] == "blueprint_invalid"
    assert server.post("/blueprints/plan?engine=mars", document("x"), status=422)["hint"]
