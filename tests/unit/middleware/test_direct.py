"""The table leads to the same route as the framework's own routing, with the same parameters."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route
from starlette.types import Message, Receive, Scope, Send

from alma.api.app import create_app
from alma.middleware.direct import Direct
from alma.middleware.templates import Templates

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE")


class Chosen(NamedTuple):
    """What a route would have been called with."""

    route: Any
    endpoint: Any
    params: dict[str, Any]


def scope(path: str, method: str, **more: Any) -> Scope:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": [],
        **more,
    }


async def _nothing(*_: Any) -> Any:
    return {"type": "http.disconnect"}


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[Chosen]:
    """What the framework chose, instead of calling it."""
    found: list[Chosen] = []

    async def note(route: APIRoute, scope: Scope, receive: Receive, send: Send) -> None:
        context = scope.get("fastapi", {}).get("effective_route_context")
        if scope["method"] in ((context or route).methods or ()):
            found.append(Chosen(scope["route"], scope["endpoint"], scope["path_params"]))

    monkeypatch.setattr(APIRoute, "handle", note)
    for other in (Route, Mount):
        monkeypatch.setattr(other, "handle", _nothing)
    return found


def _by_the_framework(app: FastAPI, asked: Scope, chosen: list[Chosen]) -> Chosen | None:
    chosen.clear()
    try:
        asyncio.run(app.router.app({**asked, "app": app}, _nothing, _nothing))
    except HTTPException:
        return None
    return chosen[0] if chosen else None


def _paths(app: FastAPI) -> Iterator[str]:
    for context in iter_route_contexts(app.routes):
        path = context.path_format or "/"
        for value in ("7", "schema", "a b", "ä"):
            yield "/".join(value if part[:1] == "{" else part for part in path.split("/")) or "/"


def test_every_route_of_the_application_is_found_as_the_framework_finds_it(
    chosen: list[Chosen],
) -> None:
    app = create_app()
    table, direct = Templates(app.routes), 0
    for path in sorted({*_paths(app), "/nothing", "/api/v1", "/api/v1/blueprints/1/2/3/4"}):
        for method in METHODS:
            asked = scope(path, method)
            theirs, ours = _by_the_framework(app, asked, chosen), table.find(asked)
            if ours.route is None:
                assert theirs is None, (method, path)
                continue
            found = Chosen(ours.route.original_route, ours.route.endpoint, dict(ours.params))
            assert found == theirs, (method, path)
            direct += 1
    assert direct > 300


_SEGMENTS = st.sampled_from(["a", "b", "7", "{x}", "{y:int}", "{z:path}"])
_ROUTES = st.lists(
    st.tuples(st.lists(_SEGMENTS, min_size=1, max_size=4, unique=True), st.sampled_from(METHODS)),
    min_size=1,
    max_size=8,
)
_ASKED = st.lists(st.sampled_from(["a", "b", "7", "c", "1.5"]), min_size=1, max_size=5)


def _built(routes: list[tuple[list[str], str]]) -> FastAPI:
    """Routes that say who they are, every second one two routers deep."""
    app = FastAPI(openapi_url=None)
    for number, (segments, method) in enumerate(routes):
        inner, outer = APIRouter(), APIRouter(prefix="/api")
        into = inner if number % 2 else app
        path = "/" + "/".join(segments)
        into.add_api_route(path if number % 2 else f"/api{path}", _says(number), methods=[method])
        outer.include_router(inner)
        app.include_router(outer)
    return app


def _says(number: int) -> Any:
    async def say(request: Request) -> dict[str, Any]:
        return {"route": number, "params": request.path_params}

    return say


@settings(deadline=None, max_examples=60)
@given(routes=_ROUTES, asked=st.lists(st.tuples(_ASKED, st.sampled_from(METHODS)), max_size=12))
def test_any_table_answers_as_the_framework_does(
    routes: list[tuple[list[str], str]], asked: list[tuple[list[str], str]]
) -> None:
    plain, direct = _built(routes), _built(routes)
    find = Templates(direct.routes).find
    direct.router.middleware_stack = Direct(direct.router.middleware_stack, find=find)
    for segments, method in asked:
        request = scope("/api/" + "/".join(segments), method)
        assert _answer(direct, request) == _answer(plain, request)


def _answer(app: FastAPI, asked: Scope) -> list[Message]:
    """Everything that the application sends."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(dict(asked) | {"state": {}}, _nothing, send))
    return sent


def test_what_one_request_does_with_its_parameters_is_not_seen_by_the_next() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/{name}")
    async def spoiled(name: str) -> str:
        return name

    seen: list[dict[str, Any]] = []

    async def spoil(inner: Scope, receive: Receive, send: Send) -> None:
        seen.append(dict(inner["path_params"]))
        inner["path_params"]["name"] = "spoiled"

    table = Templates(app.routes)
    found = table.find(scope("/x", "GET"))
    assert found.route is not None
    found.route.original_route.app = spoil  # type: ignore[attr-defined]  # an API route has one
    for _ in range(2):
        asyncio.run(Direct(_nothing, find=table.find)(scope("/x", "GET"), _nothing, _nothing))
    assert seen == [{"name": "x"}, {"name": "x"}]


def test_a_root_path_is_no_part_of_the_parameters() -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/{name}", _says(1), methods=["GET"])
    found = Templates(app.routes).find(scope("/alma/x", "GET", root_path="/alma"))
    assert found.params == {"name": "x"}
