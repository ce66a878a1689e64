"""Holds every client to so many requests a minute, so that one can't keep all others from being served.

A client is who signed in, else the address behind trusted proxies. Every route belongs to one class of the table below;
what several processes share is in `buckets.py`. Every answer says where its client stands.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TypeAlias

from starlette.types import ASGIApp, Receive, Scope, Send

from alma.core.model.errors import AlmaError, RateLimited
from alma.core.model.principal import Principal, PrincipalKind
from alma.core.ports.telemetry import Meters
from alma.middleware.addresses import Networks, client_address
from alma.middleware.auth import STATE
from alma.middleware.buckets import (
    WINDOW_SECONDS,
    InMemory,
    InRedis,
    Limit,
    Verdict,
    seconds,
)
from alma.middleware.security_headers import more_headers

OVERALL, STREAM, GENERATION, TOOL, CRUD = "overall", "chat_stream", "generation", "tools", "crud"
SIGN_IN = "sign_in"
"""Counted by address, whoever is signed in already: what guesses, and what makes others wait for an answer."""
SUM = "together"
FREE = "free"
"""Not limited: what machines ask every few seconds, and what is only a page to read."""

_API = "/api/v1"
_ANY = "*"
_NOUNS = (
    "blueprints",
    "iprs",
    "deployments",
    "stacks",
    "conversation",
    "projects",
    "accounts",
    "keys",
    "audit",
)
_AUTH = f"{_API}/auth"
_DOORS = (
    f"{_AUTH}/login",
    f"{_AUTH}/refresh",
    f"{_AUTH}/password",
    f"{_AUTH}/device",
    f"{_AUTH}/oidc/{{provider}}/start",
    f"{_AUTH}/oidc/{{provider}}/callback",
    f"{_AUTH}/oidc/token",
    "/device/sign-in",
)
CLASSES: Mapping[str, Mapping[str, str]] = {
    f"{_API}/conversation/chat-stream": {_ANY: STREAM},
    f"{_API}/blueprints/generate-blueprint": {_ANY: GENERATION},
    f"{_API}/blueprints/generate-blueprint-stream": {_ANY: GENERATION},
    f"{_API}/conversation/generate-blueprint": {_ANY: GENERATION},
    f"{_API}/conversation/generate-blueprint-stream": {_ANY: GENERATION},
    f"{_API}/tools/execute": {_ANY: TOOL},
    f"{_API}/tools/execute-direct": {_ANY: TOOL},
    f"{_API}/tools/execute-stream": {_ANY: TOOL},
    **{f"{_API}/{noun}": {_ANY: CRUD} for noun in _NOUNS},
    **{
        f"{_API}/{noun}/{{id}}": {_ANY: CRUD}
        for noun in _NOUNS
        if noun not in {"accounts", "audit"}
    },
    f"{_API}/blueprints/schema": {_ANY: CRUD},
    f"{_API}/blueprints/{{id}}/revisions": {_ANY: CRUD},
    f"{_API}/blueprints/{{id}}/revisions/{{number}}": {_ANY: CRUD},
    f"{_API}/deployments/{{id}}/events": {_ANY: CRUD},
    **{door: {_ANY: SIGN_IN} for door in _DOORS},
    f"{_API}/projects/{{id}}/members": {_ANY: CRUD},
    f"{_API}/projects/{{id}}/members/{{principal}}/{{role}}": {_ANY: CRUD},
    f"{_API}/projects/{{id}}/roles": {_ANY: CRUD},
    f"{_API}/projects/{{id}}/roles/{{name}}": {_ANY: CRUD},
    f"{_API}/accounts/{{name}}": {_ANY: CRUD},
    f"{_API}/audit/{{seq}}": {_ANY: CRUD},
    f"{_API}/audit/head": {_ANY: CRUD},
    "/": {_ANY: FREE},
    "/docs": {_ANY: FREE},
    "/docs/oauth2-redirect": {_ANY: FREE},
    "/redoc": {_ANY: FREE},
    "/openapi.json": {_ANY: FREE},
    "/static-offline-docs/{path}": {_ANY: FREE},
    "/metrics": {_ANY: FREE},
    f"{_API}/monitoring/metrics/summary": {_ANY: FREE},
    f"{_API}/monitoring/rate-limit/stats": {_ANY: FREE},
    f"{_API}/monitoring/health/live": {_ANY: FREE},
    f"{_API}/monitoring/health/ready": {_ANY: FREE},
    f"{_API}/monitoring/health/detailed": {_ANY: FREE},
}
"""The class of each route by its template, then by method (`*` for all others). What is not here has the overall limit
and nothing else; streams, generations and tools have it besides their own, the CRUD routes do not."""

TAKE = "alma.take"
"""Where the scope has what counts more than the one request: for an address at which much is asked for at once."""
Client: TypeAlias = str
_PRIVATE = "private"
_LOCAL = b"Bearer local."


class LimitExceeded(RateLimited):
    """One request too many. The body is the one that callers of the public server know, and every failure's besides."""

    code = "rate_limit_exceeded"

    def __init__(self, verdict: Verdict) -> None:
        limit, wait = verdict.at.limit, seconds(verdict.at.wait)
        message = f"more than {limit.per_minute} requests a minute"
        super().__init__(
            message, retry_after=wait, hint=f"wait {wait} s, or ask for a higher limit"
        )
        self.details = {
            "error": self.code,
            "message": f"{message}: wait {wait} s",
            "retry_after": wait,
            "limit": limit.per_minute,
            "window": WINDOW_SECONDS,
        }


