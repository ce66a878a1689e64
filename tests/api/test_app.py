"""What holds for every request: slashes, ids, faults of our own, who may call from where, and the description."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from fastapi import FastAPI

from alma.api.app import create_app
from alma.settings import Settings
from tests.api.server import API, WORDS, Server

PATHS = [
    "/",
    "/docs",
    "/openapi.json",
    f"{API}/blueprints",
    f"{API}/blueprints/schema",
    f"{API}/templates",
    f"{API}/templates/categories",
    f"{API}/templates/search",
    f"{API}/templates/simple-web-app",
    f"{API}/conversation",
    f"{API}/iprs",
    f"{API}/deployments",
    f"{API}/stacks",
    f"{API}/engines",
    f"{API}/engines/simulation/check",
    f"{API}/monitoring/health/detailed",
    f"{API}/monitoring/health/live",
    f"{API}/monitoring/health/ready",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_url_answers_with_and_without_a_slash_and_without_a_redirect(
    server: Server, path: str
) -> None:
    for url in (path, f"{path.rstrip('/')}/"):
        assert server.http.get(url, follow_redirects=False).status_code == 200


@pytest.mark.parametrize("path", ["blueprints", "blueprints/"])
def test_a_post_keeps_its_body_whatever_the_slash(server: Server, path: str) -> None:
    answer = server.http.post(f"{API}/{path}", json={"name": "x", "resources": []})

    assert answer.status_code == 201


def test_the_first_page_leads_on(server: Server) -> None:
    page = server.http.get("/").json()

    assert page["links"]["documentation"] == f"{server.url}/docs"
    tried = server.curl(page["try_this"])
    assert tried.json()["blueprint_id"]


def test_a_request_id_is_made_or_taken_over(server: Server) -> None:
    made = server.http.get("/").headers["X-Request-ID"]
    given = server.http.get("/", headers={"X-Request-ID": "my-trace:1"}).headers["X-Request-ID"]
    forged = server.http.get("/", headers={"X-Request-ID": 'x" ERROR'}).headers["X-Request-ID"]

    assert len(made) == 32
    assert given == "my-trace:1"
    assert forged != 'x" ERROR'


def test_health_says_how_every_part_is(server: Server) -> None:
    report = server.get("/monitoring/health/detailed")

    assert report["status"] in {"healthy", "degraded"}
    parts = report["components"]
    assert parts.keys() >= {"database", "workflow", "engine:simulation", "engine:docker"}
    assert {parts[name]["status"] for name in ("database", "workflow", "engine:simulation")} == {
        "healthy"
    }


def test_readiness_asks_no_engine(server: Server) -> None:
    report = server.get("/monitoring/health/ready")

    assert report["components"].keys() == {"database", "workflow"}


def test_engines_are_listed_with_the_default_one(server: Server) -> None:
    found = {item["engine"]: item for item in server.get("/engines")["items"]}

    assert found["simulation"]["available"] is True
    assert found["simulation"]["default"] is True
    assert found["docker"]["default"] is False


# ── faults of our own ────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def faulty(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """An application with a route that breaks, called without a server."""
    settings = Settings(home=tmp_path, api_cors_origins=("https://a.example",))
    app = create_app(settings=settings)

    # Under a public path: an application that was not started knows no callers.
    @app.get("/api/v1/auth/broken")
    async def broken() -> None:
        raise RuntimeError("the password is hunter2")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_a_fault_of_ours_is_logged_by_its_id_and_not_shown(
    faulty: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await faulty.get("/api/v1/auth/broken", headers={"Origin": "https://a.example"})

    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["code"] == "internal_error"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
    assert answer.headers["X-Request-ID"] in answer.json()["hint"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    [record] = [item for item in caplog.records if item.levelno == logging.ERROR]
    assert record.exc_info is not None


def test_a_foreign_page_changes_nothing_through_a_visitor_s_browser(server: Server) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = server.http.post("/api/v1/blueprints", headers=headers, content='{"name": "evil"}')
    assert answer.status_code == 403
    assert answer.json()["code"] == "forbidden"
    assert all(item["name"] != "evil" for item in server.get("/blueprints")["items"])
    assert server.http.get("/", headers={"Host": "evil.example"}).status_code == 403


async def test_only_allowed_origins_may_call(faulty: httpx.AsyncClient) -> None:
    ask = {"Access-Control-Request-Method": "POST"}

    friend = await faulty.options("/", headers={"Origin": "https://a.example"} | ask)
    stranger = await faulty.options("/", headers={"Origin": "https://b.example"} | ask)

    assert friend.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert "Access-Control-Allow-Origin" not in stranger.headers


async def test_every_answer_is_one_line_of_the_log(
    faulty: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="alma.access"):
        await faulty.get("/api/v1/auth/no%0Awhere?secret=1")

    [record] = [item for item in caplog.records if item.name == "alma.access"]
    assert record.getMessage().startswith(r"GET /api/v1/auth/no\nwhere 404 ")
    assert "secret" not in record.getMessage()


# ── the description ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Any:
    app: FastAPI = create_app(settings=Settings(home=tmp_path_factory.mktemp("described")))
    return app.openapi()


def operations(description: Any) -> list[tuple[str, Any]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described_with_its_answer_and_its_failures(description: Any) -> None:
    for name, operation in operations(description):
        assert operation.get("description"), name
        answers = operation["responses"]
        good = [status for status in answers if status[0] in "23" and status != "204"]
        if "204" not in answers:
            assert good, name
        if "{" in name:
            assert {"404", "422"} & answers.keys(), name


def test_every_body_has_an_example(description: Any) -> None:
    schemas = description["components"]["schemas"]
    for name, operation in operations(description):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            reference = str(content["schema"].get("$ref") or content["schema"]["anyOf"][0]["$ref"])
            schema = reference.rsplit("/", 1)[-1]
            assert "example" in content or "example" in schemas[schema], name


def test_every_answer_has_an_example_that_fits_its_schema(description: Any) -> None:
    for name, operation in operations(description):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {}).get("application/json")
            if not status.startswith("2") or content is None or name.endswith("/blueprints/schema"):
                continue
            assert "example" in content, f"{name}: python -m tests.api.record_examples"
            schema = content["schema"] | {"components": description["components"]}
            jsonschema.Draft202012Validator(schema).validate(content["example"])


def test_every_failure_is_described_in_the_shape_it_has(description: Any) -> None:
    health = "/api/v1/monitoring/health/"
    for name, operation in operations(description):
        answers = operation["responses"]
        assert "default" in answers, name
        for status, answer in answers.items():
            if status[0] in "23" or health in name:
                continue
            schema = answer["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ErrorBody"}, (name, status)


def test_operations_are_named_as_people_would(description: Any) -> None:
    names = [operation["operationId"] for _, operation in operations(description)]
    assert len(names) == len(set(names))
    assert {"create_blueprint", "review_ipr", "chat"} <= set(names)
    groups = {group["name"] for group in description["tags"]}
    assert {tag for _, operation in operations(description) for tag in operation["tags"]} == groups


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_the_documentation_needs_nothing_from_elsewhere(server: Server, page: str) -> None:
    text = server.http.get(page).text

    needed = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert needed
    assert all(address.startswith("/") for address in needed), needed
    assert "//" not in text.replace("// ", "")
    for address in needed:
        assert server.http.get(address).status_code == 200


def test_answers_are_what_the_description_says(server: Server, description: Any) -> None:
    chat = server.post("/conversation/chat", {"message": WORDS}, status=200)
    ipr = server.post("/iprs", {"title": "described", "blueprint_id": chat["blueprint_id"]})
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)
    queued = server.post(f"/iprs/{ipr['id']}/deploy", status=202)
    deployment = server.ended(queued["deployment_id"])
    answers = {
        "ChatView": chat,
        "IPRView": server.get(f"/iprs/{ipr['id']}"),
        "Queued": queued,
        "DeploymentView": deployment,
        "StackView": server.get(f"/stacks/{deployment['stack_id']}"),
        "EventPage": server.get(f"/deployments/{deployment['id']}/events"),
        "BlueprintView": server.get(f"/blueprints/{chat['blueprint_id']}"),
        "TemplateView": server.get("/templates/ha-web-app"),
        "ConversationView": server.get(f"/conversation/{chat['conversation_id']}"),
        "HealthReport": server.get("/monitoring/health/detailed"),
        "ErrorBody": server.http.get("/nowhere").json(),
    }
    for name, answer in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer)


def test_importing_the_application_loads_no_adapter() -> None:
    heavy = [
        "dbos",
        "sqlalchemy",
        "langgraph",
        "aiodocker",
        "aiohttp",
        "ruamel",
        "alma.core.language",
    ]
    code = f"import alma.api.app, sys; print([name for name in {heavy} if name in sys.modules])"

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "[]"
