"""Keeps a run where its plan was approved for: an engine's settings may have changed since, or since a restart.

What was approved for one host must not be made on another, and an answer of another host says nothing of what is on the
first: it is no reason to undo, or to forget, anything.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from alma.core.model.deployment import Deployment
from alma.core.planning.compare import require_same_place
from alma.core.ports import Engine
from alma.core.services.patience import Patience


class Places:
    """Which runs this process has seen to be at their place. Looks once for each; a run holds one engine, so that the
    answer stays true."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._seen: set[str] = set()
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def saw(self, id_: str) -> None:
        """Somebody has looked already."""
        self._seen.add(id_)

    async def require(self, deployment: Deployment, engine: Engine) -> None:
        """Raises PlanStale when the engine is at another place than the plan was approved for, EngineError when that
        can't be known."""
        if deployment.id in self._seen:
            return
        async with self._turns[deployment.id]:
            if deployment.id not in self._seen:
                stack = deployment.plan.stack
                found = await self._patience.patiently(lambda: engine.read(stack))
                require_same_place(deployment.plan, found)
                self._seen.add(deployment.id)

    def forget(self, id_: str) -> None:
        """The run is over."""
        self._seen.discard(id_)
        self._turns.pop(id_, None)
