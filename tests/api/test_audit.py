"""What was done and what was refused can be read, checked and taken along; and nobody reads more than is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from alma.bootstrap.offline import check_exported
from alma.core.model.errors import InvalidInput
from alma.settings import Settings
from tests.api.server import API, Server, serve

ROOT = "a-key-of-the-configuration"
ADMIN = {"X-API-Key": ROOT}
BLUEPRINT = {"name": "noted", "resources": [{"type": "vm", "name": "vm"}]}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("home"), api_key=ROOT) as running:
        yield running


def call(server: Server, method: str, path: str, body: Any = None, **headers: str) -> Any:
    sent = {"X-API-Key": ROOT, **headers}
    return server.http.request(method, f"{API}{path}", headers=sent, json=body)


def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def entries(server: Server, **params: Any) -> list[dict[str, Any]]:
    answer = server.http.get(f"{API}/audit", params=params, headers=ADMIN)
    found: list[dict[str, Any]] = good(answer)["items"]
    return found


def key_for(server: Server, *permissions: str) -> str:
    body = {"name": "some", "permissions": list(permissions)}
    secret: str = good(call(server, "POST", "/keys", body))["secret"]
    return secret


def test_a_change_is_noted_with_who_where_from_and_which_request(server: Server) -> None:
    answer = call(
        server, "POST", "/blueprints", BLUEPRINT, **{"X-Request-ID": "abc-1", "User-Agent": "ci/2"}
    )
    made = good(answer)

    (entry,) = entries(server, target=f"blueprint/{made['id']}")

    assert {name: entry[name] for name in ("action", "outcome", "address", "client")} == {
        "action": "blueprint.create",
        "outcome": "allowed",
        "address": "127.0.0.1",
        "client": "ci/2",
    }
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert entry["after"]["name"] == "noted"


def test_entries_come_page_by_page(server: Server) -> None:
    for _ in range(4):
        good(call(server, "POST", "/blueprints", BLUEPRINT))

    first = good(server.http.get(f"{API}/audit", params={"limit": 2}, headers=ADMIN))
    cursor = {"limit": 2, "cursor": first["next_cursor"]}
    second = good(server.http.get(f"{API}/audit", params=cursor, headers=ADMIN))

    seqs = [entry["seq"] for page in (first, second) for entry in page["items"]]
    assert seqs == sorted(seqs, reverse=True)
    assert len(set(seqs)) == 4
    assert first["total"] >= 4


def test_pages_by_cursor_say_how_many_there_were_without_counting_again(server: Server) -> None:
    first = good(server.http.get(f"{API}/audit", params={"limit": 2}, headers=ADMIN))
    good(call(server, "POST", "/blueprints", BLUEPRINT))
    counted: list[str] = []

    def note(_: Any, __: Any, statement: str, *rest: Any) -> None:
        counted.extend([statement] if "count(" in statement and "audit_entry" in statement else [])

    cursor = {"limit": 2, "cursor": first["next_cursor"]}
    engines = server.app.state.alma.database.engines
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    second = good(server.http.get(f"{API}/audit", params=cursor, headers=ADMIN))
    assert (second["total"], counted) == (first["total"], [])
    anew = good(server.http.get(f"{API}/audit", params={"limit": 2}, headers=ADMIN))
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert (anew["total"], len(counted)) == (first["total"] + 1, 1)


def test_who_lacks_a_permission_is_noted_with_what_was_wanted(server: Server) -> None:
    secret = key_for(server, "blueprint:read")

    answer = call(server, "POST", "/blueprints", BLUEPRINT, **{"X-API-Key": secret})

    assert answer.status_code == 403
    denied = entries(server, outcome="denied", action="access.denied")
    mine = [entry for entry in denied if entry["request_id"] == answer.headers["x-request-id"]]
    assert [(entry["target"], entry["after"]["permission"]) for entry in mine] == [
        ("POST /api/v1/blueprints", "blueprint:write")
    ]
    assert mine[0]["principal"].startswith("key:")


def test_somebody_unknown_is_noted_by_address_alone(server: Server) -> None:
    wrong = "alma_0123456789ab_wrong-secret-that-nobody-has"
    answer = call(server, "GET", "/iprs", **{"X-API-Key": wrong})

    assert answer.status_code == 401
    found = entries(server, action="access.unauthenticated", everywhere=True)
    mine = [entry for entry in found if entry["target"] == "GET /api/v1/iprs"]
    assert [(entry["principal"], entry["address"], entry["project"]) for entry in mine] == [
        ("anonymous", "127.0.0.1", None)
    ]
    assert wrong not in json.dumps(found)


def test_a_failed_sign_in_is_noted_with_the_name_and_without_the_password(server: Server) -> None:
    body = {"username": "nobody-here", "password": "a-wrong-password"}
    assert server.http.post(f"{API}/auth/login", json=body).status_code == 401

    found = entries(server, action="access.unauthenticated", everywhere=True)

    mine = [entry for entry in found if (entry["after"] or {}).get("account") == "nobody-here"]
    assert [entry["outcome"] for entry in mine] == ["denied"]
    assert "a-wrong-password" not in json.dumps(found)


def test_a_denial_in_graphql_is_noted_too(server: Server) -> None:
    secret = key_for(server, "blueprint:read")
    query = {"query": "{ iprs { nodes { id } } }"}

    answer = server.http.post("/graphql", json=query, headers={"X-API-Key": secret})

    request = answer.headers["x-request-id"]
    found = [entry for entry in entries(server, outcome="denied") if entry["request_id"] == request]
    assert [entry["after"]["permission"] for entry in found] == ["ipr:read"], answer.text


def test_only_who_may_reads_the_log_and_only_of_the_own_project(server: Server) -> None:
    reader = {"X-API-Key": key_for(server, "audit:read")}
    stranger = {"X-API-Key": key_for(server, "blueprint:read")}
    seq = entries(server, everywhere=True, action="access.unauthenticated")[0]["seq"]

    assert server.http.get(f"{API}/audit", headers=reader).status_code == 200
    assert server.http.get(f"{API}/audit", headers=stranger).status_code == 403
    assert server.http.get(f"{API}/audit/{seq}", headers=reader).status_code == 404
    everywhere = server.http.get(f"{API}/audit", params={"everywhere": True}, headers=reader)
    assert everywhere.status_code == 403
    for path in ("/audit/head", "/audit/export", "/secrets"):
        assert server.http.get(f"{API}{path}", headers=reader).status_code == 403
    for path in ("/audit/verify", "/audit/prune", "/secrets/rotate", "/secrets/reencrypt"):
        body = {"before": "2020-01-01T00:00:00Z"} if path.endswith("prune") else {}
        assert server.http.post(f"{API}{path}", json=body, headers=reader).status_code == 403


def test_an_export_checks_elsewhere_with_the_key_alone(server: Server) -> None:
    good(call(server, "POST", "/blueprints", BLUEPRINT))
    lines = server.http.get(f"{API}/audit/export", headers=ADMIN).text.splitlines()
    settings = Settings(home=server.home)

    assert check_exported(settings, lines, []).intact

    changed = [*lines[:3], lines[3].replace('"kind":"', '"kind":"x'), *lines[4:]]
    assert not check_exported(settings, changed, []).intact
    assert not check_exported(settings, [*lines[:2], *lines[3:]], []).intact
    with pytest.raises(InvalidInput, match="not whole"):
        check_exported(settings, lines[:-1], [])
    with pytest.raises(InvalidInput, match="no export"):
        check_exported(settings, lines[1:], [])


def test_an_export_says_nothing_to_who_has_another_key(server: Server, tmp_path: Any) -> None:
    lines = server.http.get(f"{API}/audit/export", headers=ADMIN).text.splitlines()

    report = check_exported(Settings(home=tmp_path), lines, [])

    assert {fault.kind.value for fault in report.faults} == {"unreadable", "head"}


def test_pruning_leaves_what_still_checks_and_says_that_it_was_done(server: Server) -> None:
    good(call(server, "POST", "/blueprints", BLUEPRINT))

    refused = call(server, "POST", "/audit/prune", {"before": "2999-01-01T00:00:00Z"})
    last = entries(server, everywhere=True)[0]
    pruned = good(call(server, "POST", "/audit/prune", {"before": last["at"]}))

    assert refused.status_code == 422
    assert pruned["entries"] >= 1
    report = good(call(server, "POST", "/audit/verify", {}))
    assert report["intact"]
    assert report["kept_from"] == last["seq"]
    assert entries(server, everywhere=True)[0]["action"] == "audit.prune"


def test_keys_are_renewed_while_the_server_runs(server: Server) -> None:
    connection = {"urls": "127.0.0.1:9", "token": "a@pve!b=0c4f1e77", "storage": "local-zfs"}
    good(call(server, "PUT", "/engines/proxmox@lab/connection", connection))
    before = good(call(server, "GET", "/secrets"))

    rotated = good(call(server, "POST", "/secrets/rotate", {"master": True, "data_key": True}))
    assert rotated["masters"][1:] == before["masters"]
    assert rotated["stale"] > 0
    after: str | None = None
    while True:
        batch = good(call(server, "POST", "/secrets/reencrypt", {"limit": 1, "after": after}))
        after = batch["after"]
        if after is None:
            break

    now = good(call(server, "GET", "/secrets"))
    assert (now["stale"], now["needed"]) == (0, [now["masters"][0]])
    assert good(call(server, "POST", "/audit/verify", {}))["intact"]
