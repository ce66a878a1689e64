"""The doors to infrastructure: what every engine answers, what some can do besides, and how they are opened.

An `Engine` is the only door, and `Engine.apply` the only method behind which anything changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Protocol, runtime_checkable

from alma.core.model.access import ProjectRules
from alma.core.model.base import Json
from alma.core.model.connection import CheckedConnection, Connection, ConnectionKey
from alma.core.model.deployment import Check
from alma.core.model.engine import Candidate, Discovered, EngineTraits, Health, Outcome, Preparation
from alma.core.model.plan import Change, Effect, Support
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    Properties,
    StackRef,
)


class ApplyContext(Protocol):
    """What an engine may use while it applies one change."""

    @property
    def stack(self) -> StackRef:
        """The stack the change belongs to: what goes into the marker."""

    def secret(self, name: str) -> str:
        """A secret's value, for this call only: never to be logged, stored in a label or put into an error.

        Raises AlmaError when there is none: ask before making anything.
        """

    async def keep(self, name: str, value: str) -> None:
        """Writes down what the next attempt at this change must know, such as the number chosen for a new guest.
        Durable when it returns; a second value takes the first one's place.

        Nothing secret. Raises IllegalTransition when the run has gone on without the one who asks: make nothing then.
        """

    def kept(self, name: str) -> str | None:
        """What this or an earlier attempt at the same change, under the same key, has kept. None: nothing."""

    def log(self, message: str, **data: Any) -> None:
        """A line for the people who watch, such as an image pull's progress. May be called from the event loop only."""


class Engine(Protocol):
    """One kind of place where stacks live. Everything but `shape`, `support` and `effect` is async.

    The class has a pydantic model `Settings` and is opened as `Class(settings)`, once for the process; its methods may
    be called from several event loops. `docs/adding-an-engine.md` leads through the contract with an example.

    Errors are `EngineError`s. Limits (per node, per host) are the engine's own business. An engine never sees another
    stack's objects: it finds its own by their marker.
    """

    name: ClassVar[str]
    traits: ClassVar[EngineTraits]

    async def check(self) -> Health:
        """Whether the engine can be used now. Never raises for an engine that is down: it says so, and `problems` says
        what to do about it."""

    def support(self, desired: DesiredResource) -> Sequence[Support]:
        """What is not honoured exactly, property by property, and why. Nothing silent: an empty answer is a promise.

        UNSUPPORTED at `type` refuses the whole resource; elsewhere the property is missing from `shape`.
        """

    def shape(self, desired: DesiredResource, stack: StackRef) -> Properties:
        """The properties this resource will have here, in the form `read` reports them. Pure and deterministic."""

    def effect(self, desired: DesiredResource, path: str) -> Effect:
        """What changing the property at `path` of an existing object takes: REPLACE for what nobody has thought of."""

    async def read(self, stack: StackRef) -> Observation:
        """Every object that carries the stack's marker, leftovers of half-done changes included.

        Raises EngineUnavailable or EngineAuthFailed when it can't know: an empty answer means that nothing is there.
        """

    async def apply(self, change: Change, key: str, context: ApplyContext) -> Outcome:
        """Makes one change true. Idempotent by `key`: a repeat finds the marker and goes on from there.

        The marker is on an object from its create call on. CREATE adopts an object of the same key, or of the same
        shape, and refuses one that differs; UPDATE keeps the object and refuses when there is none; REPLACE goes on
        when the old object is gone already; DELETE of what is not there succeeds. Raises ChangeRejected when nothing
        was made, OutcomeUnknown when only a read can tell, EngineUnavailable when nothing was sent.
        """

    async def verify(self, desired: DesiredResource, stack: StackRef) -> Sequence[Check]:
        """Proofs that the resource does its work, by really asking it; waits at most `health.start_period` for that. At
        least one check. What is not there, stopped or not working is a failed check; raises EngineError when the engine
        can't ask."""

    async def close(self) -> None:
        """Gives back connections, whichever loop they were opened on. May be called twice, and before anything else."""


@runtime_checkable
class Prepares(Protocol):
    """An engine that looks at more than the stack before a plan is shown: capacity, templates, privileges."""

    async def prepare(
        self,
        desired: Sequence[DesiredResource],
        observation: Observation,
        *,
        chosen: Mapping[str, Placement],
    ) -> Preparation:
        """Where each instance goes, and every fault that can be found before anything is done. Changes nothing.

        `chosen` are the placements of an earlier plan for the same target: they are kept as long as they can be, so
        that an approval does not become stale because free memory moved. What exists stays where it is. Nothing is
        desired when a stack is to be destroyed: then it says what stands against that. Raises
        EngineUnavailable or EngineAuthFailed when it can't know.
        """


