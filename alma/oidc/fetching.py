"""One exchange with a provider over HTTPS: bounded in time and size, and every failure told in ALMA's errors.

A provider is a stranger on a network: it may be down, slow, or answer with a page of a proxy. None of its words goes
into an error, for they may hold what was sent.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from alma.core.model.errors import ProviderError, ProviderUnavailable

LARGEST = 1_000_000
"""Bytes of an answer; documents and key sets of real providers have some ten thousand."""
_SERVER_FAULT = 500


class Fetching:
    """Requests to one provider, called `title` in errors. `timeout` is in seconds, for all of an exchange."""

    def __init__(self, title: str, *, timeout: float, ca_file: Path | None = None) -> None:
        self._title = title
        self._timeout = timeout
        self._ca_file = ca_file

    async def get(self, url: str, *, bearer: str | None = None) -> dict[str, Any]:
        """The JSON object there. Raises ProviderError."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        status, document = await self.ask("GET", url, headers=headers)
        if status != httpx.codes.OK or document is None:
            raise self.unusable(f"answered {_path(url)} with HTTP {status} and no JSON document")
        return document

    async def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None
    ) -> tuple[int, dict[str, Any] | None]:
        """Status and JSON object, None for anything else. Redirects are not followed: a secret goes where it was meant
        to go. Raises ProviderError."""
        try:
            async with asyncio.timeout(self._timeout):
                status, content = await self._exchange(method, url, headers, body)
        except (TimeoutError, httpx.TimeoutException):
            raise ProviderUnavailable(
                f"{self._title} did not answer {_path(url)} within {self._timeout:g} s",
                hint="try again; if it stays so, its operators should know",
            ) from None
        except (httpx.TransportError, ssl.SSLError) as error:
            raise ProviderUnavailable(
                f"{self._title} can't be reached: {_said(error)}",
                hint="try again; if it stays so, check the issuer's address and its certificate",
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self.unusable(f"can't be spoken to: {type(error).__name__}") from None
        if status >= _SERVER_FAULT:
            raise ProviderUnavailable(
                f"{self._title} failed on {_path(url)} with HTTP {status}",
                hint="try again; if it stays so, its operators should know",
            )
        return status, _object(content)

    async def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], body: str | None
    ) -> tuple[int, bytes]:
        async with (
            httpx.AsyncClient(verify=self._trust, timeout=self._timeout) as client,
            client.stream(
                method, url, headers={"Accept": "application/json", **headers}, content=body
            ) as answer,
        ):
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > LARGEST:
                    raise self.unusable(f"answered {_path(url)} with more than {LARGEST} bytes")
            return answer.status_code, bytes(content)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Made once: reading all authorities takes milliseconds."""
        if self._ca_file is None:
            return httpx.create_ssl_context()
        try:
            return ssl.create_default_context(cafile=self._ca_file)
        except (OSError, ssl.SSLError):
            raise self.unusable(f"has a ca_file that can't be read: {self._ca_file}") from None

    def unusable(self, problem: str) -> ProviderError:
        """What it did wrong."""
        return ProviderError(
            f"{self._title} {problem}",
            hint="check its issuer and its client in ALMA's settings, then its own log",
        )


def _path(url: str) -> str:
    return httpx.URL(url).path


def _said(error: Exception) -> str:
    """Without the numbers of system calls."""
    return str(error).rpartition("] ")[2].lower() or type(error).__name__


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
