"""Notes in the audit log who was turned away, so that a flood of refusals fills neither the log nor the disk.

Within a minute the first refusal of a kind is noted at once and its repetitions are counted; beyond so many kinds all
are counted together. What was counted is noted when the minute is over; what the database could not take, with what
comes next.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from alma.core.model.audit import AuditDraft, Outcome, plain_text
from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal, Source
from alma.core.ports import Clock, Repositories

WINDOW_SECONDS = 60.0
MOST_KINDS = 60
ANONYMOUS = "anonymous"
_OTHERS = "access.denied_others"

logger = logging.getLogger(__name__)


class Denials:
    """Of one process. Safe from any thread; writes to the database."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        clock: Clock,
        most: int = MOST_KINDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._repositories = repositories
        self._clock = clock
        self._most = most
        self._now = now
        self._lock = Lock()
        self._until = 0.0
        self._first: dict[tuple[str | None, ...], AuditDraft] = {}
        self._again: Counter[tuple[str | None, ...]] = Counter()
        self._others = 0
        self._waiting: list[AuditDraft] = []

    def note(
        self,
        principal: Principal | None,
        source: Source,
        *,
        action: str,
        target: str,
        facts: Mapping[str, Any],
    ) -> None:
        """Somebody was turned away; None: somebody unknown. Never raises: they stay turned away."""
        draft = self._draft(principal, source, action, target, facts)
        key = (draft.principal, draft.address, action, target, str(facts.get("account")))
        with self._lock:
            drafts = self._over() if self._now() >= self._until else []
            if key in self._first:
                self._again[key] += 1
            elif len(self._first) < self._most:
                self._first[key] = draft
                drafts.append(draft)
            else:
                self._others += 1
        self._write(drafts)

    def flush(self) -> None:
        """Notes what was only counted so far, if the minute is over."""
        with self._lock:
            drafts = self._over() if self._now() >= self._until else []
        self._write(drafts)

    def close(self) -> None:
        """Notes all that was only counted so far."""
        with self._lock:
            drafts = self._over()
        self._write(drafts)

    def _over(self) -> list[AuditDraft]:
        """Begins a new minute. Answers what is to be noted of the one before."""
        moment = self._clock.now()
        drafts = [
            self._first[key].model_copy(
                update={"at": moment, "after": {**(self._first[key].after or {}), "repeated": n}}
            )
            for key, n in self._again.items()
        ]
        if self._others:
            drafts.append(
                AuditDraft(
                    at=moment,
                    principal=ANONYMOUS,
                    kind=ANONYMOUS,
                    project=None,
                    action=_OTHERS,
                    outcome=Outcome.DENIED,
                    after={"repeated": self._others},
                )
            )
        self._first, self._again, self._others = {}, Counter(), 0
        self._until = self._now() + WINDOW_SECONDS
        return drafts

    def _draft(
        self,
        principal: Principal | None,
        source: Source,
        action: str,
        target: str,
        facts: Mapping[str, Any],
    ) -> AuditDraft:
        return AuditDraft(
            at=self._clock.now(),
            principal=plain_text(principal.id) if principal else ANONYMOUS,
            kind=principal.kind.value if principal else ANONYMOUS,
            project=plain_text(principal.project) if principal else None,
            action=action,
            target=plain_text(target),
            outcome=Outcome.DENIED,
            address=plain_text(source.address) if source.address else None,
            request_id=plain_text(source.request_id) if source.request_id else None,
            client=plain_text(source.client) if source.client else None,
            after={name: plain_text(str(value)) for name, value in facts.items()} or None,
        )

    def _write(self, drafts: list[AuditDraft]) -> None:
        with self._lock:
            drafts, self._waiting = self._waiting + drafts, []
        if not drafts:
            return
        try:
            with self._repositories.write() as transaction:
                for draft in drafts:
                    transaction.audit.put(draft)
        except AlmaError as error:
            later = "are noted later" if error.retryable else "were not noted"
            logger.warning("%d refusals %s: %s", len(drafts), later, error.message)
            if error.retryable:
                self._keep(drafts)

    def _keep(self, drafts: list[AuditDraft]) -> None:
        """For when the database is there again: the eldest as they are, what is too much counted together."""
        with self._lock:
            waiting = drafts + self._waiting
            self._waiting = waiting[: self._most]
            self._others += sum(_refusals(draft) for draft in waiting[self._most :])


def _refusals(draft: AuditDraft) -> int:
    """How many an entry stands for."""
    again = (draft.after or {}).get("repeated")
    return again if isinstance(again, int) else 1
