"""What lives where: the stacks of a project, and what of them really runs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from alma.core.model.access import Permission
from alma.core.model.base import Frozen
from alma.core.model.deployment import Check
from alma.core.model.errors import Conflict, EngineError, InvalidInput, NotFound
from alma.core.model.plan import Drift
from alma.core.model.principal import Principal
from alma.core.model.state import DesiredResource, ObservedResource, Stack
from alma.core.planning.drift import drift_of
from alma.core.ports import Engines, Repositories
from alma.core.services.deployed import deployed
from alma.core.services.patience import ASKING, Patience
from alma.core.services.proving import prove


def _standing(stack: Stack) -> str:
    name = f"stack '{stack.ref.name}' on {stack.ref.engine}"
    if not stack.records:
        return f"nothing of {name} is deployed"
    if stack.destroyed:
        return f"{name} is destroyed and only its data is left"
    return f"no revision of {name} is deployed in full"


class StackStatus(Frozen):
    """A stack as it is now. `resources` is None, with `problem` saying why, when the engine could not be read."""

    stack: Stack
    blueprint_name: str
    resources: tuple[ObservedResource, ...] | None
    problem: str | None = None

    @property
    def drift(self) -> tuple[Drift, ...]:
        """What is not as the last deployment left it, as far as the engine could be read."""
        return () if self.resources is None else drift_of(self.stack.records, self.resources)


class Stacks:
    """Stacks of the caller's project."""

    def __init__(self, *, repositories: Repositories, engines: Engines) -> None:
        self._repositories = repositories
        self._engines = engines

    def list(self, principal: Principal, *, blueprint_id: int | None = None) -> Sequence[Stack]:
        """All stacks, or those of one blueprint."""
        principal.require(Permission.STACK_READ)
        with self._repositories.read() as transaction:
            return transaction.stacks.list(project=principal.project, blueprint_id=blueprint_id)

    def get(self, principal: Principal, stack_id: str) -> Stack:
        """One stack. Raises NotFound."""
        principal.require(Permission.STACK_READ)
        with self._repositories.read() as transaction:
            return transaction.stacks.get(stack_id, project=principal.project)

    async def status(self, principal: Principal, stack_id: str) -> StackStatus:
        """What runs of a stack at this moment. An engine that is down is an answer, not an error."""
        principal.require(Permission.STACK_READ)
        stack = await asyncio.to_thread(self.get, principal, stack_id)
        name = await asyncio.to_thread(self._blueprint_name, principal, stack)
        try:
            engine = self._engines.get(stack.ref.engine, project=principal.project)
            observation = await engine.read(stack.ref)
        except (EngineError, InvalidInput) as error:  # its connection may have been removed
            return StackStatus(
                stack=stack, blueprint_name=name, resources=None, problem=error.message
            )
        return StackStatus(stack=stack, blueprint_name=name, resources=observation.resources)

    async def verify(self, principal: Principal, stack_id: str) -> Sequence[Check]:
        """Asks every workload of the deployed revision whether it does its work, now. Raises EngineError; Conflict when
        no revision is deployed in full: nothing asked would be nothing proved."""
        principal.require(Permission.STACK_VERIFY, Permission.STACK_READ)
        stack = await asyncio.to_thread(self.get, principal, stack_id)
        if stack.revision is None:
            raise Conflict(
                f"{_standing(stack)}, so there is nothing to prove",
                hint="deploy its blueprint, then verify it",
                details={"stack_id": stack_id, "destroyed": stack.destroyed},
            )
        engine = self._engines.get(stack.ref.engine, project=principal.project)
        desired = await asyncio.to_thread(self._deployed, principal, stack_id)
        return await prove(engine, stack.ref, desired, Patience(attempts=ASKING))

    def _deployed(self, principal: Principal, stack_id: str) -> Sequence[DesiredResource]:
        with self._repositories.read() as transaction:
            return deployed(transaction, stack_id=stack_id, project=principal.project)

    def _blueprint_name(self, principal: Principal, stack: Stack) -> str:
        """The newest name; a deleted blueprint's is that of the stack."""
        with self._repositories.read() as transaction:
            try:
                newest = transaction.blueprints.latest(
                    stack.blueprint_id, project=principal.project
                )
            except NotFound:
                return stack.ref.name
            return newest.blueprint.name
