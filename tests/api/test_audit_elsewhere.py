"""Entries of the routes that take a provider, a device, a running deployment or a running answer: who did it, and what
it was called. `test_audit_routes` has all the others, and wants each of these by its name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from alma.core.services.providers import challenge_of
from alma.llm.scripted import ScriptedModel
from tests.api.server import API, Server, serve
from tests.api.streaming import Gate, frames
from tests.api.test_imports import plant
from tests.oidc_providers import CLIENT, SECRET, allow, query_of, real_provider

COVERED = {
    "POST /auth/device",
    "POST /auth/device/answer",
    "POST /auth/device/token",
    "POST /auth/oidc/token",
    "POST /auth/password",
    "POST /conversation/turns/{turn_id}/stop",
    "POST /deployments/{deployment_id}/cancel",
    "POST /deployments/{deployment_id}/retry",
    "POST /imports",
}
ROOT = "a-key-of-the-configuration"
PASSWORD = "correct horse staple"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
VERIFIER = "v" * 43
BOX = {"name": "box", "resources": [{"name": "web", "type": "vm"}]}


@dataclass
class Noted:
    """What the audit log has had since a moment."""

    server: Server
    since: int = 0

    def __post_init__(self) -> None:
        self.since = int(self.server.get("/audit/head")["seq"])

    @property
    def entries(self) -> list[tuple[str, str]]:
        """Who, and what, oldest first."""
        params = {"everywhere": "true", "limit": "100"}
        found = self.server.http.get(f"{API}/audit", params=params).json()["items"]
        return [
            (item["principal"], item["action"])
            for item in reversed(found)
            if item["seq"] > self.since and item["outcome"] == "allowed"
        ]


@contextmanager
def guarded(home: Path, **settings: Any) -> Iterator[Server]:
    with serve(home, api_key=ROOT, **settings) as running:
        running.http.headers["X-API-Key"] = ROOT
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with guarded(tmp_path) as running:
        running.post("/accounts", {"name": "ada", "password": PASSWORD, "administrator": True})
        yield running


def signed_in(server: Server) -> dict[str, str]:
    """What ada sends with her requests."""
    with httpx.Client(base_url=server.url) as client:
        body = {"username": "ada", "password": PASSWORD}
        token = client.post(f"{API}/auth/login", json=body).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def ask(server: Server, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    """What somebody else than the administrator gets for a POST that succeeds."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        answer = client.post(f"{API}{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def test_a_device_is_nobody_until_somebody_allows_it_and_then_a_sign_in(server: Server) -> None:
    ada = signed_in(server)
    noted = Noted(server)
    codes = ask(server, "/auth/device", {"client_name": "a laptop"})
    assert noted.entries == []

    ask(server, "/auth/device/answer", {"user_code": codes["user_code"], "allow": True}, ada)
    assert noted.entries == [("user:ada", "device.allow")]

    asked = {"grant_type": GRANT, "device_code": codes["device_code"]}
    ask(server, "/auth/device/token", asked)
    assert noted.entries == [("user:ada", "device.allow"), ("user:ada", "session.open")]


def test_a_device_that_is_sent_away_is_noted(server: Server) -> None:
    ada, codes = signed_in(server), ask(server, "/auth/device", {})
    noted = Noted(server)
    ask(server, "/auth/device/answer", {"user_code": codes["user_code"], "allow": False}, ada)
    assert noted.entries == [("user:ada", "device.refuse")]


def test_a_new_password_is_noted_as_its_owners_doing(server: Server) -> None:
    ada = signed_in(server)
    noted = Noted(server)
    body = {"old_password": PASSWORD, "new_password": f"{PASSWORD} two"}
    ask(server, "/auth/password", body, ada)
    assert noted.entries == [("user:ada", "account.set_password")]


def test_tokens_that_a_browser_has_fetched_are_a_sign_in(tmp_path: Path) -> None:
    with real_provider({"s-eve": {"preferred_username": "eve"}}) as issuer:
        oidc = {
            "name": "company",
            "issuer": issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
        }
        with guarded(tmp_path, oidc=oidc) as server:
            code = _handed_over(server)
            noted = Noted(server)
            ask(server, "/auth/oidc/token", {"code": code, "code_verifier": VERIFIER})
            assert noted.entries == [("user:eve", "session.open")]


def _handed_over(server: Server) -> str:
    params = {
        "redirect": "http://127.0.0.1:9999/signed-in",
        "code_challenge": challenge_of(VERIFIER),
    }
    with httpx.Client(base_url=server.url) as browser:
        gone = browser.get(f"{API}/auth/oidc/company/start", params=params)
        back = browser.get(allow(gone.headers["location"], "s-eve"))
    return query_of(back.headers["location"])["code"]


def _queued(server: Server) -> str:
    made = server.post("/blueprints", BOX)
    ipr = server.post("/iprs", {"title": "t", "blueprint_id": made["id"]})
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    return str(server.post(f"/iprs/{ipr['id']}/deploy", status=202)["deployment_id"])


def test_who_cancels_a_deployment_is_noted(tmp_path: Path) -> None:
    # A world in which everything takes long: it is still at work when it is told to stop.
    with guarded(tmp_path, simulation_time_scale=20.0) as server:
        id_ = _queued(server)
        noted = Noted(server)
        server.post(f"/deployments/{id_}/cancel", status=202)
        (who, action), *_ = noted.entries
        assert (who.partition("-")[0], action) == ("key:configured", "deployment.cancel")


def test_a_deployment_that_is_tried_again_is_noted_as_one_that_starts(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps([{"kind": "rejected", "action": "create", "times": 1}]))
    with guarded(tmp_path, simulation_faults=faults) as server:
        failed = server.ended(_queued(server))
        assert failed["status"] in {"failed", "rolled_back"}
        noted = Noted(server)
        again = server.post(f"/deployments/{failed['id']}/retry", status=202)
        server.ended(again["deployment_id"])
        who, action = noted.entries[0]
        assert (who.partition("-")[0], action) == ("key:configured", "deployment.start")


def test_an_import_is_a_blueprint_and_a_request(server: Server) -> None:
    id_ = plant(server, "old-web")
    noted = Noted(server)
    server.post("/imports", {"engine": "simulation", "objects": [{"object": id_}], "name": "old"})
    assert [action for _, action in noted.entries] == ["blueprint.create", "ipr.open"]


def test_an_answer_that_is_stopped_was_noted_when_it_was_asked_for(tmp_path: Path) -> None:
    model = ScriptedModel([Gate({"say": "Good evening."}, partials=({"say": "Good"},))])
    body = {"message": "good evening to you, dear machine"}
    with guarded(tmp_path, model=model, grace=600.0) as server:
        noted = Noted(server)
        with server.http.stream("POST", f"{API}/conversation/chat-stream", json=body) as answer:
            told = frames(answer.iter_lines())
            turn = next(told).data["turn_id"]
            next(frame for frame in told if frame.type == "token")
            before = noted.entries
            stopped = server.http.post(f"{API}/conversation/turns/{turn}/stop")
            list(told)
        assert stopped.status_code == 204
        assert [action for _, action in before] == ["conversation.say"]
        assert noted.entries == before
