"""One operator, from its start to its end: ALMA in this event loop, kopf in a thread with a loop of its own.

kopf ends every task that began after it did, so what it shares with nobody is its own loop; and deployments go on while
it is started again, such as after the cluster was away.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import EngineError
from alma.operator.attending import Attending
from alma.operator.parts import Parts
from alma.operator.reconciling import Reconciling
from alma.operator.removing import Removing
from alma.operator.settings import OperatorSettings
from alma.operator.turn import in_full

if TYPE_CHECKING:
    from alma.bootstrap import Alma
    from alma.operator.cluster import Cluster
    from alma.settings import Settings

Tell = Callable[[str, str, dict[str, Any]], None]
"""Says where it stands: a word for programs, a sentence for people, and facts."""
Beside = Callable[["Alma", ExitStack], dict[str, Any]]
"""Starts what runs beside it, such as a page for probes, to be ended by the stack; what is to be told of it."""

_AGAIN_SECONDS = 10.0

logger = logging.getLogger(__name__)


def parts_of(alma: Alma) -> Parts:
    """What of an installation the operator calls."""
    from alma.bootstrap import SystemClock

    return Parts(
        declaring=alma.declaring,
        blueprints=alma.blueprints,
        plans=alma.plans,
        iprs=alma.iprs,
        deployments=alma.deployments,
        stacks=alma.stacks,
        now=SystemClock().now,
    )


class Operator:
    """kopf, in its thread."""

    def __init__(self, parts: Parts, settings: OperatorSettings, *, peering: str | None) -> None:
        """Belongs to the running event loop, in which the services are called."""
        self._parts = parts
        self._settings = settings
        self._peering = peering
        self._home = asyncio.get_running_loop()
        self._stop = threading.Event()
        self._ready: Future[None] = Future()
        self._failure: BaseException | None = None
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="kopf", daemon=True)

    def start(self) -> None:
        """Watches from now on."""
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether it knows its cluster, and watches that."""
        return self._ready.done()

    async def watching(self) -> None:
        """Waits until it watches."""
        await asyncio.shield(asyncio.wrap_future(self._ready))

    @property
    def failure(self) -> BaseException | None:
        """Why it ended, if nobody asked for it."""
        return self._failure

    async def ended(self) -> None:
        """Waits for its end."""
        await self._ended.wait()

    async def stop(self) -> None:
        """Ends it, and waits until it has."""
        self._stop.set()
        if self._thread.is_alive():
            await self.ended()
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        try:
            asyncio.run(self._watch())
        except BaseException as error:  # noqa: BLE001 - a thread's end is told to who waits for it
            self._failure = error
        finally:
            self._home.call_soon_threadsafe(self._ended.set)

    async def _watch(self) -> None:
        import kopf

        from alma.operator.cluster import Cluster
        from alma.operator.watching import quieten, registry_of

        quieten()
        cluster = Cluster()
        await self._find(cluster)
        if self._stop.is_set():
            return
        attending = Attending(
            Reconciling(self._parts, self._settings),
            Removing(self._parts, self._settings),
            objects=cluster,
            settings=self._settings,
            across=self._across,
        )
        try:
            await kopf.operator(
                registry=registry_of(attending, self._settings),
                standalone=self._peering is None,
                peering_name=self._peering,
                clusterwide=not self._settings.namespaces,
                namespaces=list(self._settings.namespaces),
                stop_flag=self._stop,
            )
        finally:
            await cluster.close()

    async def _find(self, cluster: Cluster) -> None:
        """Waits until the cluster answers, knows Blueprints and shows them."""
        where = self._settings.namespaces
        while not self._stop.is_set():
            try:
                await cluster.check(where[0] if where else None)
            except EngineError as error:
                logger.warning("%s: looking again in %g s", in_full(error), _AGAIN_SECONDS)
                await asyncio.to_thread(self._stop.wait, _AGAIN_SECONDS)
            else:
                self._ready.set_result(None)
                return

    def _across(self, look: Coroutine[Any, Any, Any]) -> Awaitable[Any]:
        return asyncio.wrap_future(asyncio.run_coroutine_threadsafe(look, self._home))


class Run:
    """The whole process."""

    def __init__(
        self,
        settings: Settings,
        operator: OperatorSettings,
        *,
        peering: str | None,
        tell: Tell,
        beside: Beside,
    ) -> None:
        self._settings = settings
        self._operator = operator
        self._peering = peering
        self._tell = tell
        self._beside = beside
        self._told: asyncio.Queue[int] = asyncio.Queue()

    async def until_told(self) -> None:
        """Works until SIGTERM or Ctrl-C. Raises AlmaError for what keeps ALMA from starting, or where no cluster is
        configured; one that does not answer is waited for."""
        from alma.bootstrap import build

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told.put_nowait, number)
        alma = await asyncio.to_thread(build, self._settings)
        with ExitStack() as stack:
            try:
                facts = self._beside(alma, stack)
                await alma.start()
                by = await self._watch(parts_of(alma), facts)
                self._tell("leaving", "Leaving: what was begun is taken up again.", {})
                if by == signal.SIGTERM:
                    await self._drained(alma)
            finally:
                await alma.stop()
        self._tell("stopped", "Stopped.", {})

    async def _watch(self, parts: Parts, facts: dict[str, Any]) -> int:
        """Watches until a signal comes, which it returns; again and again where kopf gives up."""
        told, watched = asyncio.ensure_future(self._told.get()), False
        while True:
            operator = Operator(parts, self._operator, peering=self._peering)
            operator.start()
            ended = asyncio.ensure_future(operator.ended())
            saying = asyncio.ensure_future(self._say_when_ready(operator, facts, again=watched))
            await asyncio.wait({told, ended}, return_when=asyncio.FIRST_COMPLETED)
            saying.cancel()
            ended.cancel()
            await operator.stop()
            watched = watched or operator.ready
            if told.done():
                return told.result()
            if not watched and operator.failure is not None:
                told.cancel()
                raise operator.failure
            logger.error("the cluster is not watched any more (%s): trying again", operator.failure)
            await asyncio.wait({told}, timeout=_AGAIN_SECONDS)

    async def _say_when_ready(
        self, operator: Operator, facts: dict[str, Any], *, again: bool
    ) -> None:
        await operator.watching()
        if not again:
            where = ", ".join(self._operator.namespaces) or "all namespaces"
            self._tell("ready", f"Watching Blueprints in {where}.", facts)

    async def _drained(self, alma: Alma) -> None:
        """Steps under way end first; another signal cuts that short."""
        draining = asyncio.ensure_future(alma.drain())
        again = asyncio.ensure_future(self._told.get())
        await asyncio.wait({draining, again}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, again):
            task.cancel()
        await asyncio.wait({draining, again})
