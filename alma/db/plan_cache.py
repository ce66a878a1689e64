"""Keeps plans decoded for a while: one of 10,000 resources is read by every poll of its deployment, and reading it
anew each time would cost more than everything else together."""

from __future__ import annotations

from alma.core.model.plan import Plan
from alma.core.model.recent import Recent

CACHE_CHARACTERS = 32_000_000


class PlanCache(Recent[Plan]):
    """The plans used last, by the hash of their content."""

    def __init__(self, limit: int = CACHE_CHARACTERS) -> None:
        super().__init__(limit)
