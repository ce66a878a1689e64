"""Makes every URL answer with and without a slash at its end, without a redirect that loses a POST's body."""

from __future__ import annotations

from collections.abc import Awaitable

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlashes:
    """ASGI: the rest of the application sees no slash at the end of a path, but for the root's."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if (
            scope["type"] in {"http", "websocket"}
            and len(path := scope["path"]) > 1
            and path.endswith("/")
        ):
            scope = {**scope, "path": path.rstrip("/") or "/"}
            if raw := scope.get("raw_path"):
                scope["raw_path"] = raw.rstrip(b"/") or b"/"
        return self._app(scope, receive, send)
