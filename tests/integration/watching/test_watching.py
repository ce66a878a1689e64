"""However many watch, what has grown is read once; and whoever is slow or was away misses nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import event

from alma.core.model.errors import Forbidden, InvalidInput, NotFound
from alma.core.model.event import Event, EventType
from alma.core.services import watching as module
from alma.core.services.watching import KEPT_LINES, PAGE, Watcher, Watching
from alma.db.database import Database, open_database
from alma.workflow.bus import LocalBus
from tests.people import somebody
from tests.unit.db.conftest import FakeClock
from tests.unit.db.samples import PROJECT, stored_deployment
from tests.waiting import wait_until

ANN = somebody("ann", project=PROJECT, role="viewer")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database(f"sqlite:///{tmp_path / 'alma.db'}", home=tmp_path, clock=FakeClock())
    made.migrate()
    stored_deployment(made)
    yield made
    made.close()


@pytest.fixture
def bus() -> LocalBus:
    return LocalBus()


@pytest.fixture
def watching(database: Database, bus: LocalBus) -> Watching:
    # Without a net: what is told here is told by the bus.
    return Watching(repositories=database, bus=bus, clock=FakeClock(), net=3_600)


def write(database: Database, bus: LocalBus, *words: str) -> None:
    with database.write() as transaction:
        for said in words:
            transaction.deployments.append_event("d-1", EventType.LOG, said)
    bus.notify("d-1")


async def heard(watcher: Watcher, number: int) -> list[Event]:
    lines: list[Event] = []
    async with asyncio.timeout(60):
        while len(lines) < number:
            lines += await watcher.lines(60)
    return lines


async def test_a_thousand_who_watch_cost_as_many_reads_as_one(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    with ExitStack() as stack:
        watchers = [stack.enter_context(watching.watcher(ANN)) for _ in range(1_000)]
        for watcher in watchers:
            await watcher.watch("d-1")
        write(database, bus, "first")
        for lines in await asyncio.gather(*(heard(watcher, 1) for watcher in watchers)):
            assert [line.message for line in lines] == ["first"]
        said: list[str] = []
        event.listen(
            database._reader, "before_cursor_execute", lambda *call: said.append(str(call[2]))
        )
        write(database, bus, "second", "third")
        for lines in await asyncio.gather(*(heard(watcher, 2) for watcher in watchers)):
            assert [line.message for line in lines] == ["second", "third"]
        assert len([statement for statement in said if statement.startswith("SELECT")]) <= 4


async def test_who_is_slow_reads_what_is_not_kept_any_more_from_the_log(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    many = [f"line {number}" for number in range(2 * KEPT_LINES + PAGE)]
    with watching.watcher(ANN) as slow, watching.watcher(ANN) as quick:
        await slow.watch("d-1")
        await quick.watch("d-1")
        for start in range(0, len(many), 50):
            write(database, bus, *many[start : start + 50])
        assert [line.message for line in await heard(quick, len(many))] == many
        assert [line.message for line in await heard(slow, len(many))] == many


async def test_after_something_was_missed_the_rest_is_looked_for(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    with watching.watcher(ANN) as watcher:
        await watcher.watch_all({})
        with database.write() as transaction:
            transaction.deployments.append_event("d-1", EventType.LOG, "told to nobody")
        bus.notify_all()
        assert [line.message for line in await heard(watcher, 1)] == ["told to nobody"]


async def test_another_project_s_deployment_is_unknown_and_never_told(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    stranger = somebody("sam", project="elsewhere", role="admin")
    with watching.watcher(stranger) as outside, watching.watcher(ANN) as inside:
        with pytest.raises(NotFound):
            await outside.watch("d-1")
        with pytest.raises(NotFound):
            await outside.watch_all({"d-1": 0})
        await inside.watch_all({})
        write(database, bus, "secret")
        await heard(inside, 1)
        assert await outside.lines(0) == ()


async def test_without_the_permission_nothing_is_watched(watching: Watching) -> None:
    nobody = ANN.model_copy(update={"permissions": frozenset()})
    with watching.watcher(nobody) as watcher:
        with pytest.raises(Forbidden):
            await watcher.watch("d-1")
        with pytest.raises(Forbidden):
            await watcher.watch_all({})


async def test_a_message_s_id_on_the_bus_disturbs_nobody(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    with watching.watcher(ANN) as watcher:
        await watcher.watch("d-1")
        bus.notify("some-turn")
        write(database, bus, "after it")
        assert [line.message for line in await heard(watcher, 1)] == ["after it"]


async def test_only_time_that_is_over_ends_the_waiting_with_nothing(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    with watching.watcher(ANN) as watcher:
        await watcher.watch("d-1")
        write(database, bus, "first")
        await heard(watcher, 1)
        # From then on it is kept, and looking at it takes no time.
        await asyncio.to_thread(wait_until, lambda: watching.last("d-1"))
        # Being up to date is no news: who waits is not woken to be told so.
        waiting = asyncio.create_task(watcher.lines(60))
        watcher.told("d-1")
        await asyncio.sleep(0)
        write(database, bus, "second")
        assert [line.message for line in await waiting] == ["second"]


async def test_a_line_that_is_written_while_the_log_is_read_is_not_missed(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def hold(*call: object) -> None:
        if "deployment_event" in str(call[2]) and not reading.is_set():
            reading.set()
            go_on.wait(60)

    with watching.watcher(ANN) as watcher:
        await watcher.watch("d-1")
        event.listen(database._reader, "after_cursor_execute", hold)
        waiting = asyncio.create_task(watcher.lines(60))
        await asyncio.to_thread(reading.wait, 60)
        with database.write() as transaction:
            transaction.deployments.append_event("d-1", EventType.LOG, "meanwhile")
        watcher.told("d-1")
        go_on.set()
        assert [line.message for line in await waiting] == ["meanwhile"]


async def test_who_begins_to_watch_everything_hears_nothing_of_before(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    write(database, bus, "before")
    with watching.watcher(ANN) as watcher:
        joining = asyncio.create_task(watcher.watch_all({}))
        listening = asyncio.create_task(heard(watcher, 1))
        await asyncio.sleep(0)
        # While it is not known yet where the log stands.
        watcher.told("d-1")
        await joining
        write(database, bus, "after")
        assert [line.message for line in await listening] == ["after"]


async def test_logs_that_nobody_watches_or_that_stand_still_are_not_read(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    for number in range(2, 12):
        stored_deployment(database, f"d-{number}")
        with database.write() as transaction:
            transaction.deployments.append_event(f"d-{number}", EventType.LOG, "long ago")
    said: list[str] = []
    with watching.watcher(ANN) as everything, watching.watcher(ANN) as one:
        await everything.watch_all({})
        await one.watch("d-1")
        event.listen(
            database._reader, "before_cursor_execute", lambda *call: said.append(str(call[3]))
        )
        bus.notify_all()
        write(database, bus, "now")
        assert [line.message for line in await heard(everything, 1)] == ["now"]
        assert [line.message for line in await heard(one, 1)] == ["now"]
    assert [params for params in said if "d-2" in params or "d-11" in params] == []


async def test_the_lines_that_are_kept_are_bounded_in_all(
    database: Database, bus: LocalBus, watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_IN_ALL", 30)
    ids = [f"d-{number}" for number in range(2, 8)]
    for id_ in ids:
        stored_deployment(database, id_)
    with watching.watcher(ANN) as watcher:
        await watcher.watch_all({})
        for id_ in ids:
            with database.write() as transaction:
                for number in range(10):
                    transaction.deployments.append_event(id_, EventType.LOG, f"line {number}")
            bus.notify(id_)
        told = await heard(watcher, 10 * len(ids))
        assert sorted((line.deployment_id, line.seq) for line in told) == [
            (id_, seq) for id_ in ids for seq in range(1, 11)
        ]
        assert 0 < watching.kept <= 30


async def test_who_watches_everything_remembers_only_what_has_not_ended(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    with watching.watcher(ANN) as watcher:
        await watcher.watch_all({})
        with database.write() as transaction:
            transaction.deployments.append_event("d-1", EventType.COMPLETE, "it has ended")
        bus.notify("d-1")
        assert len(await heard(watcher, 1)) == 1
        watcher.told("d-1")
        assert await watcher.lines(0) == ()
        assert list(watcher.chosen) == []
        # Told again, by whoever heard of it late: not a line twice.
        watcher.told("d-1")
        assert await watcher.lines(0) == ()


async def test_who_watches_lets_others_have_their_turn(
    database: Database, bus: LocalBus, watching: Watching
) -> None:
    reached, at_once, everybody = 0, 0, 200

    async def listen(watcher: Watcher) -> None:
        nonlocal reached
        await heard(watcher, 1)
        reached += 1

    with ExitStack() as stack:
        watchers = [stack.enter_context(watching.watcher(ANN)) for _ in range(everybody)]
        for watcher in watchers:
            await watcher.watch_all({})
        tasks = [asyncio.create_task(listen(watcher)) for watcher in watchers]
        write(database, bus, "first")
        # As a deployment's steps, which run on the same loop.
        while reached < everybody:
            before = reached
            await asyncio.sleep(0)
            at_once = max(at_once, reached - before)
        await asyncio.gather(*tasks)
    assert at_once <= everybody / 4


async def test_who_leaves_out_ever_more_deployments_is_refused(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_POSITIONS", 3)
    with watching.watcher(ANN) as watcher:
        await watcher.watch_all({})
        for number in range(3):
            watcher.leave(f"other-{number}")
        with pytest.raises(InvalidInput, match="at most 3"):
            watcher.leave("one-more")
