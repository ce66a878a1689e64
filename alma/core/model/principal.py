"""Who acts, where, and what they may do there: made once at the edge, then handed through to the last repository."""

from __future__ import annotations

from enum import StrEnum

from alma.core.model.access import DEFAULT_PROJECT, EVERYTHING, Permission
from alma.core.model.base import Frozen
from alma.core.model.errors import Forbidden


class PrincipalKind(StrEnum):
    """How somebody is known."""

    LOCAL = "local"
    USER = "user"
    KEY = "key"
    SYSTEM = "system"


class Source(Frozen):
    """Where a request came from: for the audit log."""

    address: str | None = None
    request_id: str | None = None
    client: str | None = None


class Principal(Frozen):
    """An authenticated caller, the project it acts in, and all that it may do there: nothing, unless said."""

    id: str
    display: str | None = None
    project: str = DEFAULT_PROJECT
    kind: PrincipalKind = PrincipalKind.USER
    permissions: frozenset[Permission] = frozenset()
    roles: frozenset[str] = frozenset()
    administrator: bool = False
    owner: str | None = None
    """Whose key it is, in the end: a person's two names must not make two people of it."""
    source: Source = Source()

    @property
    def person(self) -> str:
        """Who answers for what is done: the owner of a key, else the principal itself."""
        return self.owner or self.id

    def may(self, permission: Permission) -> bool:
        """Whether the caller may do that in its project."""
        return permission in self.permissions

    def require(self, *permissions: Permission) -> None:
        """Raises Forbidden, naming what is missing, unless the caller may do all of that in its project."""
        for permission in permissions:
            if permission not in self.permissions:
                raise Forbidden(
                    f"{self.id} lacks the permission {permission.value} in project {self.project}",
                    hint=f"ask an administrator of project {self.project} for a role that has it",
                    details={"permission": permission.value, "project": self.project},
                )

    def require_administrator(self) -> None:
        """Raises Forbidden unless the caller administers the installation."""
        if not self.administrator:
            raise Forbidden(
                f"{self.id} does not administer this installation",
                hint="ask one who does: projects and accounts are theirs to make",
            )

    @property
    def may_approve(self) -> bool:
        """Whether an approval of this caller can count."""
        return Permission.IPR_APPROVE in self.permissions


def local(project: str = DEFAULT_PROJECT) -> Principal:
    """Whoever holds the data directory: may do everything, in any project."""
    return Principal(
        id="local",
        project=project,
        kind=PrincipalKind.LOCAL,
        permissions=EVERYTHING,
        administrator=True,
    )


def system(id_: str, project: str) -> Principal:
    """ALMA itself, at work on what somebody was allowed to start: `id_` is that somebody."""
    return Principal(id=id_, project=project, kind=PrincipalKind.SYSTEM, permissions=EVERYTHING)


LOCAL = local()
