"""A deployment while it runs: seen as it happens, and stopped when somebody says so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server import API, Server, serve

CHAIN: dict[str, Any] = {
    "name": "chain",
    "resources": [
        {
            "name": f"link-{number}",
            "type": "container",
            "image": "alpine:3",
            "depends_on": [f"link-{number - 1}"] if number else [],
        }
        for number in range(6)
    ],
}


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Server]:
    """ALMA on a simulation that takes a while for each change: one after the other, a second or two in all."""
    with serve(tmp_path, simulation_time_scale=0.4) as running:
        yield running


def follow(answer: httpx.Response) -> Iterator[Any]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def test_a_run_is_seen_as_it_happens_and_stops_when_it_is_cancelled(slow: Server) -> None:
    made = slow.post("/blueprints", CHAIN)
    ipr = slow.post("/iprs", {"title": "chain", "blueprint_id": made["id"]})
    slow.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    queued = slow.post(f"/iprs/{ipr['id']}/deploy", status=202)
    url = f"{API}/deployments/{queued['deployment_id']}"
    seen: list[Any] = []
    said: dict[str, httpx.Response] = {}

    with slow.http.stream(
        "GET", f"{url}/events", headers={"Accept": "text/event-stream"}
    ) as answer:
        for event in follow(answer):
            seen.append(event)
            if event["address"] == "link-0" and event["data"].get("state") == "succeeded":
                said["deploy"] = slow.http.post(f"{API}/iprs/{ipr['id']}/deploy")
                said["withdraw"] = slow.http.delete(f"{API}/iprs/{ipr['id']}")
                said["cancel"] = slow.http.post(f"{url}/cancel")

    assert said["deploy"].status_code == said["withdraw"].status_code == 409
    assert said["deploy"].json()["deployment_id"] == queued["deployment_id"]
    assert said["cancel"].status_code == 202
    assert said["cancel"].json()["cancel_requested"] is True
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1]["type"] == "complete"
    deployment = slow.get(f"/deployments/{queued['deployment_id']}")
    assert deployment["status"] == "cancelled"
    states = {step["address"]: step["state"] for step in deployment["steps"]}
    assert states["link-5"] == "skipped"
    assert slow.get(f"/stacks/{deployment['stack_id']}")["observed"] == []
    assert slow.get(f"/iprs/{ipr['id']}")["status"] == "cancelled"


def test_a_request_on_a_busy_stack_waits_its_turn(slow: Server) -> None:
    made = slow.post("/blueprints", CHAIN)
    first, second = (
        slow.post("/iprs", {"title": "chain", "blueprint_id": made["id"]}) for _ in range(2)
    )
    for ipr in (first, second):
        slow.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    running = slow.post(f"/iprs/{first['id']}/deploy", status=202)

    busy = slow.http.post(f"{API}/iprs/{second['id']}/deploy")

    assert busy.status_code == 409
    assert busy.json()["code"] == "stack_locked"
    assert busy.json()["deployment_id"] == running["deployment_id"]
    assert slow.ended(running["deployment_id"])["status"] == "succeeded"
