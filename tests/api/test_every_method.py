"""What a path does not take is refused in the same way everywhere, and says what the path takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from alma.api.app import create_app
from alma.settings import Settings

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(
        home=tmp_path_factory.mktemp("methods"),
        rate_limit_enabled=False,
        web_directory=Path("nowhere"),
    )
    with TestClient(create_app(settings=settings), base_url="http://localhost:8000") as running:
        yield running


def taken(client: TestClient) -> Mapping[str, frozenset[str]]:
    """The methods of each path, with an id where it has a place for one. A path that is also another's, such as
    `/policies/waivers` of `/policies/{rule_id}`, takes what both take."""
    described = client.get("/openapi.json").json()["paths"]
    found = {
        re.sub(r"{[^}]+}", "1", path): {*map(str.upper, ops)} for path, ops in described.items()
    }
    for path, methods in found.items():
        for template, ops in described.items():
            if re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", template), path):
                methods |= {*map(str.upper, ops)}
    heads = {path: {"HEAD"} if "GET" in methods else set() for path, methods in found.items()}
    return {path: frozenset(methods | heads[path]) for path, methods in found.items()}


def test_every_path_refuses_what_it_does_not_take_and_says_what_it_takes(
    client: TestClient,
) -> None:
    wrong = []
    paths = taken(client)
    assert len(paths) > 80
    for path, methods in paths.items():
        for method in METHODS:
            if method in methods:
                continue
            answer = client.request(method, path)
            allowed = {*answer.headers.get("allow", "").replace(" ", "").split(",")}
            if answer.status_code != 405 or not allowed or not allowed <= methods:
                wrong.append((method, path, answer.status_code, allowed, methods))
            if method == "HEAD":
                assert answer.content == b"", path
            else:
                assert answer.json()["code"] == "method_not_allowed", (method, path)
    assert wrong == []


OWN_TO_EACH = {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "date", "etag"}


def shown(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OWN_TO_EACH}


# Their bodies tell the time, or what was asked so far: as long as each other they are not.
COUNTING = ("/metrics", "/monitoring/", "/health")


def test_head_is_answered_as_get_without_the_body(client: TestClient) -> None:
    paths = [path for path, methods in taken(client).items() if "GET" in methods]
    assert len(paths) > 60
    for path in paths:
        get, head = client.get(path), client.head(path)
        assert head.status_code == get.status_code, path
        assert head.content == b"", path
        if get.status_code < 400 and not any(part in path for part in COUNTING):
            assert shown(head) == shown(get), path
