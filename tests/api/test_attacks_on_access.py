"""What somebody tries who has a little access and wants more: in another project, after it was taken back, or by being
two people. The server, its accounts, roles and keys are real."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.api.server import API, Server, serve
from tests.api.test_graphql_watching import WATCH, connection

KEY = "k" * 40
PASSWORD = "otter lantern quarry mildew"
BOX = {"name": "box", "resources": [{"name": "web", "type": "vm"}]}
PROXMOX = {"urls": ["https://pve:8006"], "token": "alma@pve!alma=0-0"}
SAVE = "mutation ($document: JSON!) { create_blueprint(document: $document) { id } }"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("guarded"), api_key=KEY) as running:
        running.http.headers["X-API-Key"] = KEY
        running.post("/projects", {"id": "mill"})
        running.http.headers["X-ALMA-Project"] = "mill"
        yield running


class Person:
    """Somebody with roles in `mill`, signed in."""

    def __init__(self, server: Server, name: str, *roles: str) -> None:
        self.server, self.name = server, name
        server.post("/accounts", {"name": name, "password": PASSWORD})
        for role in roles:
            server.post("/projects/mill/members", {"principal": name, "role": role})
        found = server.post("/auth/login", {"username": name, "password": PASSWORD}, status=200)
        self.token = found["access_token"]
        self.headers = {"Authorization": f"Bearer {self.token}", "X-ALMA-Project": "mill"}

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """One request in nobody else's name."""
        with httpx.Client(base_url=self.server.url, timeout=60) as client:
            return client.request(method, f"{API}{path}", json=body, headers=self.headers)


# ── what is open when access is taken back ───────────────────────────────────────────────────────────


def _disabled(server: Server, name: str) -> None:
    assert server.http.patch(f"{API}/accounts/{name}", json={"disabled": True}).is_success


def _without_the_role(server: Server, name: str) -> None:
    assert server.http.delete(f"{API}/projects/mill/members/user:{name}/editor").is_success


@pytest.mark.parametrize(
    ("name", "take_back", "code"),
    [("ada", _disabled, 4401), ("bob", _without_the_role, 4403)],
    ids=["account", "role"],
)
async def test_a_mutation_over_an_open_websocket_is_asked_again_who_sends_it(
    guarded: Server, name: str, take_back: Callable[[Server, str], None], code: int
) -> None:
    person = await asyncio.to_thread(Person, guarded, name, "viewer", "editor")
    before = await asyncio.to_thread(guarded.get, "/blueprints")
    async with connection(guarded, additional_headers=person.headers) as socket:
        await asyncio.to_thread(take_back, guarded, name)
        payload = {"query": SAVE, "variables": {"document": {**BOX, "name": "sneaked"}}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code
    assert await asyncio.to_thread(guarded.get, "/blueprints") == before


async def _to_the_end(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def test_a_subscription_ends_with_the_account_of_who_listens(guarded: Server) -> None:
    person = await asyncio.to_thread(Person, guarded, "cid", "viewer")
    deployed = await asyncio.to_thread(guarded.deployed, BOX)
    async with connection(guarded, additional_headers=person.headers) as socket:
        payload = {"query": WATCH, "variables": {"id": deployed["id"], "after": 0}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        assert json.loads(await socket.recv())["type"] == "next"
        await asyncio.to_thread(_disabled, guarded, "cid")
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(_to_the_end(socket), 30)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


# ── connections ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def owner(guarded: Server) -> Person:
    """Who administers the project, and not the installation."""
    return Person(guarded, "olga", "admin")


@pytest.mark.parametrize(
    ("place", "settings", "named"),
    [
        ("simulation@spy", {"faults_file": "/etc/passwd"}, "faults_file"),
        ("docker@root", {"host": "unix:///var/run/docker.sock"}, "host"),
        ("docker@keys", {"host": "ssh://root@neighbour"}, "host"),
        ("docker@usual", {"stop_timeout": 1}, "host"),
        ("proxmox@lab", PROXMOX | {"ca_file": "/etc/shadow"}, "ca_file"),
    ],
)
def test_a_project_does_not_reach_the_machine_that_alma_runs_on(
    guarded: Server, owner: Person, place: str, settings: dict[str, Any], named: str
) -> None:
    refused = owner.ask("PUT", f"/engines/{place}/connection", settings)
    assert refused.status_code == 403, refused.text
    assert refused.json()["settings"] == [named]
    # Who administers the installation has that machine anyway.
    guarded.put(f"/engines/{place}/connection", settings)


def test_a_project_connects_to_other_machines_itself(owner: Person) -> None:
    answer = owner.ask("PUT", "/engines/docker@other/connection", {"host": "tcp://10.0.0.5:2376"})
    assert answer.status_code == 200, answer.text


# ── projects that were closed ────────────────────────────────────────────────────────────────────────


class Closed:
    """A project with a member and keys, which can be archived: nothing of it is deployed."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        server.post("/accounts", {"name": f"of-{name}", "password": PASSWORD})
        server.post("/projects", {"id": name, "admin": f"user:of-{name}"})
        there = {"X-ALMA-Project": name}
        made = server.http.post(f"{API}/keys", json={"name": "ci"}, headers=there)
        assert made.status_code == 201, made.text
        login = {"username": f"of-{name}", "password": PASSWORD}
        token = server.post("/auth/login", login, status=200)["access_token"]
        self.key = {"X-API-Key": str(made.json()["secret"])}
        self.member = {"Authorization": f"Bearer {token}", **there}

    def archive(self) -> None:
        assert self.server.http.delete(f"{API}/projects/{self.name}").is_success

    def ask(self, headers: dict[str, str], method: str, path: str, body: Any = None) -> int:
        with httpx.Client(base_url=self.server.url, timeout=60) as client:
            return client.request(method, path, json=body, headers=headers).status_code


def test_nobodys_key_opens_a_project_that_is_archived(guarded: Server) -> None:
    """Also not one that the installation itself has made for it: that one is a key of the project."""
    closed = Closed(guarded, "barn")
    read = ("GET", f"{API}/blueprints")
    assert [closed.ask(who, *read) for who in (closed.key, closed.member)] == [200, 200]
    closed.archive()
    assert [closed.ask(who, *read) for who in (closed.key, closed.member)] == [401, 404]
    query = {"query": "{ blueprints { total } }"}
    for who, status in ((closed.key, 401), (closed.member, 404)):
        assert closed.ask(who, "POST", "/graphql", query) == status
        assert closed.ask(who, "POST", f"{API}/blueprints", BOX) == status
    # Who administers the installation still looks into it.
    guarded.http.headers["X-ALMA-Project"] = "barn"
    try:
        assert guarded.get("/blueprints")["items"] == []
    finally:
        guarded.http.headers["X-ALMA-Project"] = "mill"


@pytest.mark.parametrize("who", ["key", "member"])
async def test_what_is_open_into_a_project_ends_when_it_is_archived(
    guarded: Server, who: str
) -> None:
    closed = await asyncio.to_thread(Closed, guarded, f"shed-{who}")
    headers = getattr(closed, who)
    async with connection(guarded, additional_headers=headers) as socket:
        await asyncio.to_thread(closed.archive)
        payload = {"query": SAVE, "variables": {"document": {**BOX, "name": "sneaked"}}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        with pytest.raises(ConnectionClosed) as ended:
            await asyncio.wait_for(_to_the_end(socket), 30)
    assert ended.value.rcvd is not None
    assert ended.value.rcvd.code in {4401, 4403}
