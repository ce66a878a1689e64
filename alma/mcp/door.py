"""Who comes over HTTP: asked of ALMA for each request, so that nobody is served in the name of who started the command.

A client shows its own key or token, as it would to ALMA itself, and that is passed on with every call. Where ALMA asks
nobody who they are, neither does this; then it is for this machine alone, unless somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from alma.mcp.rest import Refused, Rest

_WHO = "/auth/me"
_PASSED_ON = ("authorization", "x-api-key", "x-alma-project", "user-agent")


class Door:
    """ASGI: lets in whoever ALMA knows. What is wrong with a credential is told as ALMA tells it."""

    def __init__(self, app: ASGIApp, rest: Rest) -> None:
        self._app = app
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        app = self._app
        if scope["type"] == "http":
            try:
                await self._rest.speaking_for(shown_by(scope)).get(_WHO)
            except Refused as refused:
                app = _refusal(refused)
        await app(scope, receive, send)


def shown_by(scope: Mapping[str, Any]) -> Mapping[str, str]:
    """What a request shows of who sends it, in which project and from where."""
    headers = Request({**scope, "type": "http"}).headers
    shown = {name: headers[name] for name in _PASSED_ON if name in headers}
    client = scope.get("client")
    return shown | ({"x-forwarded-for": client[0]} if client else {})


async def require_callers(rest: Rest) -> None:
    """Raises Refused unless ALMA wants to know who asks."""
    try:
        await rest.get(_WHO)
    except Refused as refused:
        if refused.status == _UNAUTHORIZED:
            return
        raise
    raise Refused(
        "other machines could reach this, and ALMA does what anybody says here",
        hint="make an account or a key first, listen on 127.0.0.1, or say --no-auth if it is meant so",
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_of(host: str) -> TransportSecuritySettings | None:
    """What a loopback address may be called, so that no page of somebody else reaches it by a name of its own. An
    address for others has names that are not known here; there callers are."""
    if not is_loopback(host):
        return None
    names = ["127.0.0.1", "localhost", "[::1]", f"[{host}]" if ":" in host else host]
    return TransportSecuritySettings(
        allowed_hosts=[f"{name}:*" for name in names],
        allowed_origins=[f"http://{name}:*" for name in names],
    )


_UNAUTHORIZED = 401


def _refusal(refused: Refused) -> ASGIApp:
    status = refused.status or 502
    body = {"detail": refused.message, "hint": refused.hint}
    challenge = {"WWW-Authenticate": "Bearer"} if status == _UNAUTHORIZED else {}
    return JSONResponse(body, status_code=status, headers=challenge)
