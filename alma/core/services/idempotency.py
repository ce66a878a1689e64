"""Makes it safe to send a request again: whoever lost an answer gets the same one, and nothing is done twice.

What is kept belongs to the caller, the project and the key that the caller chose. A request notes that it runs before
it begins, and says so again while it lasts; one that nothing was heard of for a while died with its process, and may be
taken over. What it had done by then can't be known: its effects stay, as after any crash.
"""

from __future__ import annotations

from datetime import timedelta

from alma.core.model.errors import Conflict
from alma.core.model.idempotency import Answered
from alma.core.model.principal import Principal
from alma.core.ports import Clock, Repositories

KEPT = timedelta(hours=24)
SILENCE = timedelta(seconds=60)
"""After so long without a word a request is given up for dead."""


class KeyTaken(Conflict):
    """The key belongs to another request."""

    code = "idempotency_key_reused"


class StillRunning(Conflict):
    """The request was sent before and has no answer yet."""

    code = "idempotent_request_running"
    retryable = True


class Idempotency:
    """Answers of one installation."""

    def __init__(self, *, repositories: Repositories, clock: Clock) -> None:
        self._repositories = repositories
        self._clock = clock

    def begin(self, principal: Principal, key: str, request: str) -> Answered | None:
        """Notes that the request (the digest of all that was sent) runs; the answer when it had one. Raises KeyTaken,
        StillRunning."""
        place = _place(principal, key)
        with self._repositories.write() as transaction:
            known = transaction.answers.begin(**place, request=request)
            if known is None:
                return None
            if known.since < self._clock.now() - (SILENCE if known.answer is None else KEPT):
                if transaction.answers.take_over(**place, request=request, since=known.since):
                    return None
                raise _running()
            if known.request != request:
                raise KeyTaken(
                    "this Idempotency-Key was sent with another request before",
                    hint="choose a new key for a new request",
                )
            if known.answer is None:
                raise _running()
            return known.answer

    def alive(self, principal: Principal, key: str) -> None:
        """Says that the request still runs."""
        with self._repositories.write() as transaction:
            transaction.answers.alive(**_place(principal, key))

    def finish(self, principal: Principal, key: str, answer: Answered) -> None:
        """Keeps the answer for a day."""
        with self._repositories.write() as transaction:
            transaction.answers.finish(**_place(principal, key), answer=answer)

    def drop(self, principal: Principal, key: str) -> None:
        """Forgets the request, so that it can be sent again."""
        with self._repositories.write() as transaction:
            transaction.answers.drop(**_place(principal, key))

    def forget_old(self) -> int:
        """Removes what was answered more than a day ago, and returns how many there were."""
        with self._repositories.write() as transaction:
            return transaction.answers.forget(self._clock.now() - KEPT)


def _running() -> StillRunning:
    return StillRunning(
        "this request was sent before and is still being answered",
        hint="send it again in a moment, with the same key",
    )


def _place(principal: Principal, key: str) -> dict[str, str]:
    return {"principal": principal.id, "project": principal.project, "key": key}
