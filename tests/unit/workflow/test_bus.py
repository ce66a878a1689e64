"""Who waits is woken by what is written, and everybody when nobody knows what was."""

from __future__ import annotations

import asyncio

from alma.workflow.bus import LocalBus


async def test_a_notification_wakes_those_who_wait_for_that_deployment_only():
    bus = LocalBus()
    with bus.subscribe("d-1") as first, bus.subscribe("d-2") as second:
        other = asyncio.ensure_future(second(60))
        bus.notify("d-1")
        await asyncio.wait_for(first(60), 30)
        assert not other.done()
        other.cancel()


async def test_when_something_was_missed_everybody_looks():
    bus = LocalBus()
    with bus.subscribe("d-1") as first, bus.subscribe("d-2") as second:
        await asyncio.to_thread(bus.notify_all)
        await asyncio.wait_for(asyncio.gather(first(60), second(60)), 30)


async def test_a_watcher_is_told_every_deployment_until_it_leaves():
    bus, told = LocalBus(), []
    with bus.watch(told.append):
        bus.notify("d-1")
        bus.notify_all()
        bus.notify("d-2")
    bus.notify("d-3")
    assert told == ["d-1", None, "d-2"]


def test_a_loop_that_has_ended_does_not_keep_others_from_being_woken():
    bus, told = LocalBus(), []

    async def leave_a_subscription():
        bus.subscribe("d-1").__enter__()

    asyncio.run(leave_a_subscription())
    with bus.watch(told.append):
        bus.notify("d-1")
    assert told == ["d-1"]
