"""A request that is sent again: what it was, and what was answered to it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Answered:
    """An answer as it was given."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Attempt:
    """What is known of a request: by the digest of all that was sent, since when, and its answer once there is one.
    `wrote`: whether it has written anything yet; None where that was not noted."""

    request: str
    since: datetime
    answer: Answered | None
    wrote: bool | None = None


@dataclass(frozen=True)
class Run:
    """One attempt to answer a request that may be sent again."""

    principal: str
    project: str
    key: str
    id: str


RUNNING: ContextVar[Run | None] = ContextVar("alma_repeatable_run", default=None)
"""The one that is under way here: whatever is written meanwhile is written in its name."""
