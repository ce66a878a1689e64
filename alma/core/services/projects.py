"""Projects: made and closed by administrators of the installation, ruled by their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from alma.core.model.access import DEFAULT_PROJECT, Permission, Project, ProjectRules, RoleName
from alma.core.model.access import Membership as Member
from alma.core.model.errors import Conflict, NotFound
from alma.core.model.principal import Principal
from alma.core.model.version import require_unchanged
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.access import AccessChanges
from alma.core.services.whoever import whoever


class Projects:
    """The projects of an installation, as far as the caller may know of them."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        changes: AccessChanges,
        spelled: Callable[[str], str],
    ) -> None:
        """`spelled` writes an engine's name as everything else does, and raises InvalidInput where there is none."""
        self._repositories = repositories
        self._spelled = spelled
        self._clock = clock
        self._changes = changes

    def create(
        self, principal: Principal, id_: str, *, name: str | None = None, admin: str | None = None
    ) -> Project:
        """Makes a project; `admin` is the account that administers it. Raises Forbidden but for an administrator of the
        installation, Conflict for an id that is taken, NotFound for an account that is not there."""
        principal.require_administrator()
        made = Project(
            id=id_, name=name or id_, created_at=self._clock.now(), created_by=principal.person
        )
        with self._repositories.write() as transaction:
            transaction.projects.add(made)
            if admin is not None:
                require_account(transaction, admin)
                transaction.members.grant(
                    Member(
                        project=made.id,
                        principal=admin,
                        role=RoleName.ADMIN,
                        granted_by=principal.person,
                        granted_at=made.created_at,
                    )
                )
            transaction.audit.add(
                principal,
                action="project.create",
                target=f"project/{made.id}",
                after={"name": made.name, "admin": admin},
            )
            transaction.after_commit(self._changes.happened)
        return made

    def list(
        self, principal: Principal, *, after: str = "", limit: int = 100
    ) -> tuple[Sequence[Project], int]:
        """The projects that the caller has a role in, by id, and how many there are; for an administrator of the
        installation all of them."""
        with self._repositories.read() as transaction:
            ids = None if principal.administrator else _mine(transaction, principal)
            found = transaction.projects.list(ids=ids, after=after, limit=limit)
            return found, transaction.projects.count(ids=ids)

    def get(self, principal: Principal, id_: str) -> Project:
        """One project. Raises NotFound, also for one that the caller has no role in."""
        with self._repositories.read() as transaction:
            return self._seen(transaction, principal, id_)

    def entered(self, principal: Principal, id_: str) -> Principal:
        """The caller as it is in another project. Raises NotFound, also for one that the caller has no role in."""
        if id_ == principal.project:
            return principal
        with self._repositories.read() as transaction:
            self._seen(transaction, principal, id_)
            who = whoever(transaction, principal.id, self._clock.now())
        there = None if who is None else who.principal(id_)
        if there is None or not there.permissions:
            raise _missing(id_)
        return there.model_copy(update={"source": principal.source})

    def change(
        self,
        principal: Principal,
        id_: str,
        *,
        name: str | None = None,
        rules: ProjectRules | None = None,
        expected: str | None = None,
    ) -> Project:
        """Gives it another name, or rules in place of all it had. Which engines it may use is for an administrator of
        the installation to say. Raises NotFound, Forbidden, InvalidInput for an engine that is not there (a rule about
        it would fit nothing, and ask for nobody), Overtaken unless `expected` is still its version."""
        change: dict[str, object] = {}
        if name is not None:
            change["name"] = name
        if rules is not None:
            change["rules"] = self._known(rules)
        return self._changed(principal, id_, change, expected)

    def _known(self, rules: ProjectRules) -> ProjectRules:
        approvals = [
            rule.model_copy(update={"engine": self._spelled(rule.engine)}) if rule.engine else rule
            for rule in rules.approvals
        ]
        engines = None if rules.engines is None else tuple(map(self._spelled, rules.engines))
        return rules.model_copy(update={"approvals": tuple(approvals), "engines": engines})

    def archive(self, principal: Principal, id_: str, *, expected: str | None = None) -> Project:
        """Closes a project: nobody but administrators of the installation gets into it. Nothing of it is removed.
        Raises Conflict for the default project, while something of it is deployed, and for one that is closed;
        Overtaken unless `expected` is still its version."""
        principal.require_administrator()
        with self._repositories.write() as transaction:
            found = transaction.projects.get(id_, lock=True)
            _require_unchanged(found, expected)
            _require_closable(transaction, found)
            closed = found.model_copy(update={"archived_at": self._clock.now()})
            transaction.projects.update(closed)
            transaction.audit.add(principal, action="project.archive", target=f"project/{id_}")
            transaction.after_commit(self._changes.happened)
            return closed

    def _changed(
        self, principal: Principal, id_: str, change: dict[str, object], expected: str | None
    ) -> Project:
        with self._repositories.write() as transaction:
            found = self._seen(transaction, principal, id_, lock=True)
            require_within(principal, id_, Permission.PROJECT_MANAGE)
            _require_unchanged(found, expected)
            if not change:
                return found
            changed = Project.model_validate({**found.model_dump(), **change})
            if changed.rules.engines != found.rules.engines:
                principal.require_administrator()
            transaction.projects.update(changed)
            transaction.audit.add(
                principal,
                action="project.change",
                target=f"project/{id_}",
                before=found.model_dump(mode="json", include=set(change)),
                after=changed.model_dump(mode="json", include=set(change)),
            )
            transaction.after_commit(self._changes.happened)
            return changed

    def _seen(
        self, transaction: Transaction, principal: Principal, id_: str, *, lock: bool = False
    ) -> Project:
        if not principal.administrator and id_ not in _mine(transaction, principal):
            raise _missing(id_)
        return transaction.projects.get(id_, lock=lock)


