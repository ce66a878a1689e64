"""Requests that are sent again over HTTP: what is answered, and that nothing is done twice."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from tests.api.server import API, Server
from tests.api.test_iprs import SHOP


def send(server: Server, key: str, *, path: str = "/blueprints", **how: Any) -> httpx.Response:
    return server.http.post(f"{API}{path}", headers={"Idempotency-Key": key}, **how)


@pytest.fixture
def key() -> str:
    return str(uuid.uuid4())


def count(server: Server) -> int:
    return int(server.get("/blueprints")["total"])


def test_what_is_sent_again_is_answered_again_and_done_once(server: Server, key: str) -> None:
    before = count(server)
    first, second = send(server, key, json=SHOP), send(server, key, json=SHOP)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    for name in ("Content-Type", "ETag", "Location"):
        assert first.headers[name] == second.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert count(server) == before + 1


def test_a_refusal_is_answered_again_too(server: Server, key: str) -> None:
    first = send(server, key, json={"name": "no resources", "resources": [{}]})
    second = send(server, key, json={"name": "no resources", "resources": [{}]})
    assert first.status_code == second.status_code == 422
    assert first.content == second.content


def test_another_body_under_the_same_key_is_refused(server: Server, key: str) -> None:
    send(server, key, json=SHOP)
    answer = send(server, key, json={**SHOP, "name": "other"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "idempotency_key_reused"
    assert send(server, key, json=SHOP, path="/blueprints/validate").status_code == 409


@pytest.mark.parametrize("key", ["", '""', "a b", "k" * 256, "\xe9"])
def test_a_key_that_is_none_is_refused(server: Server, key: str) -> None:
    before = count(server)
    answer = server.http.post(
        f"{API}/blueprints", json=SHOP, headers={b"Idempotency-Key": key.encode("latin-1")}
    )
    assert answer.status_code == 422
    assert count(server) == before


def test_a_key_in_quotes_is_the_same_key(server: Server, key: str) -> None:
    send(server, key, json=SHOP)
    assert send(server, f'"{key}"', json=SHOP).headers["Idempotency-Replayed"] == "true"


def test_a_stream_is_not_kept_and_says_so(server: Server, key: str) -> None:
    for _ in range(2):
        answer = send(
            server, key, path="/conversation/chat-stream", json={"message": "a web server"}
        )
        assert answer.status_code == 200
        assert answer.headers["Idempotency-Stored"] == "false"


def test_a_body_that_is_too_large_is_said_to_be(server: Server, key: str) -> None:
    answer = send(server, key, content=b" " * 6_000_000)
    assert answer.status_code == 413
    parts = iter([b" " * 3_000_000] * 2)
    assert send(server, key, content=parts).status_code == 413


def test_without_a_key_nothing_changes(server: Server) -> None:
    before = count(server)
    for _ in range(2):
        assert server.http.post(f"{API}/blueprints", json=SHOP).status_code == 201
    assert count(server) == before + 2


def test_what_is_done_for_a_request_is_written_in_its_name(server: Server, key: str) -> None:
    send(server, key, json=SHOP)
    refused = f"{key}-refused"
    send(server, refused, json={"name": "no resources", "resources": [{}]})
    with server.app.state.alma.database.read() as transaction:
        found = transaction.connection.exec_driver_sql(
            "SELECT key, wrote FROM idempotent_answer WHERE key IN (?, ?)", (key, refused)
        )
        wrote = {row.key: bool(row.wrote) for row in found}
    assert wrote == {key: True, refused: False}
