"""GETs that are answered only if something has changed."""

from __future__ import annotations

import pytest

from tests.api.server import API, Server
from tests.api.test_iprs import SHOP


@pytest.fixture(scope="module")
def paths(server: Server) -> dict[str, str]:
    deployed = server.deployed(SHOP)
    stack = server.get("/stacks")["items"][0]["id"]
    return {
        "blueprint": "/blueprints/1",
        "ipr": "/iprs/1",
        "deployment": f"/deployments/{deployed['id']}",
        "stack": f"/stacks/{stack}",
        "template": "/templates/simple-web-app",
    }


@pytest.mark.parametrize("noun", ["blueprint", "ipr", "deployment", "stack", "template"])
def test_what_has_not_changed_is_not_sent_again(
    server: Server, paths: dict[str, str], noun: str
) -> None:
    first = server.http.get(f"{API}{paths[noun]}")
    tag = first.headers["ETag"]
    for shown in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        again = server.http.get(f"{API}{paths[noun]}", headers={"If-None-Match": shown})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    other = server.http.get(f"{API}{paths[noun]}", headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_what_has_changed_is_sent(server: Server, paths: dict[str, str]) -> None:
    ipr = server.post("/iprs", {"title": "before", "blueprint_id": 1})
    tag = server.http.get(f"{API}/iprs/{ipr['id']}").headers["ETag"]
    server.put(f"/iprs/{ipr['id']}", {"title": "after"})
    answer = server.http.get(f"{API}/iprs/{ipr['id']}", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.json()["title"] == "after"
    assert answer.headers["ETag"] != tag


def test_a_failure_and_a_health_have_no_state(server: Server) -> None:
    for path in ("/blueprints/999999", "/monitoring/health/live"):
        assert "ETag" not in server.http.get(f"{API}{path}").headers
