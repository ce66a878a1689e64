"""A gate that is closed lets what is inside come out, and nothing in."""

from __future__ import annotations

import asyncio

from alma.workflow.gate import Gate


async def test_closing_waits_for_the_step_that_runs():
    gate, begun, go_on, order = Gate(), asyncio.Event(), asyncio.Event(), []

    async def step():
        async with gate.step():
            begun.set()
            await go_on.wait()
            order.append("step")

    task = asyncio.ensure_future(step())
    await begun.wait()
    closing = asyncio.ensure_future(gate.close(60))
    closing.add_done_callback(lambda _: order.append("closed"))
    await asyncio.sleep(0)
    go_on.set()
    assert await closing
    await task
    assert order == ["step", "closed"]


async def test_a_closed_gate_lets_nothing_in_and_gives_way_to_a_cancellation():
    gate, entered = Gate(), []

    async def step():
        async with gate.step():
            entered.append(1)

    assert await gate.close(0)
    task = asyncio.ensure_future(step())
    done, _ = await asyncio.wait({task}, timeout=0.01)
    assert not done
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    assert entered == []


async def test_a_step_that_does_not_end_is_waited_for_so_long_and_no_longer():
    gate, begun = Gate(), asyncio.Event()

    async def step():
        async with gate.step():
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(step())
    await begun.wait()
    assert not await gate.close(0.01)
    task.cancel()
    await asyncio.wait({task})
