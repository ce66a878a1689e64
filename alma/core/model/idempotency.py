"""A request that is sent again: what it was, and what was answered to it."""

from __future__ import annotations

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
    """What is known of a request: by the digest of all that was sent, since when, and its answer once there is one."""

    request: str
    since: datetime
    answer: Answered | None
