"""Rules of route templates: what limits and metrics go by."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from alma.api.app import create_app
from alma.middleware.templates import UNMATCHED, Templates


@pytest.fixture
def templates() -> Templates:
    inner = APIRouter(prefix="/{blueprint_id}/revisions")
    inner.add_api_route("/{number}", lambda: None, methods=["GET"])
    things = APIRouter(prefix="/api/v1/blueprints")
    things.add_api_route("/schema", lambda: None, methods=["GET"])
    things.add_api_route("/{blueprint_id}", lambda: None, methods=["GET", "PUT"])
    things.add_api_route("", lambda: None, methods=["POST"])
    things.include_router(inner)
    app = FastAPI(openapi_url=None)
    app.include_router(things)
    app.add_api_websocket_route("/ws/deployments", lambda socket: None)
    app.router.routes.append(Mount("/files", Starlette()))
    return Templates(app.routes)


def scope(path: str, *, method: str = "GET", **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "root_path": "", **more}


@pytest.mark.parametrize(
    ("path", "method", "template"),
    [
        ("/api/v1/blueprints/7", "GET", "/api/v1/blueprints/{id}"),
        ("/api/v1/blueprints/7/", "PUT", "/api/v1/blueprints/{id}"),
        ("/api/v1/blueprints/schema", "GET", "/api/v1/blueprints/schema"),
        ("/api/v1/blueprints/schema", "PUT", "/api/v1/blueprints/{id}"),
        ("/api/v1/blueprints/7/revisions/2", "GET", "/api/v1/blueprints/{id}/revisions/{number}"),
        ("/api/v1/blueprints", "POST", "/api/v1/blueprints"),
        ("/files/a/b.css", "GET", "/files/{path}"),
    ],
)
def test_a_request_has_the_template_of_the_route_that_answers_it(
    templates: Templates, path: str, method: str, template: str
) -> None:
    assert templates.of(scope(path, method=method)) == template


def test_a_path_that_does_not_take_the_method_has_its_template_all_the_same(
    templates: Templates,
) -> None:
    assert templates.of(scope("/api/v1/blueprints/7", method="PURGE")) == "/api/v1/blueprints/{id}"


@pytest.mark.parametrize("path", ["/", "/api/v1/nothing", "/api/v1/blueprints/7/8/9", "//", "x"])
def test_what_no_route_is_for_has_one_template(templates: Templates, path: str) -> None:
    assert templates.of(scope(path)) == UNMATCHED


def test_a_websocket_has_the_template_of_its_own_route(templates: Templates) -> None:
    socket = {"type": "websocket", "path": "/ws/deployments", "root_path": ""}
    assert templates.of(socket) == "/ws/deployments"
    assert templates.of({**socket, "path": "/api/v1/blueprints/7"}) == "/api/v1/blueprints/{id}"


def test_a_root_path_of_a_proxy_is_no_part_of_the_template(templates: Templates) -> None:
    below = scope("/alma/api/v1/blueprints/7", root_path="/alma")
    assert templates.of(below) == "/api/v1/blueprints/{id}"


def test_what_strangers_make_up_does_not_fill_the_memory(templates: Templates) -> None:
    for number in range(10_000):
        templates.of(scope(f"/api/v1/blueprints/{number}"))
    before = templates.remembered
    templates.of(scope("/" + "x" * 60_000))
    templates.of(scope("/short", method="M" * 60_000))
    assert before == templates.remembered == 4096


def test_every_route_of_the_application_has_a_template_of_its_own() -> None:
    app = create_app()
    templates = Templates(app.routes)
    for path, operations in app.openapi()["paths"].items():
        for method in operations:
            asked = path.replace("{", "0").replace("}", "")
            found = templates.of(scope(asked, method=method.upper()))
            assert found.count("{") == path.count("{"), (method, path)
            assert found.split("{")[0] == path.split("{")[0]
