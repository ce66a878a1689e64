"""Sees who is turned away, wherever that happens, and hands it on to be noted.

Inside, whoever refuses leaves the error in the request's scope; what is refused before anything could is known by the
answer's status. It is noted before the answer goes out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.model.errors import AlmaError, Denied, Unauthenticated
from alma.core.model.principal import Principal, Source
from alma.middleware.addresses import Networks, client_address
from alma.middleware.auth import REFUSAL, STATE
from alma.middleware.request_id import request_id

DENIED = "alma.denied"
_STATUSES = frozenset({401, 403})
_CLOSED = frozenset({1008, 3000, 3003, 4401, 4403})
_LONGEST_NAME = 200
_FACTS = ("permission", "account")


class Notes(Protocol):
    """Where refusals are noted."""

    def note(
        self,
        principal: Principal | None,
        source: Source,
        *,
        action: str,
        target: str,
        facts: dict[str, Any],
    ) -> None: ...


_scope: ContextVar[Scope | None] = ContextVar("alma_denials", default=None)


def leave(error: AlmaError) -> None:
    """Remembers why the request at hand is refused, if it is for who sent it."""
    scope = _scope.get()
    if scope is not None and isinstance(error, Denied):
        scope.setdefault(DENIED, error)


class NotesDenials:
    """ASGI: outside of the authentication, whose refusals it sees, too."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        notes: Callable[[], Notes | None],
        template: Callable[[Scope], str],
        proxies: Networks = (),
    ) -> None:
        self._app = app
        self._notes = notes
        self._template = template
        self._proxies = proxies

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] not in {"http", "websocket"}:
            return self._app(scope, receive, send)
        _scope.set(scope)
        noted = False

        async def watched(message: Message) -> None:
            nonlocal noted
            if not noted and (DENIED in scope or _refuses(message)):
                noted = True
                await self._noted(scope)
            await send(message)

        return self._app(scope, receive, watched)

    async def _noted(self, scope: Scope) -> None:
        notes = self._notes()
        if notes is not None:
            await asyncio.to_thread(self._note, notes, scope)

    def _note(self, notes: Notes, scope: Scope) -> None:
        error: AlmaError | None = scope.get(DENIED) or scope.get(REFUSAL)
        principal: Principal | None = scope.get(STATE)
        method = scope.get("method", "WEBSOCKET")
        target = f"{method} {self._template(scope)}"
        unknown = principal is None or isinstance(error, Unauthenticated)
        details = error.details if error is not None else {}
        facts = {name: details[name] for name in _FACTS if details.get(name) is not None}
        if error is not None:
            facts["code"] = error.code
        notes.note(
            principal,
            principal.source if principal is not None else self._source(scope),
            action="access.unauthenticated" if unknown else "access.denied",
            target=target,
            facts=facts,
        )

    def _source(self, scope: Scope) -> Source:
        client = next((value for name, value in scope["headers"] if name == b"user-agent"), None)
        return Source(
            address=client_address(scope, self._proxies),
            request_id=request_id(),
            client=client[:_LONGEST_NAME].decode("latin-1") if client is not None else None,
        )


def _refuses(message: Message) -> bool:
    kind = message["type"]
    if kind in {"http.response.start", "websocket.http.response.start"}:
        return message["status"] in _STATUSES
    return kind == "websocket.close" and message.get("code") in _CLOSED
