"""The database as the core sees it: transactions that read, transactions that write, and nothing of SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, text

from alma.core.model.idempotency import RUNNING
from alma.core.model.recent import Recent
from alma.core.ports import Clock
from alma.core.ports.telemetry import Meters, NoMeters
from alma.db import engine as engines
from alma.db.accounts import Accounts
from alma.db.api_keys import ApiKeys
from alma.db.audit import AuditLog
from alma.db.connections import EngineConnections
from alma.db.conversations import Conversations
from alma.db.counted import CountedBlueprints
from alma.db.data_keys import DataKeys
from alma.db.declarations import Declarations
from alma.db.deployments import Deployments
from alma.db.errors import busy, translated
from alma.db.executors import Executors
from alma.db.followers import Followers
from alma.db.idempotency import IdempotentAnswers
from alma.db.iprs import IPRs
from alma.db.keyring import Keyring
from alma.db.members import Members
from alma.db.model_usage import ModelUsage
from alma.db.notifications import WRITTEN, Hear, Listener, tell
from alma.db.ownership import Ownership
from alma.db.pending_logins import PendingLogins, ProvidedRoles
from alma.db.plan_cache import PlanCache
from alma.db.projects import Projects
from alma.db.purpose_keys import Derived, PurposeKeys
from alma.db.repository import Scope
from alma.db.schema import current, migrate
from alma.db.sealing import SealedSecrets
from alma.db.secrets import Secrets
from alma.db.sessions import Sessions
from alma.db.stacks import Stacks
from alma.db.tables import COUNCIL, DRAFT
from alma.db.waivers import Waivers
from alma.db.whispers import PURPOSE, WHISPERED, Whispers


class SqlTransaction:
    """The `Transaction` port over one connection. Ends with the block that gave it."""

    def __init__(self, scope: Scope, meters: Meters) -> None:
        self._scope = scope
        self._meters = meters
        self._after_commit: list[Callable[[], None]] = []

    @cached_property
    def blueprints(self) -> CountedBlueprints:
        return CountedBlueprints(self._scope, self._meters, self.after_commit)

    @cached_property
    def stacks(self) -> Stacks:
        return Stacks(self._scope)

    @cached_property
    def iprs(self) -> IPRs:
        return IPRs(self._scope)

    @cached_property
    def deployments(self) -> Deployments:
        return Deployments(self._scope)

    @cached_property
    def conversations(self) -> Conversations:
        return Conversations(self._scope)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(self._scope)

    @cached_property
    def engine_connections(self) -> EngineConnections:
        return EngineConnections(self._scope)

    @cached_property
    def executors(self) -> Executors:
        return Executors(self._scope)

    @cached_property
    def followers(self) -> Followers:
        return Followers(self._scope)

    @cached_property
    def declarations(self) -> Declarations:
        return Declarations(self._scope)

    @cached_property
    def model_usage(self) -> ModelUsage:
        return ModelUsage(self._scope)

    @cached_property
    def waivers(self) -> Waivers:
        return Waivers(self._scope)

    @property
    def scope(self) -> Scope:
        """What its repositories work with, for one that is not the core's."""
        return self._scope

    @cached_property
    def projects(self) -> Projects:
        return Projects(self._scope)

    @cached_property
    def members(self) -> Members:
        return Members(self._scope)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self._scope)

    @cached_property
    def api_keys(self) -> ApiKeys:
        return ApiKeys(self._scope)

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(self._scope)

    @cached_property
    def audit(self) -> AuditLog:
        return AuditLog(self._scope, self.after_commit)

    @cached_property
    def pending_logins(self) -> PendingLogins:
        return PendingLogins(self._scope)

    @cached_property
    def provided_roles(self) -> ProvidedRoles:
        return ProvidedRoles(self._scope)

    @cached_property
    def sealing(self) -> SealedSecrets:
        return SealedSecrets(self._scope, self.audit)

    @cached_property
    def answers(self) -> IdempotentAnswers:
        return IdempotentAnswers(self._scope)

    @property
    def connection(self) -> Connection:
        """The synchronous SQLAlchemy connection, which the workflow engine's outbox joins."""
        return self._scope.connection

    @property
    def told(self) -> Collection[str]:
        """What was written of: those who wait for it in other processes are told."""
        return self._scope.told

    def after_commit(self, action: Callable[[], None]) -> None:
        """Actions run in order, when the connection is free again. They must not raise: what was written stays."""
        self._after_commit.append(action)

    def committing(self) -> None:
        """Writes what is written last: what was done, and in whose name, so that it is kept with what was done or
        neither is. Raises Conflict where somebody else does it by now."""
        run = RUNNING.get()
        if run is not None and "answers" not in self.__dict__:
            IdempotentAnswers(self._scope).wrote(run)
        if "audit" not in self.__dict__:
            return
        written = False
        try:
            self.audit.flush()
            written = True
        finally:
            if not written:
                self._meters.count("audit_failures_total")

    def committed(self) -> None:
        """Runs what waited for the commit."""
        for action in self._after_commit:
            action()


