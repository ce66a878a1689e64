"""The Proxmox VE engine: the engine contract, handed on to the part that does the work."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from alma.core.model.base import Json
from alma.core.model.deployment import Check
from alma.core.model.engine import (
    Candidate,
    Discovered,
    EngineTraits,
    Health,
    Outcome,
    Preparation,
)
from alma.core.model.errors import AlmaError, ChangeRejected
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
from alma.engines.base import together
from alma.engines.proxmox import check, importing, logs, look, prepare, shape, verify
from alma.engines.proxmox.guests import lifecycle, removal
from alma.engines.proxmox.guests.setup import over_ssh
from alma.engines.proxmox.guests.work import Provision, Work
from alma.engines.proxmox.session import Memory, Session
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.spec import Defaults
from alma.engines.proxmox.vmids import Vmids
from alma.engines.sessions import Sessions


class ProxmoxEngine:
    """Stacks as virtual machines and containers on one Proxmox VE cluster.

    Safe to use from several event loops: each gets a connection of its own, opened when it first asks. `provision` is
    what brings software into a guest.
    """

    Settings: ClassVar[type[ProxmoxSettings]] = ProxmoxSettings
    name: ClassVar[str] = "proxmox"
    # The client has limits of its own for each node and storage; what waits for software to be set up is in none.
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(shape.TYPES),
        separate_networks=False,
        separate_volumes=False,
        separate_firewalls=False,
        images=False,
        clusters=False,
        max_parallel=32,
    )

    def __init__(
        self, settings: ProxmoxSettings | None = None, *, provision: Provision = over_ssh
    ) -> None:
        self._settings = settings or ProxmoxSettings()
        self._defaults = Defaults.of(self._settings)
        self._provision = provision
        self._memory = Memory(Vmids(self._settings.vmid_first, self._settings.vmid_last))
        self._sessions = Sessions(lambda: Session(self._settings, self._memory))

    async def check(self) -> Health:
        """See `Engine.check`. Names what is missing, privileges with their paths."""
        try:
            session = self._sessions.here()
        except AlmaError as error:
            return check.absent(error.message, error.hint)
        return await check.health_of(session.api, self._settings)

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        """See `Engine.support`."""
        return shape.support_of(desired, self._defaults)

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        """See `Engine.shape`."""
        return shape.shape_of(desired, self._defaults)

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        """See `Engine.effect`."""
        return shape.effect_of(desired, path)

    def effect_between(
        self, desired: DesiredResource, path: str, before: Json, after: Json
    ) -> Effect:
        """See `Weighs.effect_between`. Disks only grow."""
        return shape.effect_between(desired, path, before, after)

    async def prepare(
        self,
        desired: Sequence[DesiredResource],
        observation: Observation,
        *,
        chosen: Mapping[str, Placement],
    ) -> Preparation:
        """See `Prepares.prepare`."""
        api = self._sessions.here().api
        return await prepare.prepare(api, self._settings, desired, observation, chosen=chosen)

    async def read(self, stack: StackRef) -> Observation:
        """See `Engine.read`."""
        return await look.stack(self._sessions.here(), stack)

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        """See `Engine.apply`."""
        session, stack = self._sessions.here(), context.stack
        work = Work(session, stack, change, key, context, self._provision, self._place)
        async with session.turns[stack.id, change.address]:
            match change.action:
                case Action.CREATE:
                    return await lifecycle.create(work)
                case Action.UPDATE:
                    return await lifecycle.update(work)
                case Action.REPLACE:
                    return await lifecycle.replace(work)
                case Action.DELETE:
                    return await lifecycle.delete(work)
                case Action.ADOPT | Action.RELEASE:
                    return await importing.mark(work)
                case Action.NO_OP:
                    return Outcome(adopted=True)

    async def _place(self, desired: DesiredResource, stack: StackRef) -> Placement:
        """Where a guest goes that no plan has placed, or only as one that was there: then on its node, if it still can.
        Raises ChangeRejected when something stands against it."""
        nothing = Observation(stack=stack, place="")
        chosen = {desired.address: desired.placement} if desired.placement else {}
        prepared = await self.prepare([desired], nothing, chosen=chosen)
        for found in prepared.diagnostics:
            if found.severity == "error":
                raise ChangeRejected(f"{desired.address}: {found.message}", hint=found.hint)
        return prepared.placements[desired.address]

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        """See `Engine.verify`."""
        return await verify.checks(self._sessions.here(), desired, stack)

    async def discover(self) -> Sequence[Discovered]:
        """See `Imports.discover`. Templates are left out."""
        return await importing.discover(self._sessions.here())

    async def inspect(self, object_ids: Collection[str]) -> Sequence[Candidate]:
        """See `Imports.inspect`."""
        return await importing.inspect(self._sessions.here(), object_ids)

    async def logs(self, observed: ObservedResource, *, lines: int = 100) -> Sequence[str]:
        """See `ReadsLogs.logs`. The logs of the guest's tasks: what its own system writes is inside it."""
        return await logs.of_guest(self._sessions.here(), int(observed.object_id), lines=lines)

    async def wipe(self, stack: StackRef) -> None:
        """See `Undoes.wipe`."""
        session = self._sessions.here()
        views = await look.everything(session, stack)
        await together([removal.remove(session, view) for view in views])

    async def close(self) -> None:
        """See `Engine.close`. Closes the connections of the other loops too, where these still run."""
        await self._sessions.close()
