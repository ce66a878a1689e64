"""The repositories together: what is written in one transaction holds together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from alma.core.ports.access import AccountRepository, ApiKeyRepository, SessionRepository
from alma.core.ports.audit import AuditRepository
from alma.core.ports.declarations import DeclarationRepository
from alma.core.ports.idempotency import AnswerRepository
from alma.core.ports.projects import MemberRepository, ProjectRepository
from alma.core.ports.providers import PendingLoginRepository, ProvidedRoleRepository
from alma.core.ports.sealing import SealingRepository
from alma.core.ports.storage import (
    BlueprintRepository,
    ConnectionRepository,
    ConversationRepository,
    DeploymentRepository,
    ExecutorRepository,
    FollowerRepository,
    IPRRepository,
    SecretRepository,
    StackRepository,
    WaiverRepository,
)


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
    def followers(self) -> FollowerRepository: ...

    @property
    def waivers(self) -> WaiverRepository: ...

    @property
    def projects(self) -> ProjectRepository: ...

    @property
    def members(self) -> MemberRepository: ...

    @property
    def accounts(self) -> AccountRepository: ...

    @property
    def api_keys(self) -> ApiKeyRepository: ...

    @property
    def sessions(self) -> SessionRepository: ...

    @property
    def pending_logins(self) -> PendingLoginRepository: ...

    @property
    def provided_roles(self) -> ProvidedRoleRepository: ...

    @property
    def audit(self) -> AuditRepository: ...

    @property
    def sealing(self) -> SealingRepository: ...

    @property
    def answers(self) -> AnswerRepository: ...

    @property
    def declarations(self) -> DeclarationRepository: ...

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