@dataclass
class Limits:
    """The limits of a server and how far they are used. Shared by all that count against them; for one event loop."""

    limits: Mapping[str, Limit]
    redis_url: str | None = None
    most_clients: int = 10_000
    now: Callable[[], float] = time.monotonic
    refusals: Counter[str] = field(default_factory=Counter)
    """By route, since this process began."""
    counted: int = 0
    _memory: InMemory | None = field(default=None, init=False)
    _redis: InRedis | None = field(default=None, init=False)
    _clients: OrderedDict[Client, float] = field(default_factory=OrderedDict, init=False)

    async def take(self, client: Client, class_: str, *, counted: bool = False) -> Verdict:
        """Counts one request, or only looks where its class is not limited. `counted`: it has been, against the overall
        limit; what is left is that of a class that has one of its own besides."""
        cost = 0 if class_ == FREE else 1
        limits = self._held_against(class_)[:1] if counted else self._held_against(class_)
        if cost and not counted:
            self._seen(client)
        if self.redis_url is not None:
            self._redis = self._redis or InRedis(self.redis_url)
            if self._redis.up:
                verdict = await self._redis.take(client, limits, cost=cost)
                if verdict is not None:
                    return verdict
        if self._memory is None:
            self._memory = InMemory(list(self.limits.values()), most=self.most_clients)
        return self._memory.take(client, limits, cost=cost)

    def _held_against(self, class_: str) -> Sequence[Limit]:
        if class_ in {OVERALL, FREE}:
            return (self.limits[OVERALL],)
        if class_ in {CRUD, SIGN_IN}:
            return (self.limits[class_],)
        return (self.limits[class_], self.limits[SUM])

    def _seen(self, client: Client) -> None:
        self.counted += 1
        self._clients[client] = self.now()
        self._clients.move_to_end(client)
        if len(self._clients) > self.most_clients:
            self._clients.popitem(last=False)

    @property
    def clients(self) -> int:
        """How many clients were seen within the last minute, as far as this process knows."""
        oldest = self.now() - WINDOW_SECONDS
        while self._clients and next(iter(self._clients.values())) < oldest:
            self._clients.popitem(last=False)
        return len(self._clients)

    @property
    def store(self) -> str:
        """Where requests are counted now: `redis` or `memory`."""
        gone = self._redis is not None and not self._redis.up
        return "memory" if self.redis_url is None or gone else "redis"

    @property
    def degraded(self) -> bool:
        """Whether Redis was asked for and does not answer."""
        return self.redis_url is not None and self.store == "memory"

    async def close(self) -> None:
        """Lets go of Redis."""
        if self._redis is not None:
            await self._redis.close()
            self._redis = None


