"""Deployments watched over GraphQL: the log, from any line on, to its end; and only by who may see them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.api.server import Server

WATCH = "subscription ($id: String!, $after: Int!) { deployment_events(id: $id, after: $after) { seq type } }"
PROTOCOL = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def connection(server: Server, **more: Any) -> AsyncIterator[ClientConnection]:
    url = server.url.replace("http", "ws") + "/graphql"
    async with connect(url, subprotocols=[PROTOCOL], **more) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        yield socket


async def answers(socket: ClientConnection, query: str, **variables: Any) -> list[dict[str, Any]]:
    """Everything that comes until the subscription ends."""
    payload = {"query": query, "variables": variables}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
    found = []
    async with asyncio.timeout(30):
        while (message := json.loads(await socket.recv()))["type"] != "complete":
            if message["type"] == "error":
                return [{"errors": message["payload"]}]
            found.append(message["payload"])
    return found


@pytest.fixture(scope="module")
def deployment(server: Server) -> str:
    document = {"name": "watched", "resources": [{"name": "web", "type": "vm"}]}
    return str(server.deployed(document)["id"])


async def test_a_log_is_given_to_its_end(server: Server, deployment: str) -> None:
    async with connection(server) as socket:
        found = await answers(socket, WATCH, id=deployment, after=0)

    events = [item["data"]["deployment_events"] for item in found]
    over_rest = await asyncio.to_thread(server.get, f"/deployments/{deployment}/events")
    assert events == [{"seq": one["seq"], "type": one["type"]} for one in over_rest["items"]]
    assert events[-1]["type"] == "complete"


async def test_a_log_goes_on_after_the_line_seen_last(server: Server, deployment: str) -> None:
    async with connection(server) as socket:
        found = await answers(socket, WATCH, id=deployment, after=3)

    assert found[0]["data"]["deployment_events"]["seq"] == 4


async def test_a_deployment_that_does_not_exist_is_not_found(server: Server) -> None:
    async with connection(server) as socket:
        (answer,) = await answers(socket, WATCH, id="none", after=0)

    assert answer["errors"][0]["extensions"]["code"] == "not_found"


async def test_a_query_comes_over_the_same_connection(server: Server) -> None:
    async with connection(server) as socket:
        (answer,) = await answers(socket, "{ status { status } }")

    assert answer["data"] == {"status": {"status": "healthy"}}


async def test_a_subscription_is_bounded_like_a_query(server: Server) -> None:
    many = " ".join(f"a{number}: seq" for number in range(40))
    query = f'subscription {{ deployment_events(id: "x") {{ {many} }} }}'
    async with connection(server) as socket:
        (answer,) = await answers(socket, query)

    assert answer["errors"][0]["extensions"]["code"] == "query_too_large"


async def test_a_page_of_another_site_can_not_watch(server: Server) -> None:
    with pytest.raises(InvalidStatus):
        async with connection(server, origin="https://elsewhere.example"):
            pass


async def test_what_is_no_message_ends_the_connection(server: Server) -> None:
    async with connection(server) as socket:
        await socket.send("\\ud800{")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4400
