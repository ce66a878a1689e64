"""Who may do what in a project: roles granted, taken back and made. What is granted or taken holds from the next
request on, and nobody grants what they do not hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alma.core.model.access import (
    ROLES,
    Membership,
    Permission,
    Project,
    Role,
    RoleName,
    permissions_of,
)
from alma.core.model.errors import Conflict, Forbidden, InvalidInput, NotFound
from alma.core.model.principal import Principal
from alma.core.model.suggest import did_you_mean
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.access import AccessChanges
from alma.core.services.projects import require_account

_BUILTIN = tuple(
    Role(name=name, permissions=permissions, builtin=True) for name, permissions in ROLES.items()
)
_ACCOUNT = "user:"


class Members:
    """Members and roles of the caller's project."""

    def __init__(self, *, repositories: Repositories, clock: Clock, changes: AccessChanges) -> None:
        self._repositories = repositories
        self._clock = clock
        self._changes = changes

    # ── members ──────────────────────────────────────────────────────────────────────────────────

    def list(self, principal: Principal) -> Sequence[Membership]:
        """Every role that somebody holds in the project, by person."""
        principal.require(Permission.MEMBER_READ)
        with self._repositories.read() as transaction:
            return transaction.members.list(principal.project)

    def grant(self, principal: Principal, member: str, role: str) -> Membership:
        """Gives somebody a role; who has it already keeps it as it was granted. Raises NotFound for an account or a
        role that is not there, Forbidden for a role that allows what the caller may not, Conflict when archived."""
        principal.require(Permission.MEMBER_MANAGE)
        with self._repositories.write() as transaction:
            _open(transaction, principal.project)
            who = _account(member)
            require_account(transaction, who)
            _require_held(principal, _role(transaction, principal.project, role))
            given = Membership(
                project=principal.project,
                principal=who,
                role=role,
                granted_by=principal.person,
                granted_at=self._clock.now(),
            )
            transaction.members.grant(given)
            transaction.audit.add(
                principal, action="role.grant", target=f"member/{who}", after={"role": role}
            )
            transaction.after_commit(self._changes.happened)
            held = transaction.members.list(principal.project, principal=who)
            return next(item for item in held if item.role == role)

    def revoke(self, principal: Principal, member: str, role: str) -> None:
        """Takes a role back. Raises NotFound where it is not held, Forbidden for one that allows what the caller may
        not, Conflict for the last administrator of the project."""
        principal.require(Permission.MEMBER_MANAGE)
        with self._repositories.write() as transaction:
            # Of two administrators who remove each other, one waits here, and is then told no.
            transaction.projects.get(principal.project, lock=True)
            who = _account(member)
            held = transaction.members.list(principal.project)
            if not any((item.principal, item.role) == (who, role) for item in held):
                raise NotFound(
                    f"{who} does not hold the role {role} in project {principal.project}",
                    hint="a list shows who holds which",
                )
            custom = _custom(transaction, principal.project)
            _require_held(principal, Role(name=role, permissions=permissions_of([role], custom)))
            _require_another_admin(held, who, role, principal.project)
            transaction.members.revoke(principal.project, who, role)
            transaction.audit.add(
                principal, action="role.revoke", target=f"member/{who}", before={"role": role}
            )
            transaction.after_commit(self._changes.happened)

    # ── roles ────────────────────────────────────────────────────────────────────────────────────

    def roles(self, principal: Principal) -> Sequence[Role]:
        """The five that every project has, then those that the project made."""
        principal.require(Permission.MEMBER_READ)
        with self._repositories.read() as transaction:
            return [*_BUILTIN, *transaction.members.roles(principal.project)]

    def put_role(self, principal: Principal, name: str, permissions: Iterable[Permission]) -> Role:
        """Makes a role, or makes one allow something else for all who hold it. Raises Conflict for the name of one that
        every project has, Forbidden where it allows, or allowed, what the caller may not."""
        principal.require(Permission.MEMBER_MANAGE)
        if name in ROLES:
            raise Conflict(
                f"every project has the role '{name}'", hint="choose another name for your own"
            )
        role = Role(name=name, permissions=frozenset(permissions))
        if not role.permissions:
            raise InvalidInput(
                f"the role '{name}' would allow nothing", hint="name at least one permission"
            )
        with self._repositories.write() as transaction:
            _open(transaction, principal.project)
            before = _custom(transaction, principal.project).get(name, frozenset())
            _require_held(
                principal, role.model_copy(update={"permissions": role.permissions | before})
            )
            transaction.members.put_role(principal.project, role)
            transaction.audit.add(
                principal,
                action="role.save",
                target=f"role/{name}",
                before={"permissions": sorted(before)},
                after={"permissions": sorted(role.permissions)},
            )
            transaction.after_commit(self._changes.happened)
        return role

    def remove_role(self, principal: Principal, name: str) -> None:
        """Removes a role that the project made. Raises NotFound, Conflict while somebody holds it or it is one that
        every project has."""
        principal.require(Permission.MEMBER_MANAGE)
        if name in ROLES:
            raise Conflict(
                f"every project has the role '{name}'", hint="only a project's own can be removed"
            )
        with self._repositories.write() as transaction:
            transaction.projects.get(principal.project, lock=True)
            _role(transaction, principal.project, name)
            members = transaction.members.list(principal.project)
            held = sorted({item.principal for item in members if item.role == name})
            if held:
                raise Conflict(
                    f"{', '.join(held[:8])} still holds the role '{name}'",
                    hint="take it back first",
                    details={"members": held},
                )
            transaction.members.remove_role(principal.project, name)
            transaction.audit.add(principal, action="role.remove", target=f"role/{name}")
            transaction.after_commit(self._changes.happened)


def _open(transaction: Transaction, project: str) -> Project:
    found = transaction.projects.get(project, lock=True)
    if found.archived_at is not None:
        raise Conflict(f"project '{project}' is archived", hint="nobody gets into it any more")
    return found


def _account(member: str) -> str:
    """The id of an account: `ada` is `user:ada`."""
    return member if ":" in member else f"{_ACCOUNT}{member}"


def _custom(transaction: Transaction, project: str) -> dict[str, frozenset[Permission]]:
    return {role.name: role.permissions for role in transaction.members.roles(project)}


def _role(transaction: Transaction, project: str, name: str) -> Role:
    """Raises NotFound with the nearest name."""
    known = [*_BUILTIN, *transaction.members.roles(project)]
    for role in known:
        if role.name == name:
            return role
    hint = did_you_mean(name, [role.name for role in known], shown=20)
    raise NotFound(f"project {project} has no role '{name}'", hint=hint)


def _require_held(principal: Principal, role: Role) -> None:
    lacking = sorted(role.permissions - principal.permissions)
    if lacking:
        raise Forbidden(
            f"{principal.id} lacks {', '.join(lacking)}, which the role '{role.name}' allows",
            hint="nobody decides on a role that allows more than they may do themselves",
            details={"permissions": [item.value for item in lacking]},
        )


def _require_another_admin(held: Sequence[Membership], who: str, role: str, project: str) -> None:
    if role != RoleName.ADMIN:
        return
    if not any(item.role == role and item.principal != who for item in held):
        raise Conflict(
            f"{who} is the last administrator of project {project}",
            hint="make somebody else one first",
        )
