"""However many watch, what has grown is read once; and whoever is slow or was away misses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import event

from alma.core.model.errors import Forbidden, NotFound
from alma.core.model.event import Event, EventType
from alma.core.services.watching import KEPT_LINES, PAGE, Watcher, Watching
from alma.db.database import Database, open_database
from alma.workflow.bus import LocalBus
from tests.people import somebody
from tests.unit.db.conftest import FakeClock
from tests.unit.db.samples import PROJECT, stored_deployment

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
