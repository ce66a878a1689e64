"""Keys that are for one purpose each, such as hashing credentials, made from the data keys.

Data keys are sealed anew when a master key is replaced and are never thrown away, so what was made with these keys
holds however often that happens. What was derived from a master key itself, as it was once done, is still checked for
as long as that master key is at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple


class Derived(NamedTuple):
    """Keys of one purpose: from data keys, the current one first, and from master keys."""

    lasting: bytes
    data: tuple[bytes, ...]
    masters: tuple[bytes, ...]


class PurposeKeys:
    """`DerivedKeys` of a database, read at the first use and remembered. Safe from any thread."""

    def __init__(self, load: Callable[[], Derived]) -> None:
        self._load = load
        self._lock = Lock()
        self._found: tuple[bytes, Sequence[bytes]] | None = None

    def keys(self) -> Sequence[bytes]:
        return self._known()[1]

    def lasting(self) -> bytes:
        return self._known()[0]

    def renew(self) -> None:
        found = self._load()
        keys = (*found.data, *found.masters)
        with self._lock:
            # The same object for the same keys: who remembers something of them need not do it again.
            if self._found is None or self._found[1] != keys:
                self._found = (found.lasting, keys)

    def _known(self) -> tuple[bytes, Sequence[bytes]]:
        found = self._found
        if found is None:
            self.renew()
            found = self._found
            assert found is not None, "it was just read"
        return found
