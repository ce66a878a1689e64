"""`/ws/deployments`: what is told to whom, from where on, and what becomes of those who send nonsense or may not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets import Origin
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.api.server import Server

APP: dict[str, Any] = {"name": "app", "resources": [{"name": "web", "type": "vm"}]}


def address(server: Server, path: str = "/ws/deployments") -> str:
    return server.url.replace("http://", "ws://") + path


@contextmanager
def socket(
    server: Server, path: str = "/ws/deployments", **headers: str
) -> Iterator[ClientConnection]:
    with connect(
        address(server, path), additional_headers=headers, open_timeout=30, close_timeout=10
    ) as connection:
        yield connection


def say(connection: ClientConnection, **message: Any) -> None:
    connection.send(json.dumps(message))


def hear(connection: ClientConnection) -> Any:
    """The next message that is no heartbeat."""
    while True:
        found = json.loads(connection.recv(timeout=60))
        if found["type"] != "heartbeat":
            return found


def to_the_end(connection: ClientConnection) -> list[Any]:
    lines: list[Any] = []
    while not lines or lines[-1]["type"] != "complete":
        found = hear(connection)
        if "seq" in found:
            lines.append(found)
    return lines


def queued(server: Server, name: str) -> str:
    made = server.post("/blueprints", APP | {"name": name})
    ipr = server.post("/iprs", {"title": "a change", "blueprint_id": made["id"]})
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    id_ = server.post(f"/iprs/{ipr['id']}/deploy", {}, status=202)["deployment_id"]
    assert isinstance(id_, str)
    return id_


@pytest.mark.parametrize("path", ["/ws/deployments", "/ws/deployments/"])
def test_one_deployment_is_told_from_its_first_line_to_its_last(server: Server, path: str) -> None:
    id_ = queued(server, f"first{len(path)}")
    with socket(server, path) as connection:
        say(connection, action="subscribe", deployment_id=id_)
        assert hear(connection) == {"type": "subscribed", "deployment_id": id_, "after": 0}
        lines = to_the_end(connection)
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["deployment_id"] for line in lines} == {id_}
    assert {"status_change", "progress", "log", "complete"} >= {line["type"] for line in lines}
    logged = server.get(f"/deployments/{id_}/events")["items"]
    assert [line["message"] for line in lines] == [line["message"] for line in logged]


def test_it_goes_on_after_the_line_that_was_seen_last(server: Server) -> None:
    id_ = queued(server, "resumed")
    server.ended(id_)
    with socket(server) as connection:
        say(connection, action="subscribe", deployment_id=id_, after=3)
        hear(connection)
        assert [line["seq"] for line in to_the_end(connection)][:2] == [4, 5]


def test_all_deployments_are_told_from_then_on_and_nothing_of_before(server: Server) -> None:
    before = queued(server, "before")
    server.ended(before)
    with socket(server) as connection:
        say(connection, action="subscribe", id=7)
        assert hear(connection) == {"type": "subscribed", "id": 7}
        after = queued(server, "after")
        lines = to_the_end(connection)
    assert {line["deployment_id"] for line in lines} == {after}
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))


def test_what_was_unsubscribed_is_told_no_more(server: Server) -> None:
    id_ = queued(server, "left")
    server.ended(id_)
    with socket(server) as connection:
        say(connection, action="unsubscribe", deployment_id=id_)
        assert hear(connection) == {"type": "unsubscribed", "deployment_id": id_}
        say(connection, action="ping", id="a")
        assert hear(connection) == {"type": "pong", "id": "a"}


def test_a_deployment_that_is_not_there_is_an_error_and_no_end(server: Server) -> None:
    with socket(server) as connection:
        say(connection, action="subscribe", deployment_id="nowhere")
        assert hear(connection)["type"] == "subscribed"
        error = hear(connection)
        assert (error["type"], error["code"]) == ("error", "not_found")
        say(connection, action="ping")
        assert hear(connection) == {"type": "pong"}


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        '"subscribe"',
        "{}",
        '{"action": "deploy"}',
        '{"action": ["subscribe"]}',
        '{"action": "subscribe", "deployment_id": ""}',
        '{"action": "subscribe", "deployment_id": {"$ne": null}}',
        '{"action": "subscribe", "deployment_id": "d", "after": -1}',
        '{"action": "subscribe", "deployment_id": "d", "after": 1e400}',
        '{"action": "subscribe", "after": 5}',
        '{"action": "subscribe", "after": {"d": -1}}',
        "[" * 10_000,
        '{"action": "subscribe", "deployment_id": "d", "after": 99999999999999999999}',
        "\x00\ud7ff",
        b"\xff\xfe\x00",
    ],
)
def test_nonsense_is_answered_and_the_connection_stays(
    server: Server, nonsense: str | bytes
) -> None:
    with socket(server) as connection:
        connection.send(nonsense)
        error = hear(connection)
        assert error["type"] == "error", error
        assert error["code"] == "invalid_input"
        say(connection, action="ping")
        assert hear(connection) == {"type": "pong"}


def test_a_message_that_is_too_long_ends_the_connection(server: Server) -> None:
    with socket(server) as connection:
        connection.send("x" * 20_000)
        with pytest.raises(ConnectionClosed) as closed:
            hear(connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_who_says_nothing_but_nonsense_is_sent_away(server: Server) -> None:
    def talk(connection: ClientConnection) -> None:
        for _ in range(200):
            connection.send("{")
            hear(connection)

    with socket(server) as connection, pytest.raises(ConnectionClosed) as closed:
        talk(connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4429


def test_a_page_of_somebody_else_s_is_refused_before_the_handshake(server: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(address(server), origin=Origin("https://evil.example"))
    assert refused.value.response.status_code == 403
