"""What surrounds a run: who examines its plan, the queue it waits in, the bus that wakes its watchers, and the time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from alma.core.model.council import CouncilReport
from alma.core.model.engine import Health
from alma.core.model.plan import Plan
from alma.core.model.principal import Principal
from alma.core.ports.transactions import Transaction


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The present moment, with its time zone (UTC)."""


class Examiner(Protocol):
    """Whoever looks at a plan before people decide on it."""

    async def examine(self, principal: Principal, plan: Plan) -> CouncilReport:
        """What is to be said of the plan of a saved revision. What could not be looked at is in the answer, and no
        reason to raise. Raises NotFound where the revision is gone."""


class DeploymentQueue(Protocol):
    """Where approved deployments wait for a worker."""

    def enqueue_turn(self, transaction: Transaction, turn_id: str, principal: Principal) -> None:
        """The turn is answered, as that person, once the transaction commits; exactly once, whoever dies."""

    def enqueue(self, transaction: Transaction, deployment_id: str) -> None:
        """Queues the run in the caller's transaction: it is queued if and only if that commits."""

    def check(self) -> Health:
        """Whether runs are being taken off the queue."""


class EventBus(Protocol):
    """Wakes those who wait for new events of a deployment, or for what becomes of a turn, whichever process wrote it.
    It carries no data: readers look into the log."""

    def notify(self, deployment_id: str) -> None:
        """Says that the log has grown. Safe from any thread."""

    def subscribe(
        self, deployment_id: str
    ) -> AbstractContextManager[Callable[[float], Awaitable[None]]]:
        """Gives a function that waits for the next notification, at most so many seconds. What was notified since the
        subscription or the last wait is not missed; several notifications may become one."""

    def watch(self, told: Callable[[str | None], None]) -> AbstractContextManager[None]:
        """Calls `told` with the id of every deployment whose log grows, for as long as the block runs; with None when
        that may have happened to any. From any thread: it must not block, nor raise."""
