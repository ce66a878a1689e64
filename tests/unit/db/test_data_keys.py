"""Keys are replaced while several processes run, and nothing that was written before is lost."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from alma.core.model.connection import ConnectionKey
from alma.core.model.errors import InvalidInput, SecretUnreadable
from alma.core.model.sealing import Resealed, Sealing
from alma.db import tables
from alma.db.access_tables import data_key
from alma.db.connections import place_of_setting
from alma.db.database import Database, open_database
from alma.db.keyring import KEY_FILE, Keyring
from alma.db.secrets import place_of_secret
from tests.unit.db.samples import add_stack

KEY = ConnectionKey("default", "proxmox", "lab")


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@pytest.fixture
def stack_id(database: Database) -> str:
    with database.write() as transaction:
        return add_stack(transaction).ref.id


def write(database: Database, stack_id: str, name: str) -> str:
    with database.write() as transaction:
        return transaction.secrets.ensure(stack_id, name, length=20)


def read(database: Database, stack_id: str, name: str) -> str | None:
    with database.read() as transaction:
        return transaction.secrets.get(stack_id, name)


def connect(database: Database, token: str) -> None:
    with database.write() as transaction:
        transaction.engine_connections.put(
            KEY, settings={}, secrets={"token": token, "password": "p-1"}, by="ann"
        )


def rotate(database: Database, *, master: bool = False, data_key: bool = False) -> int:
    with database.write() as transaction:
        return transaction.sealing.rotate(master=master, data_key=data_key)


def status(database: Database) -> Sealing:
    with database.read() as transaction:
        return transaction.sealing.status()


def reseal(database: Database, limit: int = 100) -> list[Resealed]:
    batches: list[Resealed] = []
    after: str | None = None
    while not batches or after is not None:
        with database.write() as transaction:
            batches.append(transaction.sealing.reseal(limit=limit, after=after))
        after = batches[-1].after
    return batches


def raw(database: Database, column: Any) -> list[Any]:
    with database.engine.connect() as connection:
        return list(connection.execute(select(column)).scalars())


def given(url: str, home: Path, *keys: str) -> Database:
    return open_database(url, home=home, secret_key=",".join(keys))


def test_values_stand_under_a_data_key_that_stands_under_the_master_key(
    database: Database, stack_id: str
) -> None:
    write(database, stack_id, "a")
    write(database, stack_id, "b")

    (key,) = status(database).data_keys
    assert [value.split("|")[:2] for value in raw(database, tables.secret.c.value)] == [
        ["v2", key.id]
    ] * 2
    assert raw(database, data_key.c.wrapped)[0].split("|")[1] == key.master
    assert key.master == status(database).masters[0]


def test_what_an_earlier_version_wrote_is_still_read_and_counted_as_stale(
    database: Database, stack_id: str
) -> None:
    write(database, stack_id, "a")
    old = database._keyring.encrypt("from before", place_of_secret(stack_id, "a"))
    with database.engine.begin() as connection:
        connection.execute(update(tables.secret).values(value=old))

    assert read(database, stack_id, "a") == "from before"
    assert status(database).stale == 1
    reseal(database)
    assert read(database, stack_id, "a") == "from before"
    assert status(database).stale == 0
    assert raw(database, tables.secret.c.value)[0].startswith("v2|")


def test_a_new_master_key_goes_in_while_two_processes_run(
    database: Database, stack_id: str, url: str, tmp_path: Path
) -> None:
    old, new, home = new_key(), new_key(), tmp_path / "none"
    first, second = given(url, home, old), given(url, home, old)
    value = write(first, stack_id, "a")
    assert read(second, stack_id, "a") == value

    # One after the other gets to know the new key, still as one that only reads; then it comes first.
    first.close()
    first = given(url, home, old, new)
    write(second, stack_id, "b")
    second.close()
    second = given(url, home, new, old)
    assert rotate(second) == 1

    assert read(first, stack_id, "a") == value
    assert read(first, stack_id, "b") == read(second, stack_id, "b")
    later = write(first, stack_id, "c")
    assert read(second, stack_id, "c") == later
    assert rotate(second) == 0
    assert len(status(second).data_keys) == 1
    first.close()
    second.close()

    alone = given(url, home, new)
    assert read(alone, stack_id, "a") == value
    assert status(alone).needed == status(alone).masters
    alone.close()


def test_a_process_that_meets_a_key_it_does_not_know_looks_into_the_key_file_again(
    database: Database, stack_id: str, open_again: Callable[[], Database], tmp_path: Path
) -> None:
    other = open_again()
    value = write(database, stack_id, "a")
    before = (tmp_path / KEY_FILE).read_text().strip()

    assert rotate(database, master=True, data_key=True) == 1
    later = write(database, stack_id, "b")

    assert read(other, stack_id, "a") == value
    assert read(other, stack_id, "b") == later
    assert (tmp_path / KEY_FILE).read_text().strip().endswith(f",{before}")
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".secret")] == []


def test_a_master_key_that_alma_was_given_is_not_alma_s_to_replace(
    database: Database, url: str, tmp_path: Path
) -> None:
    elsewhere = given(url, tmp_path / "none", new_key())

    with pytest.raises(InvalidInput, match="not read from a file"):
        rotate(elsewhere, master=True)
    elsewhere.close()


def test_new_values_use_a_new_data_key_and_old_ones_stay_readable(
    database: Database, stack_id: str
) -> None:
    value = write(database, stack_id, "a")
    rotate(database, data_key=True)

    write(database, stack_id, "b")

    assert read(database, stack_id, "a") == value
    first, second = status(database).data_keys
    assert (first.retired_at is None, second.retired_at is None) == (False, True)
    assert {item.key: item.values for item in status(database).values} == {
        first.id: 1,
        second.id: 1,
    }


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_everything_is_encrypted_again_in_batches(
    database: Database, stack_id: str, limit: int
) -> None:
    written = {name: write(database, stack_id, name) for name in ("a", "b", "c")}
    connect(database, "t-1")
    rotate(database, data_key=True)

    batches = reseal(database, limit)

    assert sum(batch.resealed for batch in batches) == 5
    assert status(database).stale == 0
    assert {name: read(database, stack_id, name) for name in written} == written
    with database.read() as transaction:
        assert transaction.engine_connections.settings(KEY) == {"token": "t-1", "password": "p-1"}
    assert sum(batch.resealed for batch in reseal(database, limit)) == 0


def test_encrypting_again_that_was_left_off_goes_on(database: Database, stack_id: str) -> None:
    for name in ("a", "b", "c"):
        write(database, stack_id, name)
    rotate(database, data_key=True)
    with database.write() as transaction:
        transaction.sealing.reseal(limit=2, after=None)

    assert status(database).stale == 1
    assert sum(batch.resealed for batch in reseal(database)) == 1


def test_a_value_that_can_not_be_read_is_named_and_keeps_nothing_else_back(
    database: Database, stack_id: str
) -> None:
    for name in ("a", "b"):
        write(database, stack_id, name)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE secret SET value = 'v1|x|AAAA|AAAA' WHERE name = 'a'"))
    rotate(database, data_key=True)

    (batch, _) = reseal(database)

    assert (batch.resealed, batch.unreadable) == (1, (f"secret {stack_id} a value",))
    assert status(database).stale == 1


def test_a_connection_is_opened_no_second_time_because_its_secrets_got_a_new_key(
    database: Database,
) -> None:
    connect(database, "t-1")
    with database.read() as transaction:
        before = transaction.engine_connections.versions()
    rotate(database, data_key=True)

    reseal(database)

    with database.read() as transaction:
        assert transaction.engine_connections.versions() == before


@pytest.mark.parametrize("cursor", ["", "[]", "[9]", "{", '[0,"a"]', '["a"]', "null"])
def test_a_place_to_go_on_from_that_is_none_is_refused(database: Database, cursor: str) -> None:
    with database.write() as transaction:
        if cursor:
            with pytest.raises(InvalidInput):
                transaction.sealing.reseal(limit=1, after=cursor)
        else:
            assert transaction.sealing.reseal(limit=1, after=cursor).resealed == 0


def test_a_data_key_that_is_gone_is_named(database: Database, stack_id: str) -> None:
    write(database, stack_id, "a")
    (key,) = status(database).data_keys
    with database.engine.begin() as connection:
        connection.execute(data_key.delete())
    database._data_keys.clear()

    with pytest.raises(SecretUnreadable, match=f"data key {key.id} is not in the database"):
        read(database, stack_id, "a")


def test_a_wrapped_key_is_bound_to_its_row(database: Database, stack_id: str) -> None:
    write(database, stack_id, "a")
    (key,) = status(database).data_keys
    value = raw(database, tables.secret.c.value)[0].replace(key.id, "11111111")
    with database.engine.begin() as connection:
        connection.execute(update(data_key).values(id="11111111"))
        connection.execute(update(tables.secret).values(value=value))
    database._data_keys.clear()

    with pytest.raises(SecretUnreadable, match="damaged"):
        read(database, stack_id, "a")


def test_what_is_sealed_says_where_it_stands_only(database: Database) -> None:
    connect(database, "t-1")
    stored = raw(database, tables.engine_connection.c.secrets)[0]

    with database.read() as transaction, pytest.raises(SecretUnreadable) as caught:
        transaction.engine_connections._scope.keyring.decrypt(
            stored["token"], place_of_setting(KEY, "token")
        )

    assert "t-1" not in f"{caught.value.message}{caught.value.hint}"


# ── keys from a command ──────────────────────────────────────────────────────────────────────────


def test_the_key_may_come_from_a_command(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "key").write_text(key)

    keyring = Keyring.open(tmp_path, command=f"cat {tmp_path / 'key'}")

    assert keyring.ids == Keyring.of(key).ids
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_command_is_run_once_however_often_a_key_is_missing(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(new_key())
    keyring = Keyring.open(
        tmp_path, command=f"sh -c 'echo x >> {tmp_path}/runs; cat {tmp_path}/key'"
    )
    sealed = Keyring.of(new_key()).encrypt("v", ("t", "c"))

    for _ in range(3):
        with pytest.raises(SecretUnreadable):
            keyring.decrypt(sealed, ("t", "c"))

    assert (tmp_path / "runs").read_text() == "x\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo CANARY; echo CANARY >&2; exit 3'", "exit status 3"),
        ("sh -c 'echo CANARY'", "not base64|32 bytes"),
        ("printf '\\377CANARY'", "no key|not base64"),
        ("/nonexistent/vault CANARY", "can't be run"),
        ("vault 'CANARY", "can't be run"),
    ],
)
def test_a_command_that_gives_no_key_is_told_without_what_it_printed(
    tmp_path: Path, command: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        Keyring.open(tmp_path, command=command)

    assert "CANARY" not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"


def test_a_key_that_is_given_in_two_ways_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="given twice"):
        Keyring.open(tmp_path, new_key(), command="cat key")
