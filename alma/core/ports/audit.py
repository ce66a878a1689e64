"""What the core asks of the place where it is kept what was done: only ever to add to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from alma.core.model.audit import AuditDraft, AuditEntry, AuditFilter, AuditHead, Outcome
from alma.core.model.principal import Principal


class AuditRepository(Protocol):
    """Entries that are bound to each other."""

    def add(
        self,
        principal: Principal,
        *,
        action: str,
        target: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        outcome: Outcome = Outcome.ALLOWED,
        installation: bool = False,
    ) -> None:
        """Notes what a principal does in this transaction. Written when it commits; if that fails, nothing of the
        transaction is kept. Facts are small and hold no secret. What is done to the `installation` belongs to no
        project."""

    def put(self, draft: AuditDraft) -> None:
        """The same, of an entry that was made before."""

    def list(
        self,
        wanted: AuditFilter,
        *,
        before: int | None = None,
        skip: int = 0,
        limit: int = 100,
    ) -> Sequence[AuditEntry]:
        """Newest first, older than entry `before`."""

    def count(self, wanted: AuditFilter) -> int:
        """How many there are."""

    def get(self, seq: int, *, project: str | None) -> AuditEntry:
        """Raises NotFound, also for another project's; None: of any."""

    def chain(self, *, after: int = 0) -> Iterator[AuditEntry | int]:
        """Every row in order; of one that can't be read as an entry, its number."""

    def head(self) -> AuditHead:
        """The end of the chain."""

    def key(self, id_: str) -> bytes | None:
        """The key that entries are bound with, None for one that is not at hand."""

    def sealed_key(self, id_: str) -> str | None:
        """The same under the master key, for a check elsewhere."""

    def prune(self, before: datetime, *, limit: int) -> int:
        """Takes away at most `limit` of the oldest entries, made before that moment; never the newest one. What is
        left still checks. Answers how many. Raises Conflict when the chain's end was changed."""
