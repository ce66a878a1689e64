"""Slows down whoever guesses, without shutting out the one who is guessed at.

Failures are counted for an account and for an address. From some on each takes twice as long to wait for as the one
before, up to a limit, and what is long ago is forgotten. An address that has signed in to an account before does not
wait for what others failed at there: so nobody can lock somebody else out by failing on purpose.

An attempt counts as failed when it begins, and is taken back when it succeeds: a thousand at the same moment are a
thousand failures, not one.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from alma.core.model.errors import RateLimited

_MEMORY = 20_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How many failures are `free`, how long the longest wait is, and after how many seconds one is forgotten."""

    free: int
    longest: float
    forgiving: float

    def wait(self, failures: float) -> float:
        """Seconds from a failure to the next attempt."""
        over = math.ceil(failures) - self.free
        return min(self.longest, 2.0 ** min(over, 60)) if over >= 0 else 0.0


ACCOUNT = Pace(free=5, longest=60.0, forgiving=60.0)
ADDRESS = Pace(free=20, longest=60.0, forgiving=30.0)


@dataclass(slots=True)
class _Count:
    failures: float
    last: float
    until: float


class Slowing:
    """Counts of one process, in bounded memory: who was heard of longest ago is forgotten first."""

    def __init__(
        self,
        *,
        account: Pace = ACCOUNT,
        address: Pace = ADDRESS,
        now: Callable[[], float] = time.monotonic,
        memory: int = _MEMORY,
    ) -> None:
        self._paces = {"account": account, "pair": account, "address": address}
        self._now = now
        self._memory = memory
        self._counts: OrderedDict[tuple[Hashable, ...], _Count] = OrderedDict()
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def begin(self, account: str | None, address: str | None) -> None:
        """Counts an attempt. Raises RateLimited when it comes too early; that one is not counted."""
        with self._lock:
            counted = self._counted(account, _network(address))
            wait = max((self._wait(key) for key in counted), default=0.0)
            if wait > 0:
                raise RateLimited(
                    "too many failed attempts to sign in",
                    retry_after=wait,
                    hint="wait, then try again with the right password or key",
                )
            for key in counted:
                self._add(key)

    def refuse_if_slowed(self, address: str | None) -> None:
        """Raises RateLimited when that address has to wait; counts nothing."""
        with self._lock:
            wait = self._wait(("address", _network(address))) if address else 0.0
        if wait > 0:
            raise RateLimited(
                "too many requests with a wrong key",
                retry_after=wait,
                hint="wait, then try again with a key that is valid",
            )

    def failed(self, address: str | None) -> None:
        """Counts a failure that was not announced."""
        if address is None:
            return
        with self._lock:
            self._add(("address", _network(address)))

    def succeeded(self, account: str, address: str | None) -> None:
        """Takes the attempt back. The address's earlier failures stay: whoever has an account of their own could wipe
        them out with it."""
        network = _network(address)
        with self._lock:
            for key in self._counted(account, network):
                if key[0] == "address":
                    self._take_back(key)
                else:
                    self._counts.pop(key, None)
            if network is not None:
                self._known[account, network] = None
                self._known.move_to_end((account, network))
                while len(self._known) > self._memory:
                    self._known.popitem(last=False)

    def _counted(self, account: str | None, network: str | None) -> list[tuple[Hashable, ...]]:
        keys: list[tuple[Hashable, ...]] = []
        if account is not None and (account, network or "") in self._known:
            keys.append(("pair", account, network))
        elif account is not None:
            keys.append(("account", account))
        if network is not None:
            keys.append(("address", network))
        return keys

    def _wait(self, key: tuple[Hashable, ...]) -> float:
        count = self._counts.get(key)
        return count.until - self._now() if count else 0.0

    def _add(self, key: tuple[Hashable, ...]) -> None:
        now, pace = self._now(), self._paces[str(key[0])]
        count = self._counts.pop(key, None)
        left = max(0.0, count.failures - (now - count.last) / pace.forgiving) if count else 0.0
        failures = left + 1
        self._counts[key] = _Count(failures, now, now + pace.wait(failures))
        while len(self._counts) > self._memory:
            self._counts.popitem(last=False)

    def _take_back(self, key: tuple[Hashable, ...]) -> None:
        count = self._counts.get(key)
        if count is None:
            return
        count.failures = max(0.0, count.failures - 1)
        wait = self._paces[str(key[0])].wait(count.failures)
        count.until = min(count.until, count.last + wait)


def _network(address: str | None) -> str | None:
    """Who has an IPv6 address has 2^64 of them: they count as one."""
    if address is None or ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address
