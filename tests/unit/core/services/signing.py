"""What signing in needs: a database, a clock that a test turns, and the services over them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alma.core.model.access import Account
from alma.core.model.credential import Peppers
from alma.core.model.principal import Principal, Source
from alma.core.services.access import AccessChanges
from alma.core.services.admitting import Admission
from alma.core.services.device_login import DeviceLogin
from alma.core.services.signing_in import SigningIn
from alma.core.services.slowing import Slowing
from alma.credentials.passwords import Argon2
from alma.credentials.tokens import SignedTokens
from alma.db.database import Database, open_database

HERE = Source(address="192.0.2.7", client="a browser")


@dataclass
class Clock:
    """Stands still until a test moves it."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 3, 1, 12, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Door:
    """The services."""

    database: Database
    clock: Clock
    changes: AccessChanges
    tokens: SignedTokens
    signing_in: SigningIn
    admission: Admission
    device: DeviceLogin

    def account(self, name: str, **more: object) -> Account:
        """A new account."""
        made = Account.model_validate(
            {"id": f"user:{name}", "name": name, "created_at": self.clock.now(), **more}
        )
        with self.database.write() as transaction:
            transaction.accounts.add(made)
        return made

    def rows(self) -> int:
        """How many sign-ins wait."""
        with self.database.read() as transaction:
            rows = transaction.connection.exec_driver_sql("SELECT count(*) FROM pending_login")
            return int(rows.scalar_one())


def person(name: str, address: str = "192.0.2.7") -> Principal:
    """Somebody who is signed in."""
    return Principal(id=f"user:{name}", source=Source(address=address))


def open_door(home: Path) -> Door:
    """A new installation."""
    clock = Clock()
    database = open_database(f"sqlite:///{home / 'alma.db'}", home=home, clock=clock)
    database.migrate()
    tokens = SignedTokens(database.derived("access tokens"), now=lambda: clock.now().timestamp())
    changes = AccessChanges()
    slowing = Slowing(now=lambda: clock.now().timestamp())
    signing_in = SigningIn(
        repositories=database,
        clock=clock,
        tokens=tokens,
        passwords=Argon2(),
        peppers=Peppers(database.derived("credentials")),
        changes=changes,
        slowing=slowing,
    )
    return Door(
        database=database,
        clock=clock,
        changes=changes,
        tokens=tokens,
        signing_in=signing_in,
        admission=Admission(repositories=database, clock=clock, changes=changes),
        device=DeviceLogin(
            repositories=database, clock=clock, signing_in=signing_in, slowing=slowing
        ),
    )
