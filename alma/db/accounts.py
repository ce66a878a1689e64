"""Accounts, and the roles that principals hold: read together whenever somebody's credentials are looked up."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, func, literal, select, update

from alma.core.model.access import ROLES, Account, Binding, Permission
from alma.core.model.errors import Conflict
from alma.db import access_tables as tables
from alma.db.repository import Repository, missing, noun, page, plain

_account = tables.account
_changed = ("display", "email", "administrator", "issuer", "subject", "disabled_at", "generation")


class Accounts(Repository):
    """`AccountRepository` in SQL."""

    def add(self, account: Account, *, password: str | None = None) -> None:
        values = plain(account, set(Account.model_fields) - {"has_password"})
        added = self._insert(_account).values(**values, password=password)
        new = added.on_conflict_do_nothing().returning(_account.c.id)
        if self._execute(new).first() is None:
            raise Conflict(
                f"there is an account '{account.name}' already",
                hint="choose another name",
                details={"account": account.name},
            )

    def find(self, id_: str, *, locked: bool = False) -> Account | None:
        return self._found(_account.c.id == id_, locked=locked)

    def find_subject(self, issuer: str, subject: str) -> Account | None:
        condition = (_account.c.issuer == issuer) & (_account.c.subject == subject)
        return self._found(condition, locked=True)

    def _found(self, condition: ColumnElement[bool], *, locked: bool = False) -> Account | None:
        asked = select(_account).where(condition)
        rows = self._rows(asked.with_for_update(key_share=True) if locked else asked)
        return _shown(rows[0]) if rows else None

    def list(self, *, after: str | None = None, skip: int = 0, limit: int) -> Sequence[Account]:
        asked = select(_account).where(_account.c.name > (after or "")).order_by(_account.c.name)
        return [_shown(row) for row in self._rows(page(asked, skip, limit))]

    def count(self) -> int:
        found: int = self._execute(select(func.count()).select_from(_account)).scalar_one()
        return found

    def password(self, id_: str) -> str | None:
        rows = self._rows(select(_account.c.password).where(_account.c.id == id_))
        return rows[0]["password"] if rows else None

    def change(self, account: Account) -> None:
        self._update(account.id, **plain(account, _changed))

    def set_password(self, id_: str, password: str) -> None:
        self._update(id_, password=password)

    def _update(self, id_: str, **values: object) -> None:
        done = self._execute(update(_account).where(_account.c.id == id_).values(**values))
        if not done.rowcount:
            raise missing(f"account {id_}")

    def any(self) -> bool:
        return bool(self._rows(select(literal(1)).select_from(_account).limit(1)))

    def bindings(self, principal: str) -> Sequence[Binding]:
        member, role, project = tables.membership, tables.project_role, tables.project
        asked = (
            select(member.c.project, member.c.role, role.c.permissions)
            .join(project, project.c.id == member.c.project)
            .outerjoin(role, (role.c.project == member.c.project) & (role.c.name == member.c.role))
            .where(member.c.principal == principal, project.c.archived_at.is_(None))
            .order_by(member.c.project, member.c.role)
        )
        return [_binding(row) for row in self._rows(asked)]

    def project_exists(self, project: str) -> bool:
        asked = select(literal(1)).where(tables.project.c.id == project)
        return bool(self._rows(asked.limit(1)))


def _shown(row: RowMapping) -> Account:
    return noun(Account, row, has_password=row["password"] is not None)


def _binding(row: RowMapping) -> Binding:
    """A permission that this version does not know allows nothing."""
    known = {item.value for item in Permission}
    custom = frozenset(Permission(name) for name in row["permissions"] or () if name in known)
    return Binding(
        project=row["project"],
        role=row["role"],
        permissions=ROLES.get(row["role"]) or custom,
    )
