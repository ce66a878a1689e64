"""Shared values on disk that can't end the process: the client library writes through memory into files with holes, and
the system kills whoever writes into a hole when the disk is full.

Here room is taken before it is written to. Where there is none, that is an OSError at the moment a value is made.
"""

from __future__ import annotations

import os
from pathlib import Path

from prometheus_client.mmap_dict import MmapedDict

_FIRST_BYTES = 1 << 16
# Of an entry beside its key: its length, its padding, its value and its moment.
_BESIDE_KEY = 4 + 8 + 16


class Allocated(MmapedDict):
    """As the library's, in files without holes."""

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            with Path(filename).open("ab") as file:
                _allocate(file.fileno(), max(os.fstat(file.fileno()).st_size, _FIRST_BYTES))
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]  # the library's

    def _init_value(self, key: str) -> None:
        needed = self._used + len(key.encode()) + _BESIDE_KEY
        capacity = self._capacity
        while capacity < needed:
            capacity *= 2
        if capacity > self._capacity:
            _allocate(self._f.fileno(), capacity)
        super()._init_value(key)  # type: ignore[no-untyped-call]  # the library's


def _allocate(file: int, size: int) -> None:
    """Raises OSError when the disk has no room for it."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
