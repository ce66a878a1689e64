"""A server that is to end: it takes no more work, and tells those who listen to it, so that they go on elsewhere.

Kept with the application (`app.state.leaving`), for whoever runs the server to call before it closes its sockets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.types import Scope


class Leaving:
    """Whether this server is about to end."""

    def __init__(self) -> None:
        self._events: set[asyncio.Event] = set()
        self.begun = False

    async def leave(self, alma: Any) -> None:
        """Hands the work over, while requests are still answered; then ends all streams. `alma`: the wired parts."""
        await alma.drain()
        self.begun = True
        for event in self._events:
            event.set()

    @contextmanager
    def told(self) -> Iterator[asyncio.Event]:
        """Is set once whoever listens is to go."""
        event = asyncio.Event()
        if self.begun:
            event.set()
        self._events.add(event)
        try:
            yield event
        finally:
            self._events.discard(event)


def leaving_of(scope: Scope) -> Leaving:
    """The one of the application that a request came to."""
    found: Leaving | None = getattr(scope["app"].state, "leaving", None) if "app" in scope else None
    return found or Leaving()
