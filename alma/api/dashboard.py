"""Serves the dashboard that was built into `alma/web`: its files, and its page for every address that a browser asks
for as a page and that nothing else here answers.

Outside of authentication: what is served is the same for everybody, and signs people in itself. A program that asks for
`/` gets what it always got, since only browsers ask for HTML. Where nothing was built, this is not there at all.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.responses import FileResponse
from starlette.types import ASGIApp, Receive, Scope, Send

import alma
from alma.middleware.templates import UNMATCHED

BUILT = Path(alma.__file__).parent / "web"
ENDPOINT = "dashboard"
"""What its files and pages are called among the routes' templates."""

# Everything else that answers at an address of its own; without what is below it.
_OTHERS = frozenset(
    {
        "api",
        "device",
        "docs",
        "graphql",
        "health",
        "metrics",
        "openapi.json",
        "redoc",
        "static-offline-docs",
        "ws",
    }
)
# Names of these files carry a hash of what is in them.
_FOR_EVER = "/assets/"
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# In the order of what is smallest.
_PACKED = {"br": ".br", "gzip": ".gz"}


class _Built(NamedTuple):
    path: Path
    media_type: str
    packed: Mapping[str, Path]


class Files:
    """The files below `directory`, which don't change while the server runs."""

    def __init__(self, directory: Path) -> None:
        self._files = _found(directory)
        self._page = self._files.get("/index.html")

    def asked(self, scope: Scope) -> _Built | None:
        """The file that answers this request; None: it is not for the dashboard."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        path: str = scope["path"]
        if (found := self._files.get(path)) is not None:
            return found
        first = path.removeprefix("/").partition("/")[0]
        if first in _OTHERS or path.startswith(_FOR_EVER) or not _for_a_browser(scope):
            return None
        return self._page


class Dashboard:
    """ASGI: answers GET for the dashboard's files."""

    def __init__(self, app: ASGIApp, *, files: Files) -> None:
        self._app = app
        self._files = files

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        found = self._files.asked(scope)
        if found is None:
            return self._app(scope, receive, send)
        return _answer(found, scope)(scope, receive, send)


def endpoints(template: Callable[[Scope], str], files: Files) -> Callable[[Scope], str]:
    """`template`, which also knows what the dashboard answers: all of it is one endpoint."""

    def endpoint(scope: Scope) -> str:
        name = template(scope)
        return ENDPOINT if name == UNMATCHED and files.asked(scope) is not None else name

    return endpoint


def _found(directory: Path) -> Mapping[str, _Built]:
    """The files by their addresses: what is not among them can't be asked for, whatever an address looks like."""
    paths = [path for path in sorted(directory.rglob("*")) if _is_shown(path, directory)]
    there = set(paths)
    endings = tuple(_PACKED.values())
    return {
        f"/{path.relative_to(directory).as_posix()}": _Built(
            path,
            mimetypes.guess_type(path.name)[0] or "application/octet-stream",
            {
                coding: packed
                for coding, ending in _PACKED.items()
                if (packed := path.with_name(path.name + ending)) in there
            },
        )
        for path in paths
        if not path.name.endswith(endings)
    }


def _is_shown(path: Path, directory: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
    return path.is_file() and not hidden


def _for_a_browser(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _answer(found: _Built, scope: Scope) -> FileResponse:
    accepted = {
        coding.partition(";")[0].strip()
        for coding in Headers(scope=scope).get("accept-encoding", "").split(",")
        if not coding.replace(" ", "").endswith(";q=0")
    }
    coding = next((coding for coding in found.packed if coding in accepted), None)
    headers = {
        "Cache-Control": (
            "public, max-age=31536000, immutable"
            if scope["path"].startswith(_FOR_EVER)
            else "no-cache"
        ),
        "Content-Security-Policy": _POLICY,
        "Vary": "Accept, Accept-Encoding",
    }
    if coding is not None:
        headers["Content-Encoding"] = coding
    path = found.path if coding is None else found.packed[coding]
    return FileResponse(path, media_type=found.media_type, headers=headers)
