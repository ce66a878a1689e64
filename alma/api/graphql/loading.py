"""Asks for what the items of a list point to all at once: one statement for a field, however long the list is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

from alma.core.model.blueprint import Revision
from alma.core.model.deployment import Deployment
from alma.core.model.event import Event
from alma.core.model.ipr import IPR
from alma.core.model.principal import Principal
from alma.core.model.state import Stack

if TYPE_CHECKING:
    from alma.bootstrap import Alma

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
Span = tuple[int, int]


class Loaders:
    """What belongs to many nouns, each in one question to the services. Nothing is remembered: a list that is asked
    for again after a change shows the change."""

    def __init__(self, alma: Alma, caller: Principal) -> None:
        gathering = alma.gathering
        self._caller = caller
        self._alma = alma
        self._histories: dict[int, DataLoader[int, Sequence[Revision] | None]] = {}
        self._logs: dict[Span, DataLoader[str, Sequence[Event] | None]] = {}
        self._blueprints: DataLoader[int, Revision | None] = self._loader(gathering.blueprints)
        self._iprs: DataLoader[int, IPR | None] = self._loader(gathering.iprs)
        self._deployments: DataLoader[str, Deployment | None] = self._loader(gathering.deployments)
        self._stacks: DataLoader[str, Stack | None] = self._loader(gathering.stacks)
        self._stacks_of: DataLoader[int, Sequence[Stack] | None] = self._loader(gathering.stacks_of)

    async def blueprint(self, id_: int) -> Revision | None:
        """Its newest revision; None if it was deleted."""
        return await self._blueprints.load(id_)

    async def ipr(self, id_: int) -> IPR | None:
        """A request."""
        return await self._iprs.load(id_)

    async def deployment(self, id_: str) -> Deployment | None:
        """A deployment with its steps."""
        return await self._deployments.load(id_)

    async def stack(self, id_: str) -> Stack | None:
        """A stack as recorded."""
        return await self._stacks.load(id_)

    async def stacks_of(self, blueprint_id: int) -> Sequence[Stack]:
        """The stacks of a blueprint."""
        return await self._stacks_of.load(blueprint_id) or ()

    async def history(self, blueprint_id: int, limit: int) -> Sequence[Revision]:
        """The last revisions of a blueprint."""
        if limit not in self._histories:
            self._histories[limit] = self._loader(self._alma.gathering.histories, limit=limit)
        return await self._histories[limit].load(blueprint_id) or ()

    async def log(self, deployment_id: str, after: int, limit: int) -> Sequence[Event]:
        """The next lines of a deployment's log."""
        span = (after, limit)
        if span not in self._logs:
            self._logs[span] = self._loader(self._alma.gathering.logs, after=after, limit=limit)
        return await self._logs[span].load(deployment_id) or ()

    def _loader(
        self, many: Callable[..., Mapping[Key, Found]], **named: Any
    ) -> DataLoader[Key, Found | None]:
        async def load(keys: list[Key]) -> list[Found | None]:
            ids = [*dict.fromkeys(keys)]
            found = await asyncio.to_thread(many, self._caller, ids, **named)
            return [found.get(key) for key in keys]

        loading: Callable[[list[Key]], Awaitable[list[Found | None]]] = load
        return DataLoader(load_fn=loading, max_batch_size=500, cache=False)
