"""The audit log: looked into, checked, shortened. Handed out as a whole it is a download, which REST has."""

from __future__ import annotations

import strawberry
from pydantic import AwareDatetime, Field

from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import DateTime, enumeration, noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, checked, page, place
from alma.api.paging import Order
from alma.api.routes.audit import PruneBody, VerifyBody
from alma.core.model import audit as core
from alma.core.model import audit_check
from alma.core.model.audit import AuditFilter, Outcome
from alma.core.model.base import Frozen

enumeration("Outcome", [*Outcome])
NEWEST = Order[core.AuditEntry, int]("audit entries", lambda entry: entry.seq, int)
_MOST_SEQ = 2**31 - 1


class AuditSearch(Frozen):
    """Which entries somebody wants to see, within the bounds that REST sets."""

    principal: str | None = Field(default=None, max_length=300)
    action: str | None = Field(default=None, max_length=100)
    target: str | None = Field(default=None, max_length=300)
    outcome: Outcome | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


@taken(AuditSearch)
class AuditWanted:
    """Which entries: what is left out fits everything; an action is `ipr.approve`, or all of `ipr.`."""


@taken(audit_check.KnownHead)
class NotedHead:
    """An end of the chain that was noted elsewhere."""


@noun(core.AuditEntry)
class AuditEntry:
    """One thing that was done, or was refused."""


@noun(audit_check.KnownHead)
class AuditHead:
    """An end of the chain."""


@noun(audit_check.AuditReport)
class AuditReport:
    """What a check of the whole chain found."""


@strawberry.type
class Queries:
    """What is asked about the audit log."""

    @strawberry.field(
        description="Who did what to what, newest first: in the project at hand, or `everywhere`."
    )
    async def audit(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        wanted: AuditWanted | None = None,
        everywhere: bool = False,
    ) -> Connection[AuditEntry]:
        limit, search = checked(first), read(AuditSearch, wanted)
        found, total = await info.context.ask(
            info.context.alma.auditing.list,
            AuditFilter(**search.model_dump()),
            everywhere=everywhere,
            before=place(NEWEST, after),
            limit=limit + 1,
        )
        return page(NEWEST, found, limit, total=total, show=lambda item: shown(AuditEntry, item))

    @strawberry.field(description="One entry.")
    async def audit_entry(self, info: Info, seq: int) -> AuditEntry:
        return shown(AuditEntry, await info.context.ask(info.context.alma.auditing.get, seq))

    @strawberry.field(description="The end of the chain: noted elsewhere, it shows later changes.")
    async def audit_head(self, info: Info) -> AuditHead:
        return shown(AuditHead, await info.context.ask(info.context.alma.auditing.head))


@strawberry.type
class Mutations:
    """What is done with the audit log."""

    @strawberry.mutation(description="Checks the whole chain and heads that were noted elsewhere.")
    async def verify_audit(self, info: Info, heads: list[NotedHead] | None = None) -> AuditReport:
        body = read(VerifyBody, {"heads": [vars(head) for head in heads or ()]})
        found = await info.context.ask(info.context.alma.auditing.verify, body.heads)
        return shown(AuditReport, found)

    @strawberry.mutation(description="Takes away what is older; answers how many entries went.")
    async def prune_audit(self, info: Info, before: DateTime) -> int:
        body = read(PruneBody, {"before": before})
        gone = await info.context.ask(info.context.alma.auditing.prune, body.before)
        return min(gone, _MOST_SEQ)
