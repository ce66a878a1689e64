"""Who may do what: permissions, the roles that bundle them, and whom and what they are given to.

Everything is denied that no role of the caller allows. A role is held in one project; an administrator of the
installation holds every permission in every project, and is the only one who makes projects and accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen
from alma.core.model.version import version_of

DEFAULT_PROJECT = "default"
"""Where everything is that names no project; it is there from the first start."""


class Permission(StrEnum):
    """One thing that a principal may do in a project. What is the same for every project (templates, tools' schemas,
    price books) takes no permission, only a known caller."""

    BLUEPRINT_READ = "blueprint:read"
    BLUEPRINT_WRITE = "blueprint:write"
    BLUEPRINT_DELETE = "blueprint:delete"
    PLAN = "plan:make"
    IPR_READ = "ipr:read"
    IPR_OPEN = "ipr:open"
    IPR_APPROVE = "ipr:approve"
    IPR_CANCEL = "ipr:cancel"
    DEPLOYMENT_READ = "deployment:read"
    DEPLOY = "deployment:start"
    DEPLOYMENT_CANCEL = "deployment:cancel"
    STACK_READ = "stack:read"
    STACK_VERIFY = "stack:verify"
    CONVERSATION = "conversation:use"
    TOOL = "tool:run"
    ENGINE_READ = "engine:read"
    ENGINE_CONFIGURE = "engine:configure"
    POLICY_READ = "policy:read"
    POLICY_WAIVE = "policy:waive"
    AUDIT_READ = "audit:read"
    METRICS_READ = "metrics:read"
    MEMBER_READ = "member:read"
    MEMBER_MANAGE = "member:manage"
    KEY_MANAGE = "key:manage"
    PROJECT_MANAGE = "project:manage"


EVERYTHING = frozenset(Permission)

_LOOKING = frozenset(
    {
        Permission.BLUEPRINT_READ,
        Permission.IPR_READ,
        Permission.DEPLOYMENT_READ,
        Permission.STACK_READ,
        Permission.CONVERSATION,
        Permission.TOOL,
        Permission.ENGINE_READ,
        Permission.POLICY_READ,
        Permission.MEMBER_READ,
    }
)


class RoleName(StrEnum):
    """The roles that every project has."""

    VIEWER = "viewer"
    EDITOR = "editor"
    APPROVER = "approver"
    OPERATOR = "operator"
    ADMIN = "admin"


ROLES: dict[str, frozenset[Permission]] = {
    RoleName.VIEWER: _LOOKING,
    RoleName.EDITOR: _LOOKING
    | {
        Permission.BLUEPRINT_WRITE,
        Permission.BLUEPRINT_DELETE,
        Permission.PLAN,
        Permission.IPR_OPEN,
        Permission.IPR_CANCEL,
    },
    RoleName.APPROVER: _LOOKING
    | {Permission.PLAN, Permission.IPR_APPROVE, Permission.POLICY_WAIVE, Permission.AUDIT_READ},
    RoleName.OPERATOR: _LOOKING
    | {
        Permission.PLAN,
        Permission.DEPLOY,
        Permission.DEPLOYMENT_CANCEL,
        Permission.STACK_VERIFY,
        Permission.METRICS_READ,
    },
    RoleName.ADMIN: EVERYTHING,
}
"""What each allows. A principal may hold several in one project: they add up."""


class Role(Frozen):
    """A role of a project: one of the five, or one that the project made."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    permissions: frozenset[Permission]
    builtin: bool = False


class ApprovalRule(Frozen):
    """Who has to approve what lands on an engine or in an environment. Every rule that fits a request holds; what is
    None fits everything."""

    engine: str | None = Field(
        default=None,
        max_length=64,
        description="`proxmox` for all of its connections, or `proxmox@lab`.",
    )
    environment: str | None = Field(
        default=None,
        max_length=64,
        description="As in the blueprint's metadata; `prod` is production.",
    )
    approvals: int = Field(default=1, ge=1, le=20, description="Different people.")
    approvers: tuple[str, ...] = Field(
        default=(),
        max_length=100,
        description="Ids of principals, or `role:<name>`; nobody else's approval counts. Empty: whoever may approve.",
    )


class ProjectRules(Frozen):
    """How a project decides. What is None is as the installation's settings say."""

    author_may_approve: bool | None = None
    auto_approve: bool | None = Field(
        default=None, description="Requests that no rule of `approvals` fits need nobody."
    )
    approver_may_deploy: bool = Field(
        default=True, description="False: who has approved a request is not the one who starts it."
    )
    approvals: tuple[ApprovalRule, ...] = Field(default=(), max_length=100)
    engines: tuple[str, ...] | None = Field(
        default=None,
        max_length=100,
        description="The only places it may use: `docker`, `proxmox@lab`, `proxmox@*` for every connection. None: "
        "every one. An administrator of the installation says so.",
    )

    def opens(self, place: str) -> bool:
        """Whether something may land there."""
        if self.engines is None:
            return True
        return place in self.engines or f"{place.partition('@')[0]}@*" in self.engines


class Project(Frozen):
    """What nobody outside sees into: blueprints, stacks, requests, connections, policies."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")
    name: str = Field(min_length=1, max_length=200)
    rules: ProjectRules = ProjectRules()
    created_at: datetime
    created_by: str
    archived_at: datetime | None = None

    @property
    def version(self) -> str:
        """Another one after every change."""
        return version_of(self.model_dump(mode="json", include={"name", "rules", "archived_at"}))


class Membership(Frozen):
    """That a principal holds a role in a project."""

    project: str
    principal: str
    role: str
    granted_by: str
    granted_at: datetime


class Account(Frozen):
    """A person. Without a password it can only sign in through the provider that it came from."""

    id: str = Field(description="The principal's id: `user:<name>`.")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._@+-]{0,127}$")
    display: str | None = None
    email: str | None = None
    administrator: bool = Field(default=False, description="Everything, in every project.")
    issuer: str | None = None
    subject: str | None = None
    has_password: bool = False
    generation: int = Field(
        default=0, description="What was issued under an earlier one is worth nothing any more."
    )
    disabled_at: datetime | None = None
    created_at: datetime


class Binding(Frozen):
    """One role that a principal holds in a project, with what it allows there."""

    project: str
    role: str
    permissions: frozenset[Permission]


class RefreshToken(Frozen):
    """What a signed-in client gets a new access token for, once. Those that follow each other are one family: of two
    that show the same one, at least one is a thief, and neither goes on."""

    id: str
    family: str
    account: str
    client: str | None = Field(default=None, description="What signed in, in its own words.")
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    revoked_at: datetime | None = None


class ApiKey(Frozen):
    """What a program shows instead of a person. The secret itself is nowhere: only a keyed hash of it is kept."""

    id: str
    name: str
    owner: str = Field(
        description="The principal that made it; the key can never do more than that one."
    )
    project: str | None = Field(default=None, description="Its only project; None: its owner's.")
    permissions: frozenset[Permission] = Field(description="All it may do.")
    administrator: bool = False
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


def permissions_of(
    roles: Iterable[str], custom: dict[str, frozenset[Permission]]
) -> frozenset[Permission]:
    """What the roles allow together. A role that neither ALMA nor the project knows (any more) allows nothing."""
    found: frozenset[Permission] = frozenset()
    for name in roles:
        found |= ROLES.get(name) or custom.get(name, frozenset())
    return found
