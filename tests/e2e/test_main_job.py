"""The main job, as the user guide tells it: a sentence in, running containers out, and nothing left at the end.

Through HTTP against a real server process; on the simulation everywhere, on a real Docker Engine where there is one.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.server import serving
from tests.waiting import wait_until

SENTENCE = "I need a simple web application with 2 servers and a database"


@pytest.fixture
def name() -> Iterator[str]:
    """A stack's name that nobody else on this Docker Engine has; what a failed test leaves there is removed."""
    chosen = f"main-job-{uuid.uuid4().hex[:8]}"
    yield chosen
    if shutil.which("docker"):
        for kind, remove in (("container", "rm -f"), ("network", "rm"), ("volume", "rm")):
            listing = ["docker", kind, "ls", "-q", "--filter", f"name={chosen}"]
            listing += ["-a"] if kind == "container" else []
            left = subprocess.run(
                listing, capture_output=True, text=True, check=False
            ).stdout.split()
            if left:
                subprocess.run(["docker", kind, *remove.split(), *left], check=False)


ENGINES = [
    pytest.param("simulation", id="simulation"),
    pytest.param("docker", id="docker", marks=pytest.mark.docker),
]


def docker(*arguments: str) -> list[str]:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()


def inspect(name: str) -> dict[str, Any]:
    done = subprocess.run(["docker", "inspect", name], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)[0]
    return found


def ended(client: httpx.Client, deployment: str) -> dict[str, Any]:
    """Follows the event stream to its end, then looks at the deployment."""
    address = f"/api/v1/deployments/{deployment}/events"
    seen: list[int] = []
    with client.stream("GET", address, headers={"Accept": "text/event-stream"}) as stream:
        seen.extend(int(line[3:]) for line in stream.iter_lines() if line.startswith("id:"))
    assert seen == list(range(1, len(seen) + 1))
    found: dict[str, Any] = client.get(f"/api/v1/deployments/{deployment}").json()
    return found


def deploy(client: httpx.Client, ipr: int, **body: object) -> dict[str, Any]:
    # As the guide types it: no Content-Type of JSON.
    answer = client.post(f"/api/v1/iprs/{ipr}/deploy", content=json.dumps(body))
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json()["deployment_id"])


def approve(client: httpx.Client, ipr: int) -> None:
    body = {"action": "approve", "comments": "fine", "reviewer": "someone"}
    answer = client.post(f"/api/v1/iprs/{ipr}/review", json=body)
    assert answer.json()["status"] == "approved", answer.text


@pytest.mark.parametrize("engine", ENGINES)
def test_from_a_sentence_to_running_containers_and_back(
    tmp_path: Path, engine: str, name: str
) -> None:
    with serving(tmp_path) as client:
        said = client.post("/api/v1/conversation/chat", json={"message": SENTENCE}).json()
        types = sorted(resource["type"] for resource in said["blueprint"]["resources"])
        assert types == ["database", "load_balancer", "vm", "vm"]

        address = f"/api/v1/blueprints/{said['blueprint_id']}"
        renamed = client.put(address, json=said["blueprint"] | {"name": name})
        assert renamed.json()["revision"] == 2

        order = {"title": "Launch", "description": "d", "blueprint_id": said["blueprint_id"]}
        ipr = client.post("/api/v1/iprs", json=order).json()
        assert ipr["status"] == "pending"
        approve(client, ipr["id"])
        first = deploy(client, ipr["id"], engine=engine)
        assert first["status"] == "succeeded", json.dumps(first["error"])
        assert all(check["passed"] for check in first["checks"])
        if engine == "docker":
            everything_runs(first)

        again = client.post(f"/api/v1/iprs/{ipr['id']}/deploy", json={"engine": engine})
        assert again.status_code == 409
        assert again.json()["deployment_id"] == first["id"]

        second = client.post("/api/v1/iprs", json=order | {"engine": engine}).json()
        assert second["changes_summary"] == {"added": [], "modified": [], "removed": []}
        approve(client, second["id"])
        assert deploy(client, second["id"])["status"] == "succeeded"

        (stack,) = [
            s for s in client.get("/api/v1/stacks").json()["items"] if s["engine"] == engine
        ]
        proofs = client.post(f"/api/v1/stacks/{stack['id']}/verify").json()
        assert proofs["passed"], proofs
        if engine == "docker":
            what_proofs_say(proofs["checks"])

        gone = destroy(client, stack["id"], volumes=False)
        assert gone["status"] == "succeeded"
        if engine == "docker":
            assert of_stack(stack["id"], "ps", "-aq") == []
            assert of_stack(stack["id"], "network", "ls", "-q") == []
            assert len(of_stack(stack["id"], "volume", "ls", "-q")) == 1
        assert destroy(client, stack["id"], volumes=True)["status"] == "succeeded"
        if engine == "docker":
            assert of_stack(stack["id"], "volume", "ls", "-q") == []


def destroy(client: httpx.Client, stack: str, *, volumes: bool) -> dict[str, Any]:
    ipr = client.post(f"/api/v1/stacks/{stack}/destroy", json={"volumes": volumes}).json()
    approve(client, ipr["id"])
    return deploy(client, ipr["id"])


def of_stack(stack: str, *command: str) -> list[str]:
    return docker(*command, "--filter", f"label=alma.stack={stack}")


def everything_runs(deployment: dict[str, Any]) -> None:
    """Four healthy containers on a network of their own, a volume, and a load balancer that serves both in turn."""
    stack = deployment["stack_id"]
    containers = [inspect(id_) for id_ in of_stack(stack, "ps", "-q")]
    assert [c["State"]["Health"]["Status"] for c in containers] == ["healthy"] * 4
    networks = {name for c in containers for name in c["NetworkSettings"]["Networks"]}
    assert len(networks) == 1
    assert len(of_stack(stack, "network", "ls", "-q")) == 1
    assert len(of_stack(stack, "volume", "ls", "-q")) == 1

    (url,) = deployment["endpoints"]["lb-1"]
    served = wait_until(lambda: both({httpx.get(url).headers["X-Served-By"] for _ in range(6)}))
    assert served == {"web-1", "web-2"}

    (database,) = [c for c in containers if c["Config"]["Image"].startswith("postgres")]
    password = subprocess.run(
        ["docker", "exec", database["Id"], "cat", "/run/secrets/password"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert len(password.strip()) >= 32
    assert password.strip() not in json.dumps(database)
    assert password.strip() not in json.dumps(deployment)


def both(served: set[str]) -> set[str] | None:
    return served if len(served) == 2 else None


def what_proofs_say(checks: list[dict[str, Any]]) -> None:
    told = " ".join(f"{check['name']} {check['detail']}" for check in checks)
    assert "answered 200" in told
    assert "pg_isready" in told
    assert "answered by web-1, web-2" in told


def test_an_lxc_by_name_is_one_container_and_says_where_it_lands(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        order = {"message": "Deploy an Alpine LXC named web-01"}
        said = client.post("/api/v1/conversation/chat", json=order).json()
        (resource,) = said["blueprint"]["resources"]
        assert (resource["name"], resource["type"], resource["image"]) == (
            "web-01",
            "container",
            "alpine",
        )
        assert said["engine"] == "simulation"
        assert "proxmox" in said["response"].lower()
        assert "simulation" in said["response"].lower()
