"""The audit log: looked into, checked, handed out, shortened."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, ConfigDict, Field

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.paging import Order, Paging
from alma.api.schemas.common import PREFIX, Page, failures
from alma.core.model.audit import AuditEntry, AuditFilter, Outcome
from alma.core.model.audit_check import AuditReport, KnownHead
from alma.core.model.base import Frozen

router = APIRouter(prefix=f"{PREFIX}/audit", tags=["audit"], route_class=BodyRoute)


class _Listed(NamedTuple):
    """An entry, and how many there were when the first page was asked for: cursors carry it, so that nobody counts
    a large log again for each page."""

    entry: AuditEntry
    total: int


_NEWEST = Order[_Listed, tuple[int, int]](
    "audit entries", lambda listed: (listed.entry.seq, listed.total), tuple[int, int]
)
_LINES = "application/x-ndjson"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": 'attachment; filename="audit.jsonl"',
}


class VerifyBody(Frozen):
    """Heads that were noted elsewhere."""

    model_config = ConfigDict(json_schema_extra={"example": {"heads": []}})

    heads: tuple[KnownHead, ...] = Field(default=(), max_length=1000)


class PruneBody(Frozen):
    """What may go."""

    model_config = ConfigDict(json_schema_extra={"example": {"before": "2026-01-01T00:00:00Z"}})

    before: AwareDatetime


class Pruned(Frozen):
    """What went."""

    entries: int


@router.get("", response_description="Newest first.", responses=failures(403, 422))
def list_audit(
    alma: Wired,
    caller: Caller,
    paging: Paging,
    principal: Annotated[str | None, Query(max_length=300)] = None,
    action: Annotated[
        str | None, Query(max_length=100, description="`ipr.approve`, or all of `ipr.`")
    ] = None,
    target: Annotated[str | None, Query(max_length=300)] = None,
    outcome: Outcome | None = None,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    everywhere: Annotated[
        bool, Query(description="Of every project, and of none: for administrators.")
    ] = False,
) -> Page[AuditEntry]:
    """Who did what to what, from where, and what came of it: in the project at hand."""
    wanted = AuditFilter(
        principal=principal,
        action=action,
        target=target,
        outcome=outcome,
        since=since,
        until=until,
    )
    before, counted = paging.after(_NEWEST) or (None, None)
    found, total = alma.auditing.list(
        caller,
        wanted,
        everywhere=everywhere,
        before=before,
        skip=paging.skip,
        limit=paging.most,
        counted=counted,
    )
    listed = [_Listed(entry, total) for entry in found]
    return paging.page(_NEWEST, listed, total, lambda listed: listed.entry)


@router.get("/head", responses=failures(403))
def audit_head(alma: Wired, caller: Caller) -> KnownHead:
    """The end of the chain. Kept elsewhere, it shows later whether anything up to it was changed or cut off."""
    return alma.auditing.head(caller)


@router.post("/verify", responses=failures(403, 422))
def verify_audit(alma: Wired, caller: Caller, body: VerifyBody) -> AuditReport:
    """Checks the whole chain, and the heads that were noted elsewhere. Changes nothing."""
    return alma.auditing.verify(caller, body.heads)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={
        200: {"content": {_LINES: {"schema": {"type": "string"}}}, "description": "JSON lines."},
        **failures(403),
    },
)
def export_audit(alma: Wired, caller: Caller) -> StreamingResponse:
    """The whole chain as JSON lines, which can be checked elsewhere with the secret key."""
    return StreamingResponse(alma.auditing.export(caller), media_type=_LINES, headers=_HEADERS)


@router.post("/prune", responses=failures(403, 409, 422))
def prune_audit(alma: Wired, caller: Caller, body: PruneBody) -> Pruned:
    """Takes away what is older. What is left still checks, and that it was done is noted."""
    return Pruned(entries=alma.auditing.prune(caller, body.before))


@router.get("/{seq}", responses=failures(403, 404))
def read_audit(alma: Wired, caller: Caller, seq: int) -> AuditEntry:
    """One entry."""
    return alma.auditing.get(caller, seq)
