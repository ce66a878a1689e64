"""GraphQL where callers have to be known: who gets in, in which project, how often, and what is kept of answers."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.api.server import Server, serve
from tests.api.test_graphql_watching import connection

KEY = "k" * 40
PASSWORD = "correct horse staple"
ROOT = {"X-API-Key": KEY}
WATCH_ALL = "subscription ($after: JSON) { all_deployment_events(after: $after) { deployment_id seq type } }"
CREATE_KEY = """mutation ($permissions: [Permission!]) {
  create_key(input: {name: "made", permissions: $permissions}) { id secret permissions } }"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("guarded"), api_key=KEY) as running:
        running.http.headers.update(ROOT)
        yield running


def send(
    server: Server, query: str, *, headers: dict[str, str] | None = None, **variables: Any
) -> httpx.Response:
    body = {"query": query, "variables": variables}
    return httpx.post(f"{server.url}/graphql", json=body, headers=headers or {}, timeout=60)


def ask(server: Server, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    body = send(server, query, headers=ROOT if headers is None else headers, **variables).json()
    assert "errors" not in body, body
    return body["data"]


def code(answer: httpx.Response) -> str:
    (error,) = answer.json()["errors"]
    return str(error["extensions"]["code"])


# ── who gets in ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("query", ["{ me { id } }", "{ __schema { types { name } } }", "nonsense"])
@pytest.mark.parametrize("headers", [{}, {"X-API-Key": "alma_no_no"}])
def test_strangers_learn_nothing_not_even_the_schema(
    guarded: Server, query: str, headers: dict[str, str]
) -> None:
    posted = send(guarded, query, headers=headers)
    got = httpx.get(f"{guarded.url}/graphql", params={"query": query}, headers=headers)
    for answer in (posted, got):
        assert answer.status_code == 401
        assert answer.json()["code"] == "unauthenticated"
        assert "data" not in answer.json()


async def test_strangers_open_no_connection(guarded: Server) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connection(guarded):
            pass
    assert refused.value.response.status_code == 401


def test_who_asks_is_told_as_over_rest(guarded: Server) -> None:
    found = ask(guarded, "{ me { id kind administrator owner project roles projects } }")["me"]
    over_rest = guarded.get("/auth/me")
    assert found == {name: over_rest[name] for name in found}


# ── projects, people and keys ────────────────────────────────────────────────────────────────────────


def test_a_project_is_set_up_and_entered_by_its_name(guarded: Server) -> None:
    name = f"p{uuid.uuid4().hex[:8]}"
    ask(
        guarded,
        f'mutation {{ create_account(input: {{name: "{name}", password: "{PASSWORD}"}}) {{ id }} }}',
    )
    ask(
        guarded,
        f'mutation {{ create_project(input: {{id: "{name}", admin: "user:{name}"}}) {{ id }} }}',
    )
    rules = {"approvals": [{"environment": "production", "approvals": 2}]}
    changed = ask(
        guarded,
        "mutation ($id: String!, $input: EditProject!) { edit_project(id: $id, input: $input) "
        "{ name rules { approvals { environment approvals } } } }",
        id=name,
        input={"name": "Renamed", "rules": rules},
    )["edit_project"]
    assert changed == {"name": "Renamed", "rules": rules}
    token = guarded.post("/auth/login", {"username": name, "password": PASSWORD}, status=200)
    theirs = {"Authorization": f"Bearer {token['access_token']}", "X-ALMA-Project": name}
    assert ask(guarded, "{ me { project roles } }", theirs)["me"] == {
        "project": name,
        "roles": ["admin"],
    }
    assert [
        item["id"]
        for item in ask(guarded, "{ projects { nodes { id } } }", theirs)["projects"]["nodes"]
    ] == [name]
    elsewhere = send(guarded, "{ me { id } }", headers={**theirs, "X-ALMA-Project": "default"})
    assert elsewhere.status_code == 404
    assert (
        code(send(guarded, '{ members(project: "default") { nodes { role } } }', headers=theirs))
        == "not_found"
    )


def test_roles_are_made_granted_and_taken_back(guarded: Server) -> None:
    name = f"r{uuid.uuid4().hex[:8]}"
    ask(guarded, f'mutation {{ create_account(input: {{name: "{name}"}}) {{ id }} }}')
    ask(
        guarded,
        'mutation { save_role(name: "watcher", input: {permissions: [deployment_read]}) { name } }',
    )
    grant = f'mutation {{ grant_role(input: {{principal: "{name}", role: "watcher"}}) {{ principal role }} }}'
    assert ask(guarded, grant)["grant_role"] == {"principal": f"user:{name}", "role": "watcher"}
    held = code(send(guarded, 'mutation { remove_role(name: "watcher") }', headers=ROOT))
    assert held == "conflict"
    ask(guarded, f'mutation {{ revoke_role(principal: "{name}", role: "watcher") }}')
    assert ask(guarded, 'mutation { remove_role(name: "watcher") }') == {"remove_role": "watcher"}
    roles = [
        role["name"] for role in ask(guarded, "{ roles { nodes { name } } }")["roles"]["nodes"]
    ]
    assert "watcher" not in roles
    assert "viewer" in roles


def test_an_account_is_closed_and_its_password_set(guarded: Server) -> None:
    name = f"a{uuid.uuid4().hex[:8]}"
    ask(
        guarded,
        f'mutation {{ create_account(input: {{name: "{name}", password: "{PASSWORD}"}}) {{ id }} }}',
    )
    ask(guarded, f'mutation {{ set_password(name: "{name}", password: "four other words now") }}')
    login = {"username": name, "password": "four other words now"}
    assert guarded.post("/auth/login", login, status=200)["account"]["name"] == name
    ask(
        guarded,
        f'mutation {{ change_account(name: "{name}", input: {{disabled: true}}) {{ id }} }}',
    )
    assert guarded.http.post("/api/v1/auth/login", json=login).status_code == 401


def test_the_secret_of_a_key_is_shown_once_and_opens_until_it_is_revoked(guarded: Server) -> None:
    answer = send(guarded, CREATE_KEY, headers=ROOT, permissions=["key_manage"])
    made = answer.json()["data"]["create_key"]
    assert made["permissions"] == ["key_manage"]
    assert answer.headers["Cache-Control"] == "no-store"
    mine = {"X-API-Key": made["secret"]}
    assert ask(guarded, "{ me { permissions } }", mine)["me"]["permissions"] == ["key_manage"]
    again = send(guarded, "{ keys(first: 100) { nodes { id name } } }", headers=ROOT)
    assert made["id"] in again.text
    assert made["secret"] not in again.text
    ask(guarded, f'mutation {{ revoke_key(id: "{made["id"]}") {{ revoked_at }} }}')
    assert send(guarded, "{ me { id } }", headers=mine).status_code == 401


# ── the audit log ────────────────────────────────────────────────────────────────────────────────────


def test_the_audit_log_is_read_by_what_is_wanted_and_page_by_page(guarded: Server) -> None:
    for _ in range(3):
        send(guarded, CREATE_KEY, headers=ROOT, permissions=["key_manage"])
    query = """query ($after: String) { audit(first: 2, after: $after, wanted: {action: "key.create"}) {
      total nodes { seq action } page_info { has_next_page end_cursor } } }"""
    page = ask(guarded, query)["audit"]
    seen = list(page["nodes"])
    while page["page_info"]["has_next_page"]:
        page = ask(guarded, query, after=page["page_info"]["end_cursor"])["audit"]
        seen += page["nodes"]
    assert page["total"] == len(seen) >= 3
    assert {item["action"] for item in seen} == {"key.create"}
    numbers = [item["seq"] for item in seen]
    assert numbers == sorted({*numbers}, reverse=True)
    one = ask(guarded, f"{{ audit_entry(seq: {numbers[0]}) {{ seq hash }} }}")["audit_entry"]
    assert one["hash"] == guarded.get(f"/audit/{numbers[0]}")["hash"]


@pytest.mark.parametrize(
    "wanted", [{"action": "x" * 101}, {"since": "2026-01-01T00:00:00"}, {"until": "x"}]
)
def test_what_is_wanted_of_the_audit_log_is_checked_as_over_rest(
    guarded: Server, wanted: dict[str, str]
) -> None:
    query = "query ($wanted: AuditWanted) { audit(wanted: $wanted) { total } }"
    assert code(send(guarded, query, headers=ROOT, wanted=wanted)) == "invalid_request"


def test_a_noted_head_is_found_again_and_a_forged_one_is_not(guarded: Server) -> None:
    head = ask(guarded, "{ audit_head { seq hash } }")["audit_head"]
    query = """mutation ($heads: [NotedHead!]) {
      verify_audit(heads: $heads) { intact compared { seq } faults { kind } } }"""
    found = ask(guarded, query, heads=[head])["verify_audit"]
    assert found == {"intact": True, "compared": [{"seq": head["seq"]}], "faults": []}
    forged = ask(guarded, query, heads=[{**head, "hash": "0" * 64}])["verify_audit"]
    assert forged["intact"] is False


def test_who_is_refused_is_noted_with_the_field(guarded: Server) -> None:
    made = ask(guarded, CREATE_KEY, permissions=["key_manage"])["create_key"]
    assert (
        code(send(guarded, "{ iprs { total } }", headers={"X-API-Key": made["secret"]}))
        == "forbidden"
    )
    query = "query ($p: String) { audit(wanted: {principal: $p, outcome: denied}) { nodes { action } } }"
    noted = ask(guarded, query, p=f"key:{made['id']}")["audit"]["nodes"]
    assert len(noted) == 1


# ── sent again ───────────────────────────────────────────────────────────────────────────────────────


def test_a_mutation_that_is_sent_again_is_done_once(guarded: Server) -> None:
    query = "mutation ($document: JSON!) { create_blueprint(document: $document) { id } }"
    document = {"name": "once", "resources": [{"name": "web", "type": "vm"}]}
    headers = {**ROOT, "Idempotency-Key": str(uuid.uuid4())}
    first = send(guarded, query, headers=headers, document=document)
    second = send(guarded, query, headers=headers, document=document)
    assert first.json()["data"] == second.json()["data"]
    assert second.headers["Idempotency-Replayed"] == "true"
    other = send(guarded, query, headers=headers, document={**document, "name": "other"})
    assert other.status_code == 409


def test_a_secret_is_kept_nowhere_to_be_answered_again(guarded: Server) -> None:
    headers = {**ROOT, "Idempotency-Key": str(uuid.uuid4())}
    first = send(guarded, CREATE_KEY, headers=headers, permissions=["key_manage"])
    second = send(guarded, CREATE_KEY, headers=headers, permissions=["key_manage"])
    secret = first.json()["data"]["create_key"]["secret"]
    assert first.headers["Idempotency-Stored"] == "false"
    assert secret not in second.text
    files = [path for path in guarded.home.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if secret.encode() in path.read_bytes()]


# ── watching all ─────────────────────────────────────────────────────────────────────────────────────


async def _subscribed(socket: Any, query: str, **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def test_every_deployment_is_told_of_from_where_it_was_seen_last(guarded: Server) -> None:
    document = {"name": "told", "resources": [{"name": "web", "type": "vm"}]}
    first = await asyncio.to_thread(guarded.deployed, document)
    async with connection(guarded, additional_headers=ROOT) as socket:
        await _subscribed(socket, WATCH_ALL, after={first["id"]: 2})
        told: list[Any] = []
        async with asyncio.timeout(60):
            while not told or told[-1]["type"] != "complete":
                message = json.loads(await socket.recv())
                told.append(message["payload"]["data"]["all_deployment_events"])
            second = await asyncio.to_thread(guarded.deployed, {**document, "name": "told-2"})
            while told[-1]["type"] != "complete" or told[-1]["deployment_id"] != second["id"]:
                message = json.loads(await socket.recv())
                told.append(message["payload"]["data"]["all_deployment_events"])
    for deployment, start in ((first["id"], 3), (second["id"], 1)):
        numbers = [line["seq"] for line in told if line["deployment_id"] == deployment]
        assert numbers == list(range(start, start + len(numbers)))
    assert {line["deployment_id"] for line in told} == {first["id"], second["id"]}


@pytest.mark.parametrize("after", [{"nothing": 0}, {"x": -1}, [1], {"x": "y"}])
async def test_a_place_that_is_none_is_refused(guarded: Server, after: Any) -> None:
    async with connection(guarded, additional_headers=ROOT) as socket:
        await _subscribed(socket, WATCH_ALL, after=after)
        async with asyncio.timeout(30):
            answer = json.loads(await socket.recv())
    errors = answer["payload"] if answer["type"] == "error" else answer["payload"]["errors"]
    assert errors[0]["extensions"]["code"] in {"not_found", "invalid_request"}


async def test_a_key_that_is_taken_back_ends_what_it_watches(guarded: Server) -> None:
    made = (await asyncio.to_thread(ask, guarded, CREATE_KEY, permissions=["deployment_read"]))[
        "create_key"
    ]
    async with connection(guarded, additional_headers={"X-API-Key": made["secret"]}) as socket:
        await _subscribed(socket, WATCH_ALL)
        await asyncio.to_thread(
            ask, guarded, f'mutation {{ revoke_key(id: "{made["id"]}") {{ id }} }}'
        )
        async with asyncio.timeout(60):
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


def walked(guarded: Server, field: str, inner: str, first: int) -> list[str]:
    """Every node of a list, page by page."""
    found: list[str] = []
    after = "null"
    while True:
        page_of = f"nodes {{ {inner} }} total page_info {{ has_next_page end_cursor }}"
        asked = f"{{ {field}(first: {first}, after: {after}) {{ {page_of} }} }}"
        page = ask(guarded, asked)[field]
        found += [str(node) for node in page["nodes"]]
        if not page["page_info"]["has_next_page"]:
            assert page["total"] == len(found)
            return found
        after = f'"{page["page_info"]["end_cursor"]}"'


@pytest.mark.parametrize(
    ("field", "inner"), [("members", "principal role"), ("roles", "name builtin")]
)
def test_members_and_roles_are_walked_page_by_page(guarded: Server, field: str, inner: str) -> None:
    for name in ("walker", "runner"):
        ask(guarded, f'mutation {{ create_account(input: {{name: "{name}-{field}"}}) {{ id }} }}')
        for role in ("viewer", "editor"):
            given = f'{{principal: "{name}-{field}", role: "{role}"}}'
            ask(guarded, f"mutation {{ grant_role(input: {given}) {{ role }} }}")
    whole = walked(guarded, field, inner, 100)
    assert walked(guarded, field, inner, 1) == whole
    assert len(whole) == len(set(whole)) > 0


def test_roles_go_on_behind_one_that_is_gone_by_now(guarded: Server) -> None:
    for name in ("aaa", "bbb"):
        body = {"permissions": ["plan:make"]}
        assert guarded.http.put(f"/api/v1/projects/default/roles/{name}", json=body).is_success
    asked = "{ roles(first: 6) { nodes { name } page_info { end_cursor } } }"
    page = ask(guarded, asked)["roles"]
    assert page["nodes"][-1]["name"] == "aaa"
    assert guarded.http.delete("/api/v1/projects/default/roles/aaa").is_success
    after = page["page_info"]["end_cursor"]
    rest = ask(guarded, f'{{ roles(after: "{after}") {{ nodes {{ name }} }} }}')["roles"]["nodes"]
    assert rest[0]["name"] == "bbb"
