"""What the contract suite needs of a world, so that one suite runs against every engine.

To put an engine under the suite: write `tests/contract/<name>_harness.py` with a class that satisfies `Harness`, and
add one line to `HARNESSES` in `tests/contract/conftest.py`. The suite itself names no engine. For an engine that lives
elsewhere, `ALMA_TEST_HARNESSES` names its harness (`docs/adding-an-engine.md`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Protocol, runtime_checkable

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.engine import Outcome
from alma.core.model.plan import Action, Change
from alma.core.model.state import DesiredResource, ObservedResource, StackRef
from alma.core.ports import Engine

NETWORK = "network"
CANARY = "canary-7f3a9c51e2"  # begins every secret's value: it must never come back out


class Harness(Protocol):
    """A world with an engine in it, and a way to reach behind the engine's back.

    One harness serves one test; it is made as `Class(directory)`, with an empty directory of the test's own. Worlds may
    be shared with other tests that run at the same time, so everything is asked by stack. Every engine a harness hands
    out is closed by the harness.
    """

    name: ClassVar[str]

    @classmethod
    def unavailable(cls) -> str | None:
        """Why this engine can't be tested here; None when it can. Cheap: asked for every test."""

    async def start(self) -> None:
        """Called before anything else."""

    async def stop(self) -> None:
        """Closes the engines, then removes everything that was made in the stacks of `stack()`."""

    def stack(self) -> StackRef:
        """A new stack, with an id and a name nobody else uses (`new_stack` makes one)."""

    # ── engines over this world ──

    async def engine(self) -> Engine:
        """One more engine over this world: what a restarted process opens."""

    async def down(self) -> Engine:
        """An engine whose world can't be reached: nothing answers."""

    async def losing_reply(self) -> Engine:
        """An engine whose next change is carried out and whose reply never arrives."""

    def cancel_moments(self) -> Sequence[float]:
        """Seconds after the start of an `apply` at which to cancel it: a few, spread over what one create takes."""

    # ── things to ask for ──

    def workload(self, address: str = "web-1") -> DesiredResource:
        """A small server that starts quickly, listens on one port and has a health check it passes. Its `networks` are
        (NETWORK,) where the engine has separate networks, its `image` is set where the engine has images."""

    def broken(self, address: str = "broken-1") -> DesiredResource:
        """Like `workload`, with a health check it never passes and a `start_period` of a second or so."""

    def sample(self, type_: ResourceType) -> DesiredResource:
        """A sensible resource of that type, at the address `sample`."""

    def variants(self, desired: DesiredResource) -> Mapping[str, DesiredResource]:
        """By property path, the same workload with that one property changed: at least one that changes in place and
        one that takes a replace. `image`, `specs.memory` and `env.MODE` are good ones."""

    # ── behind the engine's back ──

    async def objects(self, stack: StackRef) -> Sequence[str]:
        """The address of every object in the world with that stack's marker, one entry for each object, however it is
        found: not by asking the engine."""

    async def tamper(self, stack: StackRef, address: str) -> str:
        """Changes one property of a `workload` as an outsider would, and says which path."""

    async def halt(self, stack: StackRef, address: str) -> None:
        """Stops a workload as an outsider would."""

    async def remove(self, stack: StackRef, address: str) -> None:
        """Removes an object as an outsider would."""


@runtime_checkable
class Outsiders(Protocol):
    """What a harness has besides, when its engine is `Imports`."""

    async def plant(self, name: str) -> str:
        """Makes a running guest of that name as an outsider would, without ALMA. The engine's id of it."""

    async def losing_mark(self) -> Engine:
        """An engine whose next adoption is carried out and whose reply never arrives."""

    async def facts(self, object_id: str) -> Mapping[str, Any]:
        """All that there is to know of an object, however it is found, but what a stack's marker adds to it. Empty when
        it is gone."""


