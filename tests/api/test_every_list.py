"""Every list there is, by the API's description: page by page it is what it is as a whole, while others add to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from alma.api.app import create_app
from alma.settings import Settings
from tests.api.server import API, Server, serve
from tests.api.test_iprs import SHOP

SOMEWHERE: Mapping[str, str] = {
    "blueprint_id": "1",
    "name": "simulation",
    "provider": "aws",
    "project_id": "default",
}
WORDS = "otter lantern quarry mildew"
ELSEWHERE: Mapping[str, str] = {
    "/deployments/{deployment_id}/events": "a log, which is followed by the numbers of its lines",
}
"""Lists that are walked in another way, and why."""


def lists() -> Iterator[tuple[str, str, set[str]]]:
    """Every GET that answers a list: its path, the field with the items, the names of its parameters."""
    described = create_app(settings=Settings()).openapi()
    for path, operations in sorted(described["paths"].items()):
        if "get" not in operations:
            continue
        content = operations["get"]["responses"].get("200", {}).get("content", {})
        named = content.get("application/json", {}).get("schema", {}).get("$ref", "")
        schemas = described["components"]["schemas"]
        fields = schemas.get(named.rpartition("/")[2], {})
        takes = {one["name"] for one in operations["get"].get("parameters", [])}
        field = "tools" if path.endswith("/tools") else "items"
        if fields.get("properties", {}).get(field, {}).get("type") == "array":
            yield path.removeprefix(API), field, takes


LISTS = [found for found in lists() if found[0] not in ELSEWHERE]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """More than one page of whatever can be added."""
    with serve(tmp_path_factory.mktemp("filled"), auth_enabled=False) as server:
        server.post("/policies/waivers", _waiver(0))
        for number in range(3):
            server.deployed(SHOP | {"name": f"shop-{number}"})
            server.put("/blueprints/1", SHOP | {"name": "shop-0", "description": f"{number}"})
            for add in ADDED.values():
                add(server, number)
        yield server


def _waiver(number: int) -> dict[str, Any]:
    until = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011
    return {"rule": "ALMA-NET-001", "reason": f"reason {number}", "expires": until}


def _member(server: Server, number: int) -> None:
    server.post("/accounts", {"name": f"somebody-{number}", "password": WORDS})
    server.post("/projects/default/members", {"principal": f"somebody-{number}", "role": "viewer"})


ADDED: Mapping[str, Callable[[Server, int], object]] = {
    "/blueprints": lambda server, n: server.post("/blueprints", SHOP | {"name": f"another-{n}"}),
    "/blueprints/{blueprint_id}/revisions": lambda server, n: server.put(
        "/blueprints/1", SHOP | {"name": "shop-0", "description": f"again {n}"}
    ),
    "/policies/waivers": lambda server, n: server.post("/policies/waivers", _waiver(n)),
    "/projects": lambda server, n: server.post("/projects", {"id": f"project-{n}"}),
    "/projects/{project_id}/members": _member,
    "/projects/{project_id}/roles": lambda server, n: server.put(
        f"/projects/default/roles/role-{n}", {"permissions": ["blueprint:read"]}
    ),
    "/keys": lambda server, n: server.post(
        "/keys", {"name": f"key {n}", "permissions": ["blueprint:read"]}
    ),
    "/iprs": lambda server, n: server.post("/iprs", {"title": f"{n}", "blueprint_id": 1}),
}
"""What adds one more to a list."""


def test_every_list_is_walked_or_says_why_not() -> None:
    named = {path for path, _, _ in lists()}
    assert ELSEWHERE.keys() <= named
    assert ADDED.keys() <= named
    assert len(named) > 20


@pytest.mark.parametrize(("path", "field", "takes"), LISTS, ids=[path for path, *_ in LISTS])
def test_every_list_takes_a_cursor_and_is_walked_completely(
    filled: Server, path: str, field: str, takes: set[str]
) -> None:
    assert {"cursor", "limit"} <= takes
    whole = filled.get(_filled_in(path) + ("" if "skip" not in takes else "?limit=500"))
    assert whole["next_cursor"] is None
    found = list(_pages(filled, f"{API}{_filled_in(path)}?limit=1", field))
    assert [_known(item) for item in found] == [_known(item) for item in whole[field]]
    assert whole.get("total", whole.get("count")) == len(found)


@pytest.mark.parametrize("path", ADDED)
def test_what_is_added_to_a_list_neither_repeats_nor_hides_an_item(
    filled: Server, path: str
) -> None:
    at = _filled_in(path)
    before = [_known(item) for item in filled.get(at)["items"]]
    numbers = iter(range(100 * len(path), 100 * len(path) + 99))
    found = [
        _known(item)
        for item in _pages(
            filled, f"{API}{at}?limit=2", "items", lambda: ADDED[path](filled, next(numbers))
        )
    ]
    assert len(found) == len(set(found))
    assert set(before) <= set(found)


def test_a_list_goes_on_after_an_item_that_is_gone_by_now(filled: Server) -> None:
    first = filled.get("/projects/default/roles?limit=6")
    last = first["items"][-1]["name"]
    assert filled.http.delete(f"{API}/projects/default/roles/{last}").status_code == 204
    rest = filled.get(f"/projects/default/roles?cursor={first['next_cursor']}")
    whole = filled.get("/projects/default/roles")
    assert [*first["items"][:-1], *rest["items"]] == whole["items"]


@pytest.mark.parametrize(("path", "field", "takes"), LISTS, ids=[path for path, *_ in LISTS])
def test_no_list_takes_the_cursor_of_another(
    filled: Server, path: str, field: str, takes: set[str]
) -> None:
    for cursor in ("%00", "x", "bm9ib2R5cwox"):
        answer = filled.http.get(f"{API}{_filled_in(path)}?cursor={cursor}")
        assert answer.status_code == 422, answer.text


def _filled_in(path: str) -> str:
    for name, value in SOMEWHERE.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def _known(item: dict[str, Any]) -> str:
    """What an item is known by; the rest, such as how long a check took, may differ from one answer to the next."""
    names = (
        "id",
        "revision",
        "seq",
        "engine",
        "provider",
        "object_id",
        "principal",
        "name",
        "role",
    )
    return str([item.get(name) for name in (*names, "type", "region", "market")])


def _pages(
    server: Server, link: str | None, field: str, between: Callable[[], object] = lambda: None
) -> Iterator[dict[str, Any]]:
    while link is not None:
        answer = server.http.get(link)
        assert answer.status_code == 200, answer.text
        yield from answer.json()[field]
        assert ("next" in answer.links) == (answer.json()["next_cursor"] is not None)
        link = answer.links["next"]["url"] if "next" in answer.links else None
        between()
