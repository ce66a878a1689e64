"""Reads request bodies: JSON whatever its Content-Type says (curl's `-d` says it is a form), YAML where it says so.

One reader for both, with the limits on depth, numbers and aliases of `core/model/document.py`: no other parser sees
what a stranger sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request, Response

from alma.api.errors import BodyInvalid
from alma.api.routing import Route
from alma.core.model.document import Format, parse_text, read_text
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plain import check_values

if TYPE_CHECKING:
    from alma.core.model.blueprint import Blueprint

YAML_TYPES = frozenset(
    {"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "application/vnd.yaml"}
)
YAML = "application/yaml"
# Above this many bytes reading leaves the event loop, so that other requests go on.
_OFF_LOOP = 16_384


@dataclass(frozen=True)
class Document:
    """A body that is a blueprint: read by the route itself, so that errors name lines and columns."""

    content: bytes
    format: Format
    max_bytes: int

    def blueprint(self) -> Blueprint:
        """The blueprint it holds. Raises BlueprintInvalid and DocumentTooLarge."""
        return parse_text(self.content, format=self.format, max_bytes=self.max_bytes)

    def value(self) -> Any:
        """The plain values it holds."""
        return read_text(self.content, format=self.format, max_bytes=self.max_bytes)


async def document(request: Request) -> Document:
    """The body as it came."""
    return Document(
        content=await request.body(),
        format=_format(request),
        max_bytes=request.app.state.settings.max_body_bytes,
    )


Sent = Annotated[Document, Depends(document)]


class BodyRoute(Route):
    """A route whose body model is filled from JSON or YAML, whatever the header says."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def read_first(request: Request) -> Response:
            # Read here and not within FastAPI, which would hide what is wrong behind an error of its own.
            reading = _Reading(request)
            if await reading.body():
                await reading.json()
            return await handle(reading)

        return read_first


class _Reading(Request):
    """A request that FastAPI takes for JSON, and that gives the values of whatever it is."""

    def __init__(self, request: Request) -> None:
        self._format = _format(request)
        headers = [item for item in request.scope["headers"] if item[0] != b"content-type"]
        headers.append((b"content-type", b"application/json"))
        super().__init__({**request.scope, "headers": headers}, request.receive)
        self._values: Any = None
        self._read = False

    async def json(self) -> Any:
        if not self._read:
            self._values, self._read = await self._parse(await self.body()), True
        return self._values

    async def _parse(self, body: bytes) -> Any:
        limit = self.app.state.settings.max_body_bytes
        try:
            if len(body) <= _OFF_LOOP and self._format != "yaml":
                return _values(body, self._format, limit)
            return await asyncio.to_thread(_values, body, self._format, limit)
        except BlueprintInvalid as error:
            raise BodyInvalid(
                error.diagnostics, message="Invalid request body", hint=error.hint
            ) from None


def _values(body: bytes, format: Format, limit: int) -> Any:
    values = read_text(body, format=format, max_bytes=limit)
    check_values(values)
    return values


def wants_yaml(accept: str) -> bool:
    """Whether an Accept header names YAML and does not prefer JSON."""
    named = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    yaml = next((number for number, name in enumerate(named) if name in YAML_TYPES), None)
    return yaml is not None and "application/json" not in named[:yaml]


def _format(request: Request) -> Format:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind in YAML_TYPES:
        return "yaml"
    return "json" if kind == "application/json" or kind.endswith("+json") else "auto"
