"""What the core asks of the outside. Adapters implement these; `alma/bootstrap` wires them; the core imports none.

An `Engine` is the only door to infrastructure, and `Engine.apply` the only method behind which anything changes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, runtime_checkable

from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.connection import CheckedConnection, Connection, ConnectionKey
from alma.core.model.conversation import (
    Conversation,
    ConversationSummary,
    Mention,
    Said,
    Turn,
    TurnPlace,
)
from alma.core.model.council import CouncilReport
from alma.core.model.deployment import Check, Deployment, DeploymentState, Step, StepState
from alma.core.model.dialogue import Ask, Partial, Reply, Usage
from alma.core.model.engine import (
    Candidate,
    Discovered,
    EngineTraits,
    Health,
    Outcome,
    Preparation,
)
from alma.core.model.event import Event, EventType
from alma.core.model.finding import Waiver
from alma.core.model.ipr import IPR, IPRState, Review
from alma.core.model.plan import Change, Effect, Plan, Support
from alma.core.model.principal import Principal
from alma.core.model.state import (
    DesiredResource,
    Observation,
    ObservedResource,
    Placement,
    Properties,
    Stack,
    StackRef,
    StateRecord,
)


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The present moment, with its time zone (UTC)."""


# ── engines ──────────────────────────────────────────────────────────────────────────────────────────────────────


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

    def places(self, *, project: str = "default") -> Sequence[str]:
        """Where something can land: every engine that needs no connection or has its default one, and every named
        connection as `engine@name`; sorted."""

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


class LanguageModel(Protocol):
    """One model, or a chain of them. Nothing of the core knows which."""

    @property
    def name(self) -> str:
        """`provider:model`, or of a chain the first one's: for people."""

    def answer(self, ask: Ask) -> AsyncGenerator[Partial | Reply, None]:
        """Any number of partial answers as they come in, then exactly one reply. Closing it stops the model's work.
        Raises LanguageModelError when nobody answers within the limits, or the project's budget is used up."""

    async def check(self) -> Health:
        """Whether it can be reached. Does not raise, and costs no tokens."""

    async def close(self) -> None:
        """Gives connections back."""


class Examiner(Protocol):
    """Whoever looks at a plan before people decide on it."""

    async def examine(self, principal: Principal, plan: Plan) -> CouncilReport:
        """What is to be said of the plan of a saved revision. What could not be looked at is in the answer, and no
        reason to raise. Raises NotFound where the revision is gone."""


class UsageLedger(Protocol):
    """What projects have spent on language models, kept through restarts. A month is `2026-11`, in UTC."""

    def spent(self, project: str, month: str) -> float:
        """US dollars; of answers without a known price, nothing."""

    def record(self, project: str, month: str, *, model: str, usage: Usage) -> None:
        """Adds what one attempt took."""


# ── storage ──────────────────────────────────────────────────────────────────────────────────────────────────────


class BlueprintRepository(Protocol):
    """Blueprints and their revisions."""

    def add(
        self, blueprint: Blueprint, *, project: str, origins: Mapping[str, Origin], by: str
    ) -> Revision: ...

    def add_revision(
        self,
        id_: int,
        blueprint: Blueprint,
        *,
        project: str,
        origins: Mapping[str, Origin],
        by: str,
        expected: int | None,
    ) -> Revision:
        """Raises Conflict when `expected` is given and is not the latest number."""

    def latest(self, id_: int, *, project: str) -> Revision: ...

    def revision(self, id_: int, number: int, *, project: str) -> Revision: ...

    def revisions(self, id_: int, *, project: str) -> Sequence[Revision]:
        """Newest first."""

    def list(
        self, *, project: str, skip: int = 0, limit: int = 100, name: str | None = None
    ) -> Sequence[Revision]:
        """The latest revision of each, newest blueprint first."""

    def count(self, *, project: str, name: str | None = None) -> int: ...

    def delete(self, id_: int, *, project: str, expected: int | None = None) -> None:
        """Hides the blueprint. Its revisions stay for the plans that name them. Raises Conflict when `expected` is
        given and is not the latest number."""


class StackRepository(Protocol):
    """Stacks, what was recorded of them, and who holds them."""

    def ensure(self, *, blueprint_id: int, blueprint_name: str, engine: str, project: str) -> Stack:
        """The stack of that blueprint on that engine, made (with a name that is free) if there is none yet."""

    def find(self, *, blueprint_id: int, engine: str, project: str) -> Stack | None: ...

    def get(self, stack_id: str, *, project: str) -> Stack: ...

    def list(self, *, project: str, blueprint_id: int | None = None) -> Sequence[Stack]: ...

    def record(self, stack_id: str, record: StateRecord) -> None: ...

    def forget(self, stack_id: str, address: str) -> None: ...

    def set_revision(self, stack_id: str, revision: int | None) -> None: ...

    def acquire(self, stack_id: str, *, holder: str, seconds: float) -> bool:
        """Takes or renews the lease. False when another holder's lease is still running."""

    def release(self, stack_id: str, *, holder: str) -> None: ...

    def holder(self, stack_id: str) -> str | None:
        """Who holds the stack now."""


