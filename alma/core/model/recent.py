"""Keeps what was decoded or shown last: nouns never change, and making one, or its text, costs more than reading it.

A decoded noun takes about seven times the memory of its text, so a bound by characters that holds one large plan would
hold thousands of small ones, and a server would grow by hundreds of MiB before it forgot the first. The bound is on
their number as well, which is what small nouns meet first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

# A little more than the longest page of a list, so that one listed again and again stays decoded.
MOST_VALUES = 512


class Recent(Generic[Value]):
    """The values used last, bounded by the length of their texts and by their number. Safe from any thread.

    A key must say everything about its value (a hash of the text, or the text): then nothing in here can be stale,
    whatever becomes of the transaction that put it here. `hits` and `misses` count what was asked for.
    """

    def __init__(self, limit: int, *, most: int = MOST_VALUES) -> None:
        self._limit = limit
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        self.hits = 0
        self.misses = 0

    def get(self, key: Hashable) -> Value | None:
        """The value, if it is still here."""
        with self._lock:
            if key not in self._values:
                self.misses += 1
                return None
            self.hits += 1
            self._values.move_to_end(key)
            return self._values[key][0]

    def __len__(self) -> int:
        return len(self._values)

    def put(self, key: Hashable, value: Value, *, length: int) -> None:
        """Keeps a value whose text has that many characters, forgetting the ones not used for longest."""
        with self._lock:
            if key not in self._values:
                self._values[key] = (value, length)
                self._size += length
            while self._size > self._limit or len(self._values) > self._most:
                self._size -= self._values.popitem(last=False)[1][1]
