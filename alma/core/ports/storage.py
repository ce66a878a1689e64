"""What is kept between requests, one repository a noun: the core says what it needs, and knows no SQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Any, Protocol

from alma.core.model.blueprint import Blueprint, Origin, Revision
from alma.core.model.connection import Connection, ConnectionKey
from alma.core.model.conversation import (
    Conversation,
    ConversationSummary,
    Mention,
    Said,
    Turn,
    TurnPlace,
)
from alma.core.model.council import CouncilReport
from alma.core.model.deployment import Deployment, DeploymentState, Step, StepState
from alma.core.model.event import Event, EventType
from alma.core.model.finding import Waiver
from alma.core.model.ipr import IPR, IPRState, Review
from alma.core.model.plan import Plan
from alma.core.model.state import Stack, StateRecord


class BlueprintRepository(Protocol):
    """Blueprints and their revisions."""

    def add(
        self,
        blueprint: Blueprint,
        *,
        project: str,
        origins: Mapping[str, Origin],
        by: str,
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

    def authors(self, id_: int, *, project: str, after: int, upto: int) -> frozenset[str]:
        """Who wrote the revisions behind `after`, as far as `upto`; also of a blueprint that was deleted."""

    def list(
        self,
        *,
        project: str,
        skip: int = 0,
        limit: int = 100,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
        after: int | None = None,
    ) -> Sequence[Revision]:
        """The latest revision of each, newest blueprint first; those that come after the blueprint `after`. `name` is
        the whole name and `search` a part of it in any case; `engine` is where the blueprint says that it lands."""

    def count(
        self,
        *,
        project: str,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
    ) -> int: ...

    def many(self, ids: Sequence[int], *, project: str) -> Sequence[Revision]:
        """The latest revision of each that is there, in no order."""

    def histories(self, ids: Sequence[int], *, project: str, limit: int) -> Sequence[Revision]:
        """The last `limit` revisions of each, newest first."""

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

    def many(self, ids: Sequence[str], *, project: str) -> Sequence[Stack]:
        """Each that is there, in no order."""

    def of_blueprints(self, ids: Sequence[int], *, project: str) -> Sequence[Stack]:
        """The stacks of several blueprints, by name and engine."""

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
        self,
        *,
        project: str,
        status: IPRState | None = None,
        author: str | None = None,
        not_by: str | None = None,
        skip: int = 0,
        limit: int = 100,
        after: int | None = None,
    ) -> Sequence[IPR]:
        """Newest first; those that come after the request `after`. `not_by`: whose own are left out."""

    def count(
        self,
        *,
        project: str,
        status: IPRState | None = None,
        author: str | None = None,
        not_by: str | None = None,
    ) -> int: ...

    def many(self, ids: Sequence[int], *, project: str) -> Sequence[IPR]:
        """Each that is there, in no order."""

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
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[Deployment]:
        """Newest first; those that come after the one of that moment and id."""

    def count(
        self,
        *,
        project: str,
        state: DeploymentState | None = None,
        stack_id: str | None = None,
    ) -> int: ...

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

    def many(self, ids: Sequence[str], *, project: str) -> Sequence[Deployment]:
        """Each that is there, in no order."""

    def logs(self, ids: Sequence[str], *, project: str, after: int, limit: int) -> Sequence[Event]:
        """The next `limit` lines of each log after that number, in order."""

    def project_of(self, id_: str) -> str:
        """Whose it is. Raises NotFound."""

    def heads(self, *, since: datetime) -> Mapping[str, tuple[str, int]]:
        """The project and the last line's number of every log that may grow or whose run ended after that moment, by
        the deployment's id: in one statement."""

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
        self,
        *,
        project: str,
        principal: str | None = None,
        skip: int = 0,
        limit: int = 100,
        after: tuple[datetime, str] | None = None,
    ) -> Sequence[ConversationSummary]:
        """All, or those of one person, without their turns; the one that moved last first; those that come after the
        one of that moment and id."""

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


class FollowerRepository(Protocol):
    """Which processes have somebody who follows a turn."""

    def mark(self, turn_id: str, follower: str, *, seconds: float) -> None:
        """Says that somebody does there, for so long. All who wait for the turn are told of a new one."""

    def leave(self, turn_id: str, follower: str) -> None:
        """Nobody does there any more."""

    def of(self, turn_id: str) -> Sequence[str]:
        """Where somebody does."""


class WaiverRepository(Protocol):
    """Who answers for broken rules, and who took that back. Nothing is ever changed or removed."""

    def add(self, waiver: Waiver, *, project: str) -> Waiver:
        """As it is kept: with its id and the moment."""

    def revoke(self, id_: int, *, project: str, by: str) -> Waiver:
        """Raises NotFound, and Conflict for one that was taken back before."""

    def list(self, *, project: str, held_on: date | None = None) -> Sequence[Waiver]:
        """All that there ever were, oldest first; or those that hold on a day."""
