"""Projects and members are kept as they were given, and found by nobody else's id."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alma.core.model.access import ApprovalRule, Membership, Permission, Project, ProjectRules, Role
from alma.core.model.errors import Conflict, NotFound
from alma.db.database import Database

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def project(id_: str, **more: object) -> Project:
    return Project.model_validate(
        {"id": id_, "name": id_.title(), "created_at": NOON, "created_by": "local", **more}
    )


def member(who: str, role: str, *, of: str = "shop") -> Membership:
    return Membership(project=of, principal=who, role=role, granted_by="local", granted_at=NOON)


def test_a_project_comes_back_with_its_rules(database: Database) -> None:
    rules = ProjectRules(
        approvals=(ApprovalRule(engine="proxmox", approvals=2, approvers=("role:approver",)),),
        engines=("proxmox@*",),
    )
    with database.write() as transaction:
        transaction.projects.add(project("shop", rules=rules))
    with database.read() as transaction:
        assert transaction.projects.get("shop") == project("shop", rules=rules)


def test_an_id_is_given_once_for_good(database: Database) -> None:
    with database.write() as transaction:
        transaction.projects.add(project("shop", archived_at=NOON))
    with pytest.raises(Conflict, match="shop"), database.write() as transaction:
        transaction.projects.add(project("shop"))


def test_a_project_that_is_not_there_is_not_found(database: Database) -> None:
    with database.read() as transaction, pytest.raises(NotFound, match="shop"):
        transaction.projects.get("shop")
    with database.write() as transaction, pytest.raises(NotFound, match="shop"):
        transaction.projects.update(project("shop"))


def test_a_list_goes_by_id_and_holds_only_those_asked_for(database: Database) -> None:
    with database.write() as transaction:
        for id_ in ("zoo", "bank", "shop"):
            transaction.projects.add(project(id_))
    with database.read() as transaction:
        every = transaction.projects.list(limit=10)
        assert [item.id for item in every] == ["bank", "default", "shop", "zoo"]
        assert [item.id for item in transaction.projects.list(after="default", limit=1)] == ["shop"]
        mine = transaction.projects.list(ids=["zoo", "gone"], limit=10)
        assert [item.id for item in mine] == ["zoo"]
        assert transaction.projects.list(ids=[], limit=10) == []
        assert (transaction.projects.count(), transaction.projects.count(ids=["zoo"])) == (4, 1)


def test_a_role_is_granted_once_and_gone_when_taken_back(database: Database) -> None:
    with database.write() as transaction:
        transaction.projects.add(project("shop"))
        assert transaction.members.grant(member("user:ada", "editor"))
        assert not transaction.members.grant(member("user:ada", "editor"))
        transaction.members.grant(member("user:ada", "approver"))
        transaction.members.grant(member("user:ada", "viewer", of="default"))
    with database.write() as transaction:
        assert transaction.members.projects("user:ada") == ["default", "shop"]
        held = transaction.members.list("shop", principal="user:ada")
        assert [item.role for item in held] == ["approver", "editor"]
        assert transaction.members.revoke("shop", "user:ada", "editor")
        assert not transaction.members.revoke("shop", "user:ada", "editor")
        assert [item.role for item in transaction.members.list("shop")] == ["approver"]


def test_a_role_of_a_project_is_another_ones_to_name_anew(database: Database) -> None:
    reader = Role(name="reader", permissions=frozenset({Permission.IPR_READ}))
    wider = Role(name="reader", permissions=frozenset({Permission.IPR_READ, Permission.PLAN}))
    with database.write() as transaction:
        transaction.projects.add(project("shop"))
        transaction.members.put_role("shop", reader)
        transaction.members.put_role("default", wider)
        assert transaction.members.roles("shop") == [reader]
        transaction.members.put_role("shop", wider)
        assert transaction.members.roles("shop") == [wider]
        assert transaction.members.remove_role("shop", "reader")
        assert not transaction.members.remove_role("shop", "reader")
        assert transaction.members.roles("default") == [wider]
