"""Keys for programs: made for one project with a part of what their maker may do, shown once, and taken back at any
time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alma.core.model.access import ApiKey, Permission
from alma.core.model.credential import KEY, Credential, Peppers
from alma.core.model.errors import Forbidden, InvalidInput, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import Clock, Repositories
from alma.core.services.access import AccessChanges


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its text, which exists here and nowhere else."""

    key: ApiKey
    text: str = field(repr=False)


class Keys:
    """Keys of projects, and those of administrators, which belong to none."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        peppers: Peppers,
        changes: AccessChanges,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._peppers = peppers
        self._changes = changes

    def create(
        self,
        principal: Principal,
        name: str,
        *,
        permissions: frozenset[Permission] | None = None,
        administrator: bool = False,
        expires_at: datetime | None = None,
    ) -> NewKey:
        """A key for the caller's project. `permissions` None: all that the caller has there. An administrator's key may
        do everything everywhere. Raises Forbidden for more than the caller may, InvalidInput."""
        if administrator:
            principal.require_administrator()
        else:
            principal.require(Permission.KEY_MANAGE)
        wanted = principal.permissions if permissions is None else permissions
        _check(principal, wanted)
        now = self._clock.now()
        if expires_at is not None and expires_at <= now:
            raise InvalidInput("the key would have expired already", hint="give a later moment")
        made = Credential.make(KEY)
        key = ApiKey(
            id=made.id,
            name=name,
            owner=principal.id,
            project=None if administrator else principal.project,
            permissions=wanted,
            administrator=administrator,
            created_at=now,
            expires_at=expires_at,
        )
        hash_ = self._peppers.hash(made.text)
        with self._repositories.write() as transaction:
            transaction.api_keys.add(key, hash_=hash_)
            transaction.after_commit(self._changes.happened)
            transaction.audit.add(
                principal,
                action="key.create",
                target=f"key/{key.id}",
                after={
                    "name": key.name,
                    "permissions": sorted(key.permissions),
                    "administrator": key.administrator,
                    "expires_at": expires_at.isoformat() if expires_at else None,
                },
                installation=key.administrator,
            )
        return NewKey(key, made.text)

    def list(
        self, principal: Principal, *, after: str | None = None, skip: int = 0, limit: int = 100
    ) -> tuple[Sequence[ApiKey], int]:
        """By id, those after an id, and how many there are in all: the project's, for administrators of all projects.
        Raises Forbidden."""
        principal.require(Permission.KEY_MANAGE)
        project = None if principal.administrator else principal.project
        with self._repositories.read() as transaction:
            keys = transaction.api_keys
            found = keys.list(project=project, after=after, skip=skip, limit=limit)
            return found, keys.count(project=project)

    def get(self, principal: Principal, id_: str) -> ApiKey:
        """Raises Forbidden, NotFound."""
        principal.require(Permission.KEY_MANAGE)
        with self._repositories.read() as transaction:
            return _visible(transaction.api_keys.find(id_), principal, id_)

    def revoke(self, principal: Principal, id_: str) -> ApiKey:
        """From now on it opens nothing, and neither do the keys that it has made. Raises Forbidden, NotFound."""
        principal.require(Permission.KEY_MANAGE)
        with self._repositories.write() as transaction:
            key = _visible(transaction.api_keys.find(id_), principal, id_)
            now = self._clock.now()
            transaction.api_keys.revoke(id_, now)
            transaction.audit.add(
                principal,
                action="key.revoke",
                target=f"key/{id_}",
                before={"name": key.name, "owner": key.owner},
                installation=key.administrator,
            )
            transaction.after_commit(self._changes.happened)
            return key.model_copy(update={"revoked_at": key.revoked_at or now})


def _check(principal: Principal, wanted: frozenset[Permission]) -> None:
    if not wanted:
        raise InvalidInput("the key could do nothing", hint="give it at least one permission")
    missing = sorted(wanted - principal.permissions)
    if missing:
        raise Forbidden(
            f"{principal.id} can't give away what it does not have: {', '.join(missing)}",
            hint="leave those permissions out, or ask somebody who has them",
            details={"permissions": missing},
        )


def _visible(key: ApiKey | None, principal: Principal, id_: str) -> ApiKey:
    if key is None or not (principal.administrator or key.project == principal.project):
        raise NotFound(f"key '{id_[:40]}' does not exist", hint="a list of keys shows their ids")
    return key
