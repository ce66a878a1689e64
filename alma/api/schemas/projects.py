"""Projects, their members and their roles, as they are sent and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import ConfigDict, Field

from alma.api.schemas.common import PREFIX, Listed
from alma.core.model.access import Membership, Permission, Project, ProjectRules, Role
from alma.core.model.base import Frozen

_ID = r"^[a-z][a-z0-9-]{0,62}$"


class ProjectCreate(Frozen):
    """A new project."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"id": "shop", "name": "The shop", "admin": "user:ada"}}
    )

    id: str = Field(pattern=_ID, description="For good: it can't be changed, nor used again.")
    name: str | None = Field(default=None, min_length=1, max_length=200)
    admin: str | None = Field(
        default=None, max_length=128, description="The account that administers it."
    )


class ProjectEdit(Frozen):
    """What is to be another one; what is left out stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"rules": {"approvals": [{"environment": "production", "approvals": 2}]}}
        }
    )

    name: str | None = Field(default=None, min_length=1, max_length=200)
    rules: ProjectRules | None = Field(default=None, description="All of them, at once.")


class ProjectView(Frozen):
    """A project and how it decides."""

    id: str
    name: str
    rules: ProjectRules
    created_at: datetime
    created_by: str
    archived_at: datetime | None
    version: str = Field(
        description="What a change may name as the one it was made on: `If-Match`, or `expected` in GraphQL."
    )
    links: Mapping[str, str]


class RoleGrant(Frozen):
    """Who is to hold which role."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"principal": "user:bob", "role": "approver"}}
    )

    principal: str = Field(
        min_length=1, max_length=128, description="An account: `user:ada`, or `ada`."
    )
    role: str = Field(pattern=_ID)


class RoleBody(Frozen):
    """What a role allows."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"permissions": ["blueprint:read", "plan:make"]}}
    )

    permissions: frozenset[Permission] = Field(min_length=1)


class MemberList(Listed):
    """Every role that somebody holds, by person."""

    items: Sequence[Membership]


class RoleView(Frozen):
    """A role; `builtin` are those that every project has."""

    name: str
    permissions: Sequence[Permission]
    builtin: bool


class RoleList(Listed):
    """The roles of a project."""

    items: Sequence[RoleView]


def project_view(project: Project) -> ProjectView:
    """The project as it is shown."""
    base = f"{PREFIX}/projects/{project.id}"
    links = {"self": base, "members": f"{base}/members", "roles": f"{base}/roles"}
    return ProjectView.model_validate(
        {**project.model_dump(), "version": project.version, "links": links}
    )


def role_view(role: Role) -> RoleView:
    """The role with what it allows, in a steady order."""
    return RoleView(name=role.name, permissions=sorted(role.permissions), builtin=role.builtin)
