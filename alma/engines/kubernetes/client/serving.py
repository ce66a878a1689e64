"""What a cluster serves, asked once and kept for a while.

A cluster has some sixty group versions. They change when somebody installs or removes something, so what is missing is
asked for at once, and everything now and then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, cast

from alma.core.model.errors import EngineUnavailable
from alma.engines.base import together
from alma.engines.kubernetes.client.connection import Connection
from alma.engines.kubernetes.client.errors import Refused, Request
from alma.engines.kubernetes.discovery import Api, MissingKind, Served

_SECONDS = 300.0
_MISSING_SECONDS = 2.0
# Each connection takes a handshake: sixty at once are slower than these, one after the other.
_AT_ONCE = 8
# What stacks are read from. Of an extension nobody asked about, the API server may say that it is away; what ALMA reads
# has to be known, or what is there would be taken for gone.
_READ_FROM = frozenset(
    {
        "",
        "apps",
        "authorization.k8s.io",
        "autoscaling",
        "discovery.k8s.io",
        "gateway.networking.k8s.io",
        "kubevirt.io",
        "networking.k8s.io",
        "policy",
        "postgresql.cnpg.io",
        "redis.redis.opstreelabs.in",
        "storage.k8s.io",
    }
)


class Serving:
    """The kinds of the cluster behind a connection. `known` is what it answered last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.known: Served | None = None
        self._at = -_SECONDS
        self._asking = asyncio.Lock()

    def forget(self) -> None:
        """What was answered last is not true any more."""
        self._at = -_SECONDS

    async def served(self, *, afresh: bool = False) -> Served:
        """What the cluster serves, at most some minutes old; `afresh`: some seconds."""
        limit = _MISSING_SECONDS if afresh else _SECONDS
        async with self._asking:
            if self.known is None or time.monotonic() - self._at > limit:
                self.known = await self._discover()
                self._at = time.monotonic()
            return self.known

    async def _discover(self) -> Served:
        """A group whose server is away is silent: one broken extension must not stop everything."""
        what = Request("Asking what the cluster serves")
        core, groups = await together(
            [self._connection.ask("GET", "api", what), self._connection.ask("GET", "apis", what)]
        )
        names = [str(version) for version in core.get("versions") or ()]
        names += [
            str(v["groupVersion"])
            for group in groups.get("groups") or ()
            for v in group.get("versions") or ()
        ]
        at_once = asyncio.Semaphore(_AT_ONCE)
        answers = await together([self._kinds(name, what, at_once) for name in names])
        found = dict(zip(names, answers, strict=True))
        return Served.of(
            {name: answer for name, answer in found.items() if answer},
            silent=(name for name, answer in found.items() if answer is None),
        )

    async def _kinds(
        self, name: str, what: Request, at_once: asyncio.Semaphore
    ) -> Mapping[str, Any] | None:
        """The kinds of a group's version; None when nobody could tell."""
        path = f"apis/{name}" if "/" in name else f"api/{name}"
        try:
            async with at_once:
                return cast("dict[str, Any]", await self._connection.ask("GET", path, what))
        except MissingKind:
            return {}  # taken away since it was named
        except (Refused, EngineUnavailable):
            if name.rpartition("/")[0] in _READ_FROM:
                raise
            return None

    async def api(self, kind: str) -> Api:
        """How the cluster serves a kind; asked anew when it is missing. Raises MissingKind."""
        return (await self.served()).find(kind) or (await self.served(afresh=True)).api(kind)

    async def api_of(self, manifest: Mapping[str, Any]) -> Api:
        """How the cluster serves what a manifest names, in just that version. Raises MissingKind."""
        try:
            return (await self.served()).of_manifest(manifest)
        except MissingKind:
            return (await self.served(afresh=True)).of_manifest(manifest)
