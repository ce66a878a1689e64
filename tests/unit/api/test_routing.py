"""Functions get the wired parts and the caller without FastAPI's solver, and its description stays what it was."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from alma.api.deps import Caller, Wired
from alma.api.errors import install_error_handlers
from alma.api.routing import Route
from alma.core.model.base import Frozen
from alma.core.model.principal import Principal, PrincipalKind
from alma.middleware.auth import STATE

ADA = Principal(id="ada", kind=PrincipalKind.USER, project="default")


class Thing(Frozen):
    """What one of the routes reads."""

    size: int


def _app(route_class: type[Any], caller: Principal | None = ADA) -> FastAPI:
    router = APIRouter(route_class=route_class)

    @router.get("/plain/{number}")
    def plain(alma: Wired, caller: Caller, number: int, more: str = "none") -> dict[str, Any]:
        """In a thread."""
        return {
            "parts": alma.settings.graphql_page,
            "caller": caller.id,
            "number": number,
            "more": more,
        }

    @router.post("/waited", status_code=201)
    async def waited(
        asked: Request, response: Response, caller: Caller, alma: Wired, thing: Thing
    ) -> dict[str, Any]:
        """On the loop."""
        response.headers["X-Path"] = asked.url.path
        return {"parts": alma.settings.graphql_page, "caller": caller.id, "size": thing.size}

    @router.get("/nobody")
    def nobody() -> str:
        return "nobody asked"

    app = FastAPI()
    app.include_router(router)
    app.state.alma = SimpleNamespace(settings=SimpleNamespace(graphql_page="wired"))
    install_error_handlers(app)
    app.add_middleware(_Known, caller=caller)
    return app


class _Known:
    def __init__(self, app: Any, caller: Principal | None) -> None:
        self._app, self._caller = app, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, STATE: self._caller}, receive, send)


@pytest.fixture
def http() -> Iterator[TestClient]:
    with TestClient(_app(Route)) as client:
        yield client


def test_a_function_in_a_thread_gets_parts_and_caller(http: TestClient) -> None:
    expected = {"parts": "wired", "caller": "ada", "number": 7, "more": "x"}
    assert http.get("/plain/7?more=x").json() == expected


def test_a_function_with_a_request_of_its_own_gets_everything(http: TestClient) -> None:
    answer = http.post("/waited", json={"size": 3})

    assert answer.status_code == 201
    assert answer.json() == {"parts": "wired", "caller": "ada", "size": 3}
    assert answer.headers["X-Path"] == "/waited"


def test_a_function_that_wants_neither_is_left_alone(http: TestClient) -> None:
    assert http.get("/nobody").json() == "nobody asked"


def test_faults_of_what_was_sent_are_told_as_before(http: TestClient) -> None:
    answer = http.get("/plain/seven")

    assert answer.status_code == 422
    assert "number" in str(answer.json()["errors"])


@pytest.mark.parametrize("sent", [b"{", b'{"size": "big"}'])
def test_a_stranger_is_refused_before_what_they_sent_is_looked_at(sent: bytes) -> None:
    with TestClient(_app(Route, caller=None)) as http:
        headers = {"Content-Type": "application/json"}
        assert http.post("/waited", content=sent, headers=headers).status_code == 401


def test_the_description_is_that_of_the_framework_s_own_routes() -> None:
    from fastapi.routing import APIRoute

    assert _app(Route).openapi() == _app(APIRoute).openapi()
