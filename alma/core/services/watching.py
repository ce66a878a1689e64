"""Many who watch deployments as they go, for the price of one who reads.

However many watch, a log that has grown is read once and kept for a while; each watcher only has a number for each log:
how far it has seen. So nobody's slowness costs memory or holds anybody up, and who is far behind reads the log from
where it is. Nothing is lost on the way: what is told is always the next line after the last one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from alma.core.model.access import Permission
from alma.core.model.errors import DatabaseUnavailable, InvalidInput, NotFound
from alma.core.model.event import Event
from alma.core.model.principal import Principal
from alma.core.ports import Clock, EventBus, Repositories

# So many of the latest lines of so many logs are kept for those who are up to date.
KEPT_LINES, KEPT_LOGS = 256, 1024
PAGE = 200
MOST_POSITIONS = 10_000
# A notification may be lost: what grows is looked at anew at least this often.
NET_SECONDS = 5.0
_GATHER_SECONDS = 0.02
_PAUSE_SECONDS = 0.5
# Clocks of machines differ, and a run may have ended while nobody told of it.
_JUST_ENDED = timedelta(minutes=15)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Log:
    project: str
    last: int = 0
    lines: deque[Event] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))

    def since(self, after: int) -> Sequence[Event] | None:
        """The lines after that number; None where they are not all kept."""
        if after >= self.last:
            return ()
        if not self.lines or self.lines[0].seq > after + 1:
            return None
        return [line for line in self.lines if line.seq > after][:PAGE]


class Watcher:
    """One who watches. Lives on one event loop."""

    def __init__(self, watching: Watching, principal: Principal) -> None:
        self._watching = watching
        self.principal = principal
        self._positions: OrderedDict[str, int] = OrderedDict()
        self._everything = False
        self._left: set[str] = set()
        self._grown: OrderedDict[str, None] = OrderedDict()
        self._more = asyncio.Event()

    @property
    def idle(self) -> bool:
        """Whether nothing is watched."""
        return not self._everything and not self._positions

    async def watch(self, id_: str, *, after: int = 0) -> None:
        """Tells the deployment's log from there on. Raises NotFound, Forbidden, and InvalidInput for too many."""
        self.principal.require(Permission.DEPLOYMENT_READ)
        if len(self._positions) >= MOST_POSITIONS and id_ not in self._positions:
            raise InvalidInput(
                f"one watcher follows at most {MOST_POSITIONS} deployments",
                hint="watch all of them, or leave some",
            )
        await self._watching.require(self.principal, id_)
        self._left.discard(id_)
        self._positions[id_] = after
        self.told(id_)

    async def watch_all(self, after: Mapping[str, int]) -> None:
        """Tells what happens from now on in every deployment of the project; of those in `after`, from there on."""
        self.principal.require(Permission.DEPLOYMENT_READ)
        self._everything = True
        self._left.clear()
        for id_, last in (await self._watching.standing(self.principal.project)).items():
            self._positions.setdefault(id_, last)
        for id_, position in after.items():
            await self.watch(id_, after=position)

    def leave(self, id_: str | None) -> None:
        """Tells no more of one deployment, or of any."""
        if id_ is None:
            self._everything = False
            self._left.clear()
            self._positions.clear()
            self._grown.clear()
        else:
            self._positions.pop(id_, None)
            self._grown.pop(id_, None)
            if self._everything:
                self._left.add(id_)

    def wants(self, id_: str, project: str) -> bool:
        """Whether that log is watched."""
        if id_ in self._left:
            return False
        return id_ in self._positions or (self._everything and project == self.principal.project)

    def told(self, id_: str) -> None:
        """That the log has grown, perhaps."""
        self._grown[id_] = None
        self._more.set()

    async def lines(self, seconds: float) -> Sequence[Event]:
        """The next lines of one log, waiting for them at most so long; none where there are none."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._more.wait()
        while self._grown:
            id_ = next(iter(self._grown))
            after = self._positions.setdefault(id_, 0)
            found = await self._watching.after(id_, after)
            if found and self._positions.get(id_) == after:
                self._seen(id_, found[-1].seq)
                return found
            if not found:
                self._grown.pop(id_, None)
        self._more.clear()
        return ()

    def behind(self, id_: str) -> int:
        """How many lines of that log it has not seen, as far as is known."""
        return max(0, self._watching.last(id_) - self._positions.get(id_, 0))

    def _seen(self, id_: str, seq: int) -> None:
        self._positions[id_] = seq
        self._positions.move_to_end(id_)
        if id_ in self._grown:
            self._grown.move_to_end(id_)
        if self._everything and len(self._positions) > MOST_POSITIONS:
            self._positions.popitem(last=False)


class Watching:
    """Everybody who watches in this process. Reads nothing while nobody does. Lives on one event loop."""

    def __init__(
        self, *, repositories: Repositories, bus: EventBus, clock: Clock, net: float = NET_SECONDS
    ) -> None:
        self._repositories = repositories
        self._bus = bus
        self._clock = clock
        self._net = net
        self._watchers: set[Watcher] = set()
        self._logs: OrderedDict[str, _Log] = OrderedDict()
        self._reads: dict[tuple[str, int], asyncio.Task[Sequence[Event]]] = {}
        self._following: asyncio.Task[None] | None = None
        # Logs of which there is more to read than one page.
        self._unread: set[str] = set()

    @property
    def number(self) -> int:
        """How many watch."""
        return len(self._watchers)

    @contextmanager
    def watcher(self, principal: Principal) -> Iterator[Watcher]:
        """One more, for as long as the block runs."""
        watcher = Watcher(self, principal)
        self._watchers.add(watcher)
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._follow())
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                self._following.cancel()
                self._following = None
                self._logs.clear()

    async def require(self, principal: Principal, id_: str) -> None:
        """Raises Forbidden, and NotFound unless the deployment is one of the caller's project."""
        principal.require(Permission.DEPLOYMENT_READ)
        await asyncio.to_thread(self._require, principal, id_)

    def _require(self, principal: Principal, id_: str) -> None:
        with self._repositories.read() as transaction:
            transaction.deployments.state(id_, project=principal.project)

    async def standing(self, project: str) -> Mapping[str, int]:
        """The last line of each log of the project that may grow or has just ended."""
        heads = await asyncio.to_thread(self._heads)
        return {id_: last for id_, (owner, last) in heads.items() if owner == project}

    def last(self, id_: str) -> int:
        """The last line of a log that is known; 0 without one."""
        log = self._logs.get(id_)
        return log.last if log else 0

    async def after(self, id_: str, after: int) -> Sequence[Event]:
        """The next lines, those that are kept or else from the database: once, for all who ask for the same."""
        log = self._logs.get(id_)
        kept = log.since(after) if log is not None else None
        if kept is not None:
            return kept
        key = (id_, after)
        read = self._reads.get(key)
        if read is None:
            read = self._reads[key] = asyncio.create_task(asyncio.to_thread(self._read, id_, after))
            read.add_done_callback(lambda _: self._reads.pop(key, None))
        return await asyncio.shield(read)

    def _read(self, id_: str, after: int) -> Sequence[Event]:
        with self._repositories.read() as transaction:
            return transaction.deployments.events(id_, after=after, limit=PAGE)

    def _heads(self) -> Mapping[str, tuple[str, int]]:
        with self._repositories.read() as transaction:
            return transaction.deployments.heads(since=self._clock.now() - _JUST_ENDED)

    # ── the one who reads ────────────────────────────────────────────────────────────────────────

    async def _follow(self) -> None:
        loop, grown, more = asyncio.get_running_loop(), set[str](), asyncio.Event()
        missed = False

        def hear(id_: str | None) -> None:
            nonlocal missed
            missed = missed or id_ is None
            if id_ is not None:
                grown.add(id_)
            more.set()

        def told(id_: str | None) -> None:
            with suppress(RuntimeError):  # a loop that ends has nobody left to tell
                loop.call_soon_threadsafe(hear, id_)

        with self._bus.watch(told):
            while True:
                try:
                    async with asyncio.timeout(self._net):
                        await more.wait()
                    await asyncio.sleep(_GATHER_SECONDS)
                except TimeoutError:
                    missed = True
                more.clear()
                look_everywhere, missed = missed, False
                ids, grown, self._unread = grown | self._unread, set(), set()
                if not await self._look(ids, everywhere=look_everywhere):
                    grown |= ids
                    missed = missed or look_everywhere
                    await asyncio.sleep(_PAUSE_SECONDS)
                    more.set()
                elif self._unread:
                    more.set()

    async def _look(self, ids: Collection[str], *, everywhere: bool) -> bool:
        """Reads what is new and tells those who watch it. Whether that was possible."""
        seen = {id_: log.last for id_, log in self._logs.items()}
        try:
            found = await asyncio.to_thread(self._news, set(ids), seen, everywhere)
        except DatabaseUnavailable as error:
            logger.warning("deployments can't be watched at the moment: %s", error.message)
            return False
        for id_, (project, lines) in found.items():
            self._take(id_, project, lines)
            if len(lines) == PAGE:
                self._unread.add(id_)
            for watcher in self._watchers:
                if watcher.wants(id_, project):
                    watcher.told(id_)
        return True

    def _news(
        self, ids: set[str], seen: Mapping[str, int], everywhere: bool
    ) -> Mapping[str, tuple[str, Sequence[Event]]]:
        found = {}
        heads = self._heads() if everywhere else {}
        behind = {id_ for id_, (_, last) in heads.items() if last > seen.get(id_, 0)}
        with self._repositories.read() as transaction:
            for id_ in ids | behind:
                try:
                    project = transaction.deployments.project_of(id_)
                except NotFound:
                    continue  # a message of a conversation is told on the same bus
                after = seen.get(id_)
                if after is None:
                    after = max(0, transaction.deployments.last_seq(id_) - PAGE)
                found[id_] = project, transaction.deployments.events(id_, after=after, limit=PAGE)
        return found

    def _take(self, id_: str, project: str, lines: Sequence[Event]) -> None:
        log = self._logs.setdefault(id_, _Log(project))
        self._logs.move_to_end(id_)
        fresh = [line for line in lines if line.seq > log.last]
        if fresh:
            log.lines.extend(fresh)
            log.last = fresh[-1].seq
        while len(self._logs) > KEPT_LOGS:
            self._logs.popitem(last=False)
