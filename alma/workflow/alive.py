"""Takes over the runs of workers that died.

An executor only recovers runs under its own name when it starts. So each worker shows, from a thread of its own, that
it is alive; and another thread looks for runs whose owner no longer does and puts them back into the queue. Both keep
to threads because a busy event loop must not look like death. A worker that was only frozen does no harm when it wakes:
its runs have another owner, and the workflow engine refuses its further steps.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress

from dbos import DBOS

from alma.core.model.errors import AlmaError
from alma.core.ports import Repositories

BEAT_SECONDS = 1.0
DEAD_AFTER_SECONDS = 6.0

logger = logging.getLogger(__name__)


class Pulse:
    """The two threads of one worker."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        executor_id: str,
        beat_seconds: float = BEAT_SECONDS,
        dead_after_seconds: float = DEAD_AFTER_SECONDS,
    ) -> None:
        self._repositories = repositories
        self._id = executor_id
        self._beat_seconds = beat_seconds
        self._dead_after = dead_after_seconds
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Shows life once before anything else, so that nobody takes over what is about to run."""
        self._beat()
        self._again_and_again("beat", self._beat)

    def watch(self) -> None:
        """Looks for the dead from now on: once the workflow engine runs, whose tables may not be there before."""
        self._again_and_again("sweep", self._sweep)

    def stop(self) -> None:
        """Stops what was started, and signs off."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        # A database that is away needs no word: silence says the same, a little later.
        with suppress(AlmaError):
            if self._threads:
                with self._repositories.write() as transaction:
                    transaction.executors.forget(self._id)

    def _again_and_again(self, name: str, action: Callable[[], None]) -> None:
        thread = threading.Thread(
            target=self._repeat, args=(action,), name=f"alma-{name}", daemon=True
        )
        self._threads.append(thread)
        thread.start()

    def _repeat(self, action: Callable[[], None]) -> None:
        while not self._stop.wait(self._beat_seconds):
            try:
                action()
            except AlmaError as error:
                # The database is away: the next beat tries again; others may take over meanwhile, which is right.
                logger.warning("worker %s: %s", self._id, error.message)
            except Exception:
                # The workflow engine's own errors: a thread that ends here would leave dead workers' runs for ever.
                logger.exception("worker %s", self._id)

    def _beat(self) -> None:
        with self._repositories.write() as transaction:
            transaction.executors.beat(self._id)

    def _sweep(self) -> None:
        owners = {
            status.executor_id
            for status in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            if status.executor_id
        }
        with self._repositories.read() as transaction:
            alive = set(transaction.executors.alive(seconds=self._dead_after))
        dead = sorted(owners - alive - {self._id})
        if dead:
            logger.warning("taking over the work of %s", ", ".join(dead))
            DBOS._recover_pending_workflows(dead)  # noqa: SLF001 - no public name yet; a contract test watches it