class IPRRepository(Protocol):
    """Infrastructure Pull Requests."""

    def add(
        self,
        *,
        project: str,
        title: str,
        description: str,
        author: str,
        plan: Plan,
        engine_chosen: bool,
        council: CouncilReport | None = None,
    ) -> IPR: ...

    def get(self, id_: int, *, project: str, lock: bool = False) -> IPR: ...

    def list(
        self, *, project: str, status: IPRState | None = None, skip: int = 0, limit: int = 100
    ) -> Sequence[IPR]:
        """Newest first."""

    def count(self, *, project: str, status: IPRState | None = None) -> int: ...

    def among(
        self, ids: Sequence[int], states: Collection[IPRState], *, project: str
    ) -> AbstractSet[int]:
        """Those of the requests that are in one of the states."""

    def update(self, ipr: IPR) -> None:
        """Writes everything but the reviews."""

    def add_review(self, id_: int, review: Review) -> None: ...


class DeploymentRepository(Protocol):
    """Deployments, their steps, and the event log."""

    def add(self, deployment: Deployment) -> None: ...

    def get(self, id_: str, *, project: str | None = None) -> Deployment: ...

    def state(self, id_: str, *, project: str) -> DeploymentState:
        """Where one stands, without the cost of its plan and steps. Raises NotFound."""

    def lock(self, id_: str) -> DeploymentState:
        """Where one stands; nobody else writes of it before this transaction ends. Raises NotFound."""

    def list(
        self,
        *,
        project: str,
        skip: int = 0,
        limit: int = 100,
        state: DeploymentState | None = None,
        stack_id: str | None = None,
    ) -> Sequence[Deployment]:
        """Newest first."""

    def count(self, *, project: str, state: DeploymentState | None = None) -> int: ...

    def update(self, deployment: Deployment) -> None:
        """Writes everything but the steps."""

    def request_cancel(self, id_: str) -> None: ...

    def cancel_requested(self, id_: str) -> bool: ...

    def step(self, id_: str, address: str) -> Step:
        """One step, without the cost of the plan. Raises NotFound."""

    def failed_step(self, id_: str) -> Step | None:
        """The first step, in the plan's order, that failed or whose outcome nobody knows, if there is one."""

    def put_step(self, id_: str, step: Step) -> None:
        """Overwrites a step. Raises NotFound when the deployment has none at that address."""

    def keep(self, id_: str, address: str, *, key: str, name: str, value: str) -> None:
        """Writes down a word of an engine for its next attempt under the same key. Raises NotFound when there is no
        such step. The caller holds the deployment's row."""

    def kept(self, id_: str, address: str, *, key: str) -> Mapping[str, str]:
        """What attempts under that key have kept. Raises NotFound when there is no such step."""

    def move_steps(self, id_: str, *, before: Collection[StepState], after: StepState) -> None:
        """Puts every step that is in one of the states `before` into another."""

    def last_queued(self, *, stack_id: str) -> datetime | None:
        """When the newest deployment of a stack was queued."""

    def unended(self, *, stack_id: str | None = None) -> Sequence[str]:
        """The ids of those that have not ended, of one stack or of every project, oldest first."""

    def append_event(
        self,
        id_: str,
        type_: EventType,
        message: str,
        *,
        address: str | None = None,
        data: Mapping[str, Any] | None = None,
        once: str | None = None,
    ) -> Event:
        """The next line of the log. With `once`, a second call with the same word returns the first call's line."""

    def events(self, id_: str, *, after: int = 0, limit: int = 500) -> Sequence[Event]:
        """In order, `seq` greater than `after`."""

    def last_seq(self, id_: str) -> int:
        """The number of the log's last line; 0 when it has none."""


class ConversationRepository(Protocol):
    """Conversations and their turns."""

    def get(self, id_: str, *, project: str, last: int | None = None) -> Conversation | None:
        """With all its turns, or its `last` ones only: with 0, nothing of what was said is read."""

    def said(self, id_: str, *, project: str, last: int) -> Sequence[Said]:
        """The latest messages that left a draft behind, at most so many, in their order and without the drafts."""

    def drafted(self, id_: str, *, project: str, last: int) -> Sequence[Turn]:
        """The same as whole turns, with the drafts."""

    def mentions(self, id_: str, *, project: str) -> Sequence[Mention]:
        """The messages that a request belongs to, in their order."""

    def after(self, id_: str, number: int, *, project: str) -> Mapping[str, bool]:
        """The turns after that one, by id and in their order: whether each changed the draft."""

    def length(self, id_: str, *, project: str) -> int:
        """How many turns it has; 0 where there is none."""

    def list(
        self, *, project: str, principal: str | None = None, skip: int = 0, limit: int = 100
    ) -> Sequence[ConversationSummary]:
        """All, or those of one person, without their turns; the one that moved last first."""

    def count(self, *, project: str, principal: str | None = None) -> int: ...

    def turn(self, turn_id: str, *, lock: bool = False) -> TurnPlace:
        """One turn of any project, with `lock` so that nobody else changes it before this ends. Raises NotFound."""

    def update_turn(self, turn: Turn) -> None:
        """Replaces the turn of the same id. Raises NotFound."""

    def answering(self, *, project: str | None = None, id_: str | None = None) -> Sequence[str]:
        """Turns that have no answer yet, of one conversation or of all there are, oldest first."""

    def rename(self, id_: str, title: str, *, project: str) -> None: ...

    def delete(self, id_: str, *, project: str) -> None:
        """Removes the conversation with its turns. Blueprints and requests that came of it stay. Raises NotFound."""

    def add_turn(self, id_: str, turn: Turn, *, project: str, principal: str) -> int:
        """Appends the turn, starting the conversation if it is new, and answers its number there: the first is 1.
        Raises NotFound for somebody else's conversation."""


