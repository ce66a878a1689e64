"""Keeps plans decoded for a while: one of 10,000 resources is read by every poll of its deployment, and reading it
anew each time would cost more than everything else together."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from alma.core.model.plan import Plan

CACHE_CHARACTERS = 32_000_000


class PlanCache:
    """The plans used last, bounded by the length of their texts. Safe from any thread.

    Plans are keyed by their content and never change, so nothing in here can be stale, whatever becomes of the
    transaction that put it here.
    """

    def __init__(self, limit: int = CACHE_CHARACTERS) -> None:
        self._limit = limit
        self._plans: OrderedDict[str, tuple[Plan, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, id_: str) -> Plan | None:
        """The plan, if it is still here."""
        with self._lock:
            if id_ not in self._plans:
                return None
            self._plans.move_to_end(id_)
            return self._plans[id_][0]

    def put(self, id_: str, plan: Plan, *, length: int) -> None:
        """Keeps a plan whose text has that many characters, forgetting the ones not used for longest."""
        with self._lock:
            if id_ not in self._plans:
                self._plans[id_] = (plan, length)
                self._size += length
            while self._size > self._limit:
                self._size -= self._plans.popitem(last=False)[1][1]
