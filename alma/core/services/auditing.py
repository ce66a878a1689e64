"""Shows what was done, checks that nobody changed the record of it, hands it out, and lets go of what is old."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from alma.core.model.access import Permission
from alma.core.model.audit import AuditEntry, AuditFilter, AuditHead
from alma.core.model.audit_check import AuditReport, KnownHead, check
from alma.core.model.audit_export import footer, header, line
from alma.core.model.errors import Conflict, InvalidInput
from alma.core.model.principal import Principal, system
from alma.core.ports import Clock, Repositories

_EXPORTED_AT_ONCE = 1000
_PRUNED_AT_ONCE = 5000

logger = logging.getLogger(__name__)


class Auditing:
    """The audit log. Of a project for who may read it there; all of it for who administers the installation."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        retention: timedelta | None,
        exported_at_once: int = _EXPORTED_AT_ONCE,
        pruned_at_once: int = _PRUNED_AT_ONCE,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._retention = retention
        self._exported_at_once = exported_at_once
        self._pruned_at_once = pruned_at_once

    def list(
        self,
        principal: Principal,
        wanted: AuditFilter,
        *,
        everywhere: bool = False,
        before: int | None = None,
        skip: int = 0,
        limit: int = 100,
        counted: int | None = None,
    ) -> tuple[Sequence[AuditEntry], int]:
        """Newest first, of the caller's project or `everywhere`, and how many there are: as many as were `counted` for
        an earlier page, if that is known. Raises Forbidden."""
        scoped = wanted.model_copy(update={"project": self._project(principal, everywhere)})
        with self._repositories.read() as transaction:
            audit = transaction.audit
            found = audit.list(scoped, before=before, skip=skip, limit=limit)
            return found, audit.count(scoped) if counted is None else counted

    def get(self, principal: Principal, seq: int) -> AuditEntry:
        """One entry; an administrator sees those of every project. Raises Forbidden, NotFound."""
        project = self._project(principal, principal.administrator)
        with self._repositories.read() as transaction:
            return transaction.audit.get(seq, project=project)

    def head(self, principal: Principal) -> KnownHead:
        """The end of the chain: noted elsewhere, it shows later whether something was cut off. Raises Forbidden."""
        principal.require_administrator()
        with self._repositories.read() as transaction:
            return _known(transaction.audit.head())

    def verify(self, principal: Principal, known: Sequence[KnownHead] = ()) -> AuditReport:
        """Checks every entry, and the heads that were noted elsewhere. Raises Forbidden."""
        principal.require_administrator()
        with self._repositories.read() as transaction:
            audit = transaction.audit
            report = check(audit.chain(), audit.head(), keys=audit.key, known=known)
        if not report.intact:
            logger.critical("the audit log was tampered with: %s", report.faults[0].message)
        return report

    def export(self, principal: Principal) -> Iterator[str]:
        """The whole chain as lines of JSON, which can be checked elsewhere with the secret key. Raises Forbidden, at
        once; and while it is read Conflict, when retention has taken away what was about to be read. No transaction
        stays open while a slow reader reads."""
        principal.require_administrator()
        with self._repositories.write() as transaction:
            # Whoever takes everything along is noted, too.
            transaction.audit.add(principal, action="audit.export", installation=True)
        with self._repositories.read() as transaction:
            head = transaction.audit.head()
        return self._lines(head)

    def _lines(self, head: AuditHead) -> Iterator[str]:
        yield header(head)
        after, keys = head.kept_from - 1, {head.key or ""}
        while after < head.seq:
            page = self._page(after, min(self._exported_at_once, head.seq - after))
            for entry in page:
                if not isinstance(entry, int):
                    keys.add(entry.key)
                    yield line(entry)
            if not page:
                break
            last = page[-1]
            after = last if isinstance(last, int) else last.seq
        with self._repositories.read() as transaction:
            yield footer(head, {key: transaction.audit.sealed_key(key) for key in sorted(keys)})

    def _page(self, after: int, limit: int) -> Sequence[AuditEntry | int]:
        with self._repositories.read() as transaction:
            if transaction.audit.head().kept_from > after + 1:
                # Left out silently they would look as if somebody had removed them.
                raise Conflict(
                    f"retention took away audit entries behind {after} while they were exported",
                    hint="export again: what is there already is not whole",
                )
            return list(islice(transaction.audit.chain(after=after), limit))

    def prune(self, principal: Principal, before: datetime) -> int:
        """Takes away what is older; what is left still checks. Answers how many entries went. Raises Forbidden,
        InvalidInput for a moment to come, Conflict when the chain's end was changed."""
        principal.require_administrator()
        if before > self._clock.now():
            raise InvalidInput("that moment is yet to come", hint="give one that has passed")
        return self._prune(principal, before)

    def retire(self) -> int:
        """Takes away what is older than the installation keeps; nothing when it keeps all."""
        if self._retention is None:
            return 0
        return self._prune(system("retention", "default"), self._clock.now() - self._retention)

    def _prune(self, principal: Principal, before: datetime) -> int:
        gone = 0
        while some := self._prune_some(principal, before):
            gone += some
        return gone

    def _prune_some(self, principal: Principal, before: datetime) -> int:
        """Takes away some, and notes it with them: whoever is stopped before the next ones has hidden nothing."""
        with self._repositories.write() as transaction:
            some = transaction.audit.prune(before, limit=self._pruned_at_once)
            if some:
                facts = {"before": before.isoformat(), "entries": some}
                transaction.audit.add(
                    principal, action="audit.prune", after=facts, installation=True
                )
            return some

    def _project(self, principal: Principal, everywhere: bool) -> str | None:
        if everywhere:
            principal.require_administrator()
            return None
        principal.require(Permission.AUDIT_READ)
        return principal.project


def _known(head: AuditHead) -> KnownHead:
    return KnownHead(seq=head.seq, hash=head.hash)
