"""Every list page by page over HTTP: nothing twice, nothing left out, while others add."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import API, Server
from tests.api.test_iprs import SHOP


@pytest.fixture(scope="module")
def inhabited(server: Server) -> Server:
    """Five of each."""
    for number in range(5):
        server.deployed(SHOP | {"name": f"shop-{number}"})
        server.post("/conversation/chat", {"message": "a web server"}, status=200)
    return server


def walked(server: Server, path: str, *, between: Any = lambda: None) -> list[Any]:
    """All items of a list, page by page, each page by the link of the one before."""
    found: list[Any] = []
    link: str | None = f"{API}{path}{'&' if '?' in path else '?'}limit=2"
    while link is not None:
        answer = server.http.get(link)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert len(body["items"]) <= 2
        found += body["items"]
        assert ("next" in answer.links) == (body["next_cursor"] is not None)
        link = answer.links["next"]["url"] if "next" in answer.links else None
        between()
    return found


@pytest.mark.parametrize(
    "path", ["/blueprints", "/iprs", "/deployments", "/conversation", "/iprs?status=deployed"]
)
def test_a_walk_by_cursors_finds_what_one_long_page_shows(inhabited: Server, path: str) -> None:
    once = inhabited.get(path)
    assert once["next_cursor"] is None
    assert len(once["items"]) >= 5
    assert walked(inhabited, path) == once["items"]


def test_what_is_added_meanwhile_moves_nothing(inhabited: Server) -> None:
    before = [item["id"] for item in inhabited.get("/blueprints")["items"]]

    found = walked(
        inhabited, "/blueprints", between=lambda: inhabited.post("/blueprints", {**SHOP})
    )

    assert [item["id"] for item in found] == before


@pytest.mark.parametrize("path", ["/blueprints", "/iprs", "/deployments", "/conversation"])
def test_a_forged_cursor_is_a_fault_of_the_request(server: Server, path: str) -> None:
    for cursor in ("%00", "x", "Ymx1ZXByaW50cwo5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "a" * 2000):
        answer = server.http.get(f"{API}{path}?cursor={cursor}")
        assert answer.status_code == 422, answer.text
    mixed = server.http.get(f"{API}{path}?cursor=x&skip=1")
    assert mixed.status_code == 422
