"""The HTTP and WebSocket side of `/graphql`: who asks, which requests are taken, and how refusals look."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from cross_web import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from alma.api.errors import body_of
from alma.api.graphql.charging import tab_of
from alma.api.graphql.context import Context
from alma.api.graphql.lasting import Lasting
from alma.api.graphql.schema import schema
from alma.api.graphql.standing import Standing
from alma.api.sockets import Close
from alma.core.model.document import read_text
from alma.core.model.errors import (
    AlmaError,
    BlueprintInvalid,
    DocumentTooLarge,
    InvalidInput,
    Unauthenticated,
)
from alma.core.model.plain import check_values
from alma.middleware.auth import principal_of

# Watchers of one connection; more deployments than that are watched through several.
MAX_SUBSCRIPTIONS = 50
_GREETING = timedelta(seconds=10)
_HINTS = {
    HTTPStatus.BAD_REQUEST: 'send {"query": "…"} as application/json; changes are sent by POST',
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "send application/json",
    HTTPStatus.METHOD_NOT_ALLOWED: "send a POST, or a query by GET",
}


class View(GraphQL[Context, None]):
    """ASGI. Everybody is known here: `mounting` has looked before."""

    def __init__(self, *, page: bool) -> None:
        super().__init__(
            schema(),
            graphql_ide="graphiql" if page else None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=_GREETING,
            max_subscriptions_per_connection=MAX_SUBSCRIPTIONS,
            # Foreign pages have been turned away by then, by the rule that holds for all routes.
            allowed_origins=("*",),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or serves one connection to its end."""
        if scope["type"] != "http":
            serve = partial(_while_allowed, super().__call__)
            await Lasting(serve).run(scope, receive, send)
            return
        answer = await self._answered(Request(scope, receive))
        await answer(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        try:
            await self._require_request(request)
            return await self.run(request)
        except HTTPException as error:
            return _refusal(HTTPStatus(error.status_code), error.reason)
        except (ValueError, RecursionError):
            return _refusal(HTTPStatus.BAD_REQUEST, "the request is no readable JSON")

    async def _require_request(self, request: Request) -> None:
        """Raises HTTPException for JSON that is no request: the library takes for granted that it is one."""
        if request.method != "POST" or not _is_json(request):
            return
        body = self.decode_json(await request.body())
        many = body if isinstance(body, list) else [body]
        if not many or not all(isinstance(item, dict) for item in many):
            raise HTTPException(HTTPStatus.BAD_REQUEST, "the body is no GraphQL request")

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """The request's caller and the application's services."""
        return Context(
            request.app.state.alma,
            principal_of(request.scope),
            tab=tab_of(request.scope),
            headers=response.headers if isinstance(response, Response) else None,
        )

    async def render_graphql_ide(self, request: Request) -> Response:
        """A plain page to ask from: nothing of it comes from another server."""
        text = await asyncio.to_thread(
            files("alma.api.graphql").joinpath("page.html").read_text, encoding="utf-8"
        )
        return HTMLResponse(text)

    def decode_json(self, data: str | bytes) -> object:
        """Values as any body of this API may have them: no NaN, no text that a database can't store, not too deep."""
        try:
            values = read_text(data, format="json")
            check_values(values)
        except (BlueprintInvalid, DocumentTooLarge) as error:
            raise json.JSONDecodeError(error.message, "", 0) from None
        return values


async def _while_allowed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serves a connection for as long as its caller may do what it could when it came: looked at before each message,
    since one may be a mutation, and every few seconds, since a subscription asks for nothing more."""
    standing = Standing(scope)
    why: AlmaError | None = None

    async def looked_at() -> Message:
        nonlocal why
        message = await receive()
        if message["type"] == "websocket.receive" and (why := await standing.lost()) is not None:
            return {"type": "websocket.disconnect", "code": Close.FORBIDDEN}
        return message

    serving = asyncio.ensure_future(app(scope, looked_at, send))
    watching = asyncio.ensure_future(standing.until_lost())
    try:
        await asyncio.wait({serving, watching}, return_when=asyncio.FIRST_COMPLETED)
        why = watching.result() if watching.done() else why
    finally:
        watching.cancel()
        serving.cancel()
        await asyncio.wait({serving, watching})
    if why is not None:
        await _closed(why, send)
    if not serving.cancelled():
        serving.result()


async def _closed(why: AlmaError, send: Send) -> None:
    code = Close.UNAUTHENTICATED if isinstance(why, Unauthenticated) else Close.FORBIDDEN
    # Who is gone meanwhile needs no word.
    with suppress(RuntimeError, OSError):
        await send({"type": "websocket.close", "code": code, "reason": why.message[:120]})


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"


def _refusal(status: HTTPStatus, reason: str) -> Response:
    error = InvalidInput(reason, hint=_HINTS.get(status))
    facts: dict[str, Any] = body_of(error) | {"code": "invalid_request"}
    headers = {"Allow": "GET, POST"} if status is HTTPStatus.METHOD_NOT_ALLOWED else {}
    return JSONResponse(facts, status_code=status, headers=headers)
