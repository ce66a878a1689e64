"""Where answers are kept for whoever sends the same request again."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from alma.core.model.idempotency import Answered, Attempt, Run


class AnswerRepository(Protocol):
    """Answers by principal, project and the key that the caller chose."""

    def begin(
        self, *, principal: str, project: str, key: str, request: str, run: str | None = None
    ) -> Attempt | None:
        """Notes that the request runs now, as that attempt. One of that key that is known already is returned, and
        nothing noted."""

    def take_over(
        self,
        *,
        principal: str,
        project: str,
        key: str,
        request: str,
        since: datetime,
        run: str | None = None,
    ) -> bool:
        """Begins one again that was last heard of at `since`, without its answer; False when somebody else did."""

    def wrote(self, run: Run) -> None:
        """That attempt writes something, in this transaction. Raises Conflict where another one has taken it over."""

    def alive(self, *, principal: str, project: str, key: str) -> None:
        """The request still runs."""

    def finish(self, *, principal: str, project: str, key: str, answer: Answered) -> None:
        """Keeps the answer."""

    def drop(self, *, principal: str, project: str, key: str) -> None:
        """Forgets a request that has no answer."""

    def forget(self, before: datetime) -> int:
        """Removes what is older, and returns how many there were."""
