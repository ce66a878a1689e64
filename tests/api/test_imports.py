"""Importing over HTTP: what is there, a request to take it in, and what has drifted since."""

from __future__ import annotations

import asyncio
from typing import Any

from alma.core.model.blueprint import Network, Resource, ResourceType, Specs
from alma.core.model.state import StackRef, Status
from alma.core.model.units import Size
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.api.server import API, Server


async def _plant(engine: SimulationEngine, name: str) -> str:
    lan = Resource(name=f"{name}-lan", type=ResourceType.NETWORK)
    await engine.plant(lan)
    specs = Specs(cpu=2, memory=Size("1GiB"))
    attached = Network(attach=(lan.name,))
    return await engine.plant(
        Resource(name=name, type=ResourceType.VM, specs=specs, network=attached)
    )


def outside(server: Server, work: Any) -> Any:
    """Does something to the simulated world behind ALMA's back."""

    async def run() -> Any:
        settings = SimulationSettings(path=server.home / "simulation.db", time_scale=0)
        engine = SimulationEngine(settings)
        try:
            return await work(engine)
        finally:
            await engine.close()

    return asyncio.run(run())


def plant(server: Server, name: str) -> str:
    """A guest that somebody made without ALMA; its id."""
    return str(outside(server, lambda engine: _plant(engine, name)))


def imported(server: Server, *objects: dict[str, str], **body: Any) -> Any:
    """The ended deployment of an import that was approved."""
    ipr = server.post("/imports", {"engine": "simulation", "objects": list(objects), **body})
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    queued = server.post(f"/iprs/{ipr['id']}/deploy", status=202)
    return server.ended(queued["deployment_id"])


def test_what_is_there_is_listed_taken_in_and_listed_no_more(server: Server) -> None:
    id_ = plant(server, "old-web")
    found = server.get("/engines/simulation/discover")
    assert found["engine"] == "simulation"
    mine = next(item for item in found["items"] if item["object_id"] == id_)
    assert (mine["name"], mine["type"], mine["status"]) == ("old-web", "vm", "running")
    assert mine["obstacle"] is None

    answer = server.http.post(
        f"{API}/imports",
        json={
            "engine": "simulation",
            "name": "legacy",
            "objects": [{"object": id_, "name": "web"}],
        },
    )
    assert answer.status_code == 201
    ipr = answer.json()
    assert answer.headers["Location"] == f"{API}/iprs/{ipr['id']}"
    assert ipr["plan"]["summary"]["adopt"] == 2
    assert ipr["plan"]["destructive"] == []
    assert ipr["title"] == "Import 2 objects from simulation into legacy"
    assert sorted(ipr["changes_summary"]["added"]) == ["old-web-lan", "web"]

    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    queued = server.post(f"/iprs/{ipr['id']}/deploy", status=202)
    ended = server.ended(queued["deployment_id"])
    assert ended["status"] == "succeeded"
    again = server.post(f"/blueprints/{ipr['plan']['blueprint_id']}/plan", status=200)
    assert {change["action"] for change in again["changes"]} == {"no-op"}
    assert again["drift"] == []
    left = server.get("/engines/simulation/discover")["items"]
    assert id_ not in {item["object_id"] for item in left}


def test_a_stack_and_its_plan_tell_drift_apart(server: Server) -> None:
    ended = imported(
        server, {"object": plant(server, "one")}, {"object": plant(server, "two")}, name="drifting"
    )
    stack = server.get(f"/stacks/{ended['stack_id']}")
    assert stack["drift"] == []
    ref = StackRef(id=ended["stack_id"], name=ended["stack"], engine="simulation")

    async def meddle(engine: SimulationEngine) -> None:
        await engine.tamper(ref, "one", properties={"specs.cpu": 9}, status=Status.RUNNING)
        await engine.tamper(ref, "two", remove=True)

    outside(server, meddle)
    drift = server.get(f"/stacks/{ended['stack_id']}")["drift"]
    assert [(d["kind"], d["address"], d["paths"]) for d in drift] == [
        ("changed", "one", ["specs.cpu"]),
        ("gone", "two", []),
    ]
    plan = server.post(f"/blueprints/{stack['blueprint_id']}/plan", status=200)
    assert plan["drift"] == drift
    before, now = (
        next(
            item["properties"]
            for item in server.get(f"/stacks/{stack['id']}")[side]
            if item["address"] == "one"
        )
        for side in ("recorded", "observed")
    )
    assert (before["specs.cpu"], now["specs.cpu"]) == (2, 9)


def test_the_deployments_of_one_stack_are_listed_by_themselves(server: Server) -> None:
    first = imported(server, {"object": plant(server, "alone")}, name="by-itself")
    imported(server, {"object": plant(server, "other")}, name="of-others")
    found = server.get(f"/deployments?stack_id={first['stack_id']}")
    assert ([item["id"] for item in found["items"]], found["total"]) == ([first["id"]], 1)
    assert server.get("/deployments?stack_id=nonesuch")["total"] == 0


def test_what_can_not_be_imported_is_refused_with_its_reason(server: Server) -> None:
    id_ = plant(server, "refused")
    objects = [{"object": id_}]
    for body, status, words in (
        ({"engine": "docker", "name": "x", "objects": objects}, 422, "Docker takes labels only"),
        ({"engine": "simulation", "objects": objects}, 422, "which blueprint"),
        (
            {"engine": "simulation", "name": "x", "blueprint_id": 1, "objects": objects},
            422,
            "which",
        ),
        ({"engine": "simulation", "name": "x", "objects": []}, 422, "objects"),
        ({"engine": "simulation", "name": "x", "objects": [{"object": "999"}]}, 404, "no '999'"),
        ({"engine": "simulation", "blueprint_id": 99_999, "objects": objects}, 404, "99999"),
        ({"engine": "nonesuch", "name": "x", "objects": objects}, 422, "nonesuch"),
    ):
        answer = server.http.post(f"{API}/imports", json=body)
        assert answer.status_code == status, answer.text
        assert words in answer.text
    for name in ("docker", "nonesuch"):
        assert server.http.get(f"{API}/engines/{name}/discover").status_code == 422
