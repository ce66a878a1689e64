"""The Kubernetes engine: the engine contract, handed on to the part that does the work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from alma.core.model.base import Json
from alma.core.model.deployment import Check
from alma.core.model.engine import Candidate, Discovered, EngineTraits, Health, Outcome, Preparation
from alma.core.model.errors import AlmaError
from alma.core.model.plan import Action, Change, Effect, Support
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    Properties,
    StackRef,
)
from alma.core.ports import ApplyContext
from alma.engines.kubernetes import health, importing, logs, look, prepare, removal, shape, verify
from alma.engines.kubernetes.changes import making
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.session import Session
from alma.engines.kubernetes.settings import KubernetesSettings
from alma.engines.kubernetes.work import Work
from alma.engines.sessions import Sessions


class KubernetesEngine:
    """Stacks as workloads, claims and policies in the namespaces of one cluster.

    Safe to use from several event loops: each gets a connection of its own, opened when it first asks.
    """

    Settings: ClassVar[type[KubernetesSettings]] = KubernetesSettings
    name: ClassVar[str] = health.NAME
    # More than `KubernetesSettings.max_parallel`: that many may be sent at once, the others wait for their pods.
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(shape.TYPES),
        separate_firewalls=False,
        replicates=True,
        apart="existing",
        max_parallel=32,
    )

    def __init__(self, settings: KubernetesSettings | None = None) -> None:
        self._settings = settings or KubernetesSettings()
        self._sessions = Sessions(lambda: Session(self._settings))

    @property
    def _served(self) -> Served | None:
        """What the cluster was last seen to serve, by whichever loop."""
        return next((s.cluster.known for s in self._sessions.all() if s.cluster.known), None)

    async def check(self) -> Health:
        """See `Engine.check`. Names the cluster's version and what ALMA may not do."""
        try:
            return await health.of(self._sessions.here())
        except AlmaError as error:
            return health.absent(error)

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        """See `Engine.support`."""
        return shape.support_of(desired, self._settings, self._served)

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        """See `Engine.shape`."""
        return shape.shape_of(desired, self._settings)

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        """See `Engine.effect`."""
        return shape.effect_of(desired, path)

    def effect_between(
        self, desired: DesiredResource, path: str, before: Json, after: Json
    ) -> Effect:
        """See `Weighs.effect_between`."""
        return shape.effect_between(desired, path, before, after)

    async def read(self, stack: StackRef) -> Observation:
        """See `Engine.read`."""
        return await look.read(self._sessions.here(), stack)

    async def prepare(
        self,
        desired: Sequence[DesiredResource],
        observation: Observation,
        *,
        chosen: Mapping[str, Placement],
    ) -> Preparation:
        """See `Prepares.prepare`."""
        return await prepare.prepare(self._sessions.here(), desired, observation)

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        """See `Engine.apply`."""
        work = Work(self._sessions.here(), context.stack, change, key, context)
        match change.action:
            case Action.CREATE:
                return await making.create(work)
            case Action.UPDATE:
                return await making.update(work)
            case Action.REPLACE:
                return await making.replace(work)
            case Action.DELETE:
                return await removal.delete(work)
            case Action.ADOPT | Action.RELEASE:
                return await importing.mark(work)
            case Action.NO_OP:
                return Outcome(adopted=True)

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        """See `Engine.verify`."""
        return await verify.checks(self._sessions.here(), desired, stack)

    async def logs(self, observed: ObservedResource, *, lines: int = 100) -> Sequence[str]:
        """See `ReadsLogs.logs`. What has no log, or is gone, has no lines. Secrets are hidden."""
        return await logs.last_lines(self._sessions.here(), observed, lines=lines)

    async def discover(self) -> Sequence[Discovered]:
        """See `Imports.discover`."""
        return await importing.discover(self._sessions.here())

    async def inspect(self, object_ids: Collection[str]) -> Sequence[Candidate]:
        """See `Imports.inspect`."""
        return await importing.inspect(self._sessions.here(), object_ids)

    async def wipe(self, stack: StackRef) -> None:
        """See `Undoes.wipe`."""
        await removal.wipe(self._sessions.here(), stack)

    async def close(self) -> None:
        """See `Engine.close`. Closes the connections of the other loops too, where these still run."""
        await self._sessions.close()
