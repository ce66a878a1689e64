"""A body that is packed is refused as such: nobody is told that their JSON is wrong, and nothing is unpacked."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.server import API, Server
from tests.api.test_bad_input import refused
from tests.api.test_iprs import SHOP

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    # What is said counts, not what it is.
    "br": bytes,
    "zstd": bytes,
    "GZIP": gzip.compress,
    "identity, gzip": gzip.compress,
}
TAKEN: dict[str, Any] = {
    f"{API}/blueprints": SHOP,
    f"{API}/blueprints/validate": SHOP,
    f"{API}/iprs": {"title": "x", "blueprint_id": 1},
    f"{API}/conversation/chat": {"message": "help"},
    f"{API}/auth/device/token": {"device_code": "x"},
    "/graphql": {"query": "{ __typename }"},
}


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("path", TAKEN)
def test_a_packed_body_is_told_that_it_is_not_unpacked(
    server: Server, path: str, encoding: str
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    content = PACKED[encoding](json.dumps(TAKEN[path]).encode())
    before = server.get("/blueprints")["total"]

    answer = server.http.post(path, content=content, headers=headers)

    body = refused(answer, 415)
    assert body["code"] == "body_encoded"
    assert "Content-Encoding" in body["hint"]
    assert answer.headers["Accept-Encoding"] == "identity"
    assert server.get("/blueprints")["total"] == before


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_body_that_says_it_is_not_packed_is_read(server: Server, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    answer = server.http.post(f"{API}/blueprints/validate", json=SHOP, headers=headers)
    assert answer.json()["valid"] is True, answer.text


def test_who_sends_no_body_may_say_of_it_what_they_like(server: Server) -> None:
    answer = server.http.get(f"{API}/blueprints", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 200, answer.text


def test_what_takes_a_body_says_so_in_its_description(server: Server) -> None:
    paths = server.http.get("/openapi.json").json()["paths"]
    told = {
        (path, method): "415" in operation["responses"]
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    for (path, method), said in told.items():
        assert said == ("requestBody" in paths[path][method]), (method, path)
