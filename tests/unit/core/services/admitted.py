"""An installation's way in, on a real database, with a clock that stands still and quick hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alma.core.model.access import Account, Permission
from alma.core.model.credential import DerivedKeys, Peppers
from alma.core.model.principal import LOCAL, Principal, Source
from alma.core.services.access import AccessChanges
from alma.core.services.accounts import Accounts
from alma.core.services.authentication import Authenticator
from alma.core.services.keys import Keys, NewKey
from alma.core.services.signing_in import SigningIn
from alma.core.services.slowing import Slowing
from alma.credentials.passwords import Argon2
from alma.credentials.tokens import SignedTokens
from alma.db import access_tables as tables
from alma.db.database import Database, open_database

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PASSWORD = "correct horse staple"
HOME = Source(address="192.0.2.7", request_id="r1", client="tests")
AWAY = Source(address="198.51.100.9")


@dataclass
class Clock:
    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def timestamp(self) -> float:
        return self.time.timestamp()

    def monotonic(self) -> float:
        return (self.time - START).total_seconds() + 1000.0

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@dataclass
class Door:
    """One process of an installation."""

    database: Database
    clock: Clock
    passwords: Argon2
    configured: Sequence[str] = ()
    local_token: str | None = "local.token"
    enabled: bool | None = None
    peppers: Peppers = field(default_factory=lambda: Peppers([b"p" * 32]))
    token_keys: DerivedKeys | Sequence[bytes] = (b"t" * 32,)

    def __post_init__(self) -> None:
        self.changes = AccessChanges()
        self.slowing = Slowing(now=self.clock.monotonic)
        self.tokens = SignedTokens(self.token_keys, now=self.clock.timestamp)
        self.authenticator = Authenticator(
            repositories=self.database,
            clock=self.clock,
            tokens=self.tokens,
            peppers=self.peppers,
            changes=self.changes,
            slowing=self.slowing,
            configured=self.configured,
            local_token=self.local_token,
            enabled=self.enabled,
            now=self.clock.monotonic,
        )
        self.keys = Keys(
            repositories=self.database,
            clock=self.clock,
            peppers=self.peppers,
            changes=self.changes,
        )
        self.signing_in = SigningIn(
            repositories=self.database,
            clock=self.clock,
            tokens=self.tokens,
            passwords=self.passwords,
            peppers=self.peppers,
            changes=self.changes,
            slowing=self.slowing,
        )
        self.accounts = Accounts(
            repositories=self.database,
            clock=self.clock,
            passwords=self.passwords,
            changes=self.changes,
            slowing=self.slowing,
        )

    def caller(
        self, credential: str | None, project: str | None = None, source: Source = HOME
    ) -> Principal | None:
        """Who a request comes from, the way that the middleware asks."""
        found = self.authenticator.at_once(credential, project, source)
        if isinstance(found, Principal) or found is None:
            return found
        return self.authenticator.look_up(credential, project, source)

    def renew(self) -> None:
        """Looks for keys that another process has made, as is done every minute."""
        for keys in (self.peppers.keys, self.token_keys):
            if not isinstance(keys, Sequence):
                keys.renew()

    def remembered(self, credential: str | None, project: str | None = None) -> bool:
        return isinstance(self.authenticator.at_once(credential, project, HOME), Principal)

    async def person(
        self, name: str = "ada", *, administrator: bool = False, **roles: str
    ) -> Account:
        """An account with a role in each of some projects, which are made if they are new."""
        account = await self.accounts.create(
            LOCAL, name, password=PASSWORD, administrator=administrator
        )
        for project, role in roles.items():
            self.member(account.id, project, role)
        return account

    def member(self, principal: str, project: str, role: str) -> None:
        with self.database.write() as transaction:
            if not transaction.accounts.project_exists(project):
                values = {"id": project, "name": project, "rules": {}, "created_by": "local"}
                made = tables.project.insert().values(**values, created_at=START)
                transaction.connection.execute(made)
            row = {"project": project, "principal": principal, "role": role, "granted_by": "local"}
            transaction.connection.execute(
                tables.membership.insert().values(**row, granted_at=START)
            )
            transaction.after_commit(self.changes.happened)

    async def token(self, name: str = "ada") -> str:
        return (await self.signing_in.with_password(name, PASSWORD, HOME)).access_token

    def key(self, principal: Principal = LOCAL, *permissions: Permission) -> NewKey:
        return self.keys.create(principal, "ci", permissions=frozenset(permissions) or None)


@contextmanager
def door(home: Path, **more: object) -> Iterator[Door]:
    """The installation in a directory; opened twice, it is two processes."""
    database = open_database(f"sqlite:///{home / 'alma.db'}", home=home)
    database.migrate()
    passwords = Argon2(profile="CHEAPEST")
    clock = more.pop("clock", None) or Clock()
    try:
        yield Door(database, clock, passwords, **more)  # type: ignore[arg-type]  # as given
    finally:
        passwords.close()
        database.close()
