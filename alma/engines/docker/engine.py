"""The Docker engine: the engine contract, handed on to the part that does the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import ClassVar

from alma.core.model.blueprint import ResourceType
from alma.core.model.deployment import Check
from alma.core.model.engine import EngineTraits, Health, Outcome
from alma.core.model.errors import AlmaError
from alma.core.model.plan import Action, Change, Effect, Support
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Properties,
    StackRef,
)
from alma.core.ports import ApplyContext
from alma.engines.base import adopts_nothing, together
from alma.engines.docker import (
    containers,
    health,
    logs,
    look,
    names,
    networks,
    shape,
    verify,
    volumes,
)
from alma.engines.docker.session import Session
from alma.engines.docker.settings import DockerSettings
from alma.engines.docker.work import Work
from alma.engines.sessions import Sessions

Step = Callable[[Work], Awaitable[Outcome]]


class DockerEngine:
    """Stacks as containers, networks and named volumes on one Docker Engine.

    Safe to use from several event loops: each gets a connection of its own, opened when it first asks.
    """

    Settings: ClassVar[type[DockerSettings]] = DockerSettings
    name: ClassVar[str] = "docker"
    # More than `DockerSettings.max_parallel`: that many may be at the daemon at once, the others wait for their health.
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(shape.TYPES),
        why_no_imports="Docker takes labels only when a container, network or volume is made",
        max_parallel=32,
    )

    def __init__(self, settings: DockerSettings | None = None) -> None:
        self._settings = settings or DockerSettings()
        self._sessions = Sessions(lambda: Session(self._settings))

    async def check(self) -> Health:
        """See `Engine.check`. Names the daemon's version and what it lacks."""
        try:
            return await health.of(self._sessions.here())
        except AlmaError as error:
            return health.absent(error)

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        """See `Engine.support`."""
        cpus = next((s.cpus for s in self._sessions.all() if s.cpus is not None), None)
        return shape.support_of(desired, cpus=cpus)

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        """See `Engine.shape`."""
        return shape.shape_of(desired)

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        """See `Engine.effect`."""
        return shape.effect_of(desired, path)

    async def read(self, stack: StackRef) -> Observation:
        """See `Engine.read`."""
        return await look.stack(self._sessions.here(), stack)

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        """See `Engine.apply`."""
        session = self._sessions.here()
        work = Work(session, context.stack, change, key, context)
        async with session.changes:
            match change.action:
                case Action.CREATE:
                    return await _make(work)
                case Action.UPDATE:
                    return await containers.update(work)
                case Action.REPLACE:
                    return await _replace(work)
                case Action.DELETE:
                    return await _delete(work)
                case Action.ADOPT | Action.RELEASE:
                    raise adopts_nothing(change, engine=self.name)
                case Action.NO_OP:
                    return Outcome(adopted=True)

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        """See `Engine.verify`."""
        return await verify.checks(self._sessions.here(), desired, stack)

    async def logs(self, observed: ObservedResource, *, lines: int = 100) -> Sequence[str]:
        """See `ReadsLogs.logs`. What has no log, or is gone, has no lines. Secrets are hidden."""
        session = self._sessions.here()
        inspected = await session.daemon.container(observed.object_id)
        return await logs.last_lines(session, inspected, lines=lines) if inspected else ()

    async def wipe(self, stack: StackRef) -> None:
        """See `Undoes.wipe`."""
        session, labels = self._sessions.here(), names.stack_filter(stack)
        daemon = session.daemon
        await together(
            [
                containers.remove(session, item["Id"], stack.name)
                for item in await daemon.containers(labels)
            ]
        )
        for network in await daemon.networks(labels):
            await daemon.remove_network(network["Id"], name=stack.name)
        for volume in await daemon.volumes(labels):
            await daemon.remove_volume(volume["Name"])

    async def close(self) -> None:
        """See `Engine.close`. Closes the connections of the other loops too, where these still run."""
        await self._sessions.close()


_CREATE: Mapping[ResourceType, Step] = {
    ResourceType.NETWORK: networks.create,
    ResourceType.VOLUME: volumes.create,
}
_REPLACE: Mapping[ResourceType, Step] = {
    ResourceType.NETWORK: networks.replace,
    ResourceType.VOLUME: volumes.replace,
}
_DELETE: Mapping[ResourceType, Step] = {
    ResourceType.NETWORK: networks.delete,
    ResourceType.VOLUME: volumes.delete,
}


async def _make(work: Work) -> Outcome:
    return await _CREATE.get(work.desired().type, containers.create)(work)


async def _replace(work: Work) -> Outcome:
    """A change of type may leave a container where a volume shall be: what is of another kind goes first."""
    type_ = work.desired().type
    step = _REPLACE.get(type_, containers.replace)
    for delete in {*_DELETE.values(), containers.delete} - {_DELETE.get(type_, containers.delete)}:
        await delete(work)
    return await step(work)


async def _delete(work: Work) -> Outcome:
    return await _DELETE.get(work.change.type, containers.delete)(work)
