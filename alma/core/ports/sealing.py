"""What the core asks of the place where secrets are kept: nothing of keys or ciphers, only that they can be renewed."""

from __future__ import annotations

from typing import Protocol

from alma.core.model.sealing import Resealed, Sealing


class SealingRepository(Protocol):
    """The keys that secrets are encrypted with."""

    def status(self) -> Sealing:
        """The keys, and what is under each."""

    def rotate(self, *, master: bool, data_key: bool) -> int:
        """Seals the data keys under the current master key: a new one with `master`. With `data_key`, new values use a
        new one. Answers how many data keys were under another master key. Raises InvalidInput where the master keys
        are not ALMA's to change, SecretUnreadable."""

    def reseal(self, *, limit: int, after: str | None) -> Resealed:
        """Looks at up to `limit` rows behind `after` and encrypts again what is not under the current data key."""
