"""Sign-ins that wait, and the roles that providers give: rows of minutes, and rows that come and go with a group."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from alma.core.model.errors import Conflict
from alma.core.model.identity import Grant
from alma.core.model.pending import PendingKind, PendingLogin
from alma.db.access_tables import membership, pending_login, project
from alma.db.data_keys import DataKeys
from alma.db.repository import Repository, noun, plain

_pending = pending_login.c
_KEPT = set(PendingLogin.model_fields) - {"facts"}


class PendingLogins(Repository):
    """`PendingLoginRepository` in SQL. The facts of a sign-in are encrypted for its row."""

    def add(self, pending: PendingLogin) -> None:
        values = plain(pending, _KEPT) | {"facts": self._sealed(pending)}
        try:
            with self._connection.begin_nested():
                self._connection.execute(pending_login.insert().values(values))
        except IntegrityError as error:
            raise Conflict(
                "this user code is taken", hint="another one is made as easily"
            ) from error

    def find(self, id_: str, kind: PendingKind) -> PendingLogin | None:
        return self._found((_pending.id == id_) & (_pending.kind == kind))

    def find_by_code(self, user_code: str, *, locked: bool) -> PendingLogin | None:
        return self._found(_pending.user_code == user_code, locked=locked)

    def _found(self, condition: ColumnElement[bool], *, locked: bool = True) -> PendingLogin | None:
        asked = select(pending_login).where(condition)
        rows = self._rows(asked.with_for_update() if locked else asked)
        if not rows:
            return None
        facts = DataKeys(self._scope).decrypt(rows[0]["facts"], _place(rows[0]["id"]))
        return noun(PendingLogin, rows[0], facts=json.loads(facts))

    def change(self, pending: PendingLogin) -> None:
        values: dict[str, Any] = plain(pending, {"account", "settled_at"})
        values |= {"settled_at": pending.settled_at, "facts": self._sealed(pending)}
        self._execute(update(pending_login).where(_pending.id == pending.id).values(values))

    def remove(self, id_: str) -> None:
        self._execute(delete(pending_login).where(_pending.id == id_))

    def count(self, kind: PendingKind, *, origin: str | None = None) -> int:
        counted = select(func.count()).where(_pending.kind == kind)
        if origin is not None:
            counted = counted.where(_pending.origin == origin)
        return int(self._execute(counted).scalar_one())

    def forget(self, before: datetime) -> None:
        self._execute(delete(pending_login).where(_pending.expires_at < before))

    def _sealed(self, pending: PendingLogin) -> str:
        return DataKeys(self._scope).encrypt(json.dumps(dict(pending.facts)), _place(pending.id))


class ProvidedRoles(Repository):
    """`ProvidedRoleRepository` in SQL: memberships whose giver is the provider."""

    def replace(self, principal: str, *, provider: str, grants: Collection[Grant]) -> bool:
        giver = f"provider:{provider}"
        wanted = {(grant.project, grant.role) for grant in grants if self._exists(grant.project)}
        own = (membership.c.principal == principal) & (membership.c.granted_by == giver)
        held = {
            (row["project"], row["role"])
            for row in self._rows(select(membership.c.project, membership.c.role).where(own))
        }
        for place, role in held - wanted:
            here = (membership.c.project == place) & (membership.c.role == role)
            self._execute(delete(membership).where(own, here))
        for place, role in wanted - held:
            row: dict[str, Any] = {"project": place, "principal": principal, "role": role}
            row |= {"granted_by": giver, "granted_at": self._now()}
            # What a person has given already stays that person's gift.
            self._execute(self._insert(membership).on_conflict_do_nothing(), row)
        return held != wanted

    def _exists(self, name: str) -> bool:
        return bool(self._rows(select(project.c.id).where(project.c.id == name)))


def _place(id_: str) -> tuple[str, ...]:
    return ("pending_login", id_, "facts")
