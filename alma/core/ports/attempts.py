"""Where attempts to come in are counted: in this process, or for all that share a database."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

Key: TypeAlias = tuple[str, ...]
"""What is counted: its kind, then of whom or where."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many failures there were at the moment `last`, and until when nobody may try; both in seconds."""

    failures: float
    last: float
    until: float


class Counting(Protocol):
    """Some counts, which nobody else changes meanwhile."""

    @property
    def now(self) -> float:
        """Seconds by the clock that all share who count."""

    def get(self, key: Key) -> Count | None: ...

    def put(self, key: Key, count: Count, *, seconds: float) -> None:
        """Keeps it, for so long at least unless there are too many."""

    def drop(self, key: Key) -> None: ...


class AttemptCounts(Protocol):
    """All counts. Not to be used within a transaction."""

    def taken(self, keys: Collection[Key]) -> AbstractContextManager[Counting]:
        """These, for this thread alone until the block ends. Raises DatabaseUnavailable."""

    def forget(self) -> int:
        """Lets go of what does not matter any more, and returns how much that was."""