def documented(
    *,
    per_minute: int = 60,
    burst: int = 10,
    stream: int = 20,
    generation: int = 30,
    tools: int = 40,
    crud: int = 100,
    sign_in: int = 20,
) -> Mapping[str, Limit]:
    """The limits by class. What a class of its own allows in a minute may be used up at once, `burst` is for what has
    the overall limit alone; both count together."""
    own = {STREAM: stream, GENERATION: generation, TOOL: tools, CRUD: crud, SIGN_IN: sign_in}
    limits = {name: Limit(name, most, most) for name, most in own.items()}
    together = Limit(OVERALL, per_minute, max(per_minute, burst))
    return {OVERALL: Limit(OVERALL, per_minute, burst), SUM: together, **limits}


class RateLimits:
    """ASGI: counts requests and WebSockets, answers 429 to one too many, and says on every answer what is left.

    Not counted is who works with the data directory itself: a command's own server, which has no address, and a command
    that shows the directory's token. Whoever can read that token could change the settings as well.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limits: Limits,
        template: Callable[[Scope], str],
        answer: Callable[[AlmaError], ASGIApp],
        meters: Callable[[], Meters | None] = lambda: None,
        proxies: Networks = (),
        local_token: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._app = app
        self._limits = limits
        self._template = template
        self._answer = answer
        self._meters = meters
        self._proxies = proxies
        self._local_token = local_token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        template = self._template(scope)
        class_ = class_of(template, scope.get("method", "GET"))
        client = self._client(scope, by_address=class_ == SIGN_IN)
        class_ = FREE if client is _PRIVATE else class_
        scope[TAKE] = partial(self._take, client, template)
        verdict = await self._limits.take(client, class_)
        more_headers(scope, _headers(verdict))
        if verdict.refused:
            self._refused(template)
            await self._answer(LimitExceeded(verdict))(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _take(self, client: Client, template: str, class_: str, *, counted: bool) -> None:
        """Counts more of what a request asks for; `counted`: it is counted, but not against the class's own limit.
        Raises LimitExceeded."""
        if client is _PRIVATE:
            return
        verdict = await self._limits.take(client, class_, counted=counted)
        if verdict.refused:
            self._refused(template)
            raise LimitExceeded(verdict)

    def _client(self, scope: Scope, *, by_address: bool) -> Client:
        principal: Principal | None = None if by_address else scope.get(STATE)
        if principal is not None and principal.kind is not PrincipalKind.LOCAL:
            return f"{principal.kind.value}:{principal.id}"
        address = client_address(scope, self._proxies)
        if address is None or self._of_the_directory(scope):
            return _PRIVATE
        return _network(address)

    def _of_the_directory(self, scope: Scope) -> bool:
        shown = next((value for name, value in scope["headers"] if name == b"authorization"), None)
        if shown is None or not shown.startswith(_LOCAL):
            return False
        token = self._local_token() or ""
        return bool(token) and hmac.compare_digest(shown, f"Bearer {token}".encode())

    def _refused(self, template: str) -> None:
        self._limits.refusals[template] += 1
        if (meters := self._meters()) is not None:
            meters.count("rate_limit_hits_total", endpoint=template)
            meters.gauge("rate_limit_clients", self._limits.clients)


def class_of(template: str, method: str) -> str:
    """The class of a route."""
    methods = CLASSES.get(template)
    if methods is None:
        return OVERALL
    return methods.get(method) or methods.get(_ANY, OVERALL)


def _headers(verdict: Verdict) -> list[tuple[bytes, bytes]]:
    count = verdict.at
    return [
        (b"x-ratelimit-limit", b"%d" % count.limit.per_minute),
        (b"x-ratelimit-remaining", b"%d" % count.remaining),
        (b"x-ratelimit-reset", b"%d" % (time.time() + count.reset + 1)),
    ]


@lru_cache(maxsize=4096)
def _network(address: str) -> Client:
    """The address; of IPv6 the /64 it is in, since whoever has one has all of it."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return f"address:{address[:64]}"
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"
