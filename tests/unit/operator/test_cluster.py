"""What the API server says is told in ALMA's words, and what passes by itself is tried again."""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import (
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    InvalidInput,
)
from alma.operator.cluster import Cluster

pytest.importorskip("lightkube")


class Server:
    """An API server that gives one answer to everything."""

    def __init__(self, directory: Path) -> None:
        self.status, self.reason = 200, ""
        self.tokens: list[str] = []
        server = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.tokens.append(self.headers.get("Authorization", ""))
                failed = {"kind": "Status", "status": "Failure", "message": server.reason,
                          "code": server.status, "reason": "x"}  # fmt: skip
                body = json.dumps(failed if server.status >= 400 else {"items": []}).encode()
                self.send_response(server.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.config = directory / "kubeconfig"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.write("first")

    def write(self, token: str) -> None:
        place = {"server": f"http://127.0.0.1:{self.http.server_port}"}
        self.config.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": place}],
            "users": [{"name": "u", "user": {"token": token}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        }))  # fmt: skip


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(made.config))
    yield made
    made.http.shutdown()
    made.http.server_close()


async def test_one_that_answers_is_well(server: Server) -> None:
    cluster = Cluster()
    await cluster.check(None)
    await cluster.close()


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [
        (403, EngineError, "rbac.yaml"),
        (404, EngineError, "alma operator crds"),
        (401, EngineAuthFailed, "token anew"),
        (429, EngineUnavailable, ""),
        (503, EngineUnavailable, ""),
    ],
)
async def test_a_refusal_says_what_was_wanted_and_what_to_do(
    server: Server, status: int, kind: type[EngineError], hint: str
) -> None:
    server.status, server.reason = status, "no, because"
    cluster = Cluster()
    with pytest.raises(EngineError, match="can't list Blueprints: no, because") as caught:
        await cluster.check("team")
    assert type(caught.value) is kind
    assert hint in (caught.value.hint or "")
    await cluster.close()


async def test_a_token_that_has_run_out_is_read_anew(server: Server) -> None:
    cluster = Cluster()
    server.status = 401
    with pytest.raises(EngineAuthFailed):
        await cluster.check("team")
    server.status = 200
    server.write("second")
    await cluster.check("team")
    assert server.tokens == ["Bearer first", "Bearer second"]
    await cluster.close()


async def test_one_that_is_away_may_come_back(server: Server) -> None:
    server.http.shutdown()
    server.http.server_close()
    cluster = Cluster()
    with pytest.raises(
        EngineUnavailable, match=r"API server http://127\.0\.0\.1:\d+ does not answer"
    ):
        await cluster.check("team")
    await cluster.close()


async def test_where_no_cluster_is_configured_is_said_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "nothing"))
    with pytest.raises(InvalidInput, match="no cluster is configured"):
        await Cluster().check(None)


def _config(**parts: Any) -> str:
    """A kubeconfig that is right but for the parts that are given."""
    whole = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "hunter2"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    return json.dumps(whole | {name.replace("_", "-"): part for name, part in parts.items()})


def _user(**said: Any) -> str:
    return _config(users=[{"name": "u", "user": {"token": "hunter2", **said}}])


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"{bad\n token: hunter2", "it is no YAML (line 2)"),
        (b"\xff\xfe\x00", "it is not text"),
        (b"", "it is not written as kubeconfigs are"),
        (b"[hunter2]", "it is not written as kubeconfigs are"),
        (_config(clusters=None), "it is not written as kubeconfigs are"),
        (_config(current_context=None), "No current context"),
        (_config(current_context="other"), "Context 'other' not found"),
        (_config(clusters=[]), "it has no 'c'"),
        (_config(users=[]), "it has no 'u'"),
        (_config(contexts=[{"name": "c", "context": {"cluster": "c"}}]), "'c' names no user"),
        (_user(exec={"command": "login", "apiVersion": "v1"}), "it signs in by a program"),
        (_user(**{"client-certificate": "/nowhere", "client-key": "/nowhere"}), "(No such file"),
    ],
)  # fmt: skip
async def test_a_kubeconfig_that_can_not_be_used_is_named_with_its_fault_and_without_its_secrets(
    written: bytes | str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "config"
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    monkeypatch.setenv("KUBECONFIG", str(path))
    with pytest.raises(InvalidInput) as caught:
        await Cluster().check(None)
    assert f"the kubeconfig {path} can't be used" in caught.value.message
    assert why in caught.value.message
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert "kubectl config view" in (caught.value.hint or "")
