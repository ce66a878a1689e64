"""What every service that changes accounts, keys or roles tells those who remember them: look again."""

from __future__ import annotations

from collections.abc import Callable


class AccessChanges:
    """Counts changes, so that what was read before one is not used after it. In this process at once; others look
    again by themselves after a while."""

    def __init__(self) -> None:
        self.version = 0
        self._watching: list[Callable[[], None]] = []

    def watch(self, action: Callable[[], None]) -> None:
        """Has the action run after every change: quick, and it does not raise."""
        self._watching.append(action)

    def happened(self) -> None:
        """To be given to `transaction.after_commit`."""
        # A lost count would need two changes within one instruction, and either of them would have moved it.
        self.version += 1
        for action in self._watching:
            action()