class SecretRepository(Protocol):
    """Generated and given secrets of a stack, encrypted at rest."""

    def ensure(self, stack_id: str, name: str, *, length: int) -> str:
        """The secret's value; made at random the first time it is asked for, the same ever after."""

    def get(self, stack_id: str, name: str) -> str | None: ...

    def forget(self, stack_id: str, prefix: str) -> None:
        """Removes the secrets whose name starts with `prefix`."""


class ConnectionRepository(Protocol):
    """How projects reach engines, secrets encrypted at rest."""

    def versions(self) -> Mapping[ConnectionKey, str]:
        """Of every project: another word after each change."""

    def list(self, *, project: str) -> Sequence[Connection]:
        """By name."""

    def find(self, key: ConnectionKey) -> Connection | None: ...

    def settings(self, key: ConnectionKey) -> Mapping[str, Any]:
        """With the secrets in plain text. Raises NotFound, SecretUnreadable."""

    def put(
        self,
        key: ConnectionKey,
        *,
        settings: Mapping[str, Any],
        secrets: Mapping[str, str],
        by: str,
    ) -> Connection:
        """Saves the connection in place of what was saved before."""

    def delete(self, key: ConnectionKey) -> bool:
        """Whether there was one."""


class ExecutorRepository(Protocol):
    """Which processes that run deployments are alive, so that one takes over what a dead one left."""

    def beat(self, id_: str) -> None:
        """Says that the process of that id lives."""

    def alive(self, *, seconds: float) -> Sequence[str]:
        """Who has beaten within the last `seconds`, by the clock that all who share the database share."""

    def forget(self, id_: str) -> None:
        """The process has ended in order."""


class WaiverRepository(Protocol):
    """Who answers for broken rules, and who took that back. Nothing is ever changed or removed."""

    def add(self, waiver: Waiver, *, project: str) -> Waiver:
        """As it is kept: with its id and the moment."""

    def revoke(self, id_: int, *, project: str, by: str) -> Waiver:
        """Raises NotFound, and Conflict for one that was taken back before."""

    def list(self, *, project: str, held_on: date | None = None) -> Sequence[Waiver]:
        """All that there ever were, oldest first; or those that hold on a day."""


class Transaction(Protocol):
    """All repositories over one database transaction."""

    @property
    def blueprints(self) -> BlueprintRepository: ...

    @property
    def stacks(self) -> StackRepository: ...

    @property
    def iprs(self) -> IPRRepository: ...

    @property
    def deployments(self) -> DeploymentRepository: ...

    @property
    def conversations(self) -> ConversationRepository: ...

    @property
    def secrets(self) -> SecretRepository: ...

    @property
    def engine_connections(self) -> ConnectionRepository: ...

    @property
    def executors(self) -> ExecutorRepository: ...

    @property
    def waivers(self) -> WaiverRepository: ...

    @property
    def connection(self) -> Any:
        """What an outbox on the same database needs to join this transaction. Opaque to the core."""

    def after_commit(self, action: Callable[[], None]) -> None:
        """Runs `action` once the transaction is durable, never if it is rolled back."""


class Repositories(Protocol):
    """The database."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that changes nothing."""

    def write(self) -> AbstractContextManager[Transaction]:
        """A transaction that commits when the block ends and rolls back when it raises."""

    def ping(self) -> None:
        """Raises EngineUnavailable-like AlmaError when the database does not answer."""


class DeploymentQueue(Protocol):
    """Where approved deployments wait for a worker."""

    def enqueue_turn(self, transaction: Transaction, turn_id: str, principal: Principal) -> None:
        """The turn is answered, as that person, once the transaction commits; exactly once, whoever dies."""

    def enqueue(self, transaction: Transaction, deployment_id: str) -> None:
        """Queues the run in the caller's transaction: it is queued if and only if that commits."""

    def check(self) -> Health:
        """Whether runs are being taken off the queue."""


class EventBus(Protocol):
    """Wakes those who wait for new events. It carries no data: readers look into the log."""

    def notify(self, deployment_id: str) -> None:
        """Says that the log has grown. Safe from any thread."""

    def subscribe(
        self, deployment_id: str
    ) -> AbstractContextManager[Callable[[float], Awaitable[None]]]:
        """Gives a function that waits for the next notification, at most so many seconds. What was notified since the
        subscription or the last wait is not missed; several notifications may become one."""
