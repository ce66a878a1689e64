"""What waits is found by the hash of its secret, used once, and tells nothing to who reads the table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alma.core.model.access import Account
from alma.core.model.errors import Conflict
from alma.core.model.identity import Grant
from alma.core.model.pending import PendingKind, PendingLogin, id_of
from alma.db.database import Database
from tests.unit.db.conftest import START

KIND = PendingKind.DEVICE


def waiting(secret: str = "s", code: str | None = "BCDF-GHJK") -> PendingLogin:
    return PendingLogin(
        id=id_of(KIND, secret),
        kind=KIND,
        user_code=code,
        facts={"verifier": "nobody-may-see-this"},
        created_at=START,
        expires_at=START + timedelta(minutes=10),
    )


def test_what_was_kept_is_found_by_secret_and_by_code(database: Database) -> None:
    with database.write() as transaction:
        transaction.pending_logins.add(waiting())
    with database.write() as transaction:
        assert transaction.pending_logins.find(id_of(KIND, "s"), KIND) == waiting()
        assert transaction.pending_logins.find_by_code("BCDF-GHJK", locked=True) == waiting()
    with database.read() as transaction:
        assert transaction.pending_logins.find_by_code("BCDF-GHJK", locked=False) == waiting()
        assert transaction.pending_logins.count(KIND) == 1


def test_a_secret_of_one_kind_is_none_of_another(database: Database) -> None:
    with database.write() as transaction:
        transaction.pending_logins.add(waiting())
        other = PendingKind.HANDOVER
        assert transaction.pending_logins.find(id_of(KIND, "s"), other) is None
        assert transaction.pending_logins.find(id_of(other, "s"), KIND) is None


def test_a_taken_code_is_a_conflict_after_which_the_transaction_goes_on(
    database: Database,
) -> None:
    with database.write() as transaction:
        transaction.pending_logins.add(waiting())
        with pytest.raises(Conflict):
            transaction.pending_logins.add(waiting("t"))
        transaction.pending_logins.add(waiting("t", "ZZZZ-ZZZZ"))
        assert transaction.pending_logins.count(KIND) == 2


def test_a_change_is_kept_and_what_was_removed_is_gone(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(ada())
        transaction.pending_logins.add(waiting())
        settled = waiting().model_copy(
            update={"account": "user:ada", "settled_at": START, "facts": {"asked": "now"}}
        )
        transaction.pending_logins.change(settled)
        assert transaction.pending_logins.find(settled.id, KIND) == settled
        transaction.pending_logins.remove(settled.id)
        assert transaction.pending_logins.find(settled.id, KIND) is None


def test_only_what_has_expired_is_forgotten(database: Database) -> None:
    with database.write() as transaction:
        transaction.pending_logins.add(waiting())
        transaction.pending_logins.forget(START + timedelta(minutes=10))
        assert transaction.pending_logins.count(KIND) == 1
        transaction.pending_logins.forget(START + timedelta(minutes=11))
        assert transaction.pending_logins.count(KIND) == 0


def test_the_table_shows_no_facts(database: Database) -> None:
    with database.write() as transaction:
        transaction.pending_logins.add(waiting())
    with database.read() as transaction:
        rows = transaction.connection.exec_driver_sql("SELECT * FROM pending_login").all()
    assert "nobody-may-see-this" not in repr(rows)


def test_roles_of_a_provider_are_replaced_and_those_of_others_stay(database: Database) -> None:
    editor, admin = Grant(project="default", role="editor"), Grant(project="default", role="admin")
    nowhere = Grant(project="nowhere", role="admin")
    with database.write() as transaction:
        roles = transaction.provided_roles
        assert roles.replace("user:ada", provider="one", grants={editor, nowhere})
        assert not roles.replace("user:ada", provider="one", grants={editor})
        assert roles.replace("user:ada", provider="two", grants={admin})
        assert roles.replace("user:ada", provider="one", grants=set())
        held = transaction.accounts.bindings("user:ada")
    assert [binding.role for binding in held] == ["admin"]


def ada() -> Account:
    return Account(id="user:ada", name="ada", created_at=START)
