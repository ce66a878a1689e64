"""Failures as answers: what a run remembers of them is JSON, so that it outlives the process."""

from __future__ import annotations

from typing import Any

from alma.core.model.errors import AlmaError

Failure = dict[str, Any]

# What a change answers that is not started because another has failed: never the cause of anything.
HALTED = "halted"


def failure_of(error: AlmaError) -> Failure:
    """An error as JSON, for the workflow's memory, the deployment and its events."""
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "details": error.details,
    }


def cancelled_before(moment: str) -> Failure:
    """That somebody asked to stop."""
    return {"code": "cancelled", "message": f"cancelled before {moment}"}
