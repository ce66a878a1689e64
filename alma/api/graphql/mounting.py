"""Puts `/graphql` among the routes without loading GraphQL: that happens when somebody first asks."""

from __future__ import annotations

import asyncio
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from alma.api.errors import answer_to
from alma.core.model.errors import AlmaError, NotFound
from alma.middleware.auth import principal_of

PATH = "/graphql"
_POLICY_VIOLATION = 1008


class Door:
    """ASGI: lets in whoever is known, and opens the view for the first of them. `page`: whether browsers are shown a
    page to ask from."""

    def __init__(self, *, page: bool) -> None:
        self._page = page
        self._view: ASGIApp | None = None
        self._opening = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request or serves one connection."""
        try:
            if not (self._page and _wants_page(scope)):
                principal_of(scope)
            view = await self._opened()
        except AlmaError as error:
            await _refused(error, scope, receive, send)
            return
        await view(scope, receive, send)

    async def _opened(self) -> ASGIApp:
        async with self._opening:
            if self._view is None:
                self._view = await asyncio.to_thread(_view, self._page)
            return self._view


def mount(app: FastAPI, *, page: bool) -> None:
    """Adds the routes. `page`: whether browsers are shown a page to ask from."""
    door: Any = Door(page=page)
    app.router.routes.append(Route(PATH, door, methods=["GET", "POST"], include_in_schema=False))
    app.router.routes.append(WebSocketRoute(PATH, door))

    async def script(request: Request) -> Response:
        if not page:
            raise NotFound("there is no page here", hint="send queries to /graphql")
        found = files("alma.api.graphql").joinpath("page.js")
        text = await asyncio.to_thread(found.read_text, encoding="utf-8")
        return Response(text, media_type="text/javascript")

    app.router.routes.append(Route(f"{PATH}/page.js", script, include_in_schema=False))


def _view(page: bool) -> ASGIApp:
    from alma.api.graphql.view import View

    return View(page=page)


def _wants_page(scope: Scope) -> bool:
    """A browser that opens the address, as the view tells it from a query."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    request = Request(scope)
    accepts = request.headers.get("accept", "")
    return "query" not in request.query_params and ("text/html" in accepts or "*/*" in accepts)


async def _refused(error: AlmaError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await answer_to(error)(scope, receive, send)
        return
    # Before it is accepted, this is an answer of 403.
    await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": error.code})
