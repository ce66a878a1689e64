"""The calls to ALMA's API that are made for an MCP client, and its refusals in words that a model can act on."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import httpx

API = "/api/v1"
# Tools may ask engines and models; a stream has a sign of life every 15 seconds.
_TIMEOUT = httpx.Timeout(120.0, connect=5.0)

Shown = tuple[httpx.Auth | None, Mapping[str, str]]
"""What is shown to ALMA with every call: a credential, and headers."""
NOTHING: Shown = (None, {})

Told = Callable[[str, float | None], Awaitable[None]]


class Refused(Exception):
    """ALMA said no, or did not answer: what happened, every single fault, and what to do next. `status`: what it was
    answered with over HTTP."""

    def __init__(
        self,
        message: str,
        *,
        faults: tuple[str, ...] = (),
        hint: str | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.faults = faults
        self.hint = hint
        self.status = status

    def __str__(self) -> str:
        lines = [self.message, *(f"- {fault}" for fault in self.faults)]
        return "\n".join([*lines, f"hint: {self.hint}"] if self.hint else lines)


class Rest:
    """One ALMA, asked in somebody's name: with `headers`, beside what the client shows with every call."""

    def __init__(self, http: httpx.AsyncClient, headers: Mapping[str, str] | None = None) -> None:
        self._http = http
        self._headers = dict(headers or {})

    def speaking_for(self, headers: Mapping[str, str]) -> Rest:
        """The same ALMA, asked with those headers."""
        return Rest(self._http, headers)

    async def get(self, path: str, **params: Any) -> Any:
        """The answer's values. Raises Refused."""
        return await self._asked("GET", path, params=params)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's values. Raises Refused."""
        return await self._asked("POST", path, json=dict(body or {}))

    async def put(self, path: str, body: Mapping[str, Any], *, revision: int) -> Any:
        """The answer's values, unless somebody saved something after that revision. Raises Refused."""
        return await self._asked(
            "PUT", path, json=dict(body), headers={"If-Match": f'"{revision}"'}
        )

    async def execute(self, name: str, parameters: Mapping[str, Any], told: Told) -> dict[str, Any]:
        """What a tool of the registry says; `told` hears how far it is. Raises Refused."""
        body = {"tool_name": name, "parameters": dict(parameters)}
        try:
            async with self._http.stream(
                "POST", f"{API}/tools/execute-stream", json=body, headers=self._headers
            ) as answer:
                if answer.is_error:
                    await answer.aread()
                    raise _refused(answer)
                return await _followed(answer.aiter_lines(), told)
        except httpx.TransportError as error:
            raise _unreachable(error) from error

    async def _asked(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Any:
        sent = {**self._headers, **(headers or {})}
        try:
            answer = await self._http.request(method, API + path, headers=sent, **more)
        except httpx.TransportError as error:
            raise _unreachable(error) from error
        if answer.is_error:
            raise _refused(answer)
        return answer.json()


@asynccontextmanager
async def reaching(
    url: str, *, socket: str | None = None, shown: Shown = NOTHING
) -> AsyncIterator[Rest]:
    """The ALMA at a URL, or behind a unix socket of this machine. `shown`: how it knows who asks, and in which
    project."""
    transport = httpx.AsyncHTTPTransport(uds=socket) if socket else None
    auth, headers = shown
    async with httpx.AsyncClient(
        base_url=url, transport=transport, timeout=_TIMEOUT, auth=auth, headers=headers
    ) as http:
        yield Rest(http)


def part(text: str) -> str:
    """A part of a path, whatever it contains."""
    return quote(text, safe="")


async def _followed(lines: AsyncIterator[str], told: Told) -> dict[str, Any]:
    async for line in lines:
        if not line.startswith("data:"):
            continue
        event = json.loads(line.removeprefix("data:"))
        match event["type"]:
            case "progress":
                await told(event["content"], event["share"])
            case "error":
                raise _of_body(event)
            case _:
                result: dict[str, Any] = event["result"]
                return result
    raise Refused("ALMA ended the answer before it was complete", hint="try it again")


def _refused(answer: httpx.Response) -> Refused:
    try:
        body = answer.json()
    except ValueError:
        return Refused(
            f"the server answered with HTTP {answer.status_code}, and not in ALMA's words",
            status=answer.status_code,
        )
    return _of_body(body, answer.status_code)


def _of_body(body: Mapping[str, Any], status: int | None = None) -> Refused:
    faults = tuple(str(item) for item in body.get("errors") or ())
    return Refused(str(body.get("detail")), faults=faults, hint=body.get("hint"), status=status)


def _unreachable(error: httpx.TransportError) -> Refused:
    return Refused(
        f"ALMA does not answer: {str(error) or type(error).__name__}",
        hint="see that its server runs",
    )
