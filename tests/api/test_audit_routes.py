"""Every route that changes something leaves an entry, and one that was added without saying so here fails."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from alma.api.app import create_app
from alma.db.tables import metadata
from alma.settings import Settings
from tests.api.server import API, Server, serve
from tests.api.test_audit_elsewhere import COVERED

WORKING = {"name": "noted", "resources": [{"type": "database", "name": "db"}]}
OTHER = {**WORKING, "name": "noted-otherwise"}
LAB = {"urls": "127.0.0.1:9", "token": "a@pve!b=0c4f1e77", "storage": "local"}
ROOT = "a-key-of-the-configuration"
PASSWORD = "correct horse staple"

# Told by the clock or by what runs beside: signs of life, what models took, the workflow engine's own.
VOLATILE = {"executor", "model_usage", "audit_head"}


@dataclass(frozen=True)
class Example:
    """A call that succeeds, made from what there is, and the action that it leaves."""

    route: str
    action: str
    path: Callable[[Server], str]
    body: Any = None


def blueprint(server: Server) -> int:
    return int(server.post("/blueprints", WORKING)["id"])


def ipr(server: Server) -> int:
    return int(server.post("/iprs", {"title": "t", "blueprint_id": blueprint(server)})["id"])


def approved(server: Server) -> int:
    made = ipr(server)
    server.post(f"/iprs/{made}/review", {"action": "approve"}, status=200)
    return made


def conversation(server: Server) -> str:
    said = server.post("/conversation/chat", {"message": "a postgres database"}, status=200)
    return str(said["conversation_id"])


def stack(server: Server) -> str:
    return str(server.deployed(WORKING)["stack_id"])


def key(server: Server) -> str:
    return str(server.post("/keys", {"name": "k"})["id"])


def waiver_body() -> dict[str, Any]:
    return {"rule": "ALMA-NET-001", "reason": "for the test", "expires": "2999-01-01"}


def waiver(server: Server) -> str:
    return str(server.post("/policies/waivers", waiver_body())["id"])


def account(server: Server) -> str:
    name = f"u{uuid.uuid4().hex[:8]}"
    server.post("/accounts", {"name": name, "password": PASSWORD})
    return name


def refresh(server: Server) -> dict[str, str]:
    body = {"username": account(server), "password": PASSWORD}
    return {"refresh_token": server.post("/auth/login", body, status=200)["refresh_token"]}


def at(path: str) -> Callable[[Server], str]:
    return lambda server: path


EXAMPLES = [
    Example("POST /blueprints", "blueprint.create", at("/blueprints"), WORKING),
    Example(
        "PUT /blueprints/{blueprint_id}",
        "blueprint.update",
        lambda server: f"/blueprints/{blueprint(server)}",
        OTHER,
    ),
    Example(
        "DELETE /blueprints/{blueprint_id}",
        "blueprint.delete",
        lambda server: f"/blueprints/{blueprint(server)}",
    ),
    Example(
        "POST /iprs",
        "ipr.open",
        at("/iprs"),
        lambda server: {"title": "t", "blueprint_id": blueprint(server)},
    ),
    Example(
        "PUT /iprs/{ipr_id}", "ipr.edit", lambda server: f"/iprs/{ipr(server)}", {"title": "u"}
    ),
    Example("DELETE /iprs/{ipr_id}", "ipr.cancel", lambda server: f"/iprs/{ipr(server)}"),
    Example(
        "POST /iprs/{ipr_id}/cancel", "ipr.cancel", lambda server: f"/iprs/{ipr(server)}/cancel", {}
    ),
    Example(
        "POST /iprs/{ipr_id}/replan", "ipr.replan", lambda server: f"/iprs/{ipr(server)}/replan", {}
    ),
    Example(
        "POST /iprs/{ipr_id}/review",
        "ipr.approve",
        lambda server: f"/iprs/{ipr(server)}/review",
        {"action": "approve"},
    ),
    Example(
        "POST /iprs/{ipr_id}/deploy",
        "deployment.start",
        lambda server: f"/iprs/{approved(server)}/deploy",
        {},
    ),
    Example(
        "POST /conversation/chat",
        "conversation.say",
        at("/conversation/chat"),
        {"message": "a redis cache"},
    ),
    Example(
        "POST /conversation/chat-stream",
        "conversation.say",
        at("/conversation/chat-stream"),
        {"message": "a redis cache"},
    ),
    Example(
        "PATCH /conversation/{conversation_id}",
        "conversation.rename",
        lambda server: f"/conversation/{conversation(server)}",
        {"title": "other"},
    ),
    Example(
        "DELETE /conversation/{conversation_id}",
        "conversation.delete",
        lambda server: f"/conversation/{conversation(server)}",
    ),
    Example(
        "PUT /engines/{name}/connection",
        "connection.save",
        at("/engines/proxmox@a/connection"),
        LAB,
    ),
    Example(
        "DELETE /engines/{name}/connection",
        "connection.remove",
        lambda server: (
            server.put("/engines/proxmox@b/connection", LAB),
            "/engines/proxmox@b/connection",
        )[1],
    ),
    Example("POST /policies/waivers", "waiver.grant", at("/policies/waivers"), waiver_body()),
    Example(
        "DELETE /policies/waivers/{waiver_id}",
        "waiver.revoke",
        lambda server: f"/policies/waivers/{waiver(server)}",
    ),
    Example("POST /secrets/rotate", "secrets.rotate", at("/secrets/rotate"), {"data_key": True}),
    Example("POST /keys", "key.create", at("/keys"), {"name": "k"}),
    Example("DELETE /keys/{key_id}", "key.revoke", lambda server: f"/keys/{key(server)}"),
    Example(
        "POST /accounts", "account.create", at("/accounts"), {"name": "eve", "password": PASSWORD}
    ),
    Example(
        "PATCH /accounts/{name}",
        "account.disable",
        lambda server: f"/accounts/{account(server)}",
        {"disabled": True},
    ),
    Example(
        "PUT /accounts/{name}/password",
        "account.set_password",
        lambda server: f"/accounts/{account(server)}/password",
        {"password": PASSWORD + "!"},
    ),
    Example(
        "POST /auth/login",
        "session.open",
        at("/auth/login"),
        lambda server: {"username": account(server), "password": PASSWORD},
    ),
    Example("POST /auth/refresh", "session.refresh", at("/auth/refresh"), refresh),
    Example("POST /auth/logout", "session.end", at("/auth/logout"), refresh),
    Example(
        "POST /blueprints/{blueprint_id}/deploy",
        "ipr.open",
        lambda server: f"/blueprints/{blueprint(server)}/deploy",
        {},
    ),
    Example(
        "POST /stacks/{stack_id}/destroy",
        "ipr.open",
        lambda server: f"/stacks/{stack(server)}/destroy",
        {},
    ),
]


def project(server: Server) -> str:
    id_ = f"p{uuid.uuid4().hex[:8]}"
    server.post("/projects", {"id": id_})
    return id_


def role(server: Server) -> str:
    path = f"/projects/{project(server)}/roles/reader"
    server.put(path, {"permissions": ["blueprint:read"]})
    return path


def member(server: Server) -> str:
    id_, name = project(server), account(server)
    server.post(f"/projects/{id_}/members", {"principal": f"user:{name}", "role": "viewer"})
    return f"/projects/{id_}/members/user:{name}/viewer"


def stale(server: Server) -> str:
    """A secret that is not under the current data key."""
    server.put("/engines/proxmox@stale/connection", LAB)
    server.post("/secrets/rotate", {"data_key": True}, status=200)
    return "/secrets/reencrypt"


EXAMPLES += [
    Example("POST /projects", "project.create", at("/projects"), {"id": "made-here"}),
    Example(
        "PATCH /projects/{project_id}",
        "project.change",
        lambda server: f"/projects/{project(server)}",
        {"name": "Other"},
    ),
    Example(
        "DELETE /projects/{project_id}",
        "project.archive",
        lambda server: f"/projects/{project(server)}",
    ),
    Example(
        "PUT /projects/{project_id}/roles/{name}",
        "role.save",
        lambda server: f"/projects/{project(server)}/roles/reader",
        {"permissions": ["blueprint:read"]},
    ),
    Example("DELETE /projects/{project_id}/roles/{name}", "role.remove", role),
    Example(
        "POST /projects/{project_id}/members",
        "role.grant",
        lambda server: f"/projects/{project(server)}/members",
        lambda server: {"principal": f"user:{account(server)}", "role": "viewer"},
    ),
    Example("DELETE /projects/{project_id}/members/{principal}/{role}", "role.revoke", member),
    Example("POST /secrets/reencrypt", "secrets.reencrypt", stale, {"limit": 1000}),
    Example(
        "POST /audit/prune",
        "audit.prune",
        lambda server: (blueprint(server), blueprint(server), "/audit/prune")[-1],
        lambda server: {"before": server.get("/audit?limit=1")["items"][0]["at"]},
    ),
]


@dataclass(frozen=True)
class Quiet:
    """A call that answers what it works out, and keeps nothing."""

    route: str
    path: Callable[[Server], str]
    body: Any = None


QUIET = [
    Quiet("POST /audit/verify", at("/audit/verify"), {}),
    Quiet(
        "POST /blueprints/convert",
        at("/blueprints/convert"),
        {"services": {"a": {"image": "nginx"}}},
    ),
    Quiet("POST /blueprints/plan", at("/blueprints/plan"), WORKING),
    Quiet("POST /blueprints/render", at("/blueprints/render"), WORKING | {"engine": "docker"}),
    Quiet("POST /blueprints/validate", at("/blueprints/validate"), WORKING),
    Quiet(
        "POST /blueprints/{blueprint_id}/plan",
        lambda server: f"/blueprints/{blueprint(server)}/plan",
        {},
    ),
    Quiet(
        "POST /blueprints/generate-blueprint",
        at("/blueprints/generate-blueprint"),
        {"description": "a postgres database"},
    ),
    Quiet(
        "POST /blueprints/generate-blueprint-stream",
        at("/blueprints/generate-blueprint-stream"),
        {"description": "a postgres database"},
    ),
    Quiet("POST /council/convene", at("/council/convene"), {"request": "web app with database"}),
    Quiet("POST /policies/check", at("/policies/check"), {"blueprint": WORKING}),
    Quiet("POST /prices/{provider}/focus", at("/prices/aws/focus"), WORKING),
    Quiet("POST /stacks/{stack_id}/verify", lambda server: f"/stacks/{stack(server)}/verify", {}),
    Quiet(
        "POST /templates/{template_id}/customize",
        at("/templates/simple-web-app/customize"),
        {},
    ),
    *(
        Quiet(f"POST /tools/{verb}", at(f"/tools/{verb}"), body)
        for verb, body in (
            (
                "execute",
                {"query": "is this blueprint valid?", "parameters": {"blueprint": WORKING}},
            ),
            ("execute-stream", {"query": "what does a postgres database cost?"}),
            (
                "execute-direct",
                {"tool_name": "validate_blueprint", "parameters": {"blueprint": WORKING}},
            ),
        )
    ),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("home"), api_key=ROOT) as running:
        running.http.headers["X-API-Key"] = ROOT
        yield running


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.route)
def test_a_route_that_changes_something_leaves_an_entry(server: Server, example: Example) -> None:
    path = example.path(server)
    body = example.body(server) if callable(example.body) else example.body
    before = server.get("/audit/head")["seq"]

    answer = server.http.request(example.route.split()[0], f"{API}{path}", json=body)

    assert answer.is_success, answer.text
    params = {"everywhere": "true", "action": example.action, "limit": "20"}
    found = server.http.get(f"{API}/audit", params=params).json()["items"]
    assert [e for e in found if e["seq"] > before and e["outcome"] == "allowed"], example.action


def rows(server: Server) -> dict[str, int]:
    """How many there are in each table that says something of the world."""
    with sqlite3.connect(f"file:{server.home / 'alma.db'}?mode=ro", uri=True) as file:
        named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        tables = {name for (name,) in file.execute(named)} & set(metadata.tables)
        counted = {
            name: file.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for name in tables - VOLATILE
        }
    file.close()
    return counted


@pytest.mark.parametrize("quiet", QUIET, ids=lambda quiet: quiet.route)
def test_a_route_that_is_said_to_change_nothing_changes_nothing(
    server: Server, quiet: Quiet
) -> None:
    path = quiet.path(server)
    before = rows(server)

    answer = server.http.request(quiet.route.split()[0], f"{API}{path}", json=quiet.body)

    assert answer.is_success, answer.text
    assert before["blueprint"] >= 0
    assert rows(server) == before


def test_every_route_that_changes_something_is_accounted_for() -> None:
    described = create_app(settings=Settings()).openapi()["paths"]
    changing = {
        f"{verb.upper()} {path.removeprefix(API)}"
        for path, verbs in described.items()
        for verb in verbs
        if verb in {"post", "put", "patch", "delete"}
    }

    assert changing == {
        *(example.route for example in EXAMPLES),
        *(quiet.route for quiet in QUIET),
        *COVERED,
    }
