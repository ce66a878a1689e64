"""Sign-ins on PostgreSQL, where two transactions are at work on one account at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from alma.core.model.errors import Unauthenticated
from alma.core.model.principal import LOCAL, Principal
from alma.core.services.signing_in import SignedIn
from alma.credentials.passwords import Argon2
from alma.db.database import open_database
from tests.postgres import create_database, database_url, drop_database, postgres_server
from tests.unit.core.services.admitted import HOME, PASSWORD, Clock, Door
from tests.waiting import wait_until

__all__ = ["postgres_server"]

ADA = Principal(id="user:ada")


@dataclass
class Halting(Clock):
    """A clock that stops whoever asks it for the n-th time, in the middle of what they do."""

    left: int | None = None
    reached: Event = field(default_factory=Event)
    onward: Event = field(default_factory=Event)

    def now(self) -> datetime:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                self.left = None
                self.reached.set()
                assert self.onward.wait(60)
        return super().now()


@pytest.fixture
def door(postgres_server: Path, tmp_path: Path) -> Iterator[Door]:
    name = create_database(postgres_server)
    database = open_database(database_url(postgres_server, name), home=tmp_path)
    database.migrate()
    passwords = Argon2(profile="CHEAPEST")
    yield Door(database, Halting(), passwords)
    passwords.close()
    database.close()
    drop_database(postgres_server, name)


def somebody_waits(door: Door) -> bool:
    """Whether a transaction waits for another one's."""
    with door.database.read() as transaction:
        asked = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(transaction.connection.exec_driver_sql(asked).scalar_one())


async def test_a_token_that_is_renewed_while_all_sign_ins_are_ended_ends_with_them(
    door: Door,
) -> None:
    await door.person()
    first = await door.signing_in.with_password("ada", PASSWORD, HOME)
    clock = door.clock
    assert isinstance(clock, Halting)
    with ThreadPoolExecutor(2) as threads:
        # The second look at the clock is for the new token, which is not written down yet.
        clock.left = 2
        renewed: Future[SignedIn] = threads.submit(
            door.signing_in.refresh, first.refresh_token or "", HOME
        )
        assert clock.reached.wait(60)
        ended = threads.submit(door.signing_in.sign_out_everywhere, ADA)
        wait_until(lambda: somebody_waits(door))
        clock.onward.set()
        ended.result(60)
        second = renewed.result(60)
    with pytest.raises(Unauthenticated):
        door.signing_in.refresh(second.refresh_token or "", HOME)
    with pytest.raises(Unauthenticated):
        door.caller(second.access_token)


async def test_an_account_that_is_disabled_while_it_signs_out_stays_disabled(door: Door) -> None:
    await door.person()
    clock = door.clock
    assert isinstance(clock, Halting)
    with ThreadPoolExecutor(2) as threads:
        clock.left = 1
        ended = threads.submit(door.signing_in.sign_out_everywhere, ADA)
        assert clock.reached.wait(60)
        disabled = threads.submit(door.accounts.disable, LOCAL, "ada")
        wait_until(lambda: somebody_waits(door) or disabled.done())
        clock.onward.set()
        ended.result(60)
        disabled.result(60)
    assert door.accounts.get(LOCAL, "ada").disabled_at is not None
