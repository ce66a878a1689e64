"""Slows down whoever guesses, without shutting out the one who is guessed at.

Failures are counted for an account and for an address. From some on each takes twice as long to wait for as the one
before, up to a limit, and what is long ago is forgotten. An address that has signed in to an account before does not
wait for what others failed at there: so nobody can lock somebody else out by failing on purpose.

An attempt counts as failed when it begins, and is taken back when it succeeds: a thousand at the same moment are a
thousand failures, not one. Where several processes admit people, they count together: ten servers give no ten guesses.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Self

from alma.core.model.errors import RateLimited
from alma.core.ports.attempts import AttemptCounts, Count, Counting, Key

_MEMORY = 20_000
_KNOWN_SECONDS = 90 * 24 * 3600.0
"""For so long an address is known to somebody who signed in from it."""


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

    def left(self, count: Count | None, now: float) -> float:
        """How many failures count by now."""
        return max(0.0, count.failures - (now - count.last) / self.forgiving) if count else 0.0

    def added(self, count: Count | None, now: float) -> Count:
        """With one more."""
        failures = self.left(count, now) + 1
        return Count(failures, now, now + self.wait(failures))

    def taken_back(self, count: Count) -> Count:
        """With one less."""
        failures = max(0.0, count.failures - 1)
        return Count(failures, count.last, min(count.until, count.last + self.wait(failures)))

    def matters(self, count: Count) -> float:
        """Seconds until nothing is left of it."""
        return max(count.failures * self.forgiving, count.until - count.last)


ACCOUNT = Pace(free=5, longest=60.0, forgiving=60.0)
ADDRESS = Pace(free=20, longest=60.0, forgiving=30.0)


class MemoryCounts:
    """`AttemptCounts` of one process, in bounded memory: who was heard of longest ago is forgotten first."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic, memory: int = _MEMORY) -> None:
        self._now = now
        self._memory = memory
        self._counts: OrderedDict[Key, Count] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._counts)

    @property
    def now(self) -> float:
        return self._now()

    @contextmanager
    def taken(self, keys: Collection[Key]) -> Iterator[Self]:
        with self._lock:
            yield self

    def get(self, key: Key) -> Count | None:
        return self._counts.get(key)

    def put(self, key: Key, count: Count, *, seconds: float) -> None:
        self._counts[key] = count
        self._counts.move_to_end(key)
        while len(self._counts) > self._memory:
            self._counts.popitem(last=False)

    def drop(self, key: Key) -> None:
        self._counts.pop(key, None)

    def forget(self) -> int:
        """What is too much was let go of when it came."""
        return 0


class Slowing:
    """Counts attempts, here or where all processes do. Each call may wait for the database, and raise
    DatabaseUnavailable: not to be made within a transaction, nor on an event loop."""

    def __init__(
        self,
        *,
        account: Pace = ACCOUNT,
        address: Pace = ADDRESS,
        now: Callable[[], float] = time.monotonic,
        counts: AttemptCounts | None = None,
    ) -> None:
        """Without `counts` this process counts by itself, by `now`."""
        self._paces = {"account": account, "pair": account, "address": address}
        self._counts = counts or MemoryCounts(now=now)

    def begin(self, account: str | None, address: str | None) -> None:
        """Counts an attempt. Raises RateLimited when it comes too early; that one is not counted."""
        network = network_of(address)
        with self._counts.taken(_keys(account, network)) as counting:
            counted = _counted(counting, account, network)
            wait = max((_wait(counting, key) for key in counted), default=0.0)
            if wait <= 0:
                for key in counted:
                    self._add(counting, key)
        if wait > 0:
            raise RateLimited(
                "too many failed attempts to sign in",
                retry_after=wait,
                hint="wait, then try again with the right password or key",
            )

    def refuse_if_slowed(self, address: str | None) -> None:
        """Raises RateLimited when that address has to wait; counts nothing."""
        network = network_of(address)
        if network is None:
            return
        with self._counts.taken([("address", network)]) as counting:
            wait = _wait(counting, ("address", network))
        if wait > 0:
            raise RateLimited(
                "too many requests with a wrong key",
                retry_after=wait,
                hint="wait, then try again with a key that is valid",
            )

    def failed(self, address: str | None) -> None:
        """Counts a failure that was not announced."""
        network = network_of(address)
        if network is not None:
            with self._counts.taken([("address", network)]) as counting:
                self._add(counting, ("address", network))

    def succeeded(self, account: str, address: str | None) -> None:
        """Takes the attempt back. The address's earlier failures stay: whoever has an account of their own could wipe
        them out with it."""
        network = network_of(address)
        with self._counts.taken(_keys(account, network)) as counting:
            for key in _counted(counting, account, network):
                count = counting.get(key)
                if key[0] != "address":
                    counting.drop(key)
                elif count is not None:
                    self._put(counting, key, self._paces["address"].taken_back(count))
            if network is not None:
                now = counting.now
                known = Count(0.0, now, now)
                counting.put(("known", account, network), known, seconds=_KNOWN_SECONDS)

    def forget(self) -> int:
        """Lets go of counts that say nothing any more, and returns how many those were."""
        return self._counts.forget()

    def _add(self, counting: Counting, key: Key) -> None:
        added = self._paces[key[0]].added(counting.get(key), counting.now)
        self._put(counting, key, added)

    def _put(self, counting: Counting, key: Key, count: Count) -> None:
        counting.put(key, count, seconds=self._paces[key[0]].matters(count))


def _keys(account: str | None, network: str | None) -> list[Key]:
    """Everything that an attempt may change."""
    keys: list[Key] = [] if account is None else [("account", account)]
    if network is not None:
        keys.append(("address", network))
        if account is not None:
            keys += [("pair", account, network), ("known", account, network)]
    return keys


def _counted(counting: Counting, account: str | None, network: str | None) -> list[Key]:
    """What an attempt is counted for."""
    keys: list[Key] = []
    if account is not None and network is not None and counting.get(("known", account, network)):
        keys.append(("pair", account, network))
    elif account is not None:
        keys.append(("account", account))
    if network is not None:
        keys.append(("address", network))
    return keys


def _wait(counting: Counting, key: Key) -> float:
    count = counting.get(key)
    return count.until - counting.now if count else 0.0


def network_of(address: str | None) -> str | None:
    """Who has an IPv6 address has 2^64 of them: they count as one."""
    if address is None or ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    except ValueError:
        return address