def require_within(principal: Principal, project: str, permission: Permission) -> None:
    """Raises Forbidden unless the caller may do that in that project, which is the one it acts in or, for an
    administrator of the installation, any."""
    if principal.administrator:
        return
    if project != principal.project:
        principal.model_copy(update={"project": project, "permissions": frozenset()}).require(
            permission
        )
    principal.require(permission)


def require_account(transaction: Transaction, principal: str) -> None:
    """Raises NotFound unless that is an account: a role that waits for whoever takes a name would be theirs."""
    if transaction.accounts.find(principal) is None:
        raise NotFound(
            f"there is no account '{principal}'", hint="it has to exist before it can hold a role"
        )


def _require_unchanged(project: Project, expected: str | None) -> None:
    require_unchanged(f"project '{project.id}'", project.version, expected, project_id=project.id)


def _missing(id_: str) -> NotFound:
    return NotFound(
        f"project '{id_}' does not exist", hint="check the id; a list shows what there is"
    )


def _mine(transaction: Transaction, principal: Principal) -> Sequence[str]:
    """The projects of a person; a key sees its own project only, or its owner's."""
    mine = {*transaction.members.projects(principal.person)}
    here = {principal.project} if principal.permissions else set()
    return sorted(here if principal.owner is not None else mine | here)


def _require_closable(transaction: Transaction, project: Project) -> None:
    if project.id == DEFAULT_PROJECT:
        raise Conflict("the default project can't be archived", hint="rename it instead")
    if project.archived_at is not None:
        raise Conflict(f"project '{project.id}' is archived already", hint="nothing is left to do")
    alive = [
        stack.ref.name for stack in transaction.stacks.list(project=project.id) if stack.records
    ]
    if alive:
        raise Conflict(
            f"project '{project.id}' can't be archived: {', '.join(alive[:8])} is deployed",
            hint="destroy what it has first",
            details={"stacks": alive},
        )
