"""Keeps two people who change the same thing from overwriting each other: what somebody has looked at has a version,
and whoever changes it may say on which one the change was made.
"""

from __future__ import annotations

from typing import Any

from alma.core.model.base import digest_of
from alma.core.model.errors import Overtaken

_LENGTH = 24


def version_of(facts: Any) -> str:
    """A short name for everything of a noun that somebody's change may rest on; the same facts have the same one."""
    return digest_of(facts).removeprefix("sha256:")[:_LENGTH]


def require_unchanged(what: str, now: str, expected: str | None, **facts: Any) -> None:
    """Raises Overtaken where the caller expected another version than there is now; None expects nothing. `facts` says
    what it is about."""
    if expected is not None and expected != now:
        raise Overtaken(
            f"{what} was changed meanwhile",
            hint="look at it again, and make the change on what is there now",
            details={**facts, "version": now, "expected": expected},
        )
