"""Many who watch deployments as they go, for the price of one who reads.

However many watch, a log that has grown is read once and kept for a while; each watcher only has a number for each log:
how far it has seen. So nobody's slowness costs memory or holds anybody up, and who is far behind reads the log from
where it is. Nothing is lost on the way: what is told is always the next line after the last one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from alma.core.model.access import Permission
from alma.core.model.errors import DatabaseUnavailable, InvalidInput, NotFound
from alma.core.model.event import Event, EventType
from alma.core.model.principal import Principal
from alma.core.ports import Clock, EventBus, Repositories

# So many of the latest lines of so many logs are kept for those who are up to date.
KEPT_LINES, KEPT_LOGS = 256, 1024
# And of all logs together: a line takes one or two KiB.
KEPT_IN_ALL = 20_000
PAGE = 200
# So many logs are read in one go, however many have grown.
LOGS_AT_ONCE = 50
MOST_POSITIONS = 10_000
# A notification may be lost: what grows is looked at anew at least this often.
NET_SECONDS = 5.0
_GATHER_SECONDS = 0.02
_PAUSE_SECONDS = 0.5
# So many are told before others have their turn: see `_give_way`.
_TOLD_AT_ONCE = 16
# The loop's rounds from being told to having sent.
_ROUNDS = 3
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
        # How often each was told of since it was read to its end.
        self._grown: OrderedDict[str, int] = OrderedDict()
        self._more = asyncio.Event()
        self._joining = False

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
        # What grows meanwhile is noted, and told once it is known where it stood.
        self._everything = self._joining = True
        self._left.clear()
        try:
            for id_, last in (await self._watching.standing(self.principal.project)).items():
                self._positions.setdefault(id_, last)
            for id_, position in after.items():
                await self.watch(id_, after=position)
        finally:
            self._joining = False
            if self._grown:
                self._more.set()

    def leave(self, id_: str | None) -> None:
        """Tells no more of one deployment, or of any. Raises InvalidInput for too many."""
        if id_ is None:
            self._everything = False
            self._left.clear()
            self._positions.clear()
            self._grown.clear()
        else:
            if self._everything:
                self._leave_out(id_)
            self._positions.pop(id_, None)
            self._grown.pop(id_, None)

    def _leave_out(self, id_: str) -> None:
        if len(self._left) >= MOST_POSITIONS:
            raise InvalidInput(
                f"one watcher leaves out at most {MOST_POSITIONS} deployments",
                hint="watch those that are of interest, one by one",
            )
        self._left.add(id_)

    def wants(self, id_: str, project: str) -> bool:
        """Whether that log is watched."""
        if id_ in self._left:
            return False
        return id_ in self._positions or (self._everything and project == self.principal.project)

    @property
    def chosen(self) -> Collection[str]:
        """The deployments that are watched by their ids."""
        return self._positions.keys()

    @property
    def everything(self) -> str | None:
        """The project of which everything is watched."""
        return self.principal.project if self._everything else None

    def told(self, id_: str) -> None:
        """That the log has grown, perhaps."""
        self._grown[id_] = self._grown.get(id_, 0) + 1
        self._more.set()

    async def lines(self, seconds: float) -> Sequence[Event]:
        """The next lines of one log, waiting for them at most so long; none only where none came in that time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            if not self._more.is_set():
                try:
                    async with asyncio.timeout_at(deadline):
                        await self._more.wait()
                except TimeoutError:
                    return ()
            if found := await self._next():
                return found

    async def _next(self) -> Sequence[Event]:
        while self._grown and not self._joining:
            id_, told = next(iter(self._grown.items()))
            after = self._positions.setdefault(id_, self._watching.ended(id_))
            found = await self._watching.after(id_, after)
            if found and self._positions.get(id_) == after:
                self._seen(id_, found[-1].seq)
                return found
            # What was told while it was read may be of a line that was not there yet.
            if not found and self._grown.get(id_) == told:
                self._done(id_)
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

    def _done(self, id_: str) -> None:
        """All of it was told, for now. Who watches everything for weeks need not remember what has ended."""
        del self._grown[id_]
        if self._everything and 0 < self._watching.ended(id_) == self._positions.get(id_):
            del self._positions[id_]


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
        self._kept = 0
        # The last lines of what has ended lately, once for all who watch everything.
        self._ended: OrderedDict[str, int] = OrderedDict()
        # How far each log was when all of them were looked at; and the look that is under way.
        self._heads_then: Mapping[str, int] | None = None
        self._looking: asyncio.Task[Mapping[str, tuple[str, int]]] | None = None

    @property
    def number(self) -> int:
        """How many watch."""
        return len(self._watchers)

    @property
    def kept(self) -> int:
        """How many lines are kept in memory, of all logs."""
        return self._kept

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
                self._ended.clear()
                self._heads_then, self._kept = None, 0

    async def require(self, principal: Principal, id_: str) -> None:
        """Raises Forbidden, and NotFound unless the deployment is one of the caller's project."""
        principal.require(Permission.DEPLOYMENT_READ)
        await asyncio.to_thread(self._require, principal, id_)

    def _require(self, principal: Principal, id_: str) -> None:
        with self._repositories.read() as transaction:
            transaction.deployments.state(id_, project=principal.project)

    async def standing(self, project: str) -> Mapping[str, int]:
        """The last line of each log of the project that may grow or has just ended."""
        # Many come at once, after a restart: they share one look, which shows nothing later than they came.
        if self._looking is None:
            self._looking = asyncio.create_task(self._stand())
            self._looking.add_done_callback(self._looked)
        heads = await asyncio.shield(self._looking)
        return {id_: last for id_, (owner, last) in heads.items() if owner == project}

    async def _stand(self) -> Mapping[str, tuple[str, int]]:
        # Nobody can have missed anything of before, if nobody watched.
        first = self._heads_then is None and not any(other.chosen for other in self._watchers)
        heads = await asyncio.to_thread(self._heads)
        if first:
            self._heads_then = _lasts(heads)
        return heads

    def _looked(self, look: asyncio.Task[Mapping[str, tuple[str, int]]]) -> None:
        self._looking = None
        if not look.cancelled():
            look.exception()  # whoever waited was told, and if all have left, nobody need be

    def last(self, id_: str) -> int:
        """The last line of a log that is known; 0 without one."""
        log = self._logs.get(id_)
        return log.last if log else 0

    def ended(self, id_: str) -> int:
        """The last line of a log that has ended lately; 0 of others."""
        return self._ended.get(id_, 0)

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
        try:
            heads = await asyncio.to_thread(self._heads) if everywhere else {}
            for some in _batches({*ids, *self._behind(heads)}):
                seen = {id_: log.last for id_ in some if (log := self._logs.get(id_))}
                await self._tell(await asyncio.to_thread(self._news, some, seen))
        except DatabaseUnavailable as error:
            logger.warning("deployments can't be watched at the moment: %s", error.message)
            return False
        if everywhere:
            self._heads_then = _lasts(heads)
        return True

    def _behind(self, heads: Mapping[str, tuple[str, int]]) -> Iterator[str]:
        """Those that somebody watches and that have grown unheard."""
        chosen = {id_ for watcher in self._watchers for id_ in watcher.chosen}
        projects = {watcher.everything for watcher in self._watchers}
        then = self._heads_then or {}
        for id_, (project, last) in heads.items():
            known = max(self.last(id_), then.get(id_, 0))
            if last > known and (project in projects or id_ in chosen):
                yield id_

    async def _tell(self, found: Mapping[str, tuple[str, Sequence[Event]]]) -> None:
        for id_, (project, lines) in found.items():
            self._take(id_, project, lines)
            if len(lines) == PAGE:
                self._unread.add(id_)
        told = 0
        for watcher in tuple(self._watchers):
            wanted = [id_ for id_, (project, _) in found.items() if watcher.wants(id_, project)]
            for id_ in wanted:
                watcher.told(id_)
            told += bool(wanted)
            if wanted and told % _TOLD_AT_ONCE == 0:
                await _give_way()

    def _news(
        self, ids: Collection[str], seen: Mapping[str, int]
    ) -> Mapping[str, tuple[str, Sequence[Event]]]:
        found = {}
        with self._repositories.read() as transaction:
            for id_ in ids:
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
        fresh, before = [line for line in lines if line.seq > log.last], len(log.lines)
        if fresh:
            log.lines.extend(fresh)
            log.last = fresh[-1].seq
            self._kept += len(log.lines) - before
            if fresh[-1].type is EventType.COMPLETE:
                self._ended[id_] = log.last
        while len(self._logs) > KEPT_LOGS or (self._kept > KEPT_IN_ALL and len(self._logs) > 1):
            self._kept -= len(self._logs.popitem(last=False)[1].lines)
        while len(self._ended) > MOST_POSITIONS:
            self._ended.popitem(last=False)


def _lasts(heads: Mapping[str, tuple[str, int]]) -> Mapping[str, int]:
    return {id_: last for id_, (_, last) in heads.items()}


def _batches(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    left = iter(ids)
    while some := tuple(islice(left, LOGS_AT_ONCE)):
        yield some


async def _give_way() -> None:
    """Lets those who were told send, and then whatever else there is have as much time as that took. A deployment that
    runs in the same process would otherwise wait for everybody who watches it, at each of its steps."""
    # On the wall, not at the processor: on a busy machine both have less, and the deployment still goes first.
    loop = asyncio.get_running_loop()
    started = loop.time()
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
    await asyncio.sleep(loop.time() - started)
