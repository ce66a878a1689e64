"""Lets only one process run deployments on an SQLite file.

Workers that share a database are told apart by their names; on one file they all have the same, and a second one would
take over what the first is still doing. A PostgreSQL server needs no such claim.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from sqlalchemy import Engine

from alma.core.model.errors import DatabaseUnavailable


class Ownership:
    """A claim on the engine's file, which the kernel takes back when the process dies, however it dies."""

    def __init__(self, engine: Engine) -> None:
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        self._path = Path(f"{file}.lock") if file else None
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises DatabaseUnavailable when another process has it."""
        if self._path is None or self._descriptor is not None:
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise DatabaseUnavailable(
                f"another process runs deployments on {self._path.with_suffix('')}",
                hint="stop it, use its server, or use PostgreSQL (ALMA_DATABASE_URL) for several processes",
            ) from None
        self._descriptor = descriptor

    def give_back(self) -> None:
        """Lets another process have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