@runtime_checkable
class Imports(Protocol):
    """An engine that can put the stack's marker on what it did not make. Its `apply` knows ADOPT and RELEASE.

    ADOPT writes the marker with `retain`, for nobody knows what data it holds, and changes nothing else. It adopts the
    object of `change.object_id` only; refuses what is gone or carries another marker; a repeat succeeds. RELEASE takes
    the marker off the object of `change.object_id`, and succeeds when that is gone or carries none. What is retained
    stays so through every UPDATE.
    """

    async def discover(self) -> Sequence[Discovered]:
        """Everything that carries no stack's marker, by name. Raises EngineUnavailable or EngineAuthFailed when it
        can't know."""

    async def inspect(self, object_ids: Collection[str]) -> Sequence[Candidate]:
        """Those of the objects that are there and carry no stack's marker, each looked at closely. Changes nothing.
        Raises like `discover`."""


@runtime_checkable
class Weighs(Protocol):
    """An engine for which it matters in which direction a property changes: disks that grow, and never shrink."""

    def effect_between(
        self, desired: DesiredResource, path: str, before: Json, after: Json
    ) -> Effect:
        """What changing the property at `path` of an existing object takes, from `before` to `after`; None is unset."""


@runtime_checkable
class ReadsLogs(Protocol):
    """An engine that can show what a resource prints."""

    async def logs(self, observed: ObservedResource, *, lines: int = 100) -> Sequence[str]:
        """The last lines, oldest first."""


@runtime_checkable
class Undoes(Protocol):
    """An engine that can be asked to forget about a stack entirely, in tests and rehearsals."""

    async def wipe(self, stack: StackRef) -> None:
        """Removes everything with the stack's marker, whatever its state."""


class Engines(Protocol):
    """The engines of this installation, opened when first asked for.

    A name may carry the name of a connection: `proxmox@lab` is the engine `proxmox` at what is called `lab`. Which
    connections there are depends on the project that asks.
    """

    def names(self) -> Sequence[str]:
        """All registered engines, sorted, whether one can be reached or not."""

    def listed(self, *, project: str = "default") -> Sequence[str]:
        """Every engine that is not closed to the project, configured or not, and its named connections; sorted."""

    def places(self, *, project: str = "default") -> Sequence[str]:
        """Where something can land: every engine that needs no connection or has its default one, and every named
        connection as `engine@name`; sorted."""

    def spelled(self, name: str) -> str:
        """A place as ALMA writes it, whether or not there is such a connection; `proxmox@*` is every one. Raises
        InvalidInput when there is no such engine."""

    def canonical(self, name: str, *, project: str = "default") -> str:
        """The one way to write a name: what stacks are kept under. Raises like `get`; opens nothing."""

    def get(self, name: str, *, project: str = "default", holder: str | None = None) -> Engine:
        """The engine of that name, by the connection that holds now. Raises InvalidInput naming the known ones, or
        EngineUnavailable saying what to install.

        Who gives itself as `holder` gets the same engine every time, whatever is configured meanwhile, until `release`:
        a run does not move to another cluster half-way.
        """

    def release(self, holder: str) -> None:
        """The holder is done. Nothing happens when it holds nothing."""


class SavedConnections(Protocol):
    """The connections that projects have saved, as the engines need them."""

    def versions(self) -> Mapping[ConnectionKey, str]:
        """Of every project: each with a word that is another one after every change."""

    def rules(self) -> Mapping[str, ProjectRules]:
        """Of every project that may use some engines only."""

    def settings(self, key: ConnectionKey) -> Mapping[str, Any]:
        """What was saved, secrets in plain text. Raises NotFound, SecretUnreadable."""


class EngineConnections(Protocol):
    """What the engines know of connections, for those who save and show them."""

    def connection(self, name: str, *, project: str = "default") -> Connection:
        """How a place is reached, as it may be shown. Raises like `Engines.get`."""

    def checked(self, name: str, given: Mapping[str, Any]) -> CheckedConnection:
        """What may be saved under that name. Raises InvalidInput naming what is wrong, without any value."""

    def changed(self) -> None:
        """A saved connection is another one now: what is opened after this is opened by it."""
