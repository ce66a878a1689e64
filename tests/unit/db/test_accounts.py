"""What is kept of accounts, keys and sign-ins, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from alma.core.model.access import Account, ApiKey, Permission, RefreshToken
from alma.core.model.errors import Conflict, NotFound
from alma.db import access_tables as tables
from alma.db.database import Database
from tests.unit.db.conftest import START

LATER = START + timedelta(hours=1)


def account(name: str = "ada", **more: Any) -> Account:
    return Account(id=f"user:{name}", name=name, created_at=START, **more)


def key(id_: str = "k1", **more: Any) -> ApiKey:
    return ApiKey(
        id=id_,
        name="ci",
        owner="user:ada",
        permissions=frozenset({Permission.BLUEPRINT_READ, Permission.PLAN}),
        created_at=START,
        **more,
    )


def token(id_: str = "t1", family: str = "f1") -> RefreshToken:
    return RefreshToken(
        id=id_, family=family, account="user:ada", created_at=START, expires_at=LATER
    )


def test_an_account_comes_back_without_its_hash(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(account(email="a@b.c"), password="$argon2id$x")
    with database.read() as transaction:
        found = transaction.accounts.find("user:ada")
        assert found == account(email="a@b.c", has_password=True)
        assert transaction.accounts.password("user:ada") == "$argon2id$x"
        assert transaction.accounts.any()


def test_nobody_is_known_in_a_new_database(database: Database) -> None:
    with database.read() as transaction:
        assert not transaction.accounts.any()
        assert not transaction.api_keys.any()
        assert transaction.accounts.find("user:ada") is None
        assert transaction.accounts.password("user:ada") is None
        assert transaction.api_keys.hash_of("k1") is None


def test_a_name_is_given_once(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(account())
    with pytest.raises(Conflict, match="ada"), database.write() as transaction:
        transaction.accounts.add(account())


def test_a_subject_of_an_issuer_is_one_account(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(account(issuer="https://id", subject="7"))
    with pytest.raises(Conflict), database.write() as transaction:
        transaction.accounts.add(account("bob", issuer="https://id", subject="7"))
    # It is locked until the end, so that this is no reading.
    with database.write() as transaction:
        found = transaction.accounts.find_subject("https://id", "7")
        assert found is not None
        assert found.name == "ada"


def test_accounts_are_listed_by_name_a_page_at_a_time(database: Database) -> None:
    with database.write() as transaction:
        for name in ("cleo", "ada", "bob"):
            transaction.accounts.add(account(name))
    with database.read() as transaction:
        assert [item.name for item in transaction.accounts.list(limit=2)] == ["ada", "bob"]
        assert [item.name for item in transaction.accounts.list(after="bob", limit=2)] == ["cleo"]


def test_what_changes_of_an_account_is_kept(database: Database) -> None:
    changed = account().model_copy(
        update={"disabled_at": LATER, "generation": 3, "administrator": True}
    )
    with database.write() as transaction:
        transaction.accounts.add(account())
        transaction.accounts.change(changed)
    with database.read() as transaction:
        assert transaction.accounts.find("user:ada") == changed


def test_nobody_is_not_changed(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as transaction:
        transaction.accounts.set_password("user:nobody", "x")


def test_bindings_name_what_each_role_allows(database: Database) -> None:
    with database.write() as transaction:
        _project(transaction.connection, "shop", {"releaser": ["deployment:start", "fly:moon"]})
        for role in ("viewer", "releaser", "gone"):
            _member(transaction.connection, "shop", role)
    with database.read() as transaction:
        found = {item.role: item.permissions for item in transaction.accounts.bindings("user:ada")}
        assert found["releaser"] == {Permission.DEPLOY}
        assert Permission.BLUEPRINT_READ in found["viewer"]
        assert found["gone"] == frozenset()
        assert not transaction.accounts.bindings("user:bob")


def test_an_archived_project_binds_nobody(database: Database) -> None:
    with database.write() as transaction:
        _project(transaction.connection, "shop", {}, archived_at=LATER)
        _member(transaction.connection, "shop", "admin")
    with database.read() as transaction:
        assert not transaction.accounts.bindings("user:ada")


def test_the_default_project_is_there_from_the_start(database: Database) -> None:
    with database.read() as transaction:
        assert transaction.accounts.project_exists("default")
        assert not transaction.accounts.project_exists("shop")


def test_a_key_comes_back_and_its_hash_stays_apart(database: Database) -> None:
    with database.write() as transaction:
        transaction.api_keys.add(key(project="default", expires_at=LATER), hash_="p:abc")
    with database.read() as transaction:
        assert transaction.api_keys.find("k1") == key(project="default", expires_at=LATER)
        assert transaction.api_keys.hash_of("k1") == "p:abc"
        assert transaction.api_keys.any()


def test_keys_are_listed_by_owner_and_project(database: Database) -> None:
    with database.write() as transaction:
        transaction.api_keys.add(key("k1", project="default"), hash_="x")
        transaction.api_keys.add(key("k2"), hash_="x")
    with database.read() as transaction:
        listed = transaction.api_keys.list
        assert [item.id for item in listed(limit=10)] == ["k1", "k2"]
        assert [item.id for item in listed(project="default", limit=10)] == ["k1"]
        assert not listed(owner="user:bob", limit=10)
        assert [item.id for item in listed(after="k1", limit=10)] == ["k2"]


def test_revoking_twice_keeps_the_first_moment(database: Database) -> None:
    with database.write() as transaction:
        transaction.api_keys.add(key(), hash_="x")
        transaction.api_keys.revoke("k1", START)
        transaction.api_keys.revoke("k1", LATER)
        transaction.api_keys.used({"k1": LATER})
    with database.read() as transaction:
        found = transaction.api_keys.find("k1")
        assert found is not None
        assert (found.revoked_at, found.last_used_at) == (START, LATER)


def test_the_end_of_a_family_leaves_other_sign_ins_alone(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(account())
        for id_, family in (("t1", "f1"), ("t2", "f1"), ("t3", "f2")):
            transaction.sessions.add(token(id_, family), hash_=f"h-{id_}")
        transaction.sessions.use("t1", START)
        transaction.sessions.end_family("f1", LATER)
    with database.write() as transaction:
        ended = {id_: transaction.sessions.find(id_) for id_ in ("t1", "t2", "t3")}
        assert {id_: item and item.revoked_at for id_, item in ended.items()} == {
            "t1": LATER,
            "t2": LATER,
            "t3": None,
        }
        assert transaction.sessions.hash_of("t3") == "h-t3"
        transaction.sessions.end_all("user:ada", LATER)
        third = transaction.sessions.find("t3")
        assert third is not None
        assert third.revoked_at == LATER


def test_what_expired_is_forgotten(database: Database) -> None:
    with database.write() as transaction:
        transaction.accounts.add(account())
        transaction.sessions.add(token(), hash_="x")
        assert transaction.sessions.forget(START) == 0
        assert transaction.sessions.forget(LATER + timedelta(seconds=1)) == 1
        assert transaction.sessions.find("t1") is None


def _project(connection: Any, id_: str, roles: dict[str, list[str]], **more: Any) -> None:
    values = {"id": id_, "name": id_, "rules": {}, "created_at": START, "created_by": "local"}
    connection.execute(tables.project.insert().values(**values, **more))
    for name, permissions in roles.items():
        row = {"project": id_, "name": name, "permissions": permissions}
        connection.execute(tables.project_role.insert().values(**row))


def _member(connection: Any, project: str, role: str) -> None:
    row = {"project": project, "principal": "user:ada", "role": role, "granted_by": "local"}
    connection.execute(tables.membership.insert().values(**row, granted_at=START))
