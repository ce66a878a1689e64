"""Connections over HTTP: said once, checked by the engine, used from the next request on, and secrets never told."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from alma.engines import ENGINES, Entry
from tests.api.server import API, Server, serve
from tests.unit.engines.connecting import CANARY, TARGET, LabEngine

LAB = {"url": "https://lab", "token": CANARY}
SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx"}],
}


@pytest.fixture
def server(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Server]:
    """ALMA with an engine that has to be told where it is."""
    monkeypatch.setitem(ENGINES, "lab", Entry(TARGET, connects=True))
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "engines.yaml").write_text("lab: {site: {url: 'https://file'}}")
    monkeypatch.setattr(LabEngine, "opened", [])
    with serve(home) as running:
        yield running


def test_a_connection_is_saved_and_shown_without_its_secrets(server: Server) -> None:
    made = server.put("/engines/lab@nas/connection", LAB)
    found = server.get("/engines/lab@nas/connection")

    assert found == made
    assert found["engine"] == "lab@nas"
    assert found["source"] == "project"
    assert found["settings"] == {"url": "https://lab"}
    assert found["secrets"] == ["token"]
    assert found["updated_by"] == "local"
    assert found["links"]["check"] == "/api/v1/engines/lab@nas/check"


def test_a_saved_connection_is_used_from_the_next_request_on(server: Server) -> None:
    assert server.get("/engines/lab/check")["configured"] is False

    server.put("/engines/lab/connection", LAB)
    first = server.get("/engines/lab/check")
    server.put("/engines/lab/connection", LAB | {"url": "https://moved"})
    second = server.get("/engines/lab/check")

    assert (first["available"], first["configured"]) == (True, True)
    assert first["detail"] == "answers at https://lab"
    assert second["detail"] == "answers at https://moved"
    tokens = [engine.settings.token for engine in LabEngine.opened]
    assert [token.get_secret_value() for token in tokens if token] == [CANARY, CANARY]


def test_engines_are_listed_with_their_connections(server: Server) -> None:
    server.put("/engines/lab@nas/connection", LAB)

    found = {item["engine"]: item for item in server.get("/engines")["items"]}

    assert found["lab@nas"]["detail"] == "answers at https://lab"
    assert found["lab@site"]["detail"] == "answers at https://file"
    assert found["lab"]["available"] is False
    assert found["lab"]["configured"] is False
    assert found["lab"]["detail"] == "nothing says where it is"


def test_an_engine_that_nobody_configured_is_no_failure_of_the_whole(server: Server) -> None:
    components = server.get("/monitoring/health/detailed")["components"]
    assert "engine:lab" not in components
    assert components["engine:lab@site"]["status"] == "healthy"


def test_a_stack_lives_on_one_connection(server: Server) -> None:
    server.put("/engines/lab@nas/connection", LAB)
    made = server.post("/blueprints", SHOP)
    body = {"title": "x", "blueprint_id": made["id"], "engine": "LAB@nas"}
    first = server.post("/iprs", body)
    second = server.post("/iprs", body | {"engine": "lab@site"})

    assert first["engine"] == "lab@nas"
    stacks = {item["engine"]: item["id"] for item in server.get("/stacks")["items"]}
    assert set(stacks) == {"lab@nas", "lab@site"}
    assert first["plan"]["stack"]["id"] == stacks["lab@nas"]
    assert second["plan"]["stack"]["id"] == stacks["lab@site"]


def test_a_blueprint_may_name_the_connection_itself(server: Server) -> None:
    deployed = server.deployed(SHOP | {"engine": "lab@site"})

    assert deployed["status"] == "succeeded"
    assert deployed["engine"] == "lab@site"


def test_what_something_is_deployed_by_is_not_forgotten(server: Server) -> None:
    server.put("/engines/lab@nas/connection", LAB)
    server.deployed(SHOP | {"engine": "lab@nas"})

    answer = server.http.delete(f"{API}/engines/lab@nas/connection")

    assert answer.status_code == 409
    assert "shop is deployed there" in answer.json()["detail"]
    assert server.get("/engines/lab@nas/check")["available"] is True


def test_a_forgotten_connection_gives_way_to_what_the_file_says(server: Server) -> None:
    server.put("/engines/lab@site/connection", LAB)
    assert server.get("/engines/lab@site/connection")["source"] == "project"

    answers = [server.http.delete(f"{API}/engines/lab@site/connection") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert "saved no connection" in answers[1].json()["detail"]
    shown = server.get("/engines/lab@site/connection")
    assert (shown["source"], shown["settings"]["url"]) == ("file", "https://file")
    assert server.get("/engines/lab@site/check")["detail"] == "answers at https://file"


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("lab", {"token": CANARY, "retries": "x"}, "retries: Input should be a valid integer"),
        ("lab", {"url": "u", "tokne": CANARY}, "tokne: Extra inputs"),
        ("simulation", {"path": "/etc/passwd"}, "can't say path"),
        ("lab@no such", LAB, "does not name a connection"),
        ("vax", LAB, "Unknown engine 'vax'"),
        ("lab", [CANARY], "must be a mapping"),
    ],
)
def test_a_connection_that_can_t_be_is_refused_without_repeating_it(
    server: Server, name: str, body: Any, said: str
) -> None:
    answer = server.http.put(f"{API}/engines/{name}/connection", json=body)

    assert answer.status_code == 422
    assert said in answer.text
    assert CANARY not in answer.text


def test_secrets_are_in_no_log_and_in_no_file(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        server.put("/engines/lab@nas/connection", LAB)
        server.get("/engines/lab@nas/check")
        server.get("/engines")

    assert CANARY not in caplog.text
    for file in server.home.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file


@pytest.mark.parametrize("method", ["get", "delete"])
@pytest.mark.parametrize("name", ["lab@nowhere", "vax"])
def test_an_unknown_name_is_answered_with_the_known_ones(
    server: Server, method: str, name: str
) -> None:
    answer = getattr(server.http, method)(f"{API}/engines/{name}/connection")

    assert answer.status_code == 422
    assert "lab" in answer.json()["hint"]


TOKEN = "alma@pve!alma=0c4f1e77-canary"


def test_a_proxmox_cluster_is_configured_per_project(server: Server) -> None:
    assert server.get("/engines/proxmox/check")["configured"] is False
    body = {"urls": "127.0.0.1:9", "token": TOKEN, "storage": "local-zfs"}

    made = server.put("/engines/proxmox@lab/connection", body)
    check = server.get("/engines/proxmox@lab/check")

    assert made["settings"] == {"urls": ["https://127.0.0.1:9"], "storage": "local-zfs"}
    assert made["secrets"] == ["token"]
    assert (check["engine"], check["available"]) == ("proxmox@lab", False)
    assert check["problems"]
    assert "canary" not in str(check)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"urls": ["http://pve1"], "token": TOKEN}, "over https only"),
        ({"urls": ["pve1"]}, "no way to log in"),
        ({"urls": ["pve1"], "token": "0c4f1e77-canary"}, "user@realm!name=secret"),
        ({"urls": ["pve1"], "token": TOKEN, "verify_tls": False}, "verify_tls"),
        ({"urls": ["pve1"], "token": TOKEN, "state_dir": "/etc"}, "can't say state_dir"),
    ],
)
def test_what_is_wrong_about_a_cluster_is_said_without_a_secret(
    server: Server, body: dict[str, Any], said: str
) -> None:
    answer = server.http.put(f"{API}/engines/proxmox@lab/connection", json=body)

    assert answer.status_code == 422
    assert said in answer.text
    assert "canary" not in answer.text
