"""Requests to an API server: sent by the SDK's connection, answered with plain JSON, failing with AlmaErrors.

The SDK brings credentials, certificates, proxies and tokens that are renewed. Its calls know an object's kind as a
class of Python; here a path is enough, so that a kind is whatever the server says it is.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import msgspec
from lightkube.config.kubeconfig import SingleConfig
from lightkube.core.exceptions import ConfigError
from lightkube.core.generic_client import BasicRequest, GenericAsyncClient

from alma.core.model.errors import InvalidInput
from alma.engines.kubernetes.client.config import Access
from alma.engines.kubernetes.client.encoding import encoded
from alma.engines.kubernetes.client.errors import Request
from alma.engines.kubernetes.client.login import Parameters
from alma.engines.kubernetes.client.translate import translated

JSON = "application/json"
# With the handshake, which takes a busy machine its time.
_CONNECT_SECONDS = 20.0


class Connection:
    """An HTTP connection with its credentials. Belongs to one event loop."""

    def __init__(self, way: Access, *, patience: float) -> None:
        """`patience` seconds are given to every answer, twice that to a whole request. Raises
        InvalidInput for credentials that can't be used."""
        self._connect = min(_CONNECT_SECONDS, patience)
        self._at_most = self._connect + 2 * patience
        timeout = httpx2.Timeout(patience, connect=self._connect)
        # Its methods have no types.
        self._client: Any = _opened(way.config, Parameters(timeout=timeout, proxy=way.proxy))

    async def close(self) -> None:
        """Gives back the connections."""
        await self._client.close()

    async def ask(
        self,
        method: str,
        path: str,
        request: Request,
        *,
        params: Mapping[str, str] | None = None,
        body: Any = None,
        content_type: str = JSON,
    ) -> Any:
        """The answer's JSON."""
        headers = {"Content-Type": content_type} if body is not None else None
        data = None if body is None else encoded(body)
        asked = BasicRequest(method, path, params=dict(params or {}), data=data, headers=headers)
        with translated(request):
            return _decoded(await self._content(asked))

    async def text(self, path: str, request: Request, *, params: Mapping[str, str]) -> str:
        """The answer as text, whatever bytes are in it."""
        asked = BasicRequest("GET", path, params=dict(params))
        with translated(request):
            return (await self._content(asked)).decode(errors="replace")

    async def answer(self, path: str, request: Request, *, seconds: float) -> tuple[int, bytes]:
        """Whatever comes back within so many seconds, with its status: for answers that are not the API server's."""
        timeout = httpx2.Timeout(seconds, connect=self._connect)
        asked = BasicRequest("GET", path, params={}, timeout=timeout)
        with translated(request):
            response = await self._sent(asked)
            return response.status_code, response.content

    async def _content(self, asked: BasicRequest) -> bytes:
        response = await self._sent(asked)
        response.raise_for_status()
        return response.content

    async def _sent(self, asked: BasicRequest, *, stream: bool = False) -> httpx2.Response:
        made: httpx2.Request = self._client.build_adapter_request(asked)
        made.extensions = {**made.extensions, "trace": _Handshake()}
        # The library's own limits are between two bytes, and leave out a program that logs in.
        async with asyncio.timeout(self._at_most):
            response: httpx2.Response = await self._client.send(made, stream=stream)
        return response

    @asynccontextmanager
    async def stream(
        self, path: str, request: Request, *, params: Mapping[str, str], silence: float
    ) -> AsyncIterator[AsyncIterator[Any]]:
        """An answer that goes on: JSON, line by line. EngineUnavailable ends it after so many seconds of silence."""
        timeout = httpx2.Timeout(silence, connect=self._connect)
        asked = BasicRequest("GET", path, params=dict(params), timeout=timeout)
        with translated(request):
            response = await self._sent(asked, stream=True)
        try:
            with translated(request):
                if response.is_error:
                    await response.aread()
                response.raise_for_status()
            yield _lines(response, request)
        finally:
            await response.aclose()


class _Handshake:
    """Closes a connection whose TLS handshake is cancelled. The HTTP library closes it after an error only, and leaves
    it to the garbage collector otherwise."""

    def __init__(self) -> None:
        self._stream: Any = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            self._stream = info["return_value"]
        elif event == "connection.start_tls.failed" and self._stream is not None:
            await self._stream.aclose()


async def _lines(response: httpx2.Response, request: Request) -> AsyncIterator[Any]:
    lines = response.aiter_lines()
    while True:
        with translated(request):
            line = await anext(lines, None)
            if line is None:
                return
            value = _decoded(line)
        yield value


def _decoded(content: bytes | str) -> Any:
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise ValueError("no JSON") from error


def _opened(config: SingleConfig, parameters: Parameters) -> GenericAsyncClient:
    try:
        # The SDK puts what is in a kubeconfig into files, and leaves these behind when their content is no good.
        if config.cluster.certificate_auth_data:
            pem = base64.b64decode(config.cluster.certificate_auth_data).decode("ascii")
            ssl.create_default_context(cadata=pem)
        return GenericAsyncClient(parameters, config)
    except (ssl.SSLError, OSError, ValueError, TypeError, ConfigError, httpx2.InvalidURL) as error:
        raise InvalidInput(
            f"The kubeconfig's context '{config.context_name}' can't be used: {_fault(error)}",
            hint="fetch the kubeconfig anew, or compare it with one that works",
        ) from None  # it may name what is in the files


def _fault(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return "a certificate or key in it is no PEM, or they do not belong together"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    return "a certificate, key or address in it is not valid"