class Context:
    """What a workflow gives to an engine while it applies one change."""

    def __init__(self, stack: StackRef) -> None:
        self.stack = stack
        self.lines: list[str] = []
        self.asked: list[str] = []
        self.notes: dict[str, str] = {}
        self._by_key: dict[str, dict[str, str]] = {}

    def under(self, key: str) -> Context:
        """The context of a change with that key: what one attempt at it keeps, the next finds."""
        context = copy(self)
        context.notes = self._by_key.setdefault(key, {})
        return context

    async def keep(self, name: str, value: str) -> None:
        """For the next attempt under the same key, by whichever engine."""
        self.notes[name] = value

    def kept(self, name: str) -> str | None:
        """What an attempt under the same key kept."""
        return self.notes.get(name)

    def secret(self, name: str) -> str:
        """A value that is easy to find where it should not be."""
        self.asked.append(name)
        return f"{CANARY}-{name}"

    def log(self, message: str, **data: Any) -> None:
        """Kept, so that a test can look for what should not be said."""
        self.lines.append(f"{message} {data}")


def new_stack(engine: str) -> StackRef:
    """A stack nobody else has."""
    id_ = uuid.uuid4().hex[:12]
    return StackRef(id=id_, name=f"contract-{id_}", engine=engine)


def new_key() -> str:
    """The idempotency key of one change."""
    return uuid.uuid4().hex


def network(address: str = NETWORK) -> DesiredResource:
    """A network without wishes."""
    resource = Resource(name=address, type=ResourceType.NETWORK)
    return DesiredResource(
        address=address, type=ResourceType.NETWORK, resource=resource, implied=True
    )


def volume(address: str = "data") -> DesiredResource:
    """A volume without wishes."""
    resource = Resource(name=address, type=ResourceType.VOLUME)
    return DesiredResource(
        address=address, type=ResourceType.VOLUME, resource=resource, implied=True, retain=True
    )


class World:
    """One stack on one engine, with the verbs of the tests. `engine` may be exchanged for another."""

    def __init__(self, harness: Harness, engine: Engine) -> None:
        self.harness = harness
        self.engine = engine
        self.stack = harness.stack()
        self.context = Context(self.stack)

    async def prepare(self) -> None:
        """Makes what a workload needs to be there."""
        if self.engine.traits.separate_networks:
            await self.create(network())

    async def create(self, desired: DesiredResource, *, key: str | None = None) -> Outcome:
        return await self.apply(Action.CREATE, desired, key=key)

    async def apply(
        self, action: Action, desired: DesiredResource, *, key: str | None = None
    ) -> Outcome:
        change = Change(
            address=desired.address,
            type=desired.type,
            action=action,
            reason="a test asks for it",
            desired=None if action is Action.DELETE else desired,
        )
        return await self._apply(change, key or new_key())

    async def delete(self, address: str, type_: ResourceType, *, key: str | None = None) -> Outcome:
        change = Change(
            address=address, type=type_, action=Action.DELETE, reason="a test asks for it"
        )
        return await self._apply(change, key or new_key())

    async def _apply(self, change: Change, key: str) -> Outcome:
        return await self.engine.apply(change, key, self.context.under(key))

    async def read(self) -> dict[str, ObservedResource]:
        """What the engine sees, by address; no address twice."""
        observation = await self.engine.read(self.stack)
        assert observation.stack == self.stack
        seen = {resource.address: resource for resource in observation.resources}
        assert len(seen) == len(observation.resources), "an address was reported twice"
        return seen

    async def see(self, address: str) -> ObservedResource:
        """What the engine sees at one address."""
        return (await self.read())[address]

    async def objects(self, address: str) -> int:
        """How many objects really are at one address."""
        return list(await self.harness.objects(self.stack)).count(address)

    def shape(self, desired: DesiredResource) -> dict[str, Any]:
        """What the engine says it will be."""
        return dict(self.engine.shape(desired, self.stack))
