"""A master key is replaced and the old one dropped, and nobody has to sign in again for it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from alma.bootstrap.offline import check_exported
from alma.core.model.credential import PURPOSE, Peppers
from alma.core.model.errors import SecretUnreadable, Unauthenticated
from alma.core.model.principal import LOCAL
from alma.core.services.auditing import Auditing
from alma.core.services.secrets import SecretKeys
from alma.credentials.passwords import Argon2
from alma.db.database import open_database
from alma.db.keyring import Keyring
from alma.settings import Settings
from tests.unit.core.services.admitted import HOME, PASSWORD, Clock, Door

TOKENS = "access tokens"
CONFIGURED = "a-key-of-the-configuration"
RETIRED_FOR = timedelta(minutes=20)


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


OLD, NEW = new_key(), new_key()


@contextmanager
def started(home: Path, clock: Clock, *masters: str, before: bool = False) -> Iterator[Door]:
    """A process with these master keys; `before`: of the version that derived from the master key itself."""
    text = ",".join(masters)
    database = open_database(
        f"sqlite:///{home / 'alma.db'}", home=home, secret_key=text, clock=clock
    )
    database.migrate()
    passwords = Argon2(profile="CHEAPEST")
    peppers = Peppers(database.derived(PURPOSE))
    if before:
        peppers = Peppers(list(Keyring.of(text).derived_by_id(PURPOSE).values()))
    tokens = database.derived(TOKENS, retired_for=RETIRED_FOR)
    try:
        yield Door(database, clock, passwords, (CONFIGURED,), peppers=peppers, token_keys=tokens)
    finally:
        passwords.close()
        database.close()


def auditing(door: Door) -> Auditing:
    return Auditing(repositories=door.database, clock=door.clock, retention=None)


async def test_a_master_key_is_replaced_and_dropped_and_everything_goes_on(tmp_path: Path) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD) as one, started(tmp_path, clock, OLD) as other:
        await one.person("ada", default="editor")
        key = one.key()
        signed = await one.signing_in.with_password("ada", PASSWORD, HOME)
        configured = one.caller(CONFIGURED)
        # Both have met what the other made, and go on with it while the third process has the new key first.
        assert other.caller(key.text) is not None
        assert other.caller(signed.access_token) is not None
        with started(tmp_path, clock, NEW, OLD) as rotating:
            after = SecretKeys(rotating.database).rotate(LOCAL)
            assert after.droppable == after.masters[1:]
            meanwhile = other.key()
            assert one.caller(meanwhile.text) is not None
            assert rotating.caller(meanwhile.text) is not None

    with started(tmp_path, clock, NEW) as later:
        for credential in (key.text, meanwhile.text, signed.access_token):
            assert later.caller(credential) is not None
        assert signed.refresh_token is not None
        assert later.signing_in.refresh(signed.refresh_token, HOME).access_token
        assert later.caller(CONFIGURED) == configured
        report = auditing(later).verify(LOCAL)
        assert report.intact
        assert report.entries >= 5


def test_an_export_is_checked_with_the_master_key_of_its_day(tmp_path: Path) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD) as door:
        door.key()
        early = list(auditing(door).export(LOCAL))
    with started(tmp_path, clock, NEW, OLD) as door:
        SecretKeys(door.database).rotate(LOCAL)
    with started(tmp_path, clock, NEW) as door:
        late = list(auditing(door).export(LOCAL))

    def intact(lines: list[str], secret_key: str) -> bool:
        return check_exported(Settings(home=tmp_path, secret_key=secret_key), lines, ()).intact

    assert [intact(early, OLD), intact(early, NEW)] == [True, False]
    assert [intact(late, OLD), intact(late, NEW)] == [False, True]


def test_a_key_of_before_holds_the_old_master_until_it_is_used(tmp_path: Path) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD, before=True) as door:
        key, unused = door.key(), door.key()
    with started(tmp_path, clock, NEW, OLD) as door:
        status = SecretKeys(door.database).rotate(LOCAL)
        old = status.masters[1]
        assert [(item.key, item.values) for item in status.credentials] == [(old, 2)]
        assert (old in status.needed, status.droppable) == (True, ())

        assert door.caller(key.text) is not None
        status = SecretKeys(door.database).status(LOCAL)
        assert [(item.key, item.values) for item in status.credentials] == [(old, 1)]

        door.keys.revoke(LOCAL, unused.key.id)
        status = SecretKeys(door.database).status(LOCAL)
        assert (status.credentials, status.droppable) == ((), (old,))
    with started(tmp_path, clock, NEW) as door:
        assert door.caller(key.text) is not None


async def test_a_new_data_key_signs_and_hashes_from_now_on_in_each_process(tmp_path: Path) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD) as one, started(tmp_path, clock, OLD) as other:
        await one.person("ada", default="editor")
        token, key = await one.token(), one.key()
        assert other.caller(token) is not None

        SecretKeys(one.database).rotate(LOCAL, data_key=True)
        one.renew()
        newer, made = await one.token(), one.key()
        # The other process has heard of nothing: it looks when it meets what it can't read.
        assert other.caller(newer) is not None
        assert other.caller(made.text) is not None
        assert other.caller(key.text) is not None


async def test_what_a_retired_data_key_signs_ends_with_the_tokens_of_its_time(
    tmp_path: Path,
) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD) as door:
        await door.person("ada", default="editor")
        stale = door.tokens.issue("user:ada", generation=0, seconds=86_400)
        SecretKeys(door.database).rotate(LOCAL, data_key=True)
        door.renew()
        assert door.tokens.read(stale).subject == "user:ada"

        clock.advance(RETIRED_FOR.total_seconds() + 1)
        door.renew()
        with pytest.raises(Unauthenticated):
            door.tokens.read(stale)


def test_without_the_master_key_nobody_is_taken_for_a_stranger(tmp_path: Path) -> None:
    clock = Clock()
    with started(tmp_path, clock, OLD) as door:
        key = door.key()
    with started(tmp_path, clock, NEW) as door, pytest.raises(SecretUnreadable, match="given"):
        door.caller(key.text)
