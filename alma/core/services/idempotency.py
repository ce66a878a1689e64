"""Makes it safe to send a request again: whoever lost an answer gets the same one, and nothing is done twice.

What is kept belongs to the caller, the project and the key that the caller chose. A request notes that it runs before
it begins, and says so again while it lasts; one that nothing was heard of for a while died with its process. Whatever
it writes is noted in the same transaction: one that died before it wrote anything is carried out again, and should its
process come back, it can write nothing any more. One that had written is not: what became of it can't be known here.
"""

from __future__ import annotations

from datetime import timedelta

from alma.core.model.errors import Conflict
from alma.core.model.idempotency import RUNNING, Answered, Attempt
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


class OutcomeUnknown(Conflict):
    """The request had begun to change something when its process died."""

    code = "idempotent_outcome_unknown"


class Idempotency:
    """Answers of one installation."""

    def __init__(self, *, repositories: Repositories, clock: Clock) -> None:
        self._repositories = repositories
        self._clock = clock

    def begin(self, principal: Principal, key: str, request: str) -> Answered | None:
        """Notes that the request (the digest of all that was sent) runs; the answer when it had one. Raises KeyTaken,
        StillRunning, OutcomeUnknown."""
        place, running = _place(principal, key), RUNNING.get()
        run = running.id if running is not None else None
        with self._repositories.write() as transaction:
            known = transaction.answers.begin(**place, request=request, run=run)
            if known is None:
                return None
            if self._is_free(known):
                since = known.since
                if transaction.answers.take_over(**place, request=request, since=since, run=run):
                    return None
                raise _running()
            if known.request != request:
                raise KeyTaken(
                    "this Idempotency-Key was sent with another request before",
                    hint="choose a new key for a new request",
                )
            if known.answer is None:
                raise _unknown() if self._is_silent(known) else _running()
            return known.answer

    def _is_silent(self, known: Attempt) -> bool:
        return known.answer is None and known.since < self._clock.now() - SILENCE

    def _is_free(self, known: Attempt) -> bool:
        """Whether the key may be had: nothing of what it was used for can be done twice by that."""
        if known.since < self._clock.now() - KEPT:
            return True
        return self._is_silent(known) and known.wrote is False

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


def _unknown() -> OutcomeUnknown:
    return OutcomeUnknown(
        "this request was sent before and had begun to change something when the process that answered it died",
        hint="look at what is there; what is missing can be asked for with a new key",
    )


def _place(principal: Principal, key: str) -> dict[str, str]:
    return {"principal": principal.id, "project": principal.project, "key": key}
