from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from alma.core.model.errors import InvalidInput, NotFound, SecretUnreadable
from alma.db import tables
from alma.db.database import Database, open_database
from alma.db.secrets import ALPHABET
from tests.unit.db.samples import add_stack


@pytest.fixture
def stack_id(database: Database) -> str:
    with database.write() as transaction:
        return add_stack(transaction).ref.id


def ensure(database: Database, stack_id: str, name: str, length: int = 32) -> str:
    with database.write() as transaction:
        return transaction.secrets.ensure(stack_id, name, length=length)


def get(database: Database, stack_id: str, name: str) -> str | None:
    with database.read() as transaction:
        return transaction.secrets.get(stack_id, name)


def test_a_secret_is_made_once_and_stays(
    database: Database, stack_id: str, open_again: Callable[[], Database]
) -> None:
    assert get(database, stack_id, "db-1.password") is None

    value = ensure(database, stack_id, "db-1.password")

    assert len(value) == 32
    assert set(value) <= set(ALPHABET)
    assert ensure(open_again(), stack_id, "db-1.password", length=8) == value
    assert get(open_again(), stack_id, "db-1.password") == value


def test_secrets_of_other_names_and_stacks_are_others(database: Database, stack_id: str) -> None:
    with database.write() as transaction:
        other = add_stack(transaction, "blog").ref.id

    values = {
        ensure(database, stack_id, "db-1.password"),
        ensure(database, stack_id, "db-2.password"),
        ensure(database, other, "db-1.password"),
    }

    assert len(values) == 3


def test_the_database_holds_only_ciphertext(database: Database, stack_id: str) -> None:
    value = ensure(database, stack_id, "db-1.password")

    with database.read() as transaction:
        stored = transaction.connection.execute(select(tables.secret.c.value)).scalar_one()

    assert stored.startswith("v2|")
    assert len(stored.split("|")) == 4
    assert value not in stored


def test_a_ciphertext_moved_to_another_name_stays_shut(database: Database, stack_id: str) -> None:
    ensure(database, stack_id, "db-1.password")
    with database.write() as transaction:
        moved = update(tables.secret).values(name="db-2.password")
        transaction.connection.execute(moved)

    with pytest.raises(SecretUnreadable, match=r"secret .* db-2.password is damaged"):
        get(database, stack_id, "db-2.password")


@pytest.mark.parametrize("stored", ["plain text", "v2|a|b|c", "v1|a|!|?", "v1|||"])
def test_a_value_alma_did_not_write_is_refused(
    database: Database, stack_id: str, stored: str
) -> None:
    value = ensure(database, stack_id, "db-1.password")
    with database.write() as transaction:
        transaction.connection.execute(update(tables.secret).values(value=stored))

    with pytest.raises(SecretUnreadable) as caught:
        get(database, stack_id, "db-1.password")

    assert value not in str(caught.value)


def test_without_the_right_key_it_says_which_key_is_missing(
    database: Database, stack_id: str, url: str, tmp_path: Path
) -> None:
    value = ensure(database, stack_id, "db-1.password")
    elsewhere = open_database(url, home=tmp_path / "another-home")

    with pytest.raises(SecretUnreadable) as caught:
        ensure(elsewhere, stack_id, "db-1.password")
    elsewhere.close()

    assert f"was encrypted with key {database._keyring.current}" in caught.value.message
    assert "ALMA_SECRET_KEY" in (caught.value.hint or "")
    assert value not in f"{caught.value.message}{caught.value.hint}{caught.value.details}"


def _stored(database: Database) -> str:
    with database.read() as transaction:
        return str(transaction.connection.execute(select(tables.secret.c.value)).scalar_one())


def test_forgetting_takes_exactly_what_starts_with_the_prefix(
    database: Database, stack_id: str
) -> None:
    names = ["db-1.password", "db-1.token", "DB-1.password", "db-10.password", "db_1.password"]
    for name in names:
        ensure(database, stack_id, name)

    with database.write() as transaction:
        transaction.secrets.forget(stack_id, "db-1.")

    left = [name for name in names if get(database, stack_id, name) is not None]
    assert left == ["DB-1.password", "db-10.password", "db_1.password"]


@pytest.mark.parametrize("length", [0, -1, 5000])
def test_a_length_that_makes_no_sense_is_refused(
    database: Database, stack_id: str, length: int
) -> None:
    with pytest.raises(InvalidInput, match=f"{length} characters"):
        ensure(database, stack_id, "db-1.password", length=length)


def test_a_secret_needs_its_stack(database: Database) -> None:
    with pytest.raises(NotFound, match="stack gone does not exist"):
        ensure(database, "gone", "db-1.password")
