"""Who holds which role in a project, and the roles that projects made themselves."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, select

from alma.core.model.access import Membership, Permission, Role
from alma.db import access_tables as tables
from alma.db.repository import Repository, noun

_member = tables.membership.c
_role = tables.project_role.c
_KNOWN = {item.value for item in Permission}


class Members(Repository):
    """`MemberRepository` in SQL."""

    def grant(self, membership: Membership) -> bool:
        row = {name: getattr(membership, name) for name in Membership.model_fields}
        statement = self._insert(tables.membership).values(row).on_conflict_do_nothing()
        return self._execute(statement.returning(_member.role)).first() is not None

    def revoke(self, project: str, principal: str, role: str) -> bool:
        held = _of(project) & (_member.principal == principal) & (_member.role == role)
        return bool(self._execute(delete(tables.membership).where(held)).rowcount)

    def list(self, project: str, *, principal: str | None = None) -> Sequence[Membership]:
        statement = select(tables.membership).where(_of(project))
        if principal is not None:
            statement = statement.where(_member.principal == principal)
        rows = self._rows(statement.order_by(_member.principal, _member.role))
        return [noun(Membership, row) for row in rows]

    def projects(self, principal: str) -> Sequence[str]:
        open_ = tables.project.c.archived_at.is_(None)
        statement = (
            select(_member.project)
            .join(tables.project, tables.project.c.id == _member.project)
            .where(_member.principal == principal, open_)
            .distinct()
        )
        return [row["project"] for row in self._rows(statement.order_by(_member.project))]

    def roles(self, project: str) -> Sequence[Role]:
        statement = select(_role.name, _role.permissions).where(_role.project == project)
        return [
            Role(name=row["name"], permissions=_known(row["permissions"]))
            for row in self._rows(statement.order_by(_role.name))
        ]

    def put_role(self, project: str, role: Role) -> None:
        permissions = sorted(item.value for item in role.permissions)
        row = {"project": project, "name": role.name, "permissions": permissions}
        statement = self._insert(tables.project_role).values(row)
        changed = {"permissions": statement.excluded["permissions"]}
        self._execute(
            statement.on_conflict_do_update(index_elements=["project", "name"], set_=changed)
        )

    def remove_role(self, project: str, name: str) -> bool:
        gone = (_role.project == project) & (_role.name == name)
        return bool(self._execute(delete(tables.project_role).where(gone)).rowcount)


def _of(project: str) -> ColumnElement[bool]:
    return _member.project == project


def _known(names: builtins.list[str]) -> frozenset[Permission]:
    """A permission that this version does not know allows nothing."""
    return frozenset(Permission(name) for name in names if name in _KNOWN)
