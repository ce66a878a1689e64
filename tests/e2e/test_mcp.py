"""ALMA for MCP clients: a real client of the official SDK, over standard input and output and over HTTP."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from alma.core.model.blueprint import Network, Resource, ResourceType, Specs
from alma.core.model.units import Size
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.e2e.server import environment, serving
from tests.waiting import PATIENCE, wait_until

SIMULATED = {"ALMA_DEFAULT_ENGINE": "simulation", "ALMA_SIMULATION_TIME_SCALE": "0"}
SHOP = {"name": "shop", "resources": [{"name": "web", "type": "service", "engine": "nginx"}]}
OWN_KEY = "k" * 40
ACCEPTING = {"Accept": "application/json, text/event-stream"}
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "nobody", "version": "0"},
    },
}
OLDER = {"list_resources", "get_resource_stats", "deploy_vm", "control_vm", "download_template"}


@asynccontextmanager
async def client(home: Path, *words: str, mode: str = "auto") -> AsyncIterator[Client]:
    """A client that starts `alma mcp` and ends it when it leaves."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-m", "alma", "mcp", *words],
        env=environment(home, **SIMULATED),
    )
    async with Client(server, mode=mode, read_timeout_seconds=60) as connected:
        yield connected


def text_of(content: object) -> str:
    """What is written in a piece of an answer; everything ALMA says is text."""
    text = getattr(content, "text", None)
    assert isinstance(text, str), content
    return text


async def said(connected: Client, name: str, /, **arguments: Any) -> dict[str, Any]:
    """What a tool says; fails when it failed."""
    result = await connected.call_tool(name, arguments)
    text = text_of(result.content[0])
    assert not result.is_error, text
    assert json.loads(text[text.index("{") :]) == result.structured_content
    return dict(result.structured_content)


async def refused(connected: Client, name: str, /, **arguments: Any) -> str:
    """Why a tool would not; fails when it did."""
    result = await connected.call_tool(name, arguments)
    assert result.is_error
    return text_of(result.content[0])


async def planted(home: Path) -> str:
    """Something that runs and that ALMA has not made; its id."""
    engine = SimulationEngine(SimulationSettings(path=home / "simulation.db", time_scale=0))
    old = Resource(
        name="old-web",
        type=ResourceType.VM,
        specs=Specs(cpu=2, memory=Size("4GiB")),
        network=Network(),
    )
    number = await engine.plant(old)
    await engine.close()
    return number


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_every_tool_is_published_with_the_schema_of_the_registry(
    tmp_path: Path, mode: str
) -> None:
    with serving(tmp_path, **SIMULATED) as http:
        registry = http.get("/api/v1/tools").json()["tools"]
        async with client(tmp_path, mode=mode) as connected:
            listed = {tool.name: tool for tool in (await connected.list_tools()).tools}
    assert set(listed) == {tool["name"] for tool in registry} | OLDER
    for tool in registry:
        published = listed[tool["name"]]
        assert published.input_schema == tool["parameters"]
        assert published.description == tool["description"]
        assert published.annotations is not None
        assert published.annotations.read_only_hint is not tool["writes"]


async def test_a_tool_answers_without_a_server_and_wrong_arguments_are_told(tmp_path: Path) -> None:
    async with client(tmp_path) as connected:
        answer = await said(connected, "validate_blueprint", blueprint=SHOP)
        assert answer["valid"] is True
        told = await refused(connected, "validate_blueprint", strict="very")
        assert "strict: " in told
        assert "validate_blueprint" in await refused(connected, "validate_blueprnt")


async def test_asking_for_a_machine_opens_a_request_and_touches_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, **SIMULATED) as http:
        async with client(tmp_path) as connected:
            there = {"engine": "simulation"}
            asked = await said(
                connected, "deploy_vm", name="box", template="debian-12", cores=4, **there
            )
            assert asked["status"] == "pending"
            assert "Nothing was changed" in asked["message"]
            ipr = http.get(f"/api/v1/iprs/{asked['ipr_id']}").json()
            wanted = ipr["plan"]["changes"]
            assert any(change["address"] == "box" for change in wanted)
            blueprint = http.get(f"/api/v1/blueprints/{asked['blueprint_id']}").json()
            specs = blueprint["resources"][0]["specs"]
            assert (specs["cpu"], specs["memory"]) == (4, "2048MiB")
            assert (await said(connected, "list_resources", **there))["count"] == 0


