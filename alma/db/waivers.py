"""Waivers of a project: rows that are only ever added. Taking one back is a row of its own, so that both are known."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, Select, select

from alma.core.model.errors import Conflict
from alma.core.model.finding import Waiver
from alma.db import tables
from alma.db.repository import Repository, missing

_waiver = tables.waiver.c
_revoked = tables.waiver_revocation.c


class Waivers(Repository):
    """`WaiverRepository` in SQL."""

    def add(self, waiver: Waiver, *, project: str) -> Waiver:
        row = {
            "project": project,
            "rule": waiver.rule,
            "resource": waiver.resource,
            "blueprint": waiver.blueprint,
            "reason": waiver.reason,
            "expires": waiver.expires,
            "granted_by": waiver.by,
            "created_at": self._now(),
        }
        made = self._execute(self._insert(tables.waiver).values(row).returning(_waiver.id))
        return _shown({**row, "id": made.scalar_one(), "revoked_by": None, "revoked_at": None})

    def revoke(self, id_: int, *, project: str, by: str) -> Waiver:
        found = self._found(id_, project)
        if found.revoked_at is not None:
            raise Conflict(
                f"waiver {id_} was taken back by {found.revoked_by} already",
                hint="nothing is left to do",
            )
        row = {"waiver_id": id_, "revoked_by": by, "revoked_at": self._now()}
        self._execute(self._insert(tables.waiver_revocation).values(row))
        return found.model_copy(update={"revoked_by": by, "revoked_at": row["revoked_at"]})

    def list(self, *, project: str, held_on: date | None = None) -> Sequence[Waiver]:
        asked = _with_revocations().where(_waiver.project == project).order_by(_waiver.id)
        if held_on is not None:
            asked = asked.where(_revoked.revoked_at.is_(None), _waiver.expires >= held_on)
        return [_shown(row) for row in self._rows(asked)]

    def _found(self, id_: int, project: str) -> Waiver:
        """Locked, so that of two who take it back one is told that the other has."""
        own = (_waiver.id == id_) & (_waiver.project == project)
        if not self._rows(select(_waiver.id).where(own).with_for_update()):
            raise missing(f"waiver {id_}")
        return _shown(self._one(_with_revocations().where(own), f"waiver {id_}"))


def _with_revocations() -> Select[Any]:
    joined = tables.waiver.outerjoin(tables.waiver_revocation)
    return select(tables.waiver, _revoked.revoked_by, _revoked.revoked_at).select_from(joined)


def _shown(row: Mapping[str, Any] | RowMapping) -> Waiver:
    values: builtins.dict[str, Any] = {
        name: row[name] for name in Waiver.model_fields if name in row and name != "id"
    }
    return Waiver(**values, id=str(row["id"]), by=row["granted_by"])
