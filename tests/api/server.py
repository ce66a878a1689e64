"""A real server on a real port, and a small curl: what callers type is what the tests send."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from alma.api.app import create_app
from alma.bootstrap import build
from alma.cli.bounds import bounded
from alma.core.agent.live import GRACE_SECONDS
from alma.core.ports import LanguageModel
from alma.settings import Settings
from tests.clients import ALL_KEPT
from tests.waiting import wait_until

WORDS = "I need a simple web application with 2 servers and a database"
API = "/api/v1"
BASE = "http://localhost:8000/api/v1"
JSON = '-H "Content-Type: application/json"'


@dataclass
class Server:
    """A running ALMA."""

    url: str
    http: httpx.Client
    home: Path
    app: FastAPI

    def curl(self, command: str) -> httpx.Response:
        """Sends what that command line would send: `curl -X POST http://localhost:8000/… -H … -d …`."""
        method, url, headers, data = _understood(command)
        address = url.replace("http://localhost:8000", self.url)
        return self.http.request(method, address, headers=headers, content=data)

    def post(self, path: str, body: Any = None, *, status: int = 201) -> Any:
        """The answer's values; fails on another status."""
        answer = self.http.post(f"{API}{path}", json=body if body is not None else {})
        assert answer.status_code == status, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """The answer's values; fails unless it is 200."""
        answer = self.http.get(f"{API}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def put(self, path: str, body: Any, *, status: int = 200) -> Any:
        """The answer's values; fails on another status."""
        answer = self.http.put(f"{API}{path}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def ended(self, deployment_id: str) -> Any:
        """The deployment, once it has ended."""
        with self.http.stream(
            "GET", f"{API}/deployments/{deployment_id}/events", params={"stream": True}
        ) as answer:
            for _ in answer.iter_lines():
                pass
        deployment = self.get(f"/deployments/{deployment_id}")
        assert deployment["finished_at"], deployment
        return deployment

    def deployed(self, blueprint: dict[str, Any], **body: Any) -> Any:
        """The ended deployment of a new blueprint, through a request that was approved."""
        made = self.post("/blueprints", blueprint)
        ipr = self.post("/iprs", {"title": "a change", "blueprint_id": made["id"]})
        self.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
        queued = self.post(f"/iprs/{ipr['id']}/deploy", body, status=202)
        return self.ended(queued["deployment_id"])


@contextmanager
def serve(
    home: Path,
    *,
    model: LanguageModel | None = None,
    grace: float = GRACE_SECONDS,
    patience: float = 20.0,
    most_at_once: int | None = None,
    **settings: Any,
) -> Iterator[Server]:
    """ALMA in `home`, as `alma serve` runs it, on a port that is free. `model` is asked about messages; an answer that
    nobody has followed for `grace` seconds is given up. WebSockets are asked for a sign of life every `patience`
    seconds, and have as many to give it. `most_at_once`: connections."""
    # What is tested is what is answered; where it is the limits, the test says so.
    wired = Settings(home=home, **{"rate_limit_enabled": False, **settings})
    alma = None if model is None else build(wired, model=model, grace=grace)
    app = create_app(alma, settings=wired)
    config = uvicorn.Config(
        app,
        port=0,
        lifespan="on",
        log_config=None,
        timeout_graceful_shutdown=5,
        ws_ping_interval=patience,
        ws_ping_timeout=patience,
        http=bounded(most_head=65_536, patience=20.0, most_at_once=most_at_once),
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), interval=0.02)
        assert server.started, "the server did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=60, limits=ALL_KEPT) as client:
            yield Server(url=url, http=client, home=home, app=app)
    finally:
        server.should_exit = True
        thread.join()


def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


def _understood(command: str) -> tuple[str, str, dict[str, str], bytes | None]:
    words = iter(shlex.split(command.replace("\\\n", " "))[1:])
    method, url, data = "", "", None
    headers: dict[str, str] = {"Accept": "*/*"}
    for word in words:
        if word in {"-X", "--request"}:
            method = next(words)
        elif word in {"-H", "--header"}:
            name, _, value = next(words).partition(":")
            headers[name.strip()] = value.strip()
        elif word in {"-d", "--data"}:
            data = next(words).replace("\n", "").encode()
        elif word == "--data-binary":
            data = next(words).encode()
        elif word not in {"-N", "-s", "-i"}:
            url = word
    if data is not None:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return method or ("POST" if data is not None else "GET"), url, headers, data