async def test_what_runs_is_read_from_the_engine_and_a_deletion_is_a_request(
    tmp_path: Path,
) -> None:
    number = await planted(tmp_path)
    with serving(tmp_path, **SIMULATED) as http:
        deployed = run(http, {"name": "shop", "resources": [machine("box"), machine("other")]})
        async with client(tmp_path) as connected:
            there = {"engine": "simulation"}
            found = (await said(connected, "list_resources", **there))["resources"]
            owners = {item["name"]: item["managed"] for item in found if item["type"] == "vm"}
            assert owners == {"box": True, "other": True, "old-web": False}

            paged: list[Any] = []
            cursor: str | None = None
            while True:
                page = await said(connected, "list_resources", limit=1, cursor=cursor, **there)
                paged, cursor = [*paged, *page["resources"]], page["next_cursor"]
                assert (page["count"], page["total"]) == (1, len(found))
                if cursor is None:
                    break
            assert paged == found

            stats = await said(connected, "get_resource_stats", vmid=number, **there)
            assert (stats["name"], stats["status"]) == ("old-web", "running")

            asked = await said(connected, "control_vm", vmid="box", action="delete", **there)
            assert asked["changes"]["removed"] == ["box"]
            after = (await said(connected, "list_resources", **there))["resources"]
            assert "box" in {item["name"] for item in after}
            saved = http.get(f"/api/v1/blueprints/{deployed}").json()
            assert [item["name"] for item in saved["resources"]] == ["other"]

            asked = await said(connected, "control_vm", vmid="other", action="start", **there)
            assert asked["status"] == "pending"
            stop = await refused(connected, "control_vm", vmid="other", action="stop", **there)
            assert "stop is nothing that a blueprint can say" in stop
            alien = await refused(connected, "control_vm", vmid=number, action="delete", **there)
            assert "belongs to no stack" in alien
            assert "no 'nobody'" in await refused(
                connected, "get_resource_stats", vmid="nobody", **there
            )
            told = await said(connected, "download_template", storage="local", template="debian-12")
            assert told["message"].startswith("Nothing was downloaded")


async def test_a_nodes_machines_are_a_resource(tmp_path: Path) -> None:
    await planted(tmp_path)
    async with client(tmp_path) as connected:
        templates = (await connected.list_resource_templates()).resource_templates
        assert [item.uri_template for item in templates] == ["proxmox://{node}/vms"]
        content = (await connected.read_resource("simulation://nowhere/vms")).contents[0]
        assert json.loads(text_of(content)) == []
        with pytest.raises(MCPError, match="there is no resource"):
            await connected.read_resource("proxmox://pve1/secrets")


@contextmanager
def over_http(home: Path, **settings: str) -> Iterator[str]:
    """`alma mcp --http` on a free port; its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "alma", "mcp", "--http", "--port", str(port)]
    own = environment(home, **SIMULATED, **settings)
    with subprocess.Popen(words, env=own, stderr=subprocess.PIPE) as process:
        wait_until(lambda: process.poll() is not None or _answers(port), timeout=PATIENCE)
        yield f"http://127.0.0.1:{port}/mcp"
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)


async def test_clients_may_come_over_http(tmp_path: Path) -> None:
    with over_http(tmp_path) as url:
        async with Client(url, read_timeout_seconds=60) as connected:
            assert (await said(connected, "validate_blueprint", blueprint=SHOP))["valid"] is True


async def test_over_http_nobody_is_served_in_the_name_of_who_started_it(tmp_path: Path) -> None:
    with serving(tmp_path, ALMA_API_KEY=OWN_KEY) as alma:
        alma.headers["Authorization"] = f"Bearer {OWN_KEY}"
        reads = {"name": "reader", "permissions": ["tool:run", "blueprint:read", "engine:read"]}
        key = alma.post("/api/v1/keys", json=reads).json()["secret"]
        with over_http(tmp_path, ALMA_API_KEY=OWN_KEY) as url:
            for nobody in ({}, {"Authorization": "Bearer alma_no_no"}):
                async with httpx2.AsyncClient(headers=ACCEPTING | nobody) as stranger:
                    answer = await stranger.post(url, json=HELLO)
                assert answer.status_code == 401
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            shown = {"Authorization": f"Bearer {key}"}
            async with (
                httpx2.AsyncClient(headers=shown, timeout=PATIENCE) as http,
                Client(streamable_http_client(url, http_client=http)) as connected,
            ):
                assert (await said(connected, "validate_blueprint", blueprint=SHOP))["valid"]
                box = {"name": "box", "template": "debian-12", "engine": "simulation"}
                assert "blueprint:write" in await refused(connected, "deploy_vm", **box)
        assert alma.get("/api/v1/blueprints").json()["items"] == []


def test_others_are_not_let_in_while_nobody_is_asked_who_they_are(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "alma", "mcp", "--http", "--port", "0", "--host", "0.0.0.0"]
    own = environment(tmp_path, **SIMULATED)
    ended = subprocess.run(
        words, env=own, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ended.returncode != 0
    assert "ALMA does what anybody says here" in ended.stderr


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def machine(name: str) -> dict[str, Any]:
    return {"name": name, "type": "vm", "image": "debian-12", "specs": {"cpu": 1, "memory": "1GiB"}}


def run(http: Any, document: dict[str, Any]) -> int:
    """Deploys it; the blueprint's number."""
    number = http.post("/api/v1/blueprints", json=document).json()["id"]
    ipr = http.post("/api/v1/iprs", json={"title": "run it", "blueprint_id": number}).json()["id"]
    http.post(f"/api/v1/iprs/{ipr}/review", json={"action": "approve"}).raise_for_status()
    queued = http.post(f"/api/v1/iprs/{ipr}/deploy", json={}).json()["deployment_id"]
    wait_until(
        lambda: http.get(f"/api/v1/deployments/{queued}").json()["finished_at"], timeout=PATIENCE
    )
    return int(number)
