"""Saves sending what the caller has already: an answer to GET names its state (`ETag`), and who shows the same name
again (`If-None-Match`) gets 304 and no body.

Answers that name their state themselves, as blueprints do by their revision, keep that name; for others it is a digest
of what would be sent. A name that ends with `+` is only the beginning: the digest is put behind it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

GOES_ON = "+"
"""At the end of a tag: what is told beside the named state moves by itself."""

_PREFIX = "/api/v1/"
_OPEN = f'{GOES_ON}"'.encode()
# What is asked for its figures now, or says something once, has no state that lasts.
_FLEETING = ("/api/v1/monitoring", "/api/v1/auth")
_LARGEST = 262_144
_JSON = b"application/json"
# Of an answer that has no body; RFC 9110, 15.4.5.
_KEPT = frozenset({b"etag", b"vary", b"cache-control", b"link", b"content-location", b"expires"})


class Conditional:
    """ASGI: for GETs of JSON in one piece, up to a quarter of a megabyte."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http" or scope["method"] != "GET" or not _lasts(scope["path"]):
            return self._app(scope, receive, send)
        return self._app(scope, receive, _Answer(scope, send).take)


class _Answer:
    """One answer on its way out; its start waits for its body."""

    __slots__ = ("_scope", "_send", "_start")

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_of_json(message):
            self._start = message
            return
        start, self._start = self._start, None
        if start is not None:
            message = await self._begun(start, message)
        await self._send(message)

    async def _begun(self, start: Message, body: Message) -> Message:
        content = body.get("body", b"")
        tag = _header(start["headers"], b"etag")
        begun = tag is not None and tag.endswith(_OPEN)
        if (tag is None or begun) and not body.get("more_body", False) and len(content) <= _LARGEST:
            digest = hashlib.blake2b(content, digest_size=12).hexdigest().encode() + b'"'
            tag = tag[:-1] + digest if tag is not None else b'W/"' + digest
            others = [header for header in start["headers"] if header[0].lower() != b"etag"]
            start["headers"] = [*others, (b"etag", tag)]
        shown = _header(self._scope["headers"], b"if-none-match")
        if tag is None or shown is None or not _names(shown, tag):
            await self._send(start)
            return body
        kept = [header for header in start["headers"] if header[0].lower() in _KEPT]
        await self._send({**start, "status": 304, "headers": kept})
        return {"type": "http.response.body", "body": b""}


def _lasts(path: str) -> bool:
    return path.startswith(_PREFIX) and not path.startswith(_FLEETING)


def _is_of_json(start: Message) -> bool:
    kind = _header(start["headers"], b"content-type") or b""
    return start["status"] == 200 and kind.startswith(_JSON)


def _header(headers: list[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for key, value in headers if key.lower() == name), None)


def _names(shown: bytes, tag: bytes) -> bool:
    """The weak comparison, which is the one for If-None-Match."""
    bare = tag.removeprefix(b"W/")
    named = {part.strip().removeprefix(b"W/") for part in shown.split(b",")}
    return bare in named or b"*" in named
