"""What was opened with access that is taken back ends within seconds: every stream, and every WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from alma.core.model.dialogue import Ask
from alma.llm.scripted import Scripted, ScriptedModel
from tests.api.server import API, Server, serve
from tests.api.streaming import Frame, frames
from tests.api.test_live import CHAIN
from tests.api.test_websocket import hear, say, socket, to_the_end

ADMIN = "k" * 40
PASSWORD = "seven quiet otters under oak"


def never(_: Ask) -> Scripted:
    """A model that begins, and does not end before it is stopped."""
    return Scripted(partials=({"say": "Good"},), then=asyncio.Event())


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation whose machines take minutes, and whose model takes for ever."""
    model = ScriptedModel([never], forever=True)
    home = tmp_path_factory.mktemp("guarded")
    with serve(home, model=model, grace=0.0, api_key=ADMIN, simulation_time_scale=60) as server:
        server.http.headers["X-API-Key"] = ADMIN
        yield server


@pytest.fixture(scope="module")
def deployment(guarded: Server) -> str:
    """One that is under way all the time."""
    made = guarded.post("/blueprints", CHAIN)
    ipr = guarded.post("/iprs", {"title": "chain", "blueprint_id": made["id"]})
    guarded.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    return str(guarded.post(f"/iprs/{ipr['id']}/deploy", status=202)["deployment_id"])


Headers = dict[str, str]
Access = tuple[Headers, Callable[[], httpx.Response]]


def of_a_key(server: Server) -> Access:
    permissions = ["deployment:read", "conversation:use", "blueprint:write", "tool:run"]
    made = server.post("/keys", {"name": "watcher", "permissions": permissions})
    return {"X-API-Key": made["secret"]}, lambda: server.http.delete(f"{API}/keys/{made['id']}")


def member(server: Server, name: str) -> Headers:
    server.post("/accounts", {"name": name, "password": PASSWORD})
    server.post("/projects/default/members", {"principal": name, "role": "viewer"})
    body = {"username": name, "password": PASSWORD}
    token = server.post("/auth/login", body, status=200)["access_token"]
    return {"Authorization": f"Bearer {token}"}


def of_an_account(name: str) -> Callable[[Server], Access]:
    """Taken back by disabling it."""

    def access(server: Server) -> Access:
        body = {"disabled": True}
        return member(server, name), lambda: server.http.patch(f"{API}/accounts/{name}", json=body)

    return access


def of_a_role(name: str) -> Callable[[Server], Access]:
    """Taken back by taking the role; the account stays."""

    def access(server: Server) -> Access:
        path = f"{API}/projects/default/members/user:{name}/viewer"
        return member(server, name), lambda: server.http.delete(path)

    return access


@contextmanager
def opened(
    server: Server, method: str, path: str, headers: Headers, body: Any = None
) -> Iterator[Iterator[Frame]]:
    headers = headers | {"Accept": "text/event-stream"}
    with (
        httpx.Client(base_url=server.url, timeout=60) as client,
        client.stream(method, f"{API}{path}", headers=headers, json=body) as answer,
    ):
        assert answer.status_code == 200, answer.read()
        yield frames(answer.iter_lines())


@pytest.mark.parametrize(
    ("access", "code"),
    [
        (of_a_key, "unauthenticated"),
        (of_an_account("ada"), "unauthenticated"),
        (of_a_role("bea"), "forbidden"),
    ],
    ids=["key", "account", "role"],
)
def test_the_log_of_a_deployment_ends_with_an_error(
    guarded: Server, deployment: str, access: Callable[[Server], Access], code: str
) -> None:
    headers, take_back = access(guarded)
    with opened(guarded, "GET", f"/deployments/{deployment}/events", headers) as told:
        assert next(told).id == "1"
        assert take_back().is_success
        *before, last = told
    assert last.type == "error"
    assert last.data["code"] == code
    assert last.data["content"] == last.data["detail"]
    # It is no line of the log: who comes back goes on after the last one that is.
    assert last.id is None
    assert all(frame.id for frame in before)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/conversation/chat-stream", {"message": "good evening to you, dear machine"}),
        (
            "/blueprints/generate-blueprint-stream",
            {"description": "something for a bakery, you know best"},
        ),
    ],
    ids=["chat", "generation"],
)
def test_an_answer_that_is_being_made_ends_with_an_error_and_its_work_with_it(
    guarded: Server, path: str, body: dict[str, Any]
) -> None:
    headers, take_back = of_a_key(guarded)
    with opened(guarded, "POST", path, headers, body) as told:
        next(told)
        assert take_back().is_success
        *_, last = told
    assert (last.type, last.data["code"]) == ("error", "unauthenticated")


@pytest.mark.parametrize(
    ("access", "code"),
    [(of_a_key, 4401), (of_an_account("cid"), 4401), (of_a_role("dan"), 4403)],
    ids=["key", "account", "role"],
)
def test_a_websocket_is_closed_with_its_code(
    guarded: Server, deployment: str, access: Callable[[Server], Access], code: int
) -> None:
    headers, take_back = access(guarded)
    with socket(guarded, **headers) as connection:
        say(connection, action="subscribe", deployment_id=deployment)
        assert hear(connection)["type"] == "subscribed"
        assert take_back().is_success
        with pytest.raises(ConnectionClosed) as closed:
            to_the_end(connection)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_who_keeps_the_access_goes_on(guarded: Server, deployment: str) -> None:
    """The same check, again and again, ends nobody else's stream."""
    kept, _ = of_a_key(guarded)
    lost, take_back = of_a_key(guarded)
    path = f"/deployments/{deployment}/events"
    with (
        socket(guarded, **kept) as connection,
        opened(guarded, "GET", path, lost) as told,
    ):
        assert take_back().is_success
        assert list(told)[-1].type == "error"
        say(connection, action="ping")
        assert hear(connection) == {"type": "pong"}
