"""Streams that one server begins and another one goes on with: whoever was reading misses nothing and hears the end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.streaming import Frame, frames
from tests.crash.fleet import API, Fleet, approved, deployed, fleet, log, posted, send, shop
from tests.postgres import create_database, database_url, postgres_server
from tests.talking import SHOP

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(900)]

__all__ = ["postgres_server"]


@pytest.fixture
def ships(tmp_path: Path, postgres_server: Path) -> Iterator[Fleet]:
    url = database_url(postgres_server, create_database(postgres_server))
    with fleet(tmp_path, url, ALMA_SIMULATION_TIME_SCALE="0.1") as made:
        yield made


@contextmanager
def stream(
    server: httpx.Client, path: str, *, last: str | None = None, body: Any = None
) -> Iterator[Iterator[Frame]]:
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    method = "GET" if body is None else "POST"
    with server.stream(method, f"{API}{path}", headers=headers, json=body) as answer:
        assert answer.status_code == 200, answer.read()
        yield frames(answer.iter_lines())


def test_a_log_ends_when_its_server_leaves_and_goes_on_at_another(ships: Fleet) -> None:
    leaving, staying = (ships.server(name, "--no-worker") for name in ("leaving", "staying"))
    ships.worker("one")
    id_ = deployed(leaving, approved(leaving, shop("shop", 10)))
    path = f"/deployments/{id_}/events"
    with stream(leaving, path) as told:
        seen = [next(told)]
        send(leaving, signal.SIGTERM)
        # An end and no broken connection, though the deployment has not ended.
        seen += told
    assert seen[-1].type != "complete"
    with stream(staying, path, last=seen[-1].id) as told:
        seen += told
    assert [frame.data["seq"] for frame in seen] == [line["seq"] for line in log(staying, id_)]
    assert seen[-1].type == "complete"


def said(server: httpx.Client, words: str) -> Any:
    body = {"message": words, "context": {"conversation_id": "c"}}
    return posted(server, "/conversation/chat", body, 200)


def test_an_answer_that_a_worker_gives_is_told_by_every_server(ships: Fleet) -> None:
    asked, other = (ships.server(name, "--no-worker") for name in ("asked", "other"))
    ships.worker("one")
    said(asked, SHOP)
    body = {"message": "deploy it", "context": {"conversation_id": "c"}}
    with stream(asked, "/conversation/chat-stream", body=body) as told:
        first = next(told)
        with stream(other, f"/conversation/turns/{first.data['turn_id']}/events") as elsewhere:
            there = list(elsewhere)
        here = [first, *told]
    assert here[-1].type == there[-1].type == "complete"
    assert here[-1].data["ipr_id"] == there[-1].data["ipr_id"] is not None
    assert here[-1].data["response"] == there[-1].data["response"]


def test_the_answer_to_a_message_outlives_the_server_that_took_it(ships: Fleet) -> None:
    asked, other = (ships.server(name, "--no-worker") for name in ("asked", "other"))
    said(asked, SHOP)
    body = {"message": "deploy it", "context": {"conversation_id": "c"}}
    with stream(asked, "/conversation/chat-stream", body=body) as told:
        first = next(told)
        send(asked, signal.SIGKILL)
    # Nobody answers yet: what comes next is worked on by a worker that never met the first server.
    ships.worker("one")
    with stream(
        other, f"/conversation/turns/{first.data['turn_id']}/events", last=first.id
    ) as told:
        last = list(told)[-1]
    assert last.type == "complete"
    assert last.data["turn_id"] == first.data["turn_id"]
    assert last.data["ipr_id"] is not None
