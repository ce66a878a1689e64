"""Tells browsers what an answer may be used for, and carries the headers that other middleware wants on every answer.

One place for both: what is sent is looked at once. `more_headers` is how those inside add theirs, and so an answer has
them that somebody in between gives, such as a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Header: TypeAlias = tuple[bytes, bytes]

_MORE = "alma.headers"
# The pages to read (/docs) have scripts within them and load others from here; nothing else of ALMA's is a page.
_PAGES = ("/docs", "/redoc")
_PAGE_POLICY = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: https://fastapi.tiangolo.com; worker-src 'self' blob:; "
    b"base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
_ALWAYS: tuple[Header, ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_HSTS: Header = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
_OF_DATA: tuple[Header, ...] = (
    *_ALWAYS,
    (b"content-security-policy", _DATA_POLICY),
)
_OF_PAGES: tuple[Header, ...] = (*_ALWAYS, (b"content-security-policy", _PAGE_POLICY))
_NO_STORE: Header = (b"cache-control", b"no-store")


def more_headers(scope: Scope, headers: Iterable[Header]) -> None:
    """Puts headers on whatever is answered to this request. Nothing where `SecurityHeaders` is not around it."""
    kept: list[Header] | None = scope.get(_MORE)
    if kept is not None:
        kept += headers


class SecurityHeaders:
    """ASGI: adds the headers, but none that an answer has already. `secure` says whether the client came by HTTPS."""

    def __init__(self, app: ASGIApp, *, secure: Callable[[Scope], bool]) -> None:
        self._app = app
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        more: list[Header] = []
        scope[_MORE] = more

        async def answered(message: Message) -> None:
            if message["type"].endswith("http.response.start"):
                message["headers"] = [
                    *message.get("headers", ()),
                    *self._added(scope, message, more),
                ]
            await send(message)

        await self._app(scope, receive, answered)

    def _added(self, scope: Scope, message: Message, more: list[Header]) -> Iterable[Header]:
        given = {name.lower() for name, _ in message.get("headers", ())}
        path: str = scope["path"]
        added = [*(_OF_PAGES if path.startswith(_PAGES) else _OF_DATA), *more]
        if b"cache-control" not in given and not path.startswith("/static-offline-docs"):
            added.append(_NO_STORE)
        if self._secure(scope):
            added.append(_HSTS)
        return [header for header in added if header[0] not in given]
