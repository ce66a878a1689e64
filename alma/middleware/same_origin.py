"""Keeps other people's web pages from using this server through a visitor's browser.

A server on localhost without authentication is within reach of every page its operator opens: a page may send it a POST
(a plain one needs no permission, and ALMA reads JSON whatever the header says), or point a name of its own at 127.0.0.1
and read the answers. Browsers say where a request comes from (`Origin`, `Sec-Fetch-Site`) and which name it was sent
to (`Host`), and a page can't forge either; curl, scripts and ALMA's own command line send no `Origin` and never notice.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from alma.core.model.errors import Forbidden

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})
# RFC 9110, section 7.2: a name or an address, and a port. It stands in addresses that people are sent to.
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/?#@\\\[\]:,]+)(:\d{0,5})?")


class SameOrigin:
    """ASGI: answers 403 to a foreign page's writing request or WebSocket, and to a host name that is not ours.

    `origins`: pages of other servers that may write (the CORS origins; `*` for all). `hosts`: further names this
    server answers to, `*` for any; addresses and localhost always are.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answer: Callable[[Forbidden], ASGIApp],
        origins: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        self._app = app
        self._answer = answer
        self._origins = frozenset(origin.rstrip("/").casefold() for origin in origins)
        self._hosts = frozenset(host.casefold() for host in hosts)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        refusal = self._refusal(scope) if scope["type"] in {"http", "websocket"} else None
        return (self._answer(refusal) if refusal else self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Forbidden | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host and not _HOST.fullmatch(host):
            return Forbidden(
                "the Host header is no name and no address",
                hint="send the server's name, with its port where it is not the usual one",
            )
        if not self._is_ours(_name(host)):
            return Forbidden(
                f"this server does not answer to the name '{_name(host)[:100]}'",
                hint="call it by its address, or add the name to ALMA_TRUSTED_HOSTS",
            )
        if scope["type"] == "http" and scope["method"] in _SAFE:
            return None
        origin = headers.get("origin")
        foreign = (
            not self._may_write(origin, host)
            if origin is not None
            else headers.get("sec-fetch-site", "none") not in _OWN
        )
        if not foreign:
            return None
        return Forbidden(
            f"a page of {(origin or 'another site')[:200]} may not change anything here",
            hint="if that page is yours, add it to ALMA_API_CORS_ORIGINS",
        )

    def _is_ours(self, name: str) -> bool:
        return bool(
            name in {"", "localhost"}
            or name.endswith(".localhost")
            or self._hosts & {name, "*"}
            or _is_address(name)
        )

    def _may_write(self, origin: str, host: str) -> bool:
        if self._origins & {origin.casefold(), "*"}:
            return True
        return urlsplit(origin).netloc.casefold() == host.casefold()


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return host


def _is_address(name: str) -> bool:
    # A page can't put an address of ours into a name of its own: rebinding needs a name.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
