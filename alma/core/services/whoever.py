"""Who a principal's id stands for right now, with everything it may do anywhere: read from the database as a whole.

A key is a part of its owner: it may do what both may, and is nothing once the owner is. Owners are followed to the end,
so that a key which another key has made ends with that one, and a disabled account takes all of them along.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from alma.core.model.access import DEFAULT_PROJECT, EVERYTHING, ApiKey, Permission
from alma.core.model.declaration import cap_of
from alma.core.model.principal import Principal, PrincipalKind
from alma.core.ports import Transaction

_DEEPEST = 8
_INSTALLATION = ("local", "key:configured-")


@dataclass(frozen=True, slots=True)
class Whoever:
    """Somebody, in every project at once. `everywhere`: all permissions in every project there is. `cap`: never more
    than these. `only`: in no other project. `owner`: whose it is in the end."""

    id: str
    display: str | None = None
    kind: PrincipalKind = PrincipalKind.USER
    administrator: bool = False
    everywhere: bool = False
    permissions: Mapping[str, frozenset[Permission]] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cap: frozenset[Permission] = EVERYTHING
    only: str | None = None
    owner: str | None = None
    generation: int = 0

    @property
    def usual_project(self) -> str:
        """Where somebody is who names no project: the key's own, the default one, or the only one there is."""
        if self.only is not None:
            return self.only
        if DEFAULT_PROJECT not in self.permissions and len(self.permissions) == 1:
            return next(iter(self.permissions))
        return DEFAULT_PROJECT

    def allowed(self, project: str) -> frozenset[Permission]:
        """Everything it may do there."""
        if self.only not in {None, project}:
            return frozenset()
        held = EVERYTHING if self.everywhere else self.permissions.get(project, frozenset())
        return held & self.cap

    def principal(self, project: str) -> Principal:
        """As a caller in a project."""
        return Principal(
            id=self.id,
            display=self.display,
            project=project,
            kind=self.kind,
            permissions=self.allowed(project),
            roles=self.roles.get(project, frozenset()),
            administrator=self.administrator,
            owner=self.owner,
        )


def whoever(
    transaction: Transaction, id_: str, now: datetime, *, depth: int = _DEEPEST
) -> Whoever | None:
    """None for somebody who is not there, is disabled, revoked or over, or whose owner is."""
    if id_.startswith(_INSTALLATION):
        # Who had the data directory or its configuration answers for the installation itself.
        return Whoever(id_, kind=PrincipalKind.LOCAL, everywhere=True, administrator=True)
    if (cap := cap_of(id_)) is not None:
        # Nobody signs in by such a name: only a process with the database and its key acts in it.
        return Whoever(id_, kind=PrincipalKind.SYSTEM, everywhere=True, cap=cap)
    if id_.startswith("key:"):
        key = transaction.api_keys.find(id_.removeprefix("key:"))
        return _key(transaction, key, now, depth) if key is not None and depth else None
    return _account(transaction, id_)


def _account(transaction: Transaction, id_: str) -> Whoever | None:
    account = transaction.accounts.find(id_)
    if account is None or account.disabled_at is not None:
        return None
    permissions: dict[str, frozenset[Permission]] = {}
    roles: dict[str, frozenset[str]] = {}
    for binding in transaction.accounts.bindings(id_):
        held = permissions.get(binding.project, frozenset())
        permissions[binding.project] = held | binding.permissions
        roles[binding.project] = roles.get(binding.project, frozenset()) | {binding.role}
    return Whoever(
        id_,
        display=account.display or account.name,
        administrator=account.administrator,
        everywhere=account.administrator,
        permissions=permissions,
        roles=roles,
        generation=account.generation,
    )


def is_closed(transaction: Transaction, key: ApiKey) -> bool:
    """Whether the key's project is archived: who administers the installation gets into that, their keys for it do
    not."""
    found = transaction.projects.list(ids=[key.project], limit=1) if key.project else ()
    return any(project.archived_at is not None for project in found)


def _key(transaction: Transaction, key: ApiKey, now: datetime, depth: int) -> Whoever | None:
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
        return None
    owner = whoever(transaction, key.owner, now, depth=depth - 1)
    if owner is None or owner.only not in {None, key.project} or is_closed(transaction, key):
        return None
    administrator = key.administrator and owner.administrator
    return replace(
        owner,
        id=f"key:{key.id}",
        display=key.name,
        kind=PrincipalKind.KEY,
        administrator=administrator,
        cap=owner.cap if administrator else owner.cap & key.permissions,
        only=key.project,
        owner=owner.owner or owner.id,
    )