class _SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Database:
    """The `Repositories` port. Safe to use from any thread; a transaction belongs to one.

    Every database error leaves as an AlmaError; a busy or unreachable database as a retryable DatabaseUnavailable.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        keyring: Keyring,
        clock: Clock | None = None,
        meters: Meters | None = None,
    ) -> None:
        """Without a `clock` the machine's is used, and a PostgreSQL server's own for leases and signs of life."""
        self.engine = engine
        self._reader = engines.make_reader(engine)
        self._sqlite = engine.dialect.name == "sqlite"
        self._keyring = keyring
        self._clock = clock or _SystemClock()
        self._server_time = clock is None and not self._sqlite
        self._plan_cache = PlanCache()
        self._data_keys: dict[str, bytes] = {}
        self._ownership = Ownership(engine)
        self._listener: Listener | None = None
        self._writing = Lock()
        self._meters = meters or NoMeters()

    @property
    def engines(self) -> tuple[Engine, ...]:
        """The one that writes, and where there is one, the one that reads."""
        return (self.engine,) if self._reader is self.engine else (self.engine, self._reader)

    @property
    def caches(self) -> tuple[Recent[Any], ...]:
        """What is kept decoded in this process: plans, drafts and reports."""
        return (self._plan_cache, DRAFT.recent, COUNCIL.recent)

    @property
    def workflow_engine(self) -> Engine:
        """What the workflow engine keeps its tables with: the same database, so that it can join transactions."""
        return self.engine

    @contextmanager
    def read(self) -> Iterator[SqlTransaction]:
        """One consistent view of everything, however many statements; a write in it is refused."""
        with translated(), self._reader.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield self._transaction(connection)

    @contextmanager
    def write(self) -> Iterator[SqlTransaction]:
        """On SQLite, one at a time: the others wait for fifteen seconds, then DatabaseUnavailable is raised.

        Not to be nested.
        """
        with translated(), self._turn_to_write(), self.engine.begin() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            transaction = self._transaction(connection)
            yield transaction
            transaction.committing()
            if not self._sqlite:
                tell(connection, transaction.told)
        transaction.committed()

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """SQLite's own waiting asks again and again: queueing for it here is fairer and twice as fast."""
        if not self._sqlite:
            yield
            return
        if not self._writing.acquire(timeout=engines.BUSY_SECONDS):
            raise busy()
        try:
            yield
        finally:
            self._writing.release()

    def _transaction(self, connection: Connection) -> SqlTransaction:
        return SqlTransaction(
            Scope(
                connection=connection,
                clock=self._clock,
                server_time=self._server_time,
                keyring=self._keyring,
                plan_cache=self._plan_cache,
                data_keys=self._data_keys,
            ),
            self._meters,
        )

    def derived(self, purpose: str, *, retired_for: timedelta | None = None) -> PurposeKeys:
        """Keys for one purpose, from the data keys; nothing is read before they are used. `retired_for`: those of a
        data key that was retired longer ago check nothing any more."""
        return PurposeKeys(lambda: self._derive(purpose, retired_for))

    def _derive(self, purpose: str, retired_for: timedelta | None) -> Derived:
        since = None if retired_for is None else self._clock.now() - retired_for
        with self.read() as transaction:
            found = DataKeys(transaction.scope).derive_all(purpose, retired_since=since)
        if found is not None:
            return found
        with self.write() as transaction:
            DataKeys(transaction.scope).ensure()
        return self._derive(purpose, retired_for)

    def ping(self) -> None:
        """Raises DatabaseUnavailable when the database does not answer or has no tables, SecretUnreadable when this
        process was given another master key than it was used with: nothing can be changed without."""
        with translated(), self.engine.connect() as connection:
            connection.execute(text("SELECT version_num FROM alembic_version"))
            DataKeys(self._transaction(connection).scope).check()

    def migrate(self) -> None:
        """Brings an empty or older database up to date. Several processes may do so at once: the others wait.

        Raises DatabaseUnavailable, also for a database that a newer version has used.
        """
        with translated():
            migrate(self.engine)

    def version(self) -> str | None:
        """The migration that the database is at, None for an empty one. Raises DatabaseUnavailable."""
        with translated(), self.engine.connect() as connection:
            return current(connection)

    @cached_property
    def whispers(self) -> Whispers:
        """What processes tell each other that need not last."""
        return Whispers(self.engine, self.derived(PURPOSE))

    def listen(
        self, hear: Hear, *, missed: Callable[[], None], whispered: Hear | None = None
    ) -> None:
        """From now on `hear` is called with the id of each deployment and turn that any process has written of,
        `whispered` with what one tells the others, and `missed` whenever something may not have been heard: all from
        another thread. On SQLite, whose one process knows what it writes, never. Ended by `close`."""
        if not self._sqlite and self._listener is None:
            channels = {WRITTEN: hear}
            if whispered is not None:
                channels[WHISPERED] = self.whispers.hearing(whispered)
            self._listener = Listener(self.engine, channels, missed=missed)
            self._listener.start()

    def claim(self) -> None:
        """Makes this process the one that runs deployments here, where there can only be one: on an SQLite file.

        Raises DatabaseUnavailable when another one is. Given back by `close`.
        """
        self._ownership.take()

    def close(self) -> None:
        """Gives back all connections, and the claim."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None
        self._reader.dispose()
        self.engine.dispose()
        self._ownership.give_back()


def open_database(
    url: str,
    *,
    home: Path,
    secret_key: str | None = None,
    secret_key_command: str | None = None,
    clock: Clock | None = None,
    meters: Meters | None = None,
    connections: int = engines.CONNECTIONS,
) -> Database:
    """The database at `url`. Connects to nothing yet, but finds or makes the secret key in `home`.

    `secret_key`: base64, instead of the key file. `connections`: to a server, at most. Raises InvalidInput for a
    URL or a key that can't be used.
    """
    engine = engines.make_engine(url, connections=connections)
    return Database(
        engine,
        keyring=Keyring.open(home, secret_key, command=secret_key_command),
        clock=clock,
        meters=meters,
    )
