"""Tells every process that shares a PostgreSQL what another one has written, so that none of them has to keep asking.

What a transaction has written of is named in a NOTIFY within that transaction: it is heard if and only if the rows are
there. One thread for each process listens, on a connection of its own. It may lose that connection and what is said
meanwhile; whoever it wakes then looks at everything once, so a notification is never needed for something to be seen.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, text

from alma.db.engine import said_by_driver

WRITTEN = "alma_written"
"""Keys of what was written: ids of deployments and turns."""
# The connection is asked whether it still is one after so many silent seconds.
_SILENCE_SECONDS = 15.0
_LOOK_SECONDS = 0.5
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 5.0

_TELL = text("SELECT pg_notify(:channel, told) FROM unnest(CAST(:told AS text[])) AS told")

logger = logging.getLogger(__name__)

Hear = Callable[[str], None]


def tell(connection: Connection, told: Collection[str], *, channel: str = WRITTEN) -> None:
    """Says these in the connection's transaction: they are heard once it commits. Each has at most 7,999 bytes."""
    if told:
        connection.execute(_TELL, {"channel": channel, "told": list(told)})


class Listener:
    """Hears what other processes, and this one, tell."""

    def __init__(
        self, engine: Engine, hear: Mapping[str, Hear], *, missed: Callable[[], None]
    ) -> None:
        """`hear` has, for each channel, what is called with what is told there; `missed` is called whenever something
        may not have been heard: at the beginning, and each time the connection is there again. All from a thread of
        the listener's, which none of them may block."""
        self._engine = engine
        self._hear = hear
        self._missed = missed
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.connected = threading.Event()

    def start(self) -> None:
        """Begins to listen, and goes on however often the server goes away. Does not wait for it."""
        self._thread = threading.Thread(target=self._run, name="alma-listen", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it, within a second or so."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._stop.is_set():
            lost = said_by_driver(self._listen)
            if self.connected.is_set():
                self.connected.clear()
                pause = _FIRST_PAUSE_SECONDS
                logger.warning("the database tells nothing at the moment: %s", lost)
            self._stop.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _listen(self) -> None:
        """Until the end, or until the connection breaks: raises the driver's error then."""
        with closing(self._connect()) as connection:
            for channel in self._hear:
                connection.execute(f"LISTEN {channel}".encode())
            self.connected.set()
            self._missed()
            heard_at = time.monotonic()
            while not self._stop.is_set():
                for notification in connection.notifies(timeout=_LOOK_SECONDS):
                    self._hear[notification.channel](notification.payload)
                    heard_at = time.monotonic()
                if time.monotonic() - heard_at > _SILENCE_SECONDS:
                    connection.execute(b"SELECT 1")
                    heard_at = time.monotonic()
            self.connected.clear()

    def _connect(self) -> Any:
        """A connection beside the pool, for it is held as long as the process lives."""
        arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
        connection: Any = self._engine.dialect.connect(*arguments, **options, connect_timeout=5)
        connection.autocommit = True
        return connection
