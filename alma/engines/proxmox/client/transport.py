"""Carries a call to a node of the cluster and its answer back, and knows which calls may be sent again.

What was not sent (no connection, or a certificate that is not believed) goes to the next node. A read whose answer was
lost is repeated a few times; a change is not, as it may have been done. pveproxy closes idle connections after five
seconds, so ALMA lets go of them before that.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from alma.core.model.errors import EngineError, EngineUnavailable
from alma.engines.proxmox.client import tls
from alma.engines.proxmox.client.errors import Untrusted, lost
from alma.engines.proxmox.client.form import encode, encoded_path, template_of
from alma.engines.proxmox.client.upload import Multipart
from alma.engines.proxmox.settings import ProxmoxSettings

KEEP_ALIVE = 4.0
_CONNECT = 10.0
_PAUSES = (0.05, 0.2, 0.8)
_IN_PASSING = frozenset({502, 503, 504, 596, 597, 599})  # of a proxy, or between nodes
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_IN_QUERY = frozenset({"GET", "DELETE"})  # pveproxy answers 501 to a DELETE with a body


@dataclass(frozen=True)
class Call:
    """One request. `doing` opens the message of an error; `repeatable` says that doing it twice does no harm."""

    method: str
    path: str
    doing: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    upload: Multipart | None = None
    patience: float | None = None
    repeatable: bool = False

    @property
    def url(self) -> str:
        """Path and query string."""
        query = encode(self.values) if self.method in _IN_QUERY else ""
        return f"/api2/json{encoded_path(self.path)}" + (f"?{query}" if query else "")

    @property
    def body(self) -> bytes | None:
        """The form of a POST or PUT."""
        return None if self.method in _IN_QUERY else encode(self.values).encode()


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is None when it was not JSON, so that no Proxmox can have said it."""

    status: int
    reason: str
    body: Mapping[str, Any] | None

    @classmethod
    def of(cls, status: int, phrase: str, raw: bytes) -> Answer:
        """Newer versions say the reason in the body too, where it is not cut to one line."""
        phrase = phrase.encode(errors="replace").decode()  # a header's odd bytes are no text
        try:
            body = json.loads(raw)
        except ValueError:
            return cls(status, phrase, None)
        if not isinstance(body, dict):
            return cls(status, phrase, None)
        return cls(status, str(body.get("message") or phrase).strip(), body)

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong with which parameter."""
        found = (self.body or {}).get("errors")
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


@dataclass(frozen=True)
class _NotSent:
    url: str
    error: Exception


@dataclass(frozen=True)
class _Lost:
    why: str


class _BrokenOff(aiohttp.ClientError):
    """Says to aiohttp that a broken connection is ours to deal with: it would send a PUT or DELETE a second time."""


async def _no_second_try(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _BrokenOff(type(error).__name__) from None


class Transport:
    """The connections to one cluster. Belongs to the event loop of its first call."""

    def __init__(
        self,
        settings: ProxmoxSettings,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if not settings.urls:
            raise EngineUnavailable(
                "No Proxmox VE cluster is configured",
                hint="set ALMA_PROXMOX_URLS (such as https://pve1:8006) and ALMA_PROXMOX_TOKEN",
            )
        self.calls: Counter[tuple[str, str]] = Counter()
        self._settings = settings
        self._sleep = sleep
        self._preferred = 0
        self._session: aiohttp.ClientSession | None = None

    async def exchange(self, call: Call, headers: Mapping[str, str]) -> Answer:
        """The answer, whatever its status. Raises EngineUnavailable when nothing was sent, or nothing came back to a
        repeatable call; OutcomeUnknown when nothing came back to another one."""
        pauses = iter(_PAUSES if call.repeatable else ())
        while True:
            got = await self._anywhere(call, headers)
            passing = isinstance(got, _Lost) or got.status in _IN_PASSING
            pause = next(pauses, None) if passing else None
            if pause is None:
                break
            await self._sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # keeps retries apart
        if isinstance(got, _Lost):
            raise lost(call.doing, got.why, change=not call.repeatable)
        return got

    async def close(self) -> None:
        """Gives back the connections. May be called twice."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _anywhere(self, call: Call, headers: Mapping[str, str]) -> Answer | _Lost:
        """From the first node that takes the call, beginning with the one that took the last."""
        unsent = []
        for at, url in self._urls():
            got = await self._at(url, call, headers)
            if not isinstance(got, _NotSent):
                self._preferred = at
                return got
            unsent.append(got)
        raise await _nobody(call.doing, unsent)

    def _urls(self) -> Iterator[tuple[int, str]]:
        urls, first = self._settings.urls, self._preferred
        for step in range(len(urls)):
            at = (first + step) % len(urls)
            yield at, urls[at]

    async def _at(
        self, url: str, call: Call, headers: Mapping[str, str]
    ) -> Answer | _Lost | _NotSent:
        wait = call.patience or self._settings.request_timeout
        try:
            return await self._request(url, call, headers, wait=wait)
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ServerFingerprintMismatch,
        ) as error:
            return _NotSent(url, error)
        except TimeoutError:
            return _Lost(f"{url} gave no answer within {wait:g} s")
        except aiohttp.ClientError:
            return _Lost(f"the connection to {url} broke")

    async def _request(
        self, url: str, call: Call, headers: Mapping[str, str], *, wait: float
    ) -> Answer:
        form = call.body or None
        described = call.upload.headers if call.upload else _FORM if form else {}
        with call.upload.opened() if call.upload else nullcontext(form) as data:
            async with self._open().request(
                call.method,
                URL(url + call.url, encoded=True),
                data=data,
                headers={**headers, **described},
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=wait),
                allow_redirects=False,
            ) as response:
                self.calls[call.method, template_of(call.path)] += 1
                return Answer.of(response.status, response.reason or "", await response.read())

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self._settings.connections,
                keepalive_timeout=KEEP_ALIVE,
                ssl=tls.trust(self._settings),
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                middlewares=(_no_second_try,),
            )
        return self._session


async def _nobody(doing: str, unsent: list[_NotSent]) -> EngineError:
    """The error when no node could be reached: a certificate that is not believed before anything else."""
    problems = [(one, await tls.explain(one.url, one.error)) for one in unsent]
    texts = [problem.text if problem else _why(one) for one, problem in problems]
    message = f"{doing}: {'; '.join(texts)}"
    hint = next((problem.hint for _, problem in problems if problem), None)
    if hint:
        return Untrusted(message, hint=hint)
    return EngineUnavailable(
        message,
        hint="check the address and the port (8006), that the node runs, and that no firewall is between",
    )


def _why(one: _NotSent) -> str:
    if isinstance(one.error, aiohttp.ClientConnectorError):
        cause = one.error.os_error
        return f"{one.url} can't be reached ({cause.strerror or type(cause).__name__})"
    return f"{one.url} can't be reached (no connection within {_CONNECT:g} s)"
