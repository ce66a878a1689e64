"""Projects and their members: who may make, see, rule and join them, and what nobody may do to themselves or others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alma.core.model.access import (
    ROLES,
    Account,
    ApprovalRule,
    Permission,
    ProjectRules,
)
from alma.core.model.errors import AlmaError, Conflict, Forbidden, InvalidInput, NotFound
from alma.core.model.principal import LOCAL, Principal, local
from alma.core.services.access import AccessChanges
from alma.core.services.members import Members
from alma.core.services.projects import Projects
from alma.core.services.whoever import whoever
from alma.db.database import Database, open_database

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Noon:
    def now(self) -> datetime:
        return NOON


@dataclass
class House:
    """An installation with the accounts ada, bob and eve, and the project `shop`, which ada administers."""

    database: Database
    projects: Projects
    members: Members
    changes: AccessChanges

    def who(self, name: str, *, project: str = "shop") -> Principal:
        """Somebody as they are now, by what is kept of them."""
        with self.database.read() as transaction:
            found = whoever(transaction, f"user:{name}", NOON)
        assert found is not None
        return found.principal(project)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    database = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path)
    database.migrate()
    changes = AccessChanges()
    made = House(
        database,
        Projects(repositories=database, clock=Noon(), changes=changes, spelled=str.casefold),
        Members(repositories=database, clock=Noon(), changes=changes),
        changes,
    )
    with database.write() as transaction:
        for name in ("ada", "bob", "eve"):
            transaction.accounts.add(Account(id=f"user:{name}", name=name, created_at=NOON))
    made.projects.create(LOCAL, "shop", name="The shop", admin="user:ada")
    yield made
    database.close()


def refused(error: type[AlmaError], match: str) -> pytest.RaisesExc[AlmaError]:
    return pytest.raises(error, match=match)


# ── projects ─────────────────────────────────────────────────────────────────────────────────────────


def test_only_an_administrator_of_the_installation_makes_and_archives_projects(
    house: House,
) -> None:
    ada = house.who("ada")
    with refused(Forbidden, "does not administer this installation"):
        house.projects.create(ada, "bank")
    with refused(Forbidden, "does not administer this installation"):
        house.projects.archive(ada, "shop")


def test_everybody_sees_their_own_projects_and_an_administrator_all(house: House) -> None:
    house.projects.create(LOCAL, "bank", admin="user:bob")

    assert [item.id for item in house.projects.list(house.who("ada"))[0]] == ["shop"]
    assert house.projects.list(house.who("eve"))[0] == []
    every, total = house.projects.list(LOCAL)
    assert [item.id for item in every] == ["bank", "default", "shop"]
    assert total == 3


def test_a_project_of_others_is_told_like_one_that_does_not_exist(house: House) -> None:
    eve = house.who("eve")
    for doing in (
        lambda id_: house.projects.get(eve, id_),
        lambda id_: house.projects.change(eve, id_, name="Mine"),
        lambda id_: house.projects.change(eve, id_, rules=ProjectRules()),
    ):
        with pytest.raises(NotFound) as there:
            doing("shop")
        with pytest.raises(NotFound) as nowhere:
            doing("nope")
        assert str(there.value).replace("shop", "nope") == str(nowhere.value)


def test_a_member_without_the_permission_sees_a_project_and_does_not_change_it(
    house: House,
) -> None:
    house.members.grant(house.who("ada"), "bob", "editor")
    bob = house.who("bob")
    assert house.projects.get(bob, "shop").name == "The shop"
    with refused(Forbidden, "lacks the permission project:manage in project shop"):
        house.projects.change(bob, "shop", name="Bob's")


def test_the_rules_of_a_project_are_its_administrators_but_its_engines_are_not(
    house: House,
) -> None:
    ada, two = house.who("ada"), ProjectRules(approvals=(ApprovalRule(approvals=2),))
    assert house.projects.change(ada, "shop", rules=two).rules == two
    with refused(Forbidden, "does not administer this installation"):
        house.projects.change(ada, "shop", rules=ProjectRules(engines=("docker",)))
    limited = house.projects.change(local("shop"), "shop", rules=ProjectRules(engines=("docker",)))
    with refused(Forbidden, "does not administer this installation"):
        house.projects.change(ada, "shop", rules=ProjectRules())
    assert house.projects.get(ada, "shop") == limited


def test_an_archived_project_is_closed_to_its_members(house: House) -> None:
    house.projects.archive(LOCAL, "shop")
    assert house.who("ada").permissions == frozenset()
    with refused(Conflict, "archived"):
        house.members.grant(local("shop"), "bob", "viewer")
    with refused(Conflict, "already"):
        house.projects.archive(LOCAL, "shop")
    with refused(Conflict, "default project"):
        house.projects.archive(LOCAL, "default")


# ── members ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_holds_at_once_and_ends_at_once(house: House) -> None:
    ada, before = house.who("ada"), house.changes.version
    house.members.grant(ada, "bob", "approver")
    assert house.who("bob").permissions == ROLES["approver"]
    assert house.changes.version > before, "who remembers callers has to look again"
    before = house.changes.version
    house.members.revoke(ada, "bob", "approver")
    assert house.who("bob").permissions == frozenset()
    assert house.changes.version > before


def test_nobody_grants_or_takes_a_role_that_allows_more_than_they_may(house: House) -> None:
    staff = frozenset({Permission.MEMBER_MANAGE, Permission.MEMBER_READ, *ROLES["viewer"]})
    house.members.put_role(house.who("ada"), "staff", staff)
    house.members.grant(house.who("ada"), "bob", "staff")
    bob = house.who("bob")

    with refused(Forbidden, "which the role 'admin' allows"):
        house.members.grant(bob, "bob", "admin")
    with refused(Forbidden, "which the role 'admin' allows"):
        house.members.revoke(bob, "ada", "admin")
    with refused(Forbidden, "which the role 'own' allows"):
        house.members.put_role(bob, "own", {Permission.DEPLOY})
    house.members.grant(bob, "eve", "viewer")
    assert house.who("eve").permissions == ROLES["viewer"]


def test_a_role_that_allowed_more_is_not_cut_by_who_could_not_give_it(house: House) -> None:
    ada = house.who("ada")
    house.members.put_role(ada, "runner", {Permission.DEPLOY})
    house.members.put_role(ada, "staff", {Permission.MEMBER_MANAGE, Permission.MEMBER_READ})
    house.members.grant(ada, "bob", "staff")
    with refused(Forbidden, "deployment:start"):
        house.members.put_role(house.who("bob"), "runner", {Permission.MEMBER_READ})


def test_the_last_administrator_stays(house: House) -> None:
    ada = house.who("ada")
    with refused(Conflict, "last administrator"):
        house.members.revoke(ada, "ada", "admin")
    with refused(Conflict, "last administrator"):
        house.members.revoke(local("shop"), "ada", "admin")
    house.members.grant(ada, "bob", "admin")
    house.members.revoke(ada, "ada", "admin")
    assert house.who("ada").permissions == frozenset()


def test_a_role_waits_for_nobody_who_is_not_there_yet(house: House) -> None:
    with refused(NotFound, "there is no account 'user:mallory'"):
        house.members.grant(house.who("ada"), "mallory", "admin")


def test_a_role_that_is_not_there_is_not_found_with_the_nearest(house: House) -> None:
    with pytest.raises(NotFound) as told:
        house.members.grant(house.who("ada"), "bob", "editr")
    assert told.value.hint == "did you mean 'editor'?"


def test_a_role_is_taken_from_who_holds_it_only(house: House) -> None:
    with refused(NotFound, "does not hold the role editor"):
        house.members.revoke(house.who("ada"), "bob", "editor")


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_role_of_ones_own_allows_what_it_says_in_its_project_only(house: House) -> None:
    ada = house.who("ada")
    house.members.put_role(ada, "planner", {Permission.PLAN, Permission.BLUEPRINT_READ})
    house.members.grant(ada, "bob", "planner")
    assert house.who("bob").permissions == {Permission.PLAN, Permission.BLUEPRINT_READ}
    assert house.who("bob", project="default").permissions == frozenset()


def test_a_role_says_another_thing_for_all_who_hold_it(house: House) -> None:
    ada = house.who("ada")
    house.members.put_role(ada, "planner", {Permission.PLAN})
    house.members.grant(ada, "bob", "planner")
    house.members.put_role(ada, "planner", {Permission.BLUEPRINT_READ})
    assert house.who("bob").permissions == {Permission.BLUEPRINT_READ}


def test_the_five_roles_are_nobodys_to_change(house: House) -> None:
    ada = house.who("ada")
    with refused(Conflict, "every project has the role 'viewer'"):
        house.members.put_role(ada, "viewer", {Permission.DEPLOY})
    with refused(Conflict, "every project has the role 'viewer'"):
        house.members.remove_role(ada, "viewer")


def test_a_role_goes_when_nobody_holds_it(house: House) -> None:
    ada = house.who("ada")
    house.members.put_role(ada, "planner", {Permission.PLAN})
    house.members.grant(ada, "bob", "planner")
    with refused(Conflict, "user:bob still holds the role 'planner'"):
        house.members.remove_role(ada, "planner")
    house.members.revoke(ada, "bob", "planner")
    house.members.remove_role(ada, "planner")
    assert [role.name for role in house.members.roles(ada)] == [*ROLES]


def test_a_role_that_allows_nothing_is_refused(house: House) -> None:
    with refused(InvalidInput, "would allow nothing"):
        house.members.put_role(house.who("ada"), "idle", ())
