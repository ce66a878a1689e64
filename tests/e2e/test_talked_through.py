"""A whole life in words: said, planned, approved, running, asked about, taken away again, in one conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import serving
from tests.e2e.test_main_job import ENGINES, docker, ended, name
from tests.waiting import PATIENCE

__all__ = ["name"]  # the fixture, which removes what a failed test leaves on Docker


class Talk:
    """One conversation over HTTP."""

    def __init__(self, client: httpx.Client, engine: str) -> None:
        self._client = client
        self._context = {"conversation_id": "a-whole-life", "engine": engine}

    def say(self, message: str) -> Any:
        body = {"message": message, "context": self._context}
        answer = self._client.post("/api/v1/conversation/chat", json=body, timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_said_runs_once_it_is_approved_and_goes_when_it_is_said(
    engine: str, tmp_path: Path, name: str
) -> None:
    with serving(tmp_path) as client:
        talk = Talk(client, engine)
        talk.say("2 nginx web servers")
        drafted = talk.say(f"rename the blueprint to {name}")
        assert drafted["blueprint"]["name"] == name

        opened = talk.say("deploy it")
        assert opened["ipr_id"] is not None
        assert opened["deployment_id"] is None
        assert client.get("/api/v1/stacks").json()["items"][0]["resources"] == 0

        approved = talk.say("approve")
        assert approved["deployment_id"] is None
        started = talk.say("deploy it")
        assert ended(client, started["deployment_id"])["status"] == "succeeded"
        if engine == "docker":
            assert docker("ps", "-q", "--filter", f"name={name}")

        assert "nothing to do" in talk.say("deploy it")["response"]
        graph = client.get("/api/v1/conversation/a-whole-life/graph").json()
        assert graph["stands"] == "conclude"

        removal = talk.say("destroy it")
        assert removal["ipr_id"] != opened["ipr_id"]
        talk.say("approve it")
        gone = talk.say("deploy it")
        assert ended(client, gone["deployment_id"])["status"] == "succeeded"
        assert "Nothing is deployed" in talk.say("status")["response"]
        if engine == "docker":
            assert not docker("ps", "-aq", "--filter", f"name={name}")
