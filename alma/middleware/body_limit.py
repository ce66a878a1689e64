"""Refuses a body that is too large before it is in memory: by its announced length, else as it grows too far; and one
that is packed, whose true size only unpacking could tell.
"""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.core.model.errors import BodyEncoded, DocumentTooLarge


class BodyLimit:
    """ASGI: reading more than `limit` bytes of a body raises DocumentTooLarge in whoever reads it, and reading a packed
    one BodyEncoded.

    Nothing of a body whose announced length is too large is read at all: a client that waits for `100 Continue` never
    sends it. Routes that read no body are not concerned.
    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        received, packed = 0, ""

        async def limited() -> Message:
            nonlocal received, packed
            # Not before somebody reads: most requests have no body, and nobody looks for one.
            if not received:
                headers = Headers(scope=scope)
                packed = _encodings(headers)
                if self._too_long(headers):
                    raise self._refusal()
            message = await receive()
            received += len(message.get("body", b""))
            if packed and received:
                raise _packed(packed)
            if received > self._limit:
                raise self._refusal()
            return message

        return self._app(scope, limited, send)

    def _too_long(self, headers: Headers) -> bool:
        announced = headers.get("content-length", "")
        return announced.isdecimal() and int(announced[:20]) > self._limit

    def _refusal(self) -> DocumentTooLarge:
        return DocumentTooLarge(
            f"the request's body is larger than {self._limit / 1_000_000:g} MB",
            hint="send less at once, or raise ALMA_MAX_BODY_BYTES on the server",
            details={"max_bytes": self._limit},
        )


def _encodings(headers: Headers) -> str:
    """How the body was packed; empty for one that was not."""
    named = ",".join(headers.getlist("content-encoding")).casefold().split(",")
    return ", ".join(name.strip() for name in named if name.strip() not in {"", "identity"})


def _packed(encoding: str) -> BodyEncoded:
    return BodyEncoded(
        f"the request's body is packed ({encoding[:40]}), and nothing here unpacks it",
        hint="send it as it is, without Content-Encoding",
    )
