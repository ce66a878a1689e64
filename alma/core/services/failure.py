"""Failures as answers: what a run remembers of them is JSON, so that it outlives the process; and the words of engines,
which are somebody else's text.
"""

from __future__ import annotations

from typing import Any

from alma.core.model.errors import AlmaError

Failure = dict[str, Any]

# What a change answers that is not started because another has failed: never the cause of anything.
HALTED = "halted"

_LONGEST = 4_000


def told(words: str) -> str:
    """What an engine said, fit to be stored and shown: not too long, and of characters that every database takes."""
    if len(words) > _LONGEST:
        words = f"{words[:_LONGEST]}… ({len(words)} characters)"
    return words.replace("\0", "\ufffd").encode(errors="replace").decode()


class InternalFault(AlmaError):
    """A fault of ALMA's own; the log has the rest."""

    code = "internal_error"


def remembered(failure: Failure) -> AlmaError:
    """The error that a failure was, as far as it was remembered: with its code, not of its class."""
    kind = type("Remembered", (AlmaError,), {"code": failure["code"]})
    error: AlmaError = kind(failure["message"], hint=failure["hint"], details=failure["details"])
    return error


def failure_of(error: AlmaError) -> Failure:
    """An error as JSON, for the workflow's memory, the deployment and its events."""
    return {
        "code": error.code,
        "message": told(error.message),
        "hint": told(error.hint) if error.hint else None,
        "details": error.details,
    }


def cancelled_before(moment: str) -> Failure:
    """That somebody asked to stop."""
    return {"code": "cancelled", "message": f"cancelled before {moment}"}
